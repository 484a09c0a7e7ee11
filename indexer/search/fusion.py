"""Several ranked lists to one: the words' scores and the meaning's, on one scale, weighted by the kind of question."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from indexer.search.question import Question
from indexer.vectors import Candidate, CandidateLists


@dataclass(frozen=True, slots=True)
class Weights:
    """`head` counts against a body score of one; `dense` against a words score of one."""

    head: float
    dense: float


_TAIL_SHARE = 0.5
_ALWAYS_SHOWN = 5

NAMING = Weights(head=1.0, dense=0.25)
DESCRIBING = Weights(head=0.25, dense=0.75)


def weights_for(question: Question) -> Weights:
    """Gives how much the meaning counts: less where the question names what it is about."""
    return NAMING if question.names_symbols else DESCRIBING


def fuse(lists: CandidateLists, weights: Weights) -> list[Candidate]:
    """Gives the points of all lists, best first, scored 0 to 1 + `weights.dense`; ties are broken by id."""
    words = _added(_scores(lists.body), _scores(lists.head), weights.head)
    meaning = _scores(lists.dense)
    fused = _added(_from_zero_to_one(words, floor=0.0), _from_zero_to_one(meaning), weights.dense)
    return sorted((Candidate(id_, score) for id_, score in fused.items()), key=lambda c: (-c.score, c.id))


def worth_showing(ranked: Sequence[Candidate]) -> Sequence[Candidate]:
    """Drops the tail: what scores less than half of the best, but never the first few.

    On questions about Python's documentation this saves a tenth to a third of the tokens; it loses no right section
    among those that name what they ask for, and less than a point among those that do not.
    """
    if not ranked:
        return ranked
    floor = ranked[0].score * _TAIL_SHARE
    close = sum(candidate.score >= floor for candidate in ranked)
    return ranked[: max(close, _ALWAYS_SHOWN)]


def _scores(candidates: Sequence[Candidate]) -> dict[UUID, float]:
    return {candidate.id: candidate.score for candidate in candidates}


def _added(left: Mapping[UUID, float], right: Mapping[UUID, float], weight: float) -> dict[UUID, float]:
    return {id_: left.get(id_, 0.0) + weight * right.get(id_, 0.0) for id_ in {**left, **right}}


def _from_zero_to_one(scores: Mapping[UUID, float], floor: float | None = None) -> dict[UUID, float]:
    if not scores:
        return {}
    low = min(scores.values()) if floor is None else floor
    span = max(scores.values()) - low
    return {id_: (score - low) / span if span > 0 else 1.0 for id_, score in scores.items()}
