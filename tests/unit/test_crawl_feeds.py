"""Crawls that are watched: one reads for all, and whoever goes away leaves nothing behind."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack
from uuid import UUID

import pytest

from core.errors import NotFound, Unavailable
from server.api import crawl_feeds
from server.api.crawl_bodies import Chunks, CrawlBody, CrawlMoment
from server.api.crawl_feeds import CrawlFeeds
from tests.waiting import eventually

CRAWL = UUID(int=7)


class Reads:
    """A crawl that has fetched one page more at each look, and is at its end after `count` of them."""

    def __init__(self, count: int) -> None:
        self.done = 0
        self.is_removed = False
        self._count = count

    async def have_done(self, count: int) -> bool:
        return self.done >= count

    async def __call__(self, crawl_id: UUID) -> CrawlMoment:
        if self.is_removed:
            raise NotFound("There is no such crawl.")
        self.done += 1
        chunks = Chunks(total=self.done, with_words=self.done, with_meaning=0)
        body = CrawlBody.model_construct(
            id=crawl_id,
            status="completed" if self.done >= self._count else "running",
            pages={"fetched": self.done, "queued": 1},
            chunks=chunks,
            embedding=False,
            embedding_problem=None,
        )
        return CrawlMoment.model_construct(crawl=body, pages_per_second=0.0, current_pages=())


@pytest.fixture(autouse=True)
async def _bounds(monkeypatch: pytest.MonkeyPatch) -> AsyncGenerator[None]:
    """Reads as fast as it goes, and lets no test leave a task behind."""
    monkeypatch.setattr(crawl_feeds, "_READ_SECONDS", 0.0)
    yield
    assert not [task for task in asyncio.all_tasks() if "CrawlFeed" in repr(task.get_coro())]


async def watched(feeds: CrawlFeeds) -> list[int]:
    """Watches to the end, and gives the pages of each state that was seen."""
    async with feeds.watch(CRAWL) as feed:
        return [moment.crawl.pages["fetched"] async for _, moment in feed.moments()]


async def test_every_watcher_sees_the_end_and_the_crawl_is_read_once_for_all() -> None:
    reads = Reads(50)
    feeds = CrawlFeeds(reads)
    seen = await asyncio.gather(*(watched(feeds) for _ in range(20)))
    assert {states[-1] for states in seen} == {reads.done}
    assert all(states == sorted(set(states)) for states in seen)
    assert reads.done < 50 + 25
    assert feeds.watchers == 0


async def test_whoever_goes_away_in_the_middle_leaves_nothing_behind() -> None:
    feeds = CrawlFeeds(Reads(10**9))
    async with feeds.watch(CRAWL) as feed:
        assert await anext(feed.moments()) is not None
        assert feeds.watchers == 1
    assert feeds.watchers == 0


async def test_a_slow_watcher_is_told_the_present_state_and_nothing_it_missed() -> None:
    reads = Reads(10**9)
    feeds = CrawlFeeds(reads)
    async with feeds.watch(CRAWL) as feed:
        moments = feed.moments()
        await anext(moments)
        read = reads.done
        await eventually(lambda: reads.have_done(read + 100))
        _, moment = await anext(moments)
        assert moment.crawl.pages["fetched"] >= read + 99


async def test_the_watchers_of_a_removed_crawl_are_let_go() -> None:
    reads = Reads(10**9)
    feeds = CrawlFeeds(reads)
    async with feeds.watch(CRAWL) as feed:
        async for _ in feed.moments():
            reads.is_removed = True
    with pytest.raises(NotFound):
        async with feeds.watch(CRAWL):
            pass


async def test_more_watchers_than_there_is_room_for_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crawl_feeds, "_MOST_WATCHERS", 3)
    feeds = CrawlFeeds(Reads(10**9))
    async with AsyncExitStack() as crowd:
        for _ in range(3):
            await crowd.enter_async_context(feeds.watch(CRAWL))
        with pytest.raises(Unavailable):
            await crowd.enter_async_context(feeds.watch(CRAWL))
    async with feeds.watch(CRAWL):
        assert feeds.watchers == 1


async def test_a_server_that_ends_lets_all_watchers_go_and_takes_no_more() -> None:
    feeds = CrawlFeeds(Reads(10**9))
    watching = asyncio.create_task(watched(feeds))
    async with feeds.watch(CRAWL) as feed:
        await anext(feed.moments())
    feeds.end()
    await watching
    with pytest.raises(Unavailable):
        async with feeds.watch(CRAWL):
            pass
