"""What every cache does, in the process and on a real Redis."""

import asyncio
import random
from collections.abc import AsyncGenerator, Generator
from datetime import UTC, datetime, timedelta

import pytest
from pydantic import SecretStr
from redis.asyncio import Redis

from core.cache import Cache, Decision, MemoryCache, Window, open_cache
from core.errors import Misconfigured, Unavailable
from tests.redis_server import RedisServer, running_redis

NOW = datetime(2027, 1, 1, 12, 0, 10, tzinfo=UTC)
MINUTE = Window("rate_limit:key:minute", 100, timedelta(minutes=1))
DAY = Window("rate_limit:key:day", 3, timedelta(days=1))


@pytest.fixture
def redis_server() -> Generator[RedisServer]:
    with running_redis() as server:
        yield server


@pytest.fixture(params=["memory", "redis"])
async def cache(request: pytest.FixtureRequest, redis_server: RedisServer) -> AsyncGenerator[Cache]:
    url = SecretStr(redis_server.url) if request.param == "redis" else None
    async with open_cache(url) as opened:
        yield opened


async def test_a_value_comes_back_byte_for_byte_until_it_is_deleted(cache: Cache) -> None:
    value = bytes(range(256))
    await cache.set("key", value, timedelta(hours=1))
    assert await cache.get("key") == value

    await cache.delete("key", "never there")
    assert await cache.get("key") is None


async def test_a_value_without_time_to_live_is_forgotten(cache: Cache) -> None:
    await cache.set("key", b"old", timedelta(hours=1))
    await cache.set("key", b"new", timedelta(0))

    assert await cache.get("key") is None


async def test_a_refusal_by_one_window_counts_in_none(cache: Cache) -> None:
    decisions = [await cache.take([MINUTE, DAY], 1, NOW) for _ in range(10)]

    assert [decision.is_allowed for decision in decisions] == [True] * 3 + [False] * 7
    minute, day = decisions[-1].windows
    assert (minute.remaining, day.remaining) == (97, 0)


async def test_two_windows_count_apart(cache: Cache) -> None:
    await cache.take([DAY], 3, NOW)
    other = Window("rate_limit:other:day", 3, timedelta(days=1))

    assert (await cache.take([other], 3, NOW)).is_allowed


async def test_deleting_a_counter_gives_the_window_back(cache: Cache) -> None:
    await cache.take([DAY], 3, NOW)
    await cache.delete(DAY.key)

    assert (await cache.take([DAY], 3, NOW)).is_allowed


async def test_five_thousand_calls_at_once_get_exactly_the_limit(cache: Cache) -> None:
    window = Window("rate_limit:busy:day", 1_234, timedelta(days=1))

    decisions = await asyncio.gather(*(cache.take([window], 1, NOW) for _ in range(5_000)))

    assert sum(decision.is_allowed for decision in decisions) == 1_234


async def test_memory_and_redis_decide_alike(redis_server: RedisServer) -> None:
    windows = [Window("k:minute", 7, timedelta(minutes=1)), Window("k:hour", 40, timedelta(hours=1))]
    chance = random.Random(20270101)

    async def course(cache: Cache) -> list[Decision]:
        decisions: list[Decision] = []
        now = NOW
        for _ in range(600):
            # Now and then a clock that is a little behind, as among replicas.
            now += timedelta(milliseconds=chance.choice([-50, 0, 130, 4_321, 33_333, 70_000]))
            decisions.append(await cache.take(windows, chance.randint(0, 3), now))
        return decisions

    state = chance.getstate()
    in_memory = await course(MemoryCache())
    chance.setstate(state)
    async with open_cache(SecretStr(redis_server.url)) as shared:
        on_redis = await course(shared)

    assert on_redis == in_memory
    assert {decision.is_allowed for decision in in_memory} == {True, False}


async def test_a_counter_in_redis_expires_by_itself(redis_server: RedisServer) -> None:
    async with open_cache(SecretStr(redis_server.url)) as cache:
        await cache.take([MINUTE], 1, NOW)
    async with Redis(unix_socket_path=redis_server.url.removeprefix("unix://")) as client:
        left = await client.pttl(MINUTE.key)

    assert 60_000 < left <= 120_000


async def test_a_restarted_redis_is_used_again(redis_server: RedisServer) -> None:
    async with open_cache(SecretStr(redis_server.url)) as cache:
        assert (await cache.take([DAY], 3, NOW)).is_allowed
        redis_server.stop()
        with pytest.raises(Unavailable):
            await cache.take([DAY], 1, NOW)
        redis_server.start()

        assert (await cache.take([DAY], 3, NOW)).is_allowed


async def test_every_method_says_so_when_redis_is_away() -> None:
    async with open_cache(SecretStr("unix:///nowhere/redis.sock")) as cache:
        with pytest.raises(Unavailable):
            await cache.get("key")
        with pytest.raises(Unavailable):
            await cache.set("key", b"", timedelta(hours=1))
        with pytest.raises(Unavailable):
            await cache.delete("key")
        with pytest.raises(Unavailable):
            await cache.take([DAY], 1, NOW)


async def test_an_address_that_is_no_redis_is_the_operators_to_change() -> None:
    with pytest.raises(Misconfigured, match="REDIS_URL"):
        async with open_cache(SecretStr("postgresql://secret@host")):
            pass
