"""Runs a crawl: claims pages, has them read, has them recorded, until no page is open or a limit is met."""

import asyncio
import time
from collections import deque
from dataclasses import dataclass
from uuid import UUID

import structlog

from core.database import Connection, Database
from core.errors import LecternError, SourceFailed
from core.memory import return_freed
from core.objects import ObjectStore
from core.sealing import SecretKeys
from crawler.carrying import Comparison, carry_over, find_loss, leave_unseen
from crawler.frontier import Frontier
from crawler.ledger import Reader
from crawler.outcomes import Failed, Fetched
from crawler.queries import crawls, endings, pages, sources
from crawler.readers import open_reader
from crawler.readings import Reading
from crawler.recorder import OnPages, Recorder
from crawler.records import CrawlStatus, FrontierPage, PageCounts
from crawler.rule_changes import note_rules
from crawler.settings import CrawlerSettings
from crawler.source_secrets import open_secrets

log = structlog.get_logger(__name__)

_MAX_LOST_RUNNERS = 10


@dataclass(frozen=True)
class CrawlReport:
    """How a crawl ended. `failed` means that it must not replace what is there, and `reason` says why."""

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
    keys: SecretKeys | None = None,
    on_pages: OnPages | None = None,
) -> CrawlReport:
    """Crawls until every page is fetched, and gives the report; a crawl that was interrupted goes on where it was.

    A cancelled run leaves its pages to the next one.

    Args:
        database: The content plane.
        store: Where the snapshot goes.
        settings: The defaults; the source's own rules win.
        crawl_id: A crawl from `crawler.service.start_crawl`; one that has ended is only reported.
        keys: What the secrets of sources are sealed with; without them a private source cannot be crawled.
        on_pages: Called after each batch of pages was settled.

    Raises:
        NotFound: There is no such crawl.
        Unavailable: The database or the object store does not answer; run the crawl again later.
    """
    async with database.connection() as connection:
        crawl = await crawls.select_crawl(connection, crawl_id)
        source = await sources.select_source(connection, crawl.source_id)
        previous = await crawls.find_crawl_before(connection, source.id, crawl_id)
        if crawl.status not in ("queued", "running"):
            return CrawlReport(crawl_id, crawl.status, crawl.reason, await pages.count_pages(connection, crawl_id))
        await crawls.update_crawl_running(connection, crawl_id)
        await note_rules(connection, crawl_id, source, previous.id if previous else None)
    # What the crawl before, and the indexing of its pages, have let go.
    await asyncio.to_thread(return_freed)
    settings = settings.for_source(source.rules)
    frontier = Frontier(database, crawl_id, settings, previous.id if previous else None)
    try:
        recorder = Recorder(store, frontier, settings, on_pages)
        await frontier.open()
        async with database.connection() as connection:
            credentials = await open_secrets(connection, keys, settings, source)
        async with open_reader(
            source.kind, source.address, source.rules, settings, frontier, store, credentials
        ) as reader:
            run = _Run(frontier, reader, recorder, settings)
            await run.open()
            await run.work()
            allowed = settings.max_missed_percent
            comparison = Comparison(previous.id, reader.may_return, reader.exclusion, allowed) if previous else None
            return await _finish(database, crawl_id, comparison, run.stopped_by, frontier.limit_met)
    except SourceFailed as error:
        return await _fail(database, crawl_id, error.message)
    finally:
        await asyncio.shield(frontier.release())
        await asyncio.to_thread(return_freed)


@dataclass(frozen=True)
class _Stop:
    """A limit that ended a run; one of the source's rules, or one that only a slow site meets."""

    reason: str
    is_of_rules: bool = False


class _Run:
    """The workers of one process on one crawl."""

    def __init__(self, frontier: Frontier, reader: Reader, recorder: Recorder, settings: CrawlerSettings) -> None:
        self.stopped_by: _Stop | None = None
        """The limit that ended the run."""
        self._frontier = frontier
        self._reader = reader
        self._recorder = recorder
        self._settings = settings
        self._ready: deque[FrontierPage] = deque()
        self._claiming = asyncio.Lock()
        self._deadline = time.monotonic() + settings.max_seconds
        self._bytes = frontier.fetched_bytes

    async def open(self) -> None:
        """Opens the source, which may have many files to look for pages in.

        Raises:
            SourceFailed: It cannot be crawled at all.
        """
        bound = asyncio.timeout(self._seconds_left)
        try:
            async with bound:
                await self._reader.open()
        except TimeoutError:
            if not bound.expired():
                raise
            self.stopped_by = self._limit_met()

    async def work(self) -> None:
        """Reads pages until none is open or a limit is met; what is being read when the time is over is let go.

        Raises:
            SourceFailed: The site has stopped answering.
        """
        try:
            async with asyncio.TaskGroup() as group:
                beside = [group.create_task(self._keep_leases()), group.create_task(self._recorder.run())]
                workers = [group.create_task(self._read_pages()) for _ in range(self._settings.connections)]
                _, late = await asyncio.wait(workers, timeout=self._seconds_left)
                if late:
                    self.stopped_by = self.stopped_by or self._limit_met()
                for task in (*late, *beside):
                    task.cancel()
        except BaseExceptionGroup as errors:
            raise _first(errors) from None
        finally:
            # Also when the run is cancelled: what was read by then is not read again.
            await asyncio.shield(self._recorder.flush())

    async def _read_pages(self) -> None:
        while (page := await self._next_page()) is not None:
            reading = await self._read(page)
            if isinstance(reading.outcome, Fetched):
                self._bytes += len(reading.outcome.body)
            await self._recorder.add(reading)

    async def _read(self, page: FrontierPage) -> Reading:
        if page.lost_runners > _MAX_LOST_RUNNERS:
            reason = f"the crawler was stopped {page.lost_runners} times at this page"
            return Reading(page, None, Failed(page.url, reason))
        try:
            return await self._reader.read(page, page.previous)
        except LecternError:
            raise
        except Exception:  # a page nobody thought of fails that page, not the crawl
            log.exception("crawler.page_broke", url=page.url)
            return Reading(page, None, Failed(page.url, "the crawler could not make sense of this page"))

    async def _next_page(self) -> FrontierPage | None:
        async with self._claiming:
            while True:
                self.stopped_by = self.stopped_by or self._limit_met()
                if self.stopped_by:
                    return None
                if self._ready:
                    return self._ready.popleft()
                # What is in flight may all be kept: together it must not be more than the limit.
                room = self._settings.max_pages - self._frontier.kept - len(self._frontier.held)
                if room > 0 and (claimed := await self._frontier.claim(room)):
                    self._ready.extend(claimed)
                    continue
                if self._recorder.has_pending:
                    await self._recorder.flush()
                elif not await self._frontier.wait_for_news():
                    return None

    @property
    def _seconds_left(self) -> float:
        return max(self._deadline - time.monotonic(), 0)

    def _limit_met(self) -> _Stop | None:
        settings = self._settings
        if self._frontier.kept >= settings.max_pages:
            return _Stop(f"stopped at the limit of {settings.max_pages} pages", is_of_rules=True)
        if self._bytes >= settings.max_total_bytes:
            return _Stop(f"stopped at the limit of {settings.max_total_bytes / 2**20:g} MiB")
        if time.monotonic() >= self._deadline:
            return _Stop(f"stopped at the limit of {settings.max_seconds} seconds in one run")
        return None

    async def _keep_leases(self) -> None:
        while True:
            await asyncio.sleep(self._settings.lease_seconds / 3)
            await self._frontier.keep_leases()


async def _finish(
    database: Database, crawl_id: UUID, comparison: Comparison | None, stop: _Stop | None, limit_met: str | None
) -> CrawlReport:
    async with database.transaction() as connection:
        await endings.lock_crawl(connection, crawl_id)
        if stop:
            await pages.update_open_pages(connection, crawl_id, "excluded", stop.reason)
        await endings.update_twins(connection, crawl_id)
        await endings.update_twin_targets(connection, crawl_id)
        if comparison and stop and stop.is_of_rules:
            await leave_unseen(connection, crawl_id, comparison, stop.reason)
        elif comparison:
            await carry_over(connection, crawl_id, comparison, cut_by=stop.reason if stop else None)
        counts = await pages.count_pages(connection, crawl_id)
        reason = await _obstacle(connection, crawl_id, counts, stop)
        if reason is None and comparison:
            reason = await find_loss(connection, comparison, counts)
        status: CrawlStatus = "failed" if reason else "crawled"
        reason = reason or (stop.reason if stop else limit_met)
        await crawls.update_crawl_status(connection, crawl_id, status, reason)
    return _logged(CrawlReport(crawl_id, status, reason, counts))


async def _obstacle(connection: Connection, crawl_id: UUID, counts: PageCounts, stop: _Stop | None) -> str | None:
    """Says why no page at all could be read."""
    if counts.fetched:
        return None
    if stop:
        return f"No page could be read: {stop.reason}."
    obstacle = await pages.find_first_obstacle(connection, crawl_id)
    return f"No page could be read. {obstacle.url}: {obstacle.reason}." if obstacle else "No page could be read."


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
