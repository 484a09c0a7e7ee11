"""A case, crawled by the real crawler into a real database and indexed after it, and what was left there."""

import asyncio
import time
import uuid
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from core.database import Database, Row
from core.errors import SourceFailed
from core.objects import ObjectStore, open_object_store
from crawler import service
from crawler.crawl import CrawlReport, run_crawl
from crawler.rules import CrawlRules
from crawler.settings import CrawlerSettings
from indexer.extraction_processes import ExtractionProcesses
from indexer.indexing import Indexer
from indexer.settings import IndexerSettings
from indexer.vectors import open_vector_store
from tests.hostile.case import Case
from tests.hostile.wire import HostileSite, serve_hostile

CASE_SECONDS = 30.0
"""The longest a case may take, whatever the site does."""

SETTINGS = CrawlerSettings(
    allow_private=True,
    delay_seconds=0,
    retry_base_seconds=0,
    max_tries=2,
    max_pages=40,
    max_seconds=25,
    connect_timeout_seconds=1,
    request_timeout_seconds=1,
    break_seconds=0.05,
    max_breaks=2,
)


@dataclass(frozen=True)
class Ran:
    """How a case ended."""

    report: CrawlReport
    rows: dict[str, Row]
    """The frontier by address, with `indexed`, what the indexer made of the page."""
    site: HostileSite
    seconds: float


@dataclass(frozen=True)
class Worker:
    """The parts of a worker."""

    database: Database
    objects: ObjectStore
    indexer: Indexer

    async def run(self, case: Case) -> Ran:
        """Crawls and indexes the case, which is served for as long as that takes."""
        async with serve_hostile(case.routes) as site:
            return await self.run_on(case, site)

    async def run_on(self, case: Case, site: HostileSite) -> Ran:
        """Crawls and indexes the case at a site that is served already.

        Raises:
            TimeoutError: It did not end.
        """
        started = time.monotonic()
        async with asyncio.timeout(CASE_SECONDS):
            source = await add_source(self.database, site.url + case.start, is_single=case.is_single)
            crawl = await service.start_crawl(self.database, source.id)
            settings = SETTINGS.model_copy(update=dict(case.limits))
            report = await run_crawl(self.database, self.objects, settings, crawl.id)
            if report.status == "crawled":
                await self._index(source.library_version_id, report)
        seconds = time.monotonic() - started
        return Ran(report, await self._rows(report.crawl_id), site, seconds)

    async def _index(self, version_id: UUID, report: CrawlReport) -> None:
        await self.indexer.index_fetched(version_id, report.crawl_id)
        with suppress(SourceFailed):  # of what is hostile, nothing may be left to take over
            await self.indexer.publish(version_id, report.crawl_id)

    async def _rows(self, crawl_id: UUID) -> dict[str, Row]:
        async with self.database.connection() as connection:
            rows = await connection.fetch(
                "select url, state, c.reason, p.outcome as indexed, p.chunk_count from crawl_pages c "
                "left join indexed_pages p on p.page_url = c.url and p.crawl_id = c.crawl_id where c.crawl_id = $1",
                crawl_id,
            )
        return {row["url"]: row for row in rows}


@asynccontextmanager
async def open_worker(database: Database, folder: Path) -> AsyncGenerator[Worker]:
    """Opens a worker without the embedding process."""
    settings = IndexerSettings.model_validate({"embedding_enabled": False})
    objects = open_object_store(str(folder / "snapshots"))
    async with (
        ExtractionProcesses(1) as processes,
        open_vector_store(folder / "vectors", dimension=384, url=None, api_key=None, collection="unused") as store,
    ):
        yield Worker(database, objects, Indexer(database, objects, store, settings, processes))


async def add_source(database: Database, address: str, *, is_single: bool = False) -> service.Source:
    """Adds a library with one version whose source is the address."""
    version_id = uuid.uuid4()
    library = f"/hostile/{version_id.hex}"
    found = service.recognise_source(address, is_single=is_single)
    async with database.transaction() as connection:
        await connection.execute("insert into libraries (id, name) values ($1, 'Hostile')", library)
        await connection.execute(
            "insert into library_versions (id, library_id, version) values ($1, $2, '1.0')", version_id, library
        )
        return await service.save_source(connection, version_id, found.kind, found.address, CrawlRules())
