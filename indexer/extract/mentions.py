"""What a page says when it links to another: the sentence around a link tells what stands at its end in other words."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

from selectolax.lexbor import LexborNode

from indexer.extract.inline import inline_text
from indexer.extract.links import link_to_other

_PARAGRAPH_TAGS = "p li dd td blockquote div section article main body"
_PARAGRAPHS = frozenset(_PARAGRAPH_TAGS.split())
_NO_PROSE_TAGS = "h1 h2 h3 h4 h5 h6 dt th pre nav figcaption summary caption"
_NO_PROSE = frozenset(_NO_PROSE_TAGS.split())
_NESTED_TAGS = "p ul ol dl div pre table blockquote section article aside figure details h1 h2 h3 h4 h5 h6"
_NESTED = frozenset(_NESTED_TAGS.split())
_LINK = re.compile(r'<a\s(?:[^<>]*?\s)?href="([^"]*)"[^<>]*>')
_MARK = re.compile("\ue000(\\d{1,5})\ue001")
_SENTENCE_END = re.compile('(?<=[.!?])[)"\u201d\u2019\']*\\s+(?=[A-Z\\d("\u201c\u2018\ue000])')
_MAX_PARAGRAPH_CHARS = 20_000
_MAX_HREF_CHARS = 1000
_FEWEST_WORDS, _MOST_WORDS = 4, 60
_MAX_SENTENCE_CHARS = 600
_MOST_MENTIONS = 1000
_MOST_LINKS = 5000
_MOST_LEVELS = 16
_MOST_CHARS = 4 * 2**20
"""Of HTML that is looked at: where elements that cannot hold each other do, parts are read more than once."""


@dataclass(frozen=True, slots=True)
class Mention:
    """A reference as it is written, and the sentence that holds it."""

    href: str
    sentence: str


@dataclass(slots=True)
class Links:
    """What a page links to, in order."""

    hrefs: list[str] = field(default_factory=list[str])
    mentions: list[Mention] = field(default_factory=list[Mention])

    def add(self, node: LexborNode) -> None:
        """Adds the links in a node."""
        links = [(link, link.attributes.get("href") or "") for link in node.css("a[href]")]
        self.hrefs += (href for _, href in links if href)
        left = _MOST_CHARS
        for paragraph in _paragraphs_with_links(links):
            if left <= 0 or len(self.mentions) >= _MOST_MENTIONS:
                return
            left -= len(paragraph)
            self.add_mentions(mentions_in(paragraph))

    def add_mentions(self, mentions: Iterable[Mention]) -> None:
        """Adds sentences, as long as there are not too many."""
        self.mentions += islice(mentions, max(0, _MOST_MENTIONS - len(self.mentions)))


def mentions_in(html: str) -> Iterator[Mention]:
    """Yields the links of a paragraph to other pages with the sentences they stand in, but for those of few words."""
    hrefs: list[str] = []

    def marked(link: re.Match[str]) -> str:
        hrefs.append(link[1].replace("&amp;", "&"))
        return mark(len(hrefs) - 1)

    own = html[:_MAX_PARAGRAPH_CHARS].replace("\ue000", "").replace("\ue001", "")
    text = _LINK.sub(marked, own)
    return mentions_at_marks(inline_text(text), hrefs) if hrefs else iter(())


def mark(number: int) -> str:
    """Gives what stands in a text before the words of its link of that number."""
    return f"\ue000{number}\ue001"


def mentions_at_marks(text: str, hrefs: Sequence[str]) -> Iterator[Mention]:
    """Yields the sentences of a text that hold marks of links to other pages."""
    # Neither has a text of so few words a sentence; lists of links are made of such.
    parts = _SENTENCE_END.split(text) if text.count(" ") >= _FEWEST_WORDS - 1 else ()
    for part in parts:
        sentence = _MARK.sub("", part) if "\ue000" in part else ""
        numbers = dict.fromkeys(map(int, _MARK.findall(part))) if _is_sentence(sentence) else ()
        for href in (hrefs[number] for number in numbers if number < len(hrefs)):
            if not href.startswith("#") and len(href) <= _MAX_HREF_CHARS:
                yield Mention(href, sentence)


def mentions_of_others(mentions: Iterable[Mention], url: str, base: str) -> tuple[tuple[str, str], ...]:
    """Gives the addresses of other pages, and of places in them, each with a sentence that links there, each pair once.

    Args:
        mentions: The links.
        url: The page they are on.
        base: What relative references start from.
    """
    found = ((link_to_other(mention.href, url, base), mention.sentence) for mention in mentions)
    return tuple(dict.fromkeys((link, sentence) for link, sentence in found if link))


def _is_sentence(text: str) -> bool:
    return len(text) <= _MAX_SENTENCE_CHARS and _FEWEST_WORDS <= text.count(" ") + 1 <= _MOST_WORDS


def _paragraphs_with_links(links: Iterable[tuple[LexborNode, str]]) -> Iterator[str]:
    seen: set[int] = set()
    for link, href in islice(links, _MOST_LINKS):
        if not href or href.startswith("#"):
            continue
        paragraph = _paragraph_of(link)
        if paragraph is None or paragraph.mem_id in seen:
            continue
        seen.add(paragraph.mem_id)
        yield "".join([child.html or "" for child in paragraph.iter(include_text=True) if child.tag not in _NESTED])


def _paragraph_of(link: LexborNode) -> LexborNode | None:
    """Gives the closest element around a link that holds prose; None in headings, navigation and code."""
    around = link.parent
    for _ in range(_MOST_LEVELS):
        if around is None or around.tag in _NO_PROSE:
            return None
        if around.tag in _PARAGRAPHS:
            return around
        around = around.parent
    return None
