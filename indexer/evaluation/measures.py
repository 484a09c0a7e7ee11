"""What one question's answer is worth, by the measures of the field.

A place is found when a passage is of the section that the gold anchor stands in; a gold without an anchor is the whole
page. Passages of one section count once, at the place of the first.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urldefrag

_PAGES, _SECTIONS = 5, 10

Summary = Literal["mean", "p50", "p99"]


@dataclass(frozen=True, slots=True)
class Place:
    """A gold answer in one index: the pages its path means there, and the addresses of the sections its anchor is in.

    Without an anchor there are no `sections` to look for, and any of the pages' is right.
    """

    pages: tuple[str, ...]
    sections: tuple[str, ...] | None

    def holds(self, section: str) -> bool:
        """Tells whether the section of this address is an answer."""
        return _page_of(section) in self.pages if self.sections is None else section in self.sections


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one question.

    Attributes:
        found: Addresses of the passages' sections in the order of the ranking, before packing.
        answered: Those of the passages that a client gets.
        gold: Where the answers are.
        tokens: Of the answer's text as a whole.
        milliseconds: From the question to the packed answer.
    """

    found: Sequence[str]
    answered: Sequence[str]
    gold: Sequence[Place]
    tokens: int
    milliseconds: float


@dataclass(frozen=True, slots=True)
class Measure:
    """A figure over all questions: which value of a question it sums up, and how."""

    title: str
    value: str
    summary: Summary = "mean"
    is_less_better: bool = False


MEASURES: dict[str, Measure] = {
    "page_recall_5": Measure("page recall@5", "page_recall_5"),
    "section_recall_10": Measure("section recall@10", "section_recall_10"),
    "mrr_10": Measure("MRR@10", "mrr_10"),
    "ndcg_10": Measure("nDCG@10", "ndcg_10"),
    "answer_recall": Measure("answer recall", "answer_recall"),
    "tokens": Measure("tokens per answer", "tokens", is_less_better=True),
    "ms_p50": Measure("latency p50, ms", "milliseconds", "p50", is_less_better=True),
    "ms_p99": Measure("latency p99, ms", "milliseconds", "p99", is_less_better=True),
}


def values_of(outcome: Outcome) -> dict[str, float]:
    """Gives the values of one question that the measures sum up."""
    sections = list(dict.fromkeys(outcome.found))
    pages = list(dict.fromkeys(map(_page_of, sections)))[:_PAGES]
    gains = _gains(sections[:_SECTIONS], outcome.gold)
    return {
        "page_recall_5": float(any(page in place.pages for page in pages for place in outcome.gold)),
        "section_recall_10": float(any(gains)),
        "mrr_10": next((1 / rank for rank, gain in enumerate(gains, start=1) if gain), 0.0),
        "ndcg_10": _discounted(gains) / _discounted([True] * min(len(outcome.gold), _SECTIONS)),
        "answer_recall": float(any(_gains(dict.fromkeys(outcome.answered), outcome.gold))),
        "tokens": float(outcome.tokens),
        "milliseconds": outcome.milliseconds,
    }


def _page_of(section: str) -> str:
    return urldefrag(section).url


def _gains(sections: Iterable[str], gold: Sequence[Place]) -> list[bool]:
    """Tells of each section whether it is an answer that none before it was."""
    left = list(gold)
    gains: list[bool] = []
    for section in sections:
        place = next((place for place in left if place.holds(section)), None)
        gains.append(place is not None)
        if place is not None:
            left.remove(place)
    return gains


def _discounted(gains: Iterable[bool]) -> float:
    """Gives the discounted cumulative gain. Source: Järvelin and Kekäläinen, ACM TOIS 20(4), 2002."""
    return sum(1 / math.log2(rank + 1) for rank, gain in enumerate(gains, start=1) if gain)
