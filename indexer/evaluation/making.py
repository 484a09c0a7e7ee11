"""Questions made of a library's own links: the sentence asks, what it links to answers.

Nobody's taste is in them: which sentence is taken follows from hashes, and the same index gives the same file.
"""

import hashlib
import re
from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass

from indexer.evaluation.places import Pages
from indexer.evaluation.questions import Gold, KnownQuestion
from indexer.evaluation.sentences import Sentence

_MAX_CHARS = 600
_FEWEST_WORDS = 8
_FEWEST_MASKED_WORDS = 5
_MOST_GOLD = 50
_WORD = re.compile(r"[^\W\d_]{2,}")
_BOILERPLATE = re.compile(
    r"""\W*(?:
      see | refer\ to | read\ (?:more|the) | for\ (?:more|further|details|additional|the\ full|a\ (?:full|complete))
    | (?:contributed | patch | patches | reported | written | suggested | implemented | based\ on\ a\ patch)\b.*\bby
    | (?:this|the\ following)\ page | previous | next | back\ to | edit\ | copyright | last\ updated | created\ using
    | (?:bpo|gh|pep)\W?\d | issue\ \# | note\ that\ this\ page | click | you\ can\ find | table\ of\ contents
    )\b | .*\bsee\ (?:section|chapter|appendix|table|part)\b""",
    re.VERBOSE | re.IGNORECASE,
)

Link = tuple[str, str]
"""A page of the library, as its index names it, and an anchor or nothing."""
Anchors = Mapping[str, Container[str]]
"""By page: every anchor of it that the index knows."""


@dataclass(frozen=True, slots=True)
class Made:
    """Questions, and how many sentences with links were left out, by reason."""

    questions: tuple[KnownQuestion, ...]
    sentences: int
    dropped: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class LinkingSentence:
    """A sentence with its links to other pages of the library."""

    sentence: Sentence
    links: tuple[Link, ...]


def with_known_links(
    sentences: Iterable[Sentence], pages: Pages, passed_over: Container[str] = frozenset()
) -> list[LinkingSentence]:
    """Gives the sentences that link to another page of the library, but for those passed over."""
    found: list[LinkingSentence] = []
    for sentence in sentences:
        named = ((pages.find(url), anchor) for url, anchor in sentence.targets)
        others = ((page, anchor) for page, anchor in named if page and page not in passed_over)
        links = tuple(dict.fromkeys((page, anchor) for page, anchor in others if page != sentence.page_url))
        if links:
            found.append(LinkingSentence(sentence, links))
    return found


def make_questions(linking: Sequence[LinkingSentence], pages: Pages, anchors: Anchors, prefix: str, limit: int) -> Made:
    """Gives at most `limit` questions, spread over the pages they are from.

    Args:
        linking: The sentences.
        pages: The pages of the library.
        anchors: The anchors of the pages linked to.
        prefix: What ids begin with.
        limit: The most questions.
    """
    seen = Counter(one.sentence.text for one in linking)
    dropped: Counter[str] = Counter()
    kept: list[KnownQuestion] = []
    for one in linking:
        sentence, gold = one.sentence, _gold(one.links, pages, anchors)
        reason = _refusal(sentence, repeats=seen[sentence.text]) or ("no such section" if not gold else None)
        if reason:
            dropped[reason] += 1
            continue
        source = pages.path_of(sentence.page_url)
        known = {"id": "-", "query": sentence.text, "masked": sentence.masked, "gold": gold, "from": source}
        kept.append(KnownQuestion.model_validate(known))
    chosen = _spread(kept, limit)
    numbered = (question.model_copy(update={"id": f"{prefix}-{number:03d}"}) for number, question in enumerate(chosen))
    return Made(tuple(numbered), len(linking), dict(dropped))


def _refusal(sentence: Sentence, repeats: int) -> str | None:
    """Gives why a sentence makes no question; None if it makes one."""
    if repeats > 1:
        return "repeated"
    if _BOILERPLATE.match(sentence.text):
        return "boilerplate"
    if len(sentence.text) > _MAX_CHARS:
        return "too long"
    if len(_WORD.findall(sentence.text)) < _FEWEST_WORDS:
        return "too short"
    if len(_WORD.findall(sentence.masked)) < _FEWEST_MASKED_WORDS:
        return "too short without names"
    return None


def _gold(links: Iterable[Link], pages: Pages, anchors: Anchors) -> tuple[Gold, ...]:
    """Gives the places that are in the index."""
    known = [(page, anchor) for page, anchor in links if not anchor or anchor in anchors.get(page, ())]
    return tuple(Gold(path=pages.path_of(page), anchor=anchor) for page, anchor in known[:_MOST_GOLD])


def _spread(questions: Iterable[KnownQuestion], limit: int) -> list[KnownQuestion]:
    """Takes one question of each page, then a second of each, and so on."""
    by_page: defaultdict[str, list[KnownQuestion]] = defaultdict(list)
    for question in sorted(questions, key=lambda one: digest_of(one.query)):
        by_page[question.source or ""].append(question)
    turns = [
        (turn, digest_of(page), question) for page, of_page in by_page.items() for turn, question in enumerate(of_page)
    ]
    return [question for *_, question in sorted(turns, key=lambda one: one[:2])[:limit]]


def digest_of(text: str) -> bytes:
    """Gives what decides who comes first: no order anybody chose."""
    return hashlib.sha256(text.encode("utf-8", "replace")).digest()
