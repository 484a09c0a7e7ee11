"""How often a caller may call, with a cache that answers, one that is away, and one in between."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from structlog.testing import capture_logs

from accounts.callers import Caller, anonymous_caller
from accounts.limits import Limiter, limit_headers, refusal
from accounts.settings import AccountsSettings
from core.cache import Decision, MemoryCache, Window
from core.errors import RateLimited, Unavailable

NOW = datetime(2027, 1, 1, 12, 0, 15, tzinfo=UTC)


class Times:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


class UnreliableCache(MemoryCache):
    """A cache that can be taken away."""

    is_away = False
    asked = 0

    async def take(self, windows: Sequence[Window], cost: int, now: datetime) -> Decision:
        self.asked += 1
        if self.is_away:
            raise Unavailable("Redis does not answer.")
        return await super().take(windows, cost, now)


def caller(per_minute: int = 60, per_day: int = 10_000, key_id: UUID | None = None) -> Caller:
    return Caller(key_id or uuid4(), uuid4(), None, frozenset({"docs:read"}), per_minute, per_day)


async def test_a_caller_gets_exactly_the_calls_of_the_minute() -> None:
    limiter, someone = Limiter(MemoryCache(), Times()), caller(per_minute=3)

    decisions = [await limiter.take(someone) for _ in range(5)]

    assert [decision.is_allowed for decision in decisions] == [True, True, True, False, False]


async def test_a_used_up_day_leaves_the_minute_untouched() -> None:
    limiter, someone = Limiter(MemoryCache(), Times()), caller(per_minute=60, per_day=2)

    decisions = [await limiter.take(someone) for _ in range(10)]

    minute, day = decisions[-1].windows
    assert (minute.remaining, day.remaining) == (58, 0)


async def test_five_thousand_calls_at_once_get_exactly_the_limit() -> None:
    limiter, someone = Limiter(MemoryCache(), Times()), caller(per_minute=777)

    decisions = await asyncio.gather(*(limiter.take(someone) for _ in range(5_000)))

    assert sum(decision.is_allowed for decision in decisions) == 777


async def test_two_keys_of_one_user_are_counted_apart() -> None:
    limiter = Limiter(MemoryCache(), Times())

    assert (await limiter.take(caller(per_minute=1))).is_allowed
    assert (await limiter.take(caller(per_minute=1))).is_allowed


async def test_a_counter_is_named_by_the_keys_id() -> None:
    someone = caller()

    decision = await Limiter(MemoryCache(), Times()).take(someone)

    assert [window.key for window in decision.windows] == [
        f"rate_limit:{someone.key_id}:minute",
        f"rate_limit:{someone.key_id}:day",
    ]


async def test_anonymous_callers_are_counted_by_address() -> None:
    limiter = Limiter(MemoryCache(), Times())
    anybody = anonymous_caller(AccountsSettings(anonymous_requests_per_minute=1))

    assert (await limiter.take(anybody, "192.0.2.1")).is_allowed
    assert not (await limiter.take(anybody, "192.0.2.1")).is_allowed
    assert (await limiter.take(anybody, "192.0.2.2")).is_allowed


async def test_without_the_cache_calls_are_counted_here_and_it_is_said_once() -> None:
    cache, times, someone = UnreliableCache(), Times(), caller(per_minute=3)
    limiter = Limiter(cache, times)
    cache.is_away = True

    with capture_logs() as lines:
        decisions = [await limiter.take(someone) for _ in range(5)]
        times.now += timedelta(seconds=6)
        await limiter.take(someone)

    assert [decision.is_allowed for decision in decisions] == [True, True, True, False, False]
    assert [line["event"] for line in lines] == ["accounts.limits_are_local"]


async def test_a_cache_that_is_away_is_not_asked_by_every_call() -> None:
    cache, times, someone = UnreliableCache(), Times(), caller()
    limiter = Limiter(cache, times)
    cache.is_away = True

    for _ in range(100):
        await limiter.take(someone)

    assert cache.asked == 1


async def test_a_cache_that_is_back_counts_again() -> None:
    cache, times, someone = UnreliableCache(), Times(), caller(per_minute=2)
    limiter = Limiter(cache, times)
    cache.is_away = True
    await limiter.take(someone)
    cache.is_away = False
    times.now += timedelta(seconds=6)

    with capture_logs() as lines:
        decision = await limiter.take(someone)

    assert decision.windows[0].remaining == 1
    assert [line["event"] for line in lines] == ["accounts.limits_are_shared_again"]


async def test_an_address_that_guesses_keys_has_to_wait_and_others_do_not() -> None:
    times = Times()
    limiter = Limiter(MemoryCache(), times, refused_keys_per_minute=3)
    for _ in range(3):
        await limiter.check_guessing("192.0.2.1")
        await limiter.count_refusal("192.0.2.1")

    with pytest.raises(RateLimited) as refused:
        await limiter.check_guessing("192.0.2.1")
    await limiter.check_guessing("192.0.2.2")

    times.now += refused.value.retry_after + timedelta(milliseconds=1)
    await limiter.check_guessing("192.0.2.1")


async def test_looking_for_guesses_costs_an_address_nothing() -> None:
    limiter = Limiter(MemoryCache(), Times(), refused_keys_per_minute=3)

    for _ in range(100):
        await limiter.check_guessing("192.0.2.1")


async def test_headers_describe_both_windows_and_the_nearer_one_again() -> None:
    decision = await Limiter(MemoryCache(), Times()).take(caller(per_minute=60, per_day=10_000))

    assert limit_headers(decision) == {
        "RateLimit-Policy": '"minute";q=60;w=60, "day";q=10000;w=86400',
        "RateLimit": '"minute";r=59;t=45, "day";r=9999;t=43185',
        "RateLimit-Limit": "60",
        "RateLimit-Remaining": "59",
        "RateLimit-Reset": "45",
    }


async def test_a_refused_call_is_told_when_to_come_back() -> None:
    limiter, someone = Limiter(MemoryCache(), Times()), caller(per_minute=1)
    await limiter.take(someone)
    refused = await limiter.take(someone)

    # 45 s to the end of the minute; the one call then weighs until the whole next minute has passed.
    assert limit_headers(refused)["Retry-After"] == "105"
    error = refusal(refused)
    assert error.message == "Rate limit reached: 1 calls per minute. Try again in 105 s."
    assert (error.limit, error.retry_after) == (1, timedelta(seconds=105))
