"""The job behind a crawl: crawl and index side by side, let the crawl take over, write down how it ended.

Whether it is to go on stands in the crawl's row, where any process may change it; the job looks there every second.
"""

import asyncio
from contextlib import suppress
from typing import Any
from uuid import UUID

import structlog

from core.database import Connection, Database
from core.errors import DiskFull, LecternError, NotFound, SourceFailed, Unavailable
from core.objects import ObjectStore
from core.sealing import SecretKeys
from crawler import schedules
from crawler import service as crawling
from crawler.crawl import run_crawl
from crawler.queries import control, crawls, reports
from crawler.records import Crawl
from crawler.settings import CrawlerSettings
from indexer.catalogue.catalogue import version_by_id
from indexer.indexing import Indexer
from indexer.queries import chunks as chunk_queries
from indexer.queries.versions import lock_versions
from indexer.withdrawing import withdraw_crawl
from server.crawl_reports import write_report

log = structlog.get_logger(__name__)

CRAWL_JOB = "crawl"
_WORKED_ON = frozenset({"queued", "running", "crawled"})
_LOOK_SECONDS = 1.0
_CANCEL_AGAIN_SECONDS = 10.0
_LOOK_FOR_PAGES_SECONDS = 0.1
_MOST_CLEARING_SECONDS = 60.0


class _Halted(Exception):
    """Somebody paused, cancelled or removed the crawl."""


class CrawlJob:
    """Does crawls from where they are to their end."""

    def __init__(
        self,
        database: Database,
        objects: ObjectStore,
        indexer: Indexer,
        settings: CrawlerSettings,
        keys: SecretKeys | None = None,
    ) -> None:
        """`keys` open the secrets of sources; without them a private source cannot be crawled."""
        self._database = database
        self._objects = objects
        self._indexer = indexer
        self._settings = settings
        self._keys = keys

    async def run(self, subject: str) -> None:
        """Works on a crawl as long as it is to go on; clears away one that was cancelled."""
        while (crawl := await self._find(UUID(subject))) is not None:
            if crawl.status == "cancelled":
                await self._clear(crawl)
            if crawl.status not in _WORKED_ON:
                return
            try:
                await self._work(crawl)
            except _Halted:
                log.info("server.crawl_halted", crawl_id=subject)

    async def give_up(self, crawl_id: UUID, error: Exception) -> None:
        """Ends a crawl that failed too often; what it lacks may come back, and it is paused until then."""
        if isinstance(error, Unavailable):
            await self._stall(crawl_id, error.message)
            return
        reason = error.message if isinstance(error, LecternError) else "Something failed inside; the log says what."
        await self._fail(crawl_id, reason)

    async def _work(self, crawl: Crawl) -> None:
        try:
            await self._until_cleared(crawl)
            await self._crawl_and_index(crawl)
        except SourceFailed as error:
            await self._fail(crawl.id, error.message)
        except DiskFull as error:
            await self._stall(crawl.id, error.message)
        except LecternError as error:
            if await self._find(crawl.id) is None:
                raise _Halted from error
            if not isinstance(error, NotFound):
                raise
            await self._fail(crawl.id, f"{error.message} `lectern refresh` fetches it again.")

    async def _crawl_and_index(self, crawl: Crawl) -> None:
        try:
            async with asyncio.TaskGroup() as group:
                run = run_crawl(self._database, self._objects, self._settings, crawl.id, keys=self._keys)
                fetching = group.create_task(run)
                indexing = group.create_task(self._index_until(crawl, fetching))
                is_halted = await self._end_together(crawl.id, {fetching, indexing})
        except ExceptionGroup as errors:
            # One of the two failed and the other was cancelled for it.
            raise errors.exceptions[0] from errors
        if is_halted:
            raise _Halted
        if fetching.result().status == "failed":
            await self._conclude(crawl, is_failure=True)
            return
        await self._publish(crawl)

    async def _publish(self, crawl: Crawl) -> None:
        version_id = crawl.library_version_id
        async with self._database.transaction() as connection:
            if not await control.claim_publishing(connection, crawl.id):
                raise _Halted
            coverage = await self._coverage(connection, crawl)
            await reports.update_coverage(connection, crawl.id, coverage)
        published = await self._indexer.publish(version_id, crawl.id)
        coverage |= {"found": published.chunks, "removed": published.removed, "verdict": "passed"}
        async with self._database.transaction() as connection:
            await reports.update_coverage(connection, crawl.id, coverage)
            await crawling.complete_crawl(connection, crawl.id)
        await self._conclude(crawl, is_failure=False)

    async def _coverage(self, connection: Connection, crawl: Crawl) -> dict[str, object]:
        """Gives what the gate will compare; it is refused until it has passed."""
        version = await version_by_id(connection, crawl.library_version_id)
        before = await chunk_queries.count_chunks_to_find(connection, version.id, crawl.id) if version.indexed_at else 0
        found = await chunk_queries.count_chunks_of_crawl(connection, version.id, crawl.id)
        percent = self._indexer.coverage_gate_percent
        return {"verdict": "refused", "found": found, "before": before, "removed": 0, "gate_percent": percent}

    async def _end_together(self, crawl_id: UUID, tasks: "set[asyncio.Task[Any]]") -> bool:
        """Waits for the tasks, and ends them when the crawl is not to go on; tells whether that was so."""
        _, pending = await asyncio.wait(tasks, timeout=_LOOK_SECONDS)
        while pending and await self._is_wanted(crawl_id):
            _, pending = await asyncio.wait(tasks, timeout=_LOOK_SECONDS)
        is_halted = bool(pending)
        while pending:
            for task in pending:
                task.cancel()
            # Again after a while: before Python 3.12 a wait that ends at that moment swallows a cancellation.
            _, pending = await asyncio.wait(tasks, timeout=_CANCEL_AGAIN_SECONDS)
        return is_halted

    async def _is_wanted(self, crawl_id: UUID) -> bool:
        try:
            crawl = await self._find(crawl_id)
        except Unavailable:  # whoever does the work meets that himself
            return True
        return crawl is not None and crawl.status in _WORKED_ON

    async def _index_until(self, crawl: Crawl, fetching: "asyncio.Task[Any]") -> None:
        while True:
            is_last = fetching.done()
            done = await self._indexer.index_fetched(crawl.library_version_id, crawl.id)
            if is_last and not done:
                return
            if not done:
                await asyncio.sleep(_LOOK_FOR_PAGES_SECONDS)

    async def _until_cleared(self, crawl: Crawl) -> None:
        """Waits until nothing is left of a cancelled crawl before this one, which shares passages with it."""
        with suppress(TimeoutError):
            async with asyncio.timeout(_MOST_CLEARING_SECONDS):
                await until_cleared(self._database, crawl.source_id)

    async def _clear(self, crawl: Crawl) -> None:
        async with self._database.connection() as connection:
            if not await control.find_uncleared(connection, crawl.id):
                return
        await write_report(self._database, crawl.id)
        await withdraw_crawl(self._database, crawl.library_version_id, crawl.id)
        await self._indexer.sync_removed()
        async with self._database.transaction() as connection:
            await control.update_cleared_crawl(connection, crawl.id)

    async def _fail(self, crawl_id: UUID, reason: str) -> None:
        log.warning("server.crawl_failed", crawl_id=str(crawl_id), reason=reason)
        async with self._database.transaction() as connection:
            await crawling.fail_crawl(connection, crawl_id, reason)
        if (crawl := await self._find(crawl_id)) is not None and crawl.status == "failed":
            await self._conclude(crawl, is_failure=True)

    async def _stall(self, crawl_id: UUID, reason: str) -> None:
        log.warning("server.crawl_paused", crawl_id=str(crawl_id), reason=reason)
        async with self._database.transaction() as connection:
            await control.update_stalled_crawl(connection, crawl_id, reason)

    async def _conclude(self, crawl: Crawl, *, is_failure: bool) -> None:
        """Keeps the report of a crawl that is at its end, and sets when the next one comes."""
        await write_report(self._database, crawl.id)
        async with self._database.transaction() as connection:
            if is_failure:
                await lock_versions(connection, [crawl.library_version_id])
                await chunk_queries.delete_unpublished_chunks(connection, crawl.library_version_id)
            await schedules.note_end(connection, crawl.source_id, is_failure=is_failure)

    async def _find(self, crawl_id: UUID) -> Crawl | None:
        async with self._database.connection() as connection:
            return await crawls.find_crawl(connection, crawl_id)


async def until_cleared(database: Database, source_id: UUID) -> None:
    """Waits until nothing is left of the source's cancelled crawls."""
    while True:
        async with database.connection() as connection:
            if not await control.has_uncleared_crawl(connection, source_id):
                return
        await asyncio.sleep(_LOOK_FOR_PAGES_SECONDS)
