"""Limits shared by replicas over a real Redis."""

# redis-py leaves types of its asyncio commands open.
# pyright: reportUnknownMemberType=false

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from pydantic import SecretStr
from redis.asyncio import Redis
from structlog.testing import capture_logs

from accounts.callers import Caller
from accounts.limits import Limiter
from core.cache import open_cache
from tests.redis_server import running_redis

NOW = datetime(2027, 1, 1, 12, 0, 15, tzinfo=UTC)


async def test_two_replicas_grant_exactly_the_limit_to_five_thousand_calls_at_once() -> None:
    someone = Caller(uuid4(), uuid4(), None, frozenset({"docs:read"}), 1_000, 10_000)
    with running_redis() as server:
        url = SecretStr(server.url)
        async with open_cache(url) as first, open_cache(url) as second:
            replicas = [Limiter(cache, lambda: NOW) for cache in (first, second)]
            decisions = await asyncio.gather(*(replicas[call % 2].take(someone) for call in range(5_000)))

    assert sum(decision.is_allowed for decision in decisions) == 1_000


async def test_a_redis_that_is_full_leaves_every_replica_its_own_limit_and_gives_what_it_has() -> None:
    someone = Caller(uuid4(), uuid4(), None, frozenset({"docs:read"}), 10, 100)
    hour = timedelta(hours=1)
    with running_redis() as server:
        async with open_cache(SecretStr(server.url)) as cache, Redis.from_url(server.url) as operator:
            await cache.set("kept", b"answer", hour)
            await operator.config_set("maxmemory", "100kb")
            with capture_logs() as logs:
                limiter = Limiter(cache, lambda: NOW)
                decisions = [await limiter.take(someone) for _ in range(20)]
            await cache.set("new", b"answer", hour)
            values = [await cache.get(key) for key in ("kept", "new")]

    assert sum(decision.is_allowed for decision in decisions) == 10
    assert "Redis is full" in logs[0]["reason"]
    assert values == [b"answer", None]


async def test_a_redis_that_dies_leaves_every_replica_its_own_limit() -> None:
    someone = Caller(uuid4(), uuid4(), None, frozenset({"docs:read"}), 10, 100)
    with running_redis() as server:
        async with open_cache(SecretStr(server.url)) as cache:
            limiter = Limiter(cache, lambda: NOW)
            await limiter.take(someone)
            server.stop()
            decisions = [await limiter.take(someone) for _ in range(20)]

    assert sum(decision.is_allowed for decision in decisions) == 10
