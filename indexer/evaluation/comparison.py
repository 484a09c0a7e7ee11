"""How sure a figure is: percentile bootstrap over the questions, with a fixed seed.

Source: Efron and Tibshirani, An Introduction to the Bootstrap, 1993, chapter 13; paired over questions as in Sakai,
SIGIR 2006.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from indexer.evaluation.measures import MEASURES, Summary

_SEED = 20_250_101
_RESAMPLES = 2000
_VALUES_AT_ONCE = 2_000_000
_BOUNDS = (2.5, 97.5)
_PERCENTILES = {"p50": 50.0, "p99": 99.0}

Values = NDArray[np.float64]
"""float64, (n_questions,)."""


@dataclass(frozen=True, slots=True)
class Interval:
    """A figure and where it lies with 95 % confidence."""

    value: float
    low: float
    high: float

    @property
    def is_distinguishable(self) -> bool:
        """Tells, of a difference, that nothing is not within it."""
        return self.low > 0 or self.high < 0


def figures_of(rows: Sequence[Mapping[str, float]]) -> dict[str, Interval]:
    """Gives every measure over the values of the questions, each with its interval."""
    return {name: interval_of([row[m.value] for row in rows], m.summary) for name, m in MEASURES.items()}


def differences_of(rows: Sequence[Mapping[str, float]], others: Sequence[Mapping[str, float]]) -> dict[str, Interval]:
    """Gives by how much each measure is greater than for others, over the same questions in the same order."""
    return {
        name: difference_of([row[m.value] for row in rows], [row[m.value] for row in others], m.summary)
        for name, m in MEASURES.items()
    }


def interval_of(values: Sequence[float], summary: Summary) -> Interval:
    """Gives a figure over the questions with its interval."""
    return difference_of(values, [0.0] * len(values), summary)


def difference_of(values: Sequence[float], others: Sequence[float], summary: Summary) -> Interval:
    """Gives by how much a figure is greater than another over the same questions, in the same order."""
    ours, theirs = np.asarray(values, np.float64), np.asarray(others, np.float64)
    resampled = _resampled(ours, theirs, summary)
    low, high = np.percentile(resampled, _BOUNDS)
    return Interval(float(_summed(ours, summary) - _summed(theirs, summary)), float(low), float(high))


def _resampled(ours: Values, theirs: Values, summary: Summary) -> Values:
    """Gives the difference in many samples of the questions, drawn with replacement, the same for both sides."""
    chance, count = np.random.default_rng(_SEED), len(ours)
    rows = max(1, _VALUES_AT_ONCE // count)
    parts: list[Values] = []
    for start in range(0, _RESAMPLES, rows):
        drawn = chance.integers(0, count, (min(rows, _RESAMPLES - start), count))
        parts.append(_summed(ours[drawn], summary) - _summed(theirs[drawn], summary))
    return np.concatenate(parts)


def _summed(values: Values, summary: Summary) -> Values:
    if summary == "mean":
        return np.mean(values, axis=-1)
    return np.percentile(values, _PERCENTILES[summary], axis=-1)
