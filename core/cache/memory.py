"""The cache of a single process: exact, bounded in entries and in bytes, gone with the process."""

import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from core.cache.windows import NOTHING, Counts, Decision, Window, advance, decide, has_room, moment_of

MAX_ENTRIES = 10_000
MAX_BYTES = 64 * 1024 * 1024
MAX_COUNTERS = 100_000


class MemoryCache:
    """Keeps values and counters apart, so that many values never push a limit out; no method ever waits."""

    def __init__(
        self,
        *,
        max_entries: int = MAX_ENTRIES,
        max_bytes: int = MAX_BYTES,
        max_counters: int = MAX_COUNTERS,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._values: OrderedDict[str, tuple[float, bytes]] = OrderedDict()
        self._counters: OrderedDict[str, Counts] = OrderedDict()
        self._bytes = 0
        self._max_entries = max_entries
        self._max_bytes = max_bytes
        self._max_counters = max_counters
        self._monotonic = monotonic

    async def get(self, key: str) -> bytes | None:
        """Gives the value, unless it expired or was pushed out."""
        found = self._values.get(key)
        if found is None:
            return None
        expires_at, value = found
        if expires_at <= self._monotonic():
            self._forget(key)
            return None
        self._values.move_to_end(key)
        return value

    async def set(self, key: str, value: bytes, ttl: timedelta) -> None:
        """Keeps the value for `ttl`, pushing out what was not asked for longest."""
        self._forget(key)
        if ttl <= timedelta(0) or len(value) > self._max_bytes:
            return
        self._values[key] = (self._monotonic() + ttl.total_seconds(), value)
        self._bytes += len(value)
        while self._bytes > self._max_bytes or len(self._values) > self._max_entries:
            self._forget(next(iter(self._values)))

    async def delete(self, *keys: str) -> None:
        """Forgets the values and counters of these keys."""
        for key in keys:
            self._forget(key)
            self._counters.pop(key, None)

    async def take(self, windows: Sequence[Window], cost: int, now: datetime) -> Decision:
        """Takes `cost` units from every window, or from none if one of them has no room."""
        counts, is_allowed = self._weigh(windows, cost, now)
        if is_allowed:
            counts = [Counts(seen.cell, seen.current + cost, seen.previous) for seen in counts]
            self._count(windows, counts)
        return decide(windows, counts, cost, now, is_allowed=is_allowed)

    async def look(self, windows: Sequence[Window], cost: int, now: datetime) -> Decision:
        """Gives the decision `take` would come to, and takes nothing."""
        counts, is_allowed = self._weigh(windows, cost, now)
        return decide(windows, counts, cost, now, is_allowed=is_allowed)

    def _weigh(self, windows: Sequence[Window], cost: int, now: datetime) -> tuple[list[Counts], bool]:
        seen = [advance(self._counters.get(window.key, NOTHING), moment_of(window, now)) for window in windows]
        is_allowed = all(
            has_room(counts, moment, cost, window.limit) for window, (counts, moment) in zip(windows, seen, strict=True)
        )
        return [counts for counts, _ in seen], is_allowed

    def _count(self, windows: Sequence[Window], counts: Sequence[Counts]) -> None:
        for window, after in zip(windows, counts, strict=True):
            self._counters[window.key] = after
            self._counters.move_to_end(window.key)
        while len(self._counters) > self._max_counters:
            self._counters.popitem(last=False)

    def _forget(self, key: str) -> None:
        found = self._values.pop(key, None)
        if found is not None:
            self._bytes -= len(found[1])
