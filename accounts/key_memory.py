"""What a replica remembers of keys it looked up, for a moment and in bounded numbers."""

from collections import OrderedDict
from datetime import datetime, timedelta
from typing import Generic, TypeVar

T = TypeVar("T")


class KeyMemory(Generic[T]):
    """Values by key digest, each for `ttl` from the moment given with it; those unused longest go first."""

    def __init__(self, ttl: timedelta, max_entries: int) -> None:
        self._ttl = ttl
        self._max_entries = max_entries
        self._entries: OrderedDict[str, tuple[datetime, T]] = OrderedDict()

    def find(self, digest: str, now: datetime) -> T | None:
        """Gives the value; one from the future, as after a clock was set back, counts as none."""
        found = self._entries.get(digest)
        if found is None:
            return None
        learned_at, value = found
        if not timedelta(0) <= now - learned_at < self._ttl:
            del self._entries[digest]
            return None
        self._entries.move_to_end(digest)
        return value

    def keep(self, digest: str, value: T, learned_at: datetime) -> None:
        """Remembers the value from `learned_at` on."""
        self._entries[digest] = (learned_at, value)
        self._entries.move_to_end(digest)
        if len(self._entries) > self._max_entries:
            self._entries.popitem(last=False)

    def clear(self) -> None:
        """Forgets everything."""
        self._entries.clear()
