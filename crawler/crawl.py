"""Runs a crawl: claims pages, has them read, has them recorded, until no page is open or a limit is met."""

import asyncio
import time
from collections import deque
from dataclasses import dataclass
from uuid import UUID

import structlog

from core.database import Database
from core.errors import LecternError, SourceFailed
from core.objects import ObjectStore
from crawler.frontier import Frontier
from crawler.ledger import Reader
from crawler.outcomes import Failed, Fetched
from crawler.queries import crawls, pages, sources
from crawler.readers import open_reader
from crawler.readings import Reading
from crawler.recorder import OnPages, Recorder
from crawler.records import Crawl, CrawlStatus, FrontierPage, PageCounts, PreviousPage
from crawler.settings import CrawlerSettings

log = structlog.get_logger(__name__)

_MAX_HANDOUTS = 10
_TICK_SECONDS = 1.0


@dataclass(frozen=True)
class CrawlReport:
    """How a crawl ended. `failed` means that no page at all could be read, and `reason` says why."""

    crawl_id: UUID
    status: CrawlStatus
    reason: str | None
    """For a crawl that succeeded: the limit that cut it short, if one did."""
    pages: PageCounts


async def run_crawl(
    database: Database,
    store: ObjectStore,
    settings: CrawlerSettings,
    crawl_id: UUID,
    *,
    on_pages: OnPages | None = None,
) -> CrawlReport:
    """Crawls until every page is fetched, and gives the report; a crawl that was interrupted goes on where it was.

    A cancelled run leaves its pages to the next one.

    Args:
        database: The content plane.
        store: Where the snapshot goes.
        settings: The defaults; the source's own rules win.
        crawl_id: A crawl from `crawler.service.start_crawl`; one that has ended is only reported.
        on_pages: Called after each batch of pages was settled.

    Raises:
        NotFound: There is no such crawl.
        Unavailable: The database or the object store does not answer; run the crawl again later.
    """
    async with database.connection() as connection:
        crawl = await crawls.select_crawl(connection, crawl_id)
        source = await sources.select_source(connection, crawl.source_id)
        previous = await crawls.find_completed_crawl(connection, source.id)
        if crawl.status not in ("queued", "running"):
            return CrawlReport(crawl_id, crawl.status, crawl.reason, await pages.count_pages(connection, crawl_id))
        await crawls.update_crawl_running(connection, crawl_id)
    settings = settings.for_source(source.rules)
    frontier = Frontier(database, crawl_id, settings)
    try:
        recorder = Recorder(database, store, frontier, settings, on_pages)
        await frontier.open()
        async with open_reader(source.kind, source.address, source.rules, settings, frontier, store) as reader:
            await reader.open()
            run = _Run(database, frontier, reader, recorder, settings, previous)
            await run.work()
        return await _finish(database, crawl_id, run.stopped_by or frontier.limit_met)
    except SourceFailed as error:
        return await _fail(database, crawl_id, error.message)
    finally:
        await asyncio.shield(frontier.release())


class _Run:
    """The workers of one process on one crawl."""

    def __init__(
        self,
        database: Database,
        frontier: Frontier,
        reader: Reader,
        recorder: Recorder,
        settings: CrawlerSettings,
        previous: Crawl | None,
    ) -> None:
        self.stopped_by: str | None = None
        """The limit that ended the run."""
        self._database = database
        self._frontier = frontier
        self._reader = reader
        self._recorder = recorder
        self._settings = settings
        self._previous = previous
        self._ready: deque[tuple[FrontierPage, PreviousPage | None]] = deque()
        self._claiming = asyncio.Lock()
        self._deadline = time.monotonic() + settings.max_seconds
        self._bytes = 0
        self._failures_in_a_row = 0

    async def work(self) -> None:
        """Reads pages until none is open or a limit is met.

        Raises:
            SourceFailed: The site has stopped answering.
        """
        try:
            async with asyncio.TaskGroup() as group:
                ticker = group.create_task(self._tick())
                workers = [group.create_task(self._read_pages()) for _ in range(self._settings.connections)]
                await asyncio.wait(workers)
                ticker.cancel()
        except BaseExceptionGroup as errors:
            raise _first(errors) from None
        finally:
            # Also when the run is cancelled: what was read by then is not read again.
            await asyncio.shield(self._recorder.flush())

    async def _read_pages(self) -> None:
        while (next_page := await self._next_page()) is not None:
            reading = await self._read(*next_page)
            self._count(reading)
            await self._recorder.add(reading)

    async def _read(self, page: FrontierPage, previous: PreviousPage | None) -> Reading:
        if page.tries > _MAX_HANDOUTS:
            return Reading(page, None, Failed(page.url, f"the crawler was stopped {page.tries - 1} times at this page"))
        try:
            return await self._reader.read(page, previous)
        except LecternError:
            raise
        except Exception:  # a page nobody thought of fails that page, not the crawl
            log.exception("crawler.page_broke", url=page.url)
            return Reading(page, None, Failed(page.url, "the crawler could not make sense of this page"))

    def _count(self, reading: Reading) -> None:
        outcome = reading.outcome
        self._bytes += len(outcome.body) if isinstance(outcome, Fetched) else 0
        if not isinstance(outcome, Failed) or not outcome.is_transient:
            self._failures_in_a_row = 0
            return
        self._failures_in_a_row += 1
        if self._failures_in_a_row >= self._settings.max_failures_in_a_row:
            raise SourceFailed(f"The site has stopped answering. Last, {outcome.url}: {outcome.reason}.")

    async def _next_page(self) -> tuple[FrontierPage, PreviousPage | None] | None:
        async with self._claiming:
            while not self._ready:
                self.stopped_by = self.stopped_by or self._limit_met()
                if self.stopped_by:
                    return None
                # What is in flight may all be kept: together it must not be more than the limit.
                room = self._settings.max_pages - self._frontier.kept - len(self._frontier.held)
                if room > 0 and await self._claim(room):
                    continue
                if self._recorder.has_pending:
                    await self._recorder.flush()
                elif not await self._frontier.wait_for_news():
                    return None
            return self._ready.popleft()

    async def _claim(self, limit: int) -> bool:
        claimed = await self._frontier.claim(limit)
        known: dict[str, PreviousPage] = {}
        if self._previous is not None and claimed:
            async with self._database.connection() as connection:
                known = await pages.previous_pages(connection, self._previous.id, [page.url for page in claimed])
        self._ready.extend((page, known.get(page.url)) for page in claimed)
        return bool(claimed)

    def _limit_met(self) -> str | None:
        settings = self._settings
        if self._frontier.kept >= settings.max_pages:
            return f"stopped at the limit of {settings.max_pages} pages"
        if self._bytes >= settings.max_total_bytes:
            return f"stopped at the limit of {settings.max_total_bytes / 2**20:g} MiB in one run"
        if time.monotonic() >= self._deadline:
            return f"stopped at the limit of {settings.max_seconds} seconds in one run"
        return None

    async def _tick(self) -> None:
        """Settles pages that would wait for slow ones, and keeps the leases of those being read."""
        kept_at = time.monotonic()
        while True:
            await asyncio.sleep(_TICK_SECONDS)
            await self._recorder.flush_if_old()
            if time.monotonic() - kept_at > self._settings.lease_seconds / 3:
                kept_at = time.monotonic()
                await self._frontier.keep_leases()


async def _finish(database: Database, crawl_id: UUID, stopped_by: str | None) -> CrawlReport:
    async with database.transaction() as connection:
        if stopped_by:
            await pages.update_open_pages(connection, crawl_id, "excluded", stopped_by)
        counts = await pages.count_pages(connection, crawl_id)
        obstacle = None if counts.fetched else await pages.find_first_obstacle(connection, crawl_id)
        status: CrawlStatus = "crawled" if counts.fetched else "failed"
        reason = stopped_by if counts.fetched else "No page could be read."
        if obstacle is not None:
            reason = f"No page could be read. {obstacle.url}: {obstacle.reason}."
        await crawls.update_crawl_status(connection, crawl_id, status, reason)
    return _logged(CrawlReport(crawl_id, status, reason, counts))


async def _fail(database: Database, crawl_id: UUID, reason: str) -> CrawlReport:
    async with database.transaction() as connection:
        await pages.update_open_pages(connection, crawl_id, "failed", reason)
        counts = await pages.count_pages(connection, crawl_id)
        await crawls.update_crawl_status(connection, crawl_id, "failed", reason)
    return _logged(CrawlReport(crawl_id, "failed", reason, counts))


def _logged(report: CrawlReport) -> CrawlReport:
    log.info(
        "crawler.crawl_ended",
        crawl_id=str(report.crawl_id),
        status=report.status,
        reason=report.reason,
        fetched=report.pages.fetched,
        failed=report.pages.failed,
        missing=report.pages.missing,
    )
    return report


def _first(errors: BaseExceptionGroup[BaseException]) -> BaseException:
    """Gives the first error of a group: the workers all end by the same cause."""
    first = errors.exceptions[0]
    return _first(first) if isinstance(first, BaseExceptionGroup) else first  # pyright: ignore[reportUnknownArgumentType] - isinstance drops the parameter
