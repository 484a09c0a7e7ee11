"""Limits shared by replicas over a real Redis."""

import asyncio
from datetime import UTC, datetime
from uuid import uuid4

from pydantic import SecretStr

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


async def test_a_redis_that_dies_leaves_every_replica_its_own_limit() -> None:
    someone = Caller(uuid4(), uuid4(), None, frozenset({"docs:read"}), 10, 100)
    with running_redis() as server:
        async with open_cache(SecretStr(server.url)) as cache:
            limiter = Limiter(cache, lambda: NOW)
            await limiter.take(someone)
            server.stop()
            decisions = [await limiter.take(someone) for _ in range(20)]

    assert sum(decision.is_allowed for decision in decisions) == 10
