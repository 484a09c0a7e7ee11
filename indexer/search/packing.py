"""Ranked passages to an answer that fits a token budget, as text a model reads."""

import functools
import re
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise

from indexer.answers import AnswerLink, AnswerSnippet
from indexer.search.passages import TITLE_SEPARATOR, Passage
from indexer.tokens import BREAK, count_break, count_tokens

__all__ = ["MAX_PAGE", "SEPARATOR", "Packed", "Passage", "pack", "render"]

MAX_PAGE = 10
SEPARATOR = "-" * 32
_BETWEEN = f"{SEPARATOR}{BREAK}"
_FORGED = SEPARATOR[:-1]
_SEPARATOR_TOKENS = 4
_MAX_PASSAGE_CHARS = 40_000
"""Many times what the indexer puts into one passage."""
_MAX_LINE_CHARS = 3000
_REMEMBERED_TEXTS = 4096
"""Titles and addresses: passages that answer one question answer others."""
_LINE_BREAKS = re.compile(r"\r\n?|[\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f]")
_MOST_LINKS = 8
_LINKS_SHARE = 0.08
_LINKS_RESERVE = 0.04
"""Kept free of passages: a link costs a tenth of a passage, and one question in twenty finds its section in a link."""
_MORE_RESERVE = 16
"""Kept free in a small budget, for a line that says that there is more."""


@dataclass(frozen=True, slots=True)
class Packed:
    """The answer's text with what it is made of; `token_count` is of the text as a whole.

    `section_urls` are those of the snippets' sections, in their order, whatever part of them is cited. With
    `has_more` there is a further page.
    """

    text: str
    token_count: int
    snippets: tuple[AnswerSnippet, ...]
    links: tuple[AnswerLink, ...] = ()
    section_urls: tuple[str, ...] = ()
    has_more: bool = False


@dataclass(frozen=True, slots=True)
class _Part:
    """A piece of an answer's text with its tokens."""

    text: str
    tokens: int


@dataclass(frozen=True, slots=True)
class _Chosen:
    """A passage, and the part of the answer that says what it says."""

    passage: Passage
    part: _Part


@dataclass(frozen=True, slots=True)
class _Page:
    """What a page shows, best first, and the parts of its text without links."""

    chosen: tuple[_Chosen, ...] = ()
    parts: tuple[_Part, ...] = ()
    token_count: int = 0


def pack(passages: Sequence[Passage], budget_tokens: int, rest: Iterable[Passage] = (), page: int = 1) -> Packed:
    """Gives one page of an answer: whole passages, best first, and the best one even where it alone is over the budget.

    Args:
        passages: What the first page is filled with, best first.
        budget_tokens: The most tokens of a page.
        rest: What the first page only links to and those after it go on with, best first; read as it is wanted.
        page: Which page, from 1. What lies beyond the last has no snippets.
    """
    filled = _fill(passages, budget_tokens)
    left = chain(_without(passages, filled), rest)
    for _ in range(page - 1):
        pool = list(left)
        filled = _fill(pool, budget_tokens)
        left = iter(_without(pool, filled))
    return _finish(filled, left, budget_tokens, page)


def render(passage: Passage) -> str:
    """Gives a passage as text: title, where it is from, what it says.

    No page can forge the line between passages, reach a terminal with control characters, or say more than a passage
    may, whatever the index holds.
    """
    return _joined(_section_parts([_shown(passage)], passage.address))


def _fill(pool: Sequence[Passage], budget_tokens: int) -> _Page:
    """Chooses the passages of a page; a little of the budget is left for links."""
    budget = budget_tokens - max(int(budget_tokens * _LINKS_RESERVE), _MORE_RESERVE)
    chosen = _choose(pool, budget)
    while chosen:
        parts = tuple(_page_parts(chosen))
        tokens = _count(parts)
        # Titles inside a section were not counted, and tokens of parts are not quite those of the whole.
        if tokens <= budget or len(chosen) == 1:
            return _Page(tuple(chosen), parts, tokens)
        chosen.pop()
    return _Page()


def _choose(pool: Sequence[Passage], budget_tokens: int) -> list[_Chosen]:
    chosen: list[_Chosen] = []
    addresses: set[str] = set()
    used = _tokens_of(_heading(pool)) if pool else 0
    for passage in pool:
        # What cannot fit by its text alone is not worth counting as it would be shown.
        if chosen and used + passage.token_count > budget_tokens:
            continue
        shown = _shown(passage)
        cost = shown.part.tokens
        if passage.source_url not in addresses:
            cost += _tokens_of(_frame(passage, passage.address)) + _SEPARATOR_TOKENS
        if chosen and used + cost > budget_tokens:
            continue
        used += cost
        addresses.add(passage.source_url)
        chosen.append(shown)
    return chosen


def _finish(page: _Page, left: Iterator[Passage], budget_tokens: int, number: int) -> Packed:
    parts, used = page.parts, page.token_count
    shown = [one.passage.source_url for one in page.chosen]
    head = f"Not shown (page {number + 1} goes on with it):" if number < MAX_PAGE else "Not shown:"
    room = min(budget_tokens - used, int(budget_tokens * _LINKS_SHARE)) - _tokens_of(head) - _SEPARATOR_TOKENS
    following = next(left, None)
    links = () if following is None else _links(chain((following,), left), shown, room)
    has_more = following is not None and number < MAX_PAGE
    lines = [f"{head}\n", *(f"{_link_line(link)}\n" for link in links)] if links else []
    if has_more and not links:
        lines = [f"More is on page {number + 1}.\n"]
    if lines:
        parts = (*parts, *map(_counted, [_BETWEEN, *lines]))
        used = _count(parts)
    return Packed(_joined(parts), used, tuple(map(_snippet, page.chosen)), links, tuple(shown), has_more)


def _page_parts(chosen: Sequence[_Chosen]) -> Iterator[_Part]:
    """Yields a page: passages of one section stand together, in reading order, where the best of them is."""
    sections: dict[str, list[_Chosen]] = {}
    for one in chosen:
        sections.setdefault(one.passage.source_url, []).append(one)
    yield _counted(_heading([one.passage for one in chosen]) + BREAK)
    for number, section in enumerate(sections.values()):
        if number:
            yield _counted(_BETWEEN)
        in_order = sorted(section, key=lambda one: one.passage.chunk_index)
        yield from _section_parts(in_order, section[0].passage.address)


def _section_parts(section: Sequence[_Chosen], address: str) -> Iterator[_Part]:
    frame = _frame(section[0].passage, address)
    yield _Part(frame + BREAK, _tokens_of(frame) + count_break(frame))
    yield section[0].part
    for before, one in pairwise(section):
        if one.passage.title != before.passage.title:
            yield _counted(f"#### {_one_line(one.passage.title.rpartition(TITLE_SEPARATOR)[2])}{BREAK}")
        yield one.part


def _joined(parts: Iterable[_Part]) -> str:
    return "".join(part.text for part in parts).rstrip("\n")


def _count(parts: Sequence[_Part]) -> int:
    """Gives the tokens of the parts as one text.

    A token goes over a line break only into a slash or more white space: the others are counted part by part.
    """
    if any(part.text[0] in "/\n" for part in parts):
        return count_tokens(_joined(parts))
    return sum(part.tokens for part in parts[:-1]) + count_tokens(parts[-1].text.rstrip("\n"))


def _counted(text: str) -> _Part:
    return _Part(text, _tokens_of(text))


def _shown(passage: Passage) -> _Chosen:
    """Gives a passage as it is shown; its tokens were counted when it was indexed."""
    text = _content(passage)
    tokens = passage.token_count if text == passage.content else count_tokens(text)
    return _Chosen(passage, _Part(text + BREAK, tokens + count_break(text)))


@functools.lru_cache(maxsize=_REMEMBERED_TEXTS)
def _tokens_of(text: str) -> int:
    return count_tokens(text)


def _heading(passages: Sequence[Passage]) -> str:
    """Gives what holds for the whole answer: library, version, and the days its passages were indexed."""
    days = sorted({passage.indexed_at.date().isoformat() for passage in passages})
    indexed = days[0] if len(days) == 1 else f"{days[0]} to {days[-1]}"
    library, version = _one_line(passages[0].library_id), _one_line(passages[0].version)
    return f"Library: {library}\nVersion: {version}, indexed {indexed}"


def _frame(passage: Passage, address: str) -> str:
    return f"### {_one_line(passage.title)}\n\nSource: {_one_line(address)}"


def _content(passage: Passage) -> str:
    text = _CONTROLS.sub("", _LINE_BREAKS.sub("\n", passage.content[:_MAX_PASSAGE_CHARS]))
    if SEPARATOR not in text:
        return text.strip()
    return "\n".join(_FORGED if line.strip() == SEPARATOR else line for line in text.split("\n")).strip()


def _one_line(text: str) -> str:
    return " ".join(_CONTROLS.sub("", text[:_MAX_LINE_CHARS]).split())


def _links(left: Iterable[Passage], shown: Container[str], room: int) -> tuple[AnswerLink, ...]:
    """Gives what is not shown, best first, each section once, as long as there is room for it."""
    links: dict[str, AnswerLink] = {}
    used = 0
    for passage in left:
        if used >= room or len(links) == _MOST_LINKS:
            break
        if passage.source_url in shown or passage.source_url in links:
            continue
        link = AnswerLink(_one_line(passage.title), _one_line(passage.address))
        used += count_tokens(_link_line(link)) + 1
        if used <= room:
            links[passage.source_url] = link
    return tuple(links.values())


def _link_line(link: AnswerLink) -> str:
    return f"- {link.title}: {link.source_url}"


def _without(pool: Sequence[Passage], page: _Page) -> list[Passage]:
    shown = {one.passage.id for one in page.chosen}
    return [passage for passage in pool if passage.id not in shown]


def _snippet(chosen: _Chosen) -> AnswerSnippet:
    passage = chosen.passage
    return AnswerSnippet(
        passage.id,
        passage.title,
        passage.address,
        passage.version,
        passage.content_type,
        chosen.part.tokens,
        passage.indexed_at,
    )
