"""Passages as the vector store gives them back, and which of them an answer may use."""

import functools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urldefrag
from uuid import UUID

from indexer.search.question import Question
from indexer.vectors.symbols import question_symbols, symbol_words

TITLE_SEPARATOR = " > "
_SAME_WORDS_SHARE = 0.9
_SHOWN_NAMES = 3
"""In a title: the page, without which a member says not of what, and the innermost headings."""


@dataclass(frozen=True, slots=True)
class Passage:
    """A chunk as the vector store gives it back.

    `source_url` is its section's address and `cited_url` the one to show, which may name a place inside the passage.
    """

    id: UUID
    title: str
    content: str
    content_type: str
    source_url: str
    version: str
    token_count: int
    indexed_at: datetime
    library_id: str = ""
    chunk_index: int = 0
    cited_url: str = ""

    @property
    def address(self) -> str:
        """The address to show."""
        return self.cited_url or self.source_url


def passage_from(id_: UUID, payload: dict[str, Any], question: Question | None = None) -> Passage:
    """Reads a passage out of a point's payload, cited by the anchor inside it that the question names, if it does."""
    section: list[str] = payload.get("section") or []
    title = payload.get("title") or payload.get("page_title") or payload["source_url"]
    page_title = payload.get("page_title")
    path = [part for part in dict.fromkeys([page_title, *section, title]) if part]
    return Passage(
        id=id_,
        title=TITLE_SEPARATOR.join(path if len(path) <= _SHOWN_NAMES else [path[0], *path[1 - _SHOWN_NAMES :]]),
        content=payload["chunk_text"],
        content_type=payload["content_type"],
        source_url=payload["source_url"],
        version=payload["version"],
        token_count=payload["token_count"],
        indexed_at=datetime.fromisoformat(payload["indexed_on"]).replace(tzinfo=UTC),
        library_id=payload["library_id"],
        chunk_index=payload["chunk_index"],
        cited_url=_cited_url(payload["source_url"], payload.get("anchor_aliases") or (), question),
    )


def without_repetition(passages: Iterable[Passage], said: list[set[str]]) -> Iterator[Passage]:
    """Yields the passages, best first, that do not say what a better one says already, word for word or nearly.

    Args:
        passages: The passages, which are read as they are wanted.
        said: The words of each better one; those of what is yielded are added.
    """
    for passage in passages:
        words = set(passage.content.lower().split())
        # Sets of sizes further apart cannot share that much: most pairs need no comparing.
        fewest, most = len(words) * _SAME_WORDS_SHARE, len(words) / _SAME_WORDS_SHARE
        for earlier in said:
            if fewest <= len(earlier) <= most and _is_same(words, earlier):
                break
        else:
            said.append(words)
            yield passage


def sections_first(passages: Iterable[Passage]) -> list[Passage]:
    """Moves further passages of a section behind the first ones of all others.

    So many passages then tell of more places: on questions about PostgreSQL's documentation that finds two to three
    points more of the right sections in the same tokens, and on those about Python's half a point.
    """
    addresses: set[str] = set()
    first: list[Passage] = []
    further: list[Passage] = []
    for passage in passages:
        (further if passage.source_url in addresses else first).append(passage)
        addresses.add(passage.source_url)
    return first + further


def _cited_url(section_url: str, aliases: Iterable[str], question: Question | None) -> str:
    """Gives the address with the anchor that the question names best; the section's own where none is named better."""
    if question is None or not question.names_symbols or not aliases:
        return section_url
    named = _names_of(question.text)
    page, anchor = urldefrag(section_url)
    best, most = section_url, _weight(anchor, named)
    for alias in aliases:
        if (weight := _weight(alias, named)) > most:
            best, most = f"{page}#{quote(alias, safe='/:?@!$&()*+,;=-._~')}", weight
    return best


@functools.lru_cache(maxsize=64)
def _names_of(question: str) -> frozenset[int]:
    """Gives the names in a question; the same for every passage it found."""
    return frozenset(question_symbols(question).indices)


def _weight(anchor: str, named: frozenset[int]) -> float:
    words = symbol_words([anchor])
    return max((weight for key, weight in zip(words.indices, words.values, strict=True) if key in named), default=0.0)


def _is_same(left: set[str], right: set[str]) -> bool:
    shared = len(left & right)
    return shared >= (len(left) + len(right) - shared) * _SAME_WORDS_SHARE
