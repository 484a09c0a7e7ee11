"""How hard one site is asked: few connections, and a pause between starts that grows when the site is slow."""

import asyncio
import random
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from core.clock import utc_now
from crawler.addresses import origin_of
from crawler.breaker import Breaker, Breaking
from crawler.guard import is_local_host

MAX_PAUSE_SECONDS = 60.0
_MAX_DELAY_SECONDS = 60.0

_jitter = random.SystemRandom()

Sleep = Callable[[float], Awaitable[None]]
Monotonic = Callable[[], float]


class OriginSlot:
    """The turns of one origin."""

    def __init__(
        self, *, connections: int, delay_seconds: float, breaking: Breaking, monotonic: Monotonic, sleep: Sleep
    ) -> None:
        self.delay_seconds = delay_seconds
        self.breaker = Breaker(breaking, monotonic)
        self.has_answered = False
        """Whether somebody was there, whatever the answer was."""
        self.good_address: str | None = None
        """The last address that was answered as it should be."""
        self._least_delay_seconds = delay_seconds
        self._connections = connections
        self._permits = asyncio.Semaphore(connections)
        self._monotonic = monotonic
        self._sleep = sleep
        self._next_start = 0.0

    @asynccontextmanager
    async def turn(self) -> AsyncGenerator[bool]:
        """Waits for a free connection and for the pause to be over; gives whether to find out if the site is there."""
        async with self._permits:
            while (wait := max(self._next_start - self._monotonic(), self.breaker.wait_seconds())) > 0:
                await self._sleep(wait)
            self._next_start = self._monotonic() + self.delay_seconds
            is_probe = self.breaker.enter()
            try:
                yield is_probe
            finally:
                self.breaker.leave(is_probe=is_probe)

    def require_delay(self, seconds: float) -> None:
        """Keeps the pause from ever being shorter."""
        self._least_delay_seconds = max(self._least_delay_seconds, seconds)
        self.delay_seconds = max(self.delay_seconds, self._least_delay_seconds)

    def note(self, latency_seconds: float, *, is_ok: bool) -> None:
        """Adapts the pause to how long an answer took; where none is kept, none is begun.

        Source: Scrapy's AutoThrottle, https://docs.scrapy.org/en/latest/topics/autothrottle.html.
        """
        if self._least_delay_seconds == 0:
            return
        target = latency_seconds / self._connections
        adapted = max(target, (self.delay_seconds + target) / 2)
        adapted = min(max(adapted, self._least_delay_seconds), _MAX_DELAY_SECONDS)
        # Errors come fast: they are no sign that the site can take more.
        if is_ok or adapted > self.delay_seconds:
            self.delay_seconds = adapted

    def pause(self, seconds: float) -> None:
        """Starts nothing new for that long, at most a minute."""
        self._next_start = max(self._next_start, self._monotonic() + min(seconds, MAX_PAUSE_SECONDS))


class Politeness:
    """The slots of all origins a crawl asks."""

    def __init__(
        self,
        *,
        connections: int,
        delay_seconds: float,
        breaking: Breaking | None = None,
        monotonic: Monotonic = time.monotonic,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        """Machines of the operator's own network are asked without a pause."""
        self._connections = connections
        self._delay_seconds = delay_seconds
        self._breaking = breaking or Breaking()
        self._monotonic = monotonic
        self._sleep = sleep
        self._slots: dict[str, OriginSlot] = {}

    @property
    def is_all_gone(self) -> bool:
        """Tells that of all origins that were asked none answers any more."""
        return all(slot.breaker.is_gone for slot in self._slots.values())

    def slot(self, address: str) -> OriginSlot:
        """Gives the slot of the address's origin."""
        origin = origin_of(address)
        if origin not in self._slots:
            self._slots[origin] = OriginSlot(
                connections=self._connections,
                delay_seconds=0.0 if is_local_host(urlsplit(origin).hostname or "") else self._delay_seconds,
                breaking=self._breaking,
                monotonic=self._monotonic,
                sleep=self._sleep,
            )
        return self._slots[origin]


def retry_after_seconds(value: str | None, now: datetime | None = None) -> float | None:
    """Gives the seconds a Retry-After header asks for, at most a minute; None if it says nothing readable.

    Source: RFC 9110 section 10.2.3 (a number of seconds or a date).
    """
    if value is None:
        return None
    if value.strip().isdecimal():
        return min(float(value.strip()[:9]), MAX_PAUSE_SECONDS)
    try:
        moment = parsedate_to_datetime(value)
        wait = (moment - (now or utc_now())).total_seconds()
    except (ValueError, TypeError, OverflowError):
        return None
    return min(max(wait, 0.0), MAX_PAUSE_SECONDS)


def backoff_seconds(tries: int, base_seconds: float, retry_after: float | None = None) -> float:
    """Gives the wait before the next try: doubling, spread by half either way, at least what the server asked for."""
    wait = min(base_seconds * 2 ** (tries - 1), MAX_PAUSE_SECONDS) * _jitter.uniform(0.5, 1.5)
    return max(wait, retry_after or 0.0)
