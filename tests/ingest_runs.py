"""A library that is crawled and indexed again and again, by the product's own parts, without the embedding process."""

import asyncio
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from core.database import Database
from core.jobs import JobQueue
from core.objects import ObjectStore, open_object_store
from crawler.rules import CrawlRules
from crawler.service import recognise_source
from crawler.settings import CrawlerSettings
from indexer.extraction_processes import ExtractionProcesses
from indexer.indexing import Indexer
from indexer.settings import IndexerSettings
from indexer.vectors import open_vector_store
from server.ingest import CRAWL_JOB, Ingest
from tests.crawl_runs import SETTINGS

SHORT_LEASE_SECONDS = 2.0


@dataclass
class Library:
    """One library version and its source."""

    database: Database
    ingest: Ingest
    address: str

    async def crawl(self, rules: CrawlRules | None = None) -> tuple[str, str | None]:
        """Adds or refreshes it; gives how the crawl ended, and why."""
        source = recognise_source(self.address)
        _, crawl = await self.ingest.add("/test/library", "1.0", source, rules or CrawlRules())
        await self.ingest.handlers[CRAWL_JOB](str(crawl.id))
        async with self.database.connection() as connection:
            row = await connection.fetchrow("select status, reason from crawls where id = $1", crawl.id)
        assert row is not None
        return row["status"], row["reason"]

    async def chunks(self) -> dict[UUID, tuple[str, str]]:
        """Gives page and text of every passage that answers, by id."""
        async with self.database.connection() as connection:
            rows = await connection.fetch(
                "select id, page_url, content from documentation_chunks where is_published order by id"
            )
        return {row["id"]: (row["page_url"].removeprefix(self.address), row["content"]) for row in rows}

    async def pages(self) -> set[str]:
        """Gives the paths of the pages that answer."""
        return {page for page, _ in (await self.chunks()).values()}


@asynccontextmanager
async def open_library(
    database: Database,
    folder: Path,
    processes: ExtractionProcesses,
    address: str,
    *,
    settings: CrawlerSettings = SETTINGS,
    objects: ObjectStore | None = None,
    gate_percent: int = 0,
) -> AsyncGenerator[Library]:
    """Opens the parts on a folder; the library is not crawled yet, and by default nothing asks how much was found."""
    without_embedder = {"embedding_enabled": False, "coverage_gate_percent": gate_percent}
    jobs = JobQueue(database)
    await jobs.install()
    objects = objects or open_object_store(folder / "snapshots")
    opening = open_vector_store(folder / "vectors", dimension=384, url=None, api_key=None, collection="unused")
    async with opening as store:
        indexer = Indexer(database, objects, store, IndexerSettings.model_validate(without_embedder), processes)
        yield Library(database, Ingest(database, jobs, objects, indexer, settings), address)


async def main(database_url: str, folder: str, crawl_id: str) -> None:
    """Works on a crawl as a process of its own, to be killed; says when it begins."""
    database = await Database.connect(database_url, pool_size=5, schema="content")
    settings = SETTINGS.model_copy(update={"lease_seconds": SHORT_LEASE_SECONDS})
    async with (
        ExtractionProcesses(1) as processes,
        open_library(database, Path(folder), processes, "", settings=settings) as library,
    ):
        print("begins", flush=True)  # noqa: T201 - told to the test
        await library.ingest.handlers[CRAWL_JOB](crawl_id)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
