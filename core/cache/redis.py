"""The one door to Redis: values, and counters that all replicas share."""

# redis-py declares one result type for its blocking and its asyncio commands; the values get types of ours here.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta
from typing import cast

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import OutOfMemoryError, RedisError

from core.cache.windows import Counts, Decision, Window, decide, moment_of
from core.errors import Misconfigured, Unavailable

MAX_CONNECTIONS = 32
ANSWER_SECONDS = 2.0
"""Longer than a process that is short of processor time may pause by itself, which would look like Redis's silence."""

QUEUE_SECONDS = 5.0
_FULL = "Redis is full. Raise its maxmemory, or set its maxmemory-policy to volatile-lru."

# One round trip, and one step, as Redis runs a script alone: looks at every window, then counts in all of them or in
# none. The rules are those of core.cache.windows.
_TAKE = """
local cost = tonumber(ARGV[1])
local is_allowed = 1
local answer = {is_allowed}
for i, key in ipairs(KEYS) do
    local limit, length = tonumber(ARGV[4 * i - 2]), tonumber(ARGV[4 * i - 1])
    local cell, elapsed = tonumber(ARGV[4 * i]), tonumber(ARGV[4 * i + 1])
    local stored = redis.call('HMGET', key, 'cell', 'current', 'previous')
    local at = stored[1] and tonumber(stored[1]) or 0
    local current, previous = tonumber(stored[2] or 0), tonumber(stored[3] or 0)
    if at == cell + 1 then
        cell, elapsed = at, 0
    elseif at == cell - 1 then
        current, previous = 0, current
    elseif at ~= cell then
        current, previous = 0, 0
    end
    if current + previous * ((length - elapsed) / length) + cost > limit then
        is_allowed = 0
    end
    answer[3 * i - 1], answer[3 * i], answer[3 * i + 1] = cell, current, previous
end
answer[1] = is_allowed
if is_allowed == 1 then
    for i, key in ipairs(KEYS) do
        answer[3 * i] = answer[3 * i] + cost
        redis.call('HSET', key, 'cell', answer[3 * i - 1], 'current', answer[3 * i], 'previous', answer[3 * i + 1])
        redis.call('PEXPIRE', key, 2 * tonumber(ARGV[4 * i - 1]))
    end
end
return answer
"""


class RedisCache:
    """Keeps values and counters in Redis. The owner closes it."""

    def __init__(self, client: Redis) -> None:
        self._client = client
        self._take = client.register_script(_TAKE)

    @classmethod
    def from_url(cls, url: str) -> "RedisCache":
        """Gives a cache that connects when it is first used.

        Raises:
            Misconfigured: The URL is none of Redis's.
        """
        try:
            pool = BlockingConnectionPool.from_url(
                url,
                max_connections=MAX_CONNECTIONS,
                timeout=QUEUE_SECONDS,
                socket_timeout=ANSWER_SECONDS,
                socket_connect_timeout=ANSWER_SECONDS,
                # Whoever asks has a way on without Redis, and a counter must not be raised twice for one call.
                retry=Retry(NoBackoff(), 0),
            )
        except ValueError as error:
            raise Misconfigured("REDIS_URL is not an address of the form redis://, rediss:// or unix://.") from error
        return cls(Redis(connection_pool=pool))

    async def close(self) -> None:
        """Closes every connection."""
        await self._client.aclose()
        await self._client.connection_pool.disconnect()

    async def get(self, key: str) -> bytes | None:
        """Gives the value, unless it expired.

        Raises:
            Unavailable: Redis does not answer.
        """
        async with _translated_errors():
            return cast("bytes | None", await self._client.get(key))

    async def set(self, key: str, value: bytes, ttl: timedelta) -> None:
        """Keeps the value for `ttl`; a Redis that is full keeps what it has, and goes on giving that.

        Raises:
            Unavailable: Redis does not answer.
        """
        async with _translated_errors():
            if ttl < timedelta(milliseconds=1):
                await self._client.delete(key)
            else:
                with suppress(OutOfMemoryError):
                    await self._client.set(key, value, px=ttl)

    async def delete(self, *keys: str) -> None:
        """Forgets the values and counters of these keys.

        Raises:
            Unavailable: Redis does not answer.
        """
        async with _translated_errors():
            if keys:
                await self._client.delete(*keys)

    async def take(self, windows: Sequence[Window], cost: int, now: datetime) -> Decision:
        """Takes `cost` units from every window, or from none if one of them has no room.

        Raises:
            Unavailable: Redis does not answer, or is full.
        """
        arguments = [cost]
        for window in windows:
            moment = moment_of(window, now)
            arguments += [window.limit, moment.length, moment.cell, moment.elapsed]
        async with _translated_errors():
            answer = cast("list[int]", await self._take([window.key for window in windows], arguments))
        counts = [Counts(*answer[at : at + 3]) for at in range(1, len(answer), 3)]
        return decide(windows, counts, cost, now, is_allowed=answer[0] == 1)


@asynccontextmanager
async def _translated_errors() -> AsyncGenerator[None]:
    try:
        yield
    except (RedisError, OSError) as error:
        raise Unavailable(_FULL if "OOM" in str(error) else "Redis does not answer. Try again in a moment.") from error
