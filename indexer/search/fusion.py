"""What several fields say of a passage to one score, weighted by the kind of question."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from indexer.search.question import Question
from indexer.vectors import Candidate

_TAIL_SHARE = 0.57
_ALWAYS_SHOWN = 5
_FEW_WORDS = 14
_NAMED = 0.7
_DEFINES_IT = 0.55
"""From which weight of its names on a passage defines a word that is written as a name, or a name that ends in it."""

_UNKNOWN = 0.7
"""What a passage that is not embedded yet counts for, from 0 for the farthest of the candidates to 1.

While vectors of a new library follow its words, answers are at each moment about as good as by words alone, or better:
on questions about Python's documentation nDCG@10 is .88 with a quarter of the vectors, and .80 if passages without one
are taken for the farthest; .29 and .18 where names are masked.
"""


@dataclass(frozen=True, slots=True)
class Weights:
    """`head` counts against a body score of one; the others against a words score of one."""

    head: float
    dense: float
    symbols: float = _NAMED
    prominence: float = 0.0


@dataclass(slots=True)
class Ranked:
    """A passage with its score, 0 to the sum of the weights.

    Not frozen: hundreds are made for every question, and to make frozen ones takes several times as long.
    """

    id: UUID
    score: float


NAMING = Weights(head=0.5, dense=0.5, prominence=0.5)
DESCRIBING = Weights(head=0.0, dense=1.0, prominence=0.5)
"""A heading has few words, and those of a description it has by chance: at a quarter they lose .006 of nDCG@10."""
ASKING = Weights(head=0.0, dense=1.5, prominence=0.5)
"""For the short questions people type: few words to compare, and seldom those of the documentation."""


def weights_for(question: Question, candidates: Sequence[Candidate] = ()) -> Weights:
    """Gives how much each field counts: names where the question names things, meaning where it has few words.

    It names things if it is written so, or if a passage defines what it says, such as `Session` or `ENOENT`: that gains
    .03 nDCG@10 on the questions it concerns and saves 200 tokens. To ask for both loses.
    """
    if question.names_symbols or any(candidate.symbols >= _DEFINES_IT for candidate in candidates):
        return NAMING
    return ASKING if question.word_count <= _FEW_WORDS else DESCRIBING


def fuse(candidates: Sequence[Candidate], weights: Weights) -> list[Ranked]:
    """Gives the candidates best first; ties are broken by id."""
    words = [candidate.body + weights.head * candidate.head for candidate in candidates]
    best = max(words, default=0.0) or 1.0
    meanings = from_zero_to_one([candidate.dense for candidate in candidates])
    ranked = [
        Ranked(
            candidate.id,
            word / best
            + weights.dense * meaning
            + weights.symbols * min(candidate.symbols, 1.0)
            + weights.prominence * candidate.prominence,
        )
        for candidate, word, meaning in zip(candidates, words, meanings, strict=True)
    ]
    return sorted(ranked, key=lambda one: (-one.score, one.id))


def rank(question: Question, candidates: Sequence[Candidate]) -> list[Ranked]:
    """Gives the candidates for a question as they are served, best first."""
    return fuse(candidates, weights_for(question, candidates))


def worth_showing(ranked: Sequence[Ranked]) -> Sequence[Ranked]:
    """Drops the tail: what scores far less than the best, but never the first few.

    Of 2850 tokens it saves 1000 on questions that name things in Python's documentation, 280 on headings of its FAQ, 70
    on questions of people and where names are masked. It loses one right section in 250 of the first, two in 74 of the
    second, none of the others.
    """
    if not ranked:
        return ranked
    floor = ranked[0].score * _TAIL_SHARE
    close = sum(candidate.score >= floor for candidate in ranked)
    return ranked[: max(close, _ALWAYS_SHOWN)]


def from_zero_to_one(scores: Sequence[float | None]) -> list[float]:
    """Stretches scores over the whole scale; where there is none yet, it is taken for one above the middle."""
    known = [score for score in scores if score is not None]
    low, high = min(known, default=0.0), max(known, default=0.0)
    if low == high:
        return [0.0] * len(scores)
    return [_UNKNOWN if score is None else (score - low) / (high - low) for score in scores]
