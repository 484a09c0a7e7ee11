"""The arithmetic of sliding windows."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from core.cache import Decision, MemoryCache, Window

START = datetime(2027, 1, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


async def take_at(cache: MemoryCache, window: Window, seconds: float, cost: int = 1) -> Decision:
    return await cache.take([window], cost, START + timedelta(seconds=seconds))


async def test_calls_of_the_last_minute_fade_out_of_the_next_one() -> None:
    cache, window = MemoryCache(), Window("calls", 60, MINUTE)
    await take_at(cache, window, 59, cost=60)

    assert not (await take_at(cache, window, 60)).is_allowed
    half_gone = await take_at(cache, window, 90, cost=30)
    assert half_gone.is_allowed
    assert half_gone.windows[0].remaining == 0


async def test_a_long_silence_forgets_everything() -> None:
    cache, window = MemoryCache(), Window("calls", 60, MINUTE)
    await take_at(cache, window, 0, cost=60)

    assert (await take_at(cache, window, 120, cost=60)).is_allowed


async def test_a_clock_slightly_behind_joins_the_cell_that_is_open() -> None:
    cache, window = MemoryCache(), Window("calls", 10, MINUTE)
    await take_at(cache, window, 60.1, cost=10)

    assert not (await take_at(cache, window, 59.9)).is_allowed


async def test_a_cost_above_the_limit_is_refused_with_a_time() -> None:
    decision = await take_at(MemoryCache(), Window("calls", 3, MINUTE), 0, cost=4)

    assert not decision.is_allowed
    assert decision.retry_after == 2 * MINUTE
    assert decision.windows[0].remaining == 3


@given(
    limit=st.integers(1, 50),
    steps=st.lists(st.tuples(st.integers(0, 90_000), st.integers(1, 20)), min_size=1, max_size=40),
)
async def test_after_the_time_told_the_same_call_fits_and_just_before_it_does_not(
    limit: int, steps: list[tuple[int, int]]
) -> None:
    cache, window, now = MemoryCache(), Window("calls", limit, MINUTE), START
    for milliseconds, wish in steps:
        cost = min(wish, limit)
        now += timedelta(milliseconds=milliseconds)
        decision = await cache.take([window], cost, now)
        if decision.is_allowed:
            continue
        assert decision.retry_after > timedelta(0)
        too_early = now + decision.retry_after - timedelta(milliseconds=2)
        assert too_early < now or not (await cache.look([window], cost, too_early)).is_allowed
        # A millisecond more, as a weight is a rounded fraction.
        in_time = now + decision.retry_after + timedelta(milliseconds=1)
        assert (await cache.look([window], cost, in_time)).is_allowed


@given(
    limit=st.integers(1, 30),
    pauses=st.lists(st.integers(0, 20_000), min_size=1, max_size=120),
)
async def test_no_cell_ever_holds_more_than_the_limit(limit: int, pauses: list[int]) -> None:
    cache, window, now = MemoryCache(), Window("calls", limit, MINUTE), START
    by_cell: dict[int, int] = {}
    for milliseconds in pauses:
        now += timedelta(milliseconds=milliseconds)
        if (await cache.take([window], 1, now)).is_allowed:
            cell = int(now.timestamp()) // 60
            by_cell[cell] = by_cell.get(cell, 0) + 1

    assert max(by_cell.values()) <= limit
