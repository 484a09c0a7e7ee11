"""Crawls as they go on, for those who watch: the database is read once for all who watch the same crawl.

A watcher is told the present state, never what it missed, so that a slow one holds nothing up and nothing piles up.
"""

import asyncio
import time
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from uuid import UUID

import structlog

from core.errors import NotFound, Unavailable
from server.api.crawl_bodies import CrawlBody, CrawlMoment

log = structlog.get_logger(__name__)

Read = Callable[[UUID], Awaitable[CrawlMoment]]

_MOST_WATCHERS = 100
_READ_SECONDS = 0.5
_RATE_SECONDS = 10.0
_MOST_WATCHING_SECONDS = 600.0
_OPEN_STATES = ("queued", "leased")


class CrawlFeed:
    """One crawl as it goes on."""

    def __init__(self) -> None:
        self.watchers = 0
        self._moment: CrawlMoment | None = None
        self._number = 0
        self._is_over = False
        self._changed = asyncio.Event()
        self._done: deque[tuple[float, int]] = deque()

    async def moments(self) -> AsyncGenerator[tuple[int, CrawlMoment]]:
        """Gives the present state and then each new one, until the crawl is over or ten minutes have passed."""
        seen, until = 0, time.monotonic() + _MOST_WATCHING_SECONDS
        while True:
            if self._moment is not None and self._number > seen:
                seen = self._number
                yield seen, self._moment
            elif self._is_over or not await self._wait(until):
                return

    async def follow(self, crawl_id: UUID, read: Read) -> None:
        """Reads the crawl again and again until it is over."""
        try:
            while not (self._moment and self._moment.is_over):
                with suppress(Unavailable):  # the next look may find the database back
                    self._show(await read(crawl_id))
                await asyncio.sleep(_READ_SECONDS)
        except NotFound:
            log.info("server.watched_crawl_removed", crawl_id=str(crawl_id))
        except Exception:  # those who watch are let go, and come again
            log.exception("server.watching_failed", crawl_id=str(crawl_id))
        finally:
            self.end()

    def end(self) -> None:
        """Lets every watcher go."""
        self._is_over = True
        self._changed.set()

    def _show(self, moment: CrawlMoment) -> None:
        moment = moment.model_copy(update={"pages_per_second": self._rate(moment.crawl)})
        if moment == self._moment:
            return
        self._moment = moment
        self._number += 1
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()

    def _rate(self, crawl: CrawlBody) -> float:
        """Gives pages settled a second, over the last ten."""
        now = time.monotonic()
        self._done.append((now, sum(count for state, count in crawl.pages.items() if state not in _OPEN_STATES)))
        while now - self._done[0][0] > _RATE_SECONDS:
            self._done.popleft()
        (then, before), (_, after) = self._done[0], self._done[-1]
        return round((after - before) / (now - then), 1) if now > then else 0.0

    async def _wait(self, until: float) -> bool:
        """Waits for the next state, and tells whether there may be one before the time is over."""
        with suppress(TimeoutError):
            async with asyncio.timeout(until - time.monotonic()):
                await self._changed.wait()
                return True
        return False


class CrawlFeeds:
    """The crawls that are being watched."""

    def __init__(self, read: Read) -> None:
        self._read = read
        self._feeds: dict[UUID, CrawlFeed] = {}
        self._tasks: dict[UUID, asyncio.Task[None]] = {}
        self._is_closed = False

    @property
    def watchers(self) -> int:
        """How many are watching."""
        return sum(feed.watchers for feed in self._feeds.values())

    @asynccontextmanager
    async def watch(self, crawl_id: UUID) -> AsyncGenerator[CrawlFeed]:
        """Gives a crawl as it goes on, for the time of the block.

        Raises:
            NotFound: There is no such crawl.
            Unavailable: Too many are watching.
        """
        if self._is_closed or self.watchers >= _MOST_WATCHERS:
            raise Unavailable(f"{_MOST_WATCHERS} are watching crawls already. Ask for the crawl itself now and then.")
        await self._read(crawl_id)
        feed = self._opened(crawl_id)
        feed.watchers += 1
        try:
            yield feed
        finally:
            feed.watchers -= 1
            if not feed.watchers:
                await self._drop(crawl_id)

    def end(self) -> None:
        """Lets all watchers go and takes no more, so that the server can end."""
        self._is_closed = True
        for feed in self._feeds.values():
            feed.end()

    def _opened(self, crawl_id: UUID) -> CrawlFeed:
        if crawl_id not in self._feeds:
            feed = self._feeds[crawl_id] = CrawlFeed()
            self._tasks[crawl_id] = asyncio.create_task(feed.follow(crawl_id, self._read))
        return self._feeds[crawl_id]

    async def _drop(self, crawl_id: UUID) -> None:
        del self._feeds[crawl_id]
        task = self._tasks.pop(crawl_id)
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
