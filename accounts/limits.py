"""How often a caller may call, and what the answer's headers say about it."""

import math
from datetime import datetime, timedelta

import structlog

from accounts.addresses import address_group
from accounts.callers import Caller
from core.cache import Cache, Decision, MemoryCache, Window, WindowState
from core.clock import Clock, utc_now
from core.errors import RateLimited, Unavailable

log = structlog.get_logger(__name__)

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
RETRY_SHARED_AFTER = timedelta(seconds=5)


class Limiter:
    """Counts calls in the cache, and in the process while the cache is away: a limit is no reason to be down."""

    def __init__(self, cache: Cache, clock: Clock = utc_now, *, refused_keys_per_minute: int = 30) -> None:
        self._cache = cache
        self._clock = clock
        self._refused_keys_per_minute = refused_keys_per_minute
        self._local = MemoryCache()
        self._local_until: datetime | None = None

    async def take(self, caller: Caller, client_ip: str | None = None) -> Decision:
        """Counts one call against the caller's minute and day, or against neither if one is used up.

        Args:
            caller: Who calls.
            client_ip: Where an anonymous caller calls from; callers with a key are counted by the key alone.
        """
        windows = windows_of(caller, client_ip)
        now = self._clock()
        if self._local_until is not None and now < self._local_until:
            return await self._local.take(windows, 1, now)
        try:
            decision = await self._cache.take(windows, 1, now)
        except Unavailable as error:
            if self._local_until is None:
                log.warning("accounts.limits_are_local", reason=error.message)
            self._local_until = now + RETRY_SHARED_AFTER
            return await self._local.take(windows, 1, now)
        if self._local_until is not None:
            log.info("accounts.limits_are_shared_again")
            self._local_until = None
        return decision

    async def check_guessing(self, client_ip: str | None) -> None:
        """Checks, before a key is looked at, that its sender has not tried too many wrong ones.

        Raises:
            RateLimited: The address must wait; a right key from another address is not concerned.
        """
        decision = await self._local.look([self._refusals(client_ip)], 1, self._clock())
        if not decision.is_allowed:
            raise RateLimited(
                "Too many wrong API keys from your address. Wait, and check the key.",
                limit=self._refused_keys_per_minute,
                retry_after=decision.retry_after,
            )

    async def count_refusal(self, client_ip: str | None) -> None:
        """Notes that the address presented a wrong key. Counted in the process: it guards the process's database."""
        await self._local.take([self._refusals(client_ip)], 1, self._clock())

    def _refusals(self, client_ip: str | None) -> Window:
        return Window(f"refused_keys:{address_group(client_ip)}:minute", self._refused_keys_per_minute, MINUTE)


def windows_of(caller: Caller, client_ip: str | None) -> tuple[Window, Window]:
    """Gives the caller's minute and day."""
    if caller.key_id is not None:
        subject = str(caller.key_id)
    elif caller.user_id is not None:
        subject = f"user:{caller.user_id}"
    else:
        subject = f"address:{address_group(client_ip)}"
    return (
        Window(f"rate_limit:{subject}:minute", caller.requests_per_minute, MINUTE),
        Window(f"rate_limit:{subject}:day", caller.requests_per_day, DAY),
    )


def limit_headers(decision: Decision) -> dict[str, str]:
    """Gives the headers of an answer: the standard's to be, the three most clients know, and when to come back.

    The three describe the window that is nearest to its end.
    Source: draft-ietf-httpapi-ratelimit-headers-11; RFC 9110, section 10.2.3 (Retry-After).
    """
    nearest = min(decision.windows, key=lambda window: window.remaining)
    headers = {
        "RateLimit-Policy": ", ".join(_policy(window) for window in decision.windows),
        "RateLimit": ", ".join(_state(window) for window in decision.windows),
        "RateLimit-Limit": str(nearest.limit),
        "RateLimit-Remaining": str(nearest.remaining),
        "RateLimit-Reset": str(_seconds(nearest.reset_after)),
    }
    if not decision.is_allowed:
        headers["Retry-After"] = str(max(1, _seconds(decision.retry_after)))
    return headers


def refusal(decision: Decision) -> RateLimited:
    """Gives the error that tells a caller which window is used up and how long to wait."""
    window = min(decision.windows, key=lambda window: (window.remaining, -window.reset_after))
    wait = max(1, _seconds(decision.retry_after))
    return RateLimited(
        f"Rate limit reached: {window.limit} calls per {_name(window)}. Try again in {wait} s.",
        limit=window.limit,
        retry_after=decision.retry_after,
    )


def _policy(window: WindowState) -> str:
    return f'"{_name(window)}";q={window.limit};w={_seconds(window.length)}'


def _state(window: WindowState) -> str:
    return f'"{_name(window)}";r={window.remaining};t={_seconds(window.reset_after)}'


def _name(window: WindowState) -> str:
    return window.key.rpartition(":")[2]


def _seconds(duration: timedelta) -> int:
    return math.ceil(duration.total_seconds())
