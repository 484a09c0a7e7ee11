"""What may be forgotten at any time: cached answers, and the counters behind rate limits.

Without a Redis both live in the process, which is exact for a single one; replicas share them through Redis.
"""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Protocol

from pydantic import SecretStr

from core.cache.memory import MemoryCache
from core.cache.windows import Decision, Window, WindowState

__all__ = ["Cache", "Decision", "MemoryCache", "Window", "WindowState", "open_cache"]


class Cache(Protocol):
    """What a cache does; every method may raise Unavailable where the cache is another server."""

    async def get(self, key: str) -> bytes | None:
        """Gives the value, unless it expired or was pushed out."""
        ...

    async def set(self, key: str, value: bytes, ttl: timedelta) -> None:
        """Keeps the value for at most `ttl`; a `ttl` that is not positive forgets it."""
        ...

    async def delete(self, *keys: str) -> None:
        """Forgets the values and counters of these keys."""
        ...

    async def take(self, windows: Sequence[Window], cost: int, now: datetime) -> Decision:
        """Takes `cost` units from every window, or from none if one of them has no room; refused units never count."""
        ...


@asynccontextmanager
async def open_cache(redis_url: SecretStr | None) -> AsyncGenerator[Cache]:
    """Lends the cache at the URL, or one in the process where there is none; a Redis that is away is no error yet.

    Raises:
        Misconfigured: The URL is none of Redis's.
    """
    if redis_url is None:
        yield MemoryCache()
        return
    # Nobody who runs a single process pays for the import.
    from core.cache.redis import RedisCache  # noqa: PLC0415 - only where it is chosen

    cache = RedisCache.from_url(redis_url.get_secret_value())
    try:
        yield cache
    finally:
        await cache.close()
