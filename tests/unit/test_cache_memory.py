"""The cache of a single process: bounds and expiry; what it shares with Redis is in the contract test."""

from datetime import UTC, datetime, timedelta

from core.cache import MemoryCache, Window

NOW = datetime(2027, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


async def test_a_value_is_gone_when_its_time_is_up() -> None:
    seconds = 100.0
    cache = MemoryCache(monotonic=lambda: seconds)
    await cache.set("key", b"value", timedelta(seconds=10))

    seconds = 109.9
    assert await cache.get("key") == b"value"
    seconds = 110.0
    assert await cache.get("key") is None


async def test_the_value_unused_longest_makes_room_for_new_ones() -> None:
    cache = MemoryCache(max_entries=2)
    await cache.set("old", b"1", HOUR)
    await cache.set("used", b"2", HOUR)
    await cache.get("old")
    await cache.set("new", b"3", HOUR)

    assert [await cache.get(key) for key in ("old", "used", "new")] == [b"1", None, b"3"]


async def test_values_never_take_more_bytes_than_allowed() -> None:
    cache = MemoryCache(max_bytes=10)
    await cache.set("first", b"x" * 6, HOUR)
    await cache.set("second", b"x" * 6, HOUR)
    await cache.set("far too long", b"x" * 11, HOUR)

    assert await cache.get("first") is None
    assert await cache.get("second") == b"x" * 6
    assert await cache.get("far too long") is None


async def test_replacing_a_value_frees_the_bytes_of_the_old_one() -> None:
    cache = MemoryCache(max_bytes=10)
    for _ in range(5):
        await cache.set("same", b"x" * 6, HOUR)
    await cache.set("other", b"x" * 4, HOUR)

    assert await cache.get("same") == b"x" * 6
    assert await cache.get("other") == b"x" * 4


async def test_many_values_never_push_a_limit_out() -> None:
    cache = MemoryCache(max_entries=2)
    window = Window("calls", 1, HOUR)
    await cache.take([window], 1, NOW)
    for number in range(10):
        await cache.set(str(number), b"", HOUR)

    assert not (await cache.take([window], 1, NOW)).is_allowed


async def test_the_number_of_counters_is_bounded() -> None:
    cache = MemoryCache(max_counters=3)
    for number in range(10):
        await cache.take([Window(str(number), 1, HOUR)], 1, NOW)

    assert (await cache.take([Window("0", 1, HOUR)], 1, NOW)).is_allowed
    assert not (await cache.take([Window("9", 1, HOUR)], 1, NOW)).is_allowed


async def test_looking_comes_to_the_same_decision_and_takes_nothing() -> None:
    cache = MemoryCache()
    window = Window("calls", 1, HOUR)

    assert (await cache.look([window], 1, NOW)).is_allowed
    assert (await cache.take([window], 1, NOW)).is_allowed
    assert not (await cache.look([window], 1, NOW)).is_allowed
