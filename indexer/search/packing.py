"""Ranked passages to an answer that fits a token budget, as text a model reads."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from indexer.answers import AnswerSnippet
from indexer.tokens import count_tokens

SEPARATOR = "-" * 32
_SEPARATOR_TOKENS = 4
_SAME_WORDS_SHARE = 0.9


@dataclass(frozen=True, slots=True)
class Passage:
    """A chunk as the vector store gives it back."""

    id: UUID
    title: str
    content: str
    content_type: str
    source_url: str
    version: str
    token_count: int
    indexed_at: datetime


@dataclass(frozen=True, slots=True)
class Packed:
    """The answer's text with what it is made of; `token_count` is of the text as a whole."""

    text: str
    token_count: int
    snippets: tuple[AnswerSnippet, ...]


def passage_from(id_: UUID, payload: dict[str, Any]) -> Passage:
    """Reads a passage out of a point's payload."""
    section: list[str] = payload.get("section") or []
    title = payload.get("title") or payload.get("page_title") or payload["source_url"]
    page_title = payload.get("page_title")
    path = [part for part in dict.fromkeys([page_title, *section, title]) if part]
    return Passage(
        id=id_,
        title=" > ".join(path[-3:]),
        content=payload["chunk_text"],
        content_type=payload["content_type"],
        source_url=payload["source_url"],
        version=payload["version"],
        token_count=payload["token_count"],
        indexed_at=datetime.fromisoformat(payload["indexed_on"]).replace(tzinfo=UTC),
    )


def without_repetition(passages: Iterable[Passage]) -> list[Passage]:
    """Drops passages that say what a better one says already, word for word or nearly."""
    kept: list[Passage] = []
    kept_words: list[set[str]] = []
    for passage in passages:
        words = set(passage.content.lower().split())
        if not any(_is_same(words, earlier) for earlier in kept_words):
            kept.append(passage)
            kept_words.append(words)
    return kept


def pack(passages: Sequence[Passage], budget_tokens: int) -> Packed:
    """Fills the budget with whole passages, best first; the best one is given even where it alone is over it."""
    parts: list[str] = []
    chosen: list[AnswerSnippet] = []
    used = 0
    for passage in passages:
        # What cannot fit by its text alone is not worth counting as it would be shown.
        if chosen and used + passage.token_count > budget_tokens:
            continue
        text = render(passage)
        tokens = count_tokens(text)
        if chosen and used + _SEPARATOR_TOKENS + tokens > budget_tokens:
            continue
        used += tokens + (_SEPARATOR_TOKENS if chosen else 0)
        parts.append(text)
        chosen.append(_snippet(passage, tokens))
    return Packed(f"\n\n{SEPARATOR}\n\n".join(parts), used, tuple(chosen))


def render(passage: Passage) -> str:
    """Gives a passage as text: title, where it is from, what it says.

    A line that looks like the separator between passages is made shorter, so that no page can forge one.
    """
    content = "\n".join(line[:-1] if line.strip() == SEPARATOR else line for line in passage.content.split("\n"))
    day = passage.indexed_at.date().isoformat()
    title = " ".join(passage.title.split())
    return (
        f"### {title}\n\nSource: {passage.source_url}\nVersion: {passage.version}, indexed {day}\n\n{content.strip()}"
    )


def _snippet(passage: Passage, tokens: int) -> AnswerSnippet:
    return AnswerSnippet(
        passage.id,
        passage.title,
        passage.source_url,
        passage.version,
        passage.content_type,
        tokens,
        passage.indexed_at,
    )


def _is_same(left: set[str], right: set[str]) -> bool:
    if not left or not right:
        return left == right
    return len(left & right) / len(left | right) >= _SAME_WORDS_SHARE
