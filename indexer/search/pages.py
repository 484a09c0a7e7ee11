"""From ranked passages to a page of an answer; the store is asked for no more of them than the answer needs."""

from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Any
from uuid import UUID

from indexer.search.fusion import Ranked, worth_showing
from indexer.search.packing import Packed, pack
from indexer.search.passages import passage_from, sections_first, without_repetition
from indexer.search.question import Question
from indexer.vectors import VectorStore

_FEW_PASSAGES, _MOST_PASSAGES = 40, 240
_SMALL_BUDGET = 5000
"""The first page of an answer of so many tokens is filled from a few passages, unless all of these fit."""


async def page_of(
    store: VectorStore, question: Question, ranked: Sequence[Ranked], budget_tokens: int, number: int = 1
) -> Packed:
    """Gives a page of the answer that the passages make; one beyond the last has no snippets.

    Args:
        store: Where the passages are; those that are gone are passed over.
        question: What was asked.
        ranked: The passages that were found, best first.
        budget_tokens: The most tokens of a page.
        number: Which page, from 1.
    """
    few, most = ranked[:_FEW_PASSAGES], ranked[:_MOST_PASSAGES]
    shown = len(worth_showing(most))
    payloads: dict[UUID, dict[str, Any]] = {}
    if budget_tokens <= _SMALL_BUDGET:
        payloads |= await store.payloads([one.id for one in few])
        first = _packed(question, few, min(shown, len(few)), payloads, budget_tokens)
        if first.has_more or len(most) == len(few):
            shown = min(shown, len(few))
            if number == 1:
                return first
    payloads |= await store.payloads([one.id for one in most if one.id not in payloads])
    return _packed(question, most, shown, payloads, budget_tokens, number)


def _packed(
    question: Question,
    ranked: Sequence[Ranked],
    shown: int,
    payloads: Mapping[UUID, dict[str, Any]],
    budget_tokens: int,
    number: int = 1,
) -> Packed:
    """Packs a page from passages of which the first so many are worth showing."""
    shown_count = sum(one.id in payloads for one in ranked[:shown])
    passages = (passage_from(one.id, payloads[one.id], question) for one in ranked if one.id in payloads)
    said: list[set[str]] = []
    best = sections_first(without_repetition(islice(passages, shown_count), said))
    return pack(best, budget_tokens, without_repetition(passages, said), number)
