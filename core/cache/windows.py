"""Counting calls over sliding windows: the arithmetic every cache shares.

Time is cut into cells of the window's length. What counts is this cell's calls and those of the cell before, the latter
with a weight that falls from one to nothing while the cell passes.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True)
class Window:
    """At most `limit` units in any `length`; `key` names the counter."""

    key: str
    limit: int
    length: timedelta


@dataclass(frozen=True)
class WindowState:
    """What is left of a window after a decision.

    Attributes:
        remaining: Whole units that could be taken at once now.
        reset_after: Until the refused units fit, where this window refused; else until the present cell ends.
    """

    key: str
    limit: int
    length: timedelta
    remaining: int
    reset_after: timedelta


@dataclass(frozen=True)
class Decision:
    """Whether the units were taken, from all windows or from none.

    Attributes:
        retry_after: Until all windows have room for the same units if nobody else takes any; zero if they were taken.
    """

    is_allowed: bool
    windows: tuple[WindowState, ...]
    retry_after: timedelta


@dataclass(frozen=True)
class Moment:
    """A moment as a window sees it, in milliseconds: the number of its cell and how much of the cell has passed."""

    cell: int
    elapsed: int
    length: int


@dataclass(frozen=True)
class Counts:
    """Units taken in a cell and in the one before it."""

    cell: int
    current: int
    previous: int


NOTHING = Counts(cell=0, current=0, previous=0)


def moment_of(window: Window, now: datetime) -> Moment:
    """Gives where `now` lies in the window's cells."""
    length = window.length // timedelta(milliseconds=1)
    cell, elapsed = divmod(int(now.timestamp() * 1000), length)
    return Moment(cell, elapsed, length)


def advance(counts: Counts, moment: Moment) -> tuple[Counts, Moment]:
    """Gives the counts as they stand at the moment, and the moment to weigh them by.

    A replica whose clock is a little ahead may have opened the next cell already; the others then join it at its start.
    """
    if counts.cell == moment.cell:
        return counts, moment
    if counts.cell == moment.cell + 1:
        return counts, Moment(counts.cell, 0, moment.length)
    previous = counts.current if counts.cell == moment.cell - 1 else 0
    return Counts(moment.cell, 0, previous), moment


def has_room(counts: Counts, moment: Moment, cost: int, limit: int) -> bool:
    """Tells whether `cost` more units stay within the limit."""
    return _used(counts, moment) + cost <= limit


def decide(
    windows: Sequence[Window], counts: Sequence[Counts], cost: int, now: datetime, *, is_allowed: bool
) -> Decision:
    """Gives the decision a cache has come to.

    Args:
        windows: What was asked.
        counts: One per window, as they stand after the decision.
        cost: Units asked of each window.
        now: The moment the decision was made for.
        is_allowed: Whether the units were taken.
    """
    states: list[WindowState] = []
    retry_after = timedelta(0)
    for window, found in zip(windows, counts, strict=True):
        present, moment = advance(found, moment_of(window, now))
        is_refusing = not is_allowed and not has_room(present, moment, cost, window.limit)
        reset_after = _room_after(present, moment, cost, window.limit) if is_refusing else _cell_end(moment)
        retry_after = max(retry_after, reset_after) if is_refusing else retry_after
        remaining = max(0, math.floor(window.limit - _used(present, moment)))
        states.append(WindowState(window.key, window.limit, window.length, remaining, reset_after))
    return Decision(is_allowed, tuple(states), retry_after)


def _used(counts: Counts, moment: Moment) -> float:
    # The same operations in the same order as in the Lua script: both compute in IEEE doubles and agree to the bit.
    return counts.current + counts.previous * ((moment.length - moment.elapsed) / moment.length)


def _cell_end(moment: Moment) -> timedelta:
    return timedelta(milliseconds=moment.length - moment.elapsed)


def _room_after(counts: Counts, moment: Moment, cost: int, limit: int) -> timedelta:
    room = limit - cost
    if room < 0:
        return timedelta(milliseconds=2 * moment.length)  # it never fits; after that long nothing else is in the way
    if counts.current <= room:
        # The cell before must fade until it weighs no more than the room the present one leaves.
        elapsed = moment.length * (1 - (room - counts.current) / counts.previous)
        return timedelta(milliseconds=math.ceil(elapsed) - moment.elapsed)
    faded = moment.length * (1 - room / counts.current)
    return _cell_end(moment) + timedelta(milliseconds=math.ceil(faded))
