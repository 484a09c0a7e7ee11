"""Sentences of a page that link elsewhere: pure, and run in processes of their own.

HTML is walked once; Markdown becomes HTML first. Headings, code, navigation and what else is no prose are left out.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

from selectolax.lexbor import LexborNode

from core.markdown import render_markdown
from core.parsing import parse
from indexer.extract.charset import decode_body
from indexer.extract.markdown.dialects import split_front_matter
from indexer.preparing import RawPage

_MAX_BODY_BYTES = 8 * 2**20
_MAX_PARAGRAPH_CHARS = 20_000
_MOST_SENTENCES = 2000
_MOST_MARKS = 2000
_MAX_HREF_CHARS = 2048

_MAIN = "main, [role=main], article, body"
_LEFT_OUT_TAGS = "script style pre nav aside footer form button select svg template h1 h2 h3 h4 h5 h6 dt th title"
_LEFT_OUT = frozenset(_LEFT_OUT_TAGS.split())
_BLOCK_TAGS = "p li dd td div section article blockquote ul ol dl table tr tbody main body details summary figure br hr"
_BLOCKS = frozenset(_BLOCK_TAGS.split())
_CODE = frozenset(["code", "tt", "samp", "kbd", "var"])
_SIGNATURE = re.compile(r"\bsignature(?!\S)")
"""The end of a class of declarations; what is around several of them has prose as well. Source: javadoc, TypeDoc."""

_MARKDOWN_TYPES = frozenset(["text/markdown", "text/x-markdown", "text/mdx", "application/mdx"])
_MARKDOWN_NAMES = (".md", ".markdown", ".mdx", ".md.txt")
_HTML_TYPES = frozenset(["text/html", "application/xhtml+xml"])

_SPACES = re.compile(r"\s+")
_END = re.compile(r"[.!?][\"\u201d\u2019')\]]*\s+")
_ABBREVIATION = re.compile(r"(?:\b(?:e\.g|i\.e|etc|vs|cf|no|nos|approx|fig|sec|resp|Mr|Ms|Dr|St)|\b[A-Z])\.\s+$")
_LEFTOVERS = (
    (re.compile(r"([(\[])[\s,]+"), r"\1"),
    (re.compile(r",[\s,]*(?=[,.;:!?)\]])"), ""),
    (re.compile(r"\(\s*\)|\[\s*\]|\u201c\s*\u201d|\"\s*\"|\u2018\s*\u2019"), ""),
    (re.compile(r"\s+([.,;:!?)\]])"), r"\1"),
)
_LETTER = re.compile(r"\w")
_OPENING = "\"\u201c\u2018'(["
_SPACE_BEFORE = re.compile(r"\s+([.,;:!?)\]])")


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence with the addresses it links to, page and anchor; `masked` lacks its code and the texts of links."""

    page_url: str
    text: str
    masked: str
    targets: tuple[tuple[str, str], ...]


@dataclass(slots=True)
class _Mark:
    """A stretch of a paragraph that is a link or code."""

    start: int
    end: int
    href: str | None


@dataclass(slots=True)
class _Paragraph:
    """Text as it is read, with white space collapsed, and its marks."""

    text: str = ""
    marks: list[_Mark] = field(default_factory=list[_Mark])

    def add(self, text: str) -> None:
        collapsed = _SPACES.sub(" ", text)
        if not self.text or self.text.endswith(" "):
            collapsed = collapsed.removeprefix(" ")
        self.text += collapsed[: _MAX_PARAGRAPH_CHARS - len(self.text)]


def linking_sentences(page: RawPage) -> list[Sentence]:
    """Gives the sentences of a page that hold a link, in order; one that cannot be read has none."""
    html = _html_of(page)
    if html is None:
        return []
    found: list[Sentence] = []
    for paragraph in _paragraphs(html):
        found += _linking(paragraph, page.url)
        if len(found) >= _MOST_SENTENCES:
            break
    return found[:_MOST_SENTENCES]


def _html_of(page: RawPage) -> str | None:
    """Gives a page as HTML; None if it is neither that nor Markdown."""
    if len(page.body) > _MAX_BODY_BYTES:
        return None
    kind = page.content_type.partition(";")[0].strip().lower()
    if kind in _HTML_TYPES:
        return decode_body(page.body, page.content_type)
    if kind in _MARKDOWN_TYPES or urlsplit(page.url).path.lower().endswith(_MARKDOWN_NAMES):
        _, text = split_front_matter(decode_body(page.body, page.content_type))
        return render_markdown(text)
    return None


def _paragraphs(html: str) -> Iterator[_Paragraph]:
    """Gives the stretches of running text, each with its links and code."""
    page = parse(html)
    root = page.css_first(_MAIN) if page is not None else None
    paragraph = _Paragraph()
    open_marks: list[_Mark] = []
    for node, is_start in _walked(root) if root is not None else ():
        tag = node.tag
        if tag in _BLOCKS:
            yield paragraph
            paragraph = _Paragraph()
            open_marks.clear()
        elif tag == "-text":
            if is_start:
                paragraph.add(node.text_content or "")
        elif tag == "a" or tag in _CODE:
            _mark(paragraph, open_marks, node, is_start=is_start)
    yield paragraph


def _walked(root: LexborNode) -> Iterator[tuple[LexborNode, bool]]:
    """Gives each node when it starts and when it ends, without those left out; no depth is too deep for it."""
    stack = [(root, True)]
    while stack:
        node, is_start = stack.pop()
        yield node, is_start
        if is_start and node.tag != "-text":
            stack.append((node, False))
            children = [child for child in node.iter(include_text=True) if not _is_left_out(child)]
            stack.extend((child, True) for child in reversed(children))


def _is_left_out(node: LexborNode) -> bool:
    """Whether a node is no prose: by its tag, or as the declaration that generators call a signature."""
    if node.tag in _LEFT_OUT:
        return True
    return node.tag != "-text" and _SIGNATURE.search(node.attributes.get("class") or "") is not None


def _mark(paragraph: _Paragraph, open_marks: list[_Mark], node: LexborNode, *, is_start: bool) -> None:
    if is_start:
        href = node.attributes.get("href") if node.tag == "a" else None
        open_marks.append(_Mark(len(paragraph.text), 0, href))
    elif open_marks:
        mark = open_marks.pop()
        mark.end = len(paragraph.text)
        if len(paragraph.marks) < _MOST_MARKS:
            paragraph.marks.append(mark)


def _linking(paragraph: _Paragraph, page_url: str) -> Iterator[Sentence]:
    """Gives the sentences of a paragraph that hold a link."""
    if not any(mark.href for mark in paragraph.marks):
        return
    starts = [0, *_sentence_starts(paragraph), len(paragraph.text)]
    by_sentence: list[list[_Mark]] = [[] for _ in starts]
    for mark in paragraph.marks:
        by_sentence[bisect_right(starts, mark.start) - 1].append(mark)
    for start, end, marks in zip(starts, starts[1:], by_sentence, strict=False):
        targets = [target for mark in marks if (target := _target(mark.href, page_url))]
        if targets:
            signs = [mark for mark in marks if not _LETTER.search(paragraph.text, mark.start, mark.end)]
            text = _without(paragraph.text, start, end, signs)
            masked = _tidied(_without(paragraph.text, start, end, marks))
            yield Sentence(page_url, text, masked, tuple(dict.fromkeys(targets)))


def _sentence_starts(paragraph: _Paragraph) -> Iterator[int]:
    """Gives where the sentences after the first begin."""
    text, marks = paragraph.text, sorted(paragraph.marks, key=lambda mark: mark.start)
    begins = [mark.start for mark in marks]
    at_mark = frozenset(begins)
    covered = 0
    ends = [covered := max(covered, mark.end) for mark in marks]
    for match in _END.finditer(text):
        at = match.end()
        before = bisect_right(begins, at - 1)
        is_inside = before > 0 and ends[before - 1] >= at
        if is_inside or at >= len(text) or _ABBREVIATION.search(text, max(0, at - 12), at):
            continue
        if text[at].isupper() or text[at].isdigit() or text[at] in _OPENING or at in at_mark:
            yield at


def _target(href: str | None, page_url: str) -> tuple[str, str] | None:
    """Gives page and anchor of a link; None if it leads to another site."""
    if not href or len(href) > _MAX_HREF_CHARS:
        return None
    scheme, _, rest = page_url.partition("://")
    try:
        # Relative addresses are resolved only for schemes that are known, and pages of a folder have one of their own.
        url, anchor = urldefrag(urljoin(f"http://{rest}", re.sub(r"^https?:", "http:", href.strip())))
    except ValueError:  # such as an address of IPv6 that is none
        return None
    host = f"http://{rest.partition('/')[0]}/"
    return (f"{scheme}://{url.removeprefix('http://')}", unquote(anchor)) if url.startswith(host) else None


def _without(text: str, start: int, end: int, marks: Sequence[_Mark]) -> str:
    """Gives a sentence without what is marked."""
    kept, position = "", start
    for mark in sorted(marks, key=lambda mark: mark.start):
        kept += text[position : max(position, mark.start)]
        position = max(position, mark.end)
    kept += text[position:end]
    return _SPACES.sub(" ", kept).strip()


def _tidied(text: str) -> str:
    """Gives a text without the brackets, commas and gaps that stand around what was taken out."""
    closer = _SPACE_BEFORE.sub(r"\1", text)
    for pattern, replacement in _LEFTOVERS:
        closer = pattern.sub(replacement, closer)
    return _SPACES.sub(" ", closer).strip()
