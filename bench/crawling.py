"""`python -m bench.crawling`: how fast a site and a folder are crawled, and how fast they are crawled again.

The crawler and the indexer of the product, an embedded PostgreSQL, and a folder served on loopback by a process of its
own. Fetching is timed alone, and once more with the indexing beside it, as in the product. CPU is that of the process
that crawls; the database, the site and the extraction have processes of their own.
"""

import asyncio
import tempfile
import time
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from bench import report
from bench.extraction.corpora import cache_folder
from bench.extraction.debian import DEBIAN
from bench.speed import SpeedSettings
from bench.static_site import WITHOUT_VALIDATORS, static_site
from core.database import Database
from core.embedded_postgres import embedded_postgres
from core.jobs import JobQueue
from core.objects import ObjectStore, open_object_store
from crawler import service
from crawler.crawl import run_crawl
from crawler.rules import CrawlRules
from crawler.settings import CrawlerSettings
from indexer.extraction_processes import ExtractionProcesses
from indexer.indexing import Indexer
from indexer.settings import IndexerSettings
from indexer.vectors import open_vector_store
from migrations.runner import migrate
from server.ingest import CRAWL_JOB, Ingest

_CRAWLING = CrawlerSettings(allow_private=True)
_INDEXING = IndexerSettings.model_validate({"embedding_enabled": False})


@dataclass(frozen=True)
class Pass:
    """One crawl, timed."""

    name: str
    pages: int
    unchanged: int
    seconds: float
    cpu_seconds: float

    @property
    def row(self) -> tuple[str, ...]:
        """What the table shows of it."""
        rate = f"{self.pages / self.seconds:.0f}"
        return self.name, str(self.pages), str(self.unchanged), rate, f"{1000 * self.cpu_seconds / self.pages:.2f} ms"


@dataclass(frozen=True)
class Bench:
    """The parts of the product that crawl; `folder` holds their data."""

    folder: Path
    database: Database
    objects: ObjectStore
    indexer: Indexer
    ingest: Ingest

    async def fetch(self, name: str, library: str, address: str) -> Pass:
        """Times the fetching alone, then indexes what came."""
        version_id, crawl_id = await self._add(library, address)
        started, cpu = time.perf_counter(), time.process_time()
        done = await run_crawl(self.database, self.objects, _CRAWLING, crawl_id)
        result = Pass(
            name, done.pages.fetched, done.pages.unchanged, time.perf_counter() - started, time.process_time() - cpu
        )
        await self.indexer.index_fetched(version_id, crawl_id)
        await self.indexer.publish(version_id, crawl_id)
        async with self.database.connection() as connection:
            await service.complete_crawl(connection, crawl_id)
        return result

    async def fetch_and_index(self, name: str, library: str, address: str) -> Pass:
        """Times fetching, indexing and the swap together."""
        _, crawl_id = await self._add(library, address)
        started, cpu = time.perf_counter(), time.process_time()
        await self.ingest.handlers[CRAWL_JOB](str(crawl_id))
        seconds, cpu = time.perf_counter() - started, time.process_time() - cpu
        async with self.database.connection() as connection:
            progress = await service.crawl_progress(connection, crawl_id)
        return Pass(name, progress.pages.fetched, progress.pages.unchanged, seconds, cpu)

    async def _add(self, library: str, address: str) -> tuple[UUID, UUID]:
        source = service.recognise_source(address)
        version, crawl = await self.ingest.add(library, "1", source, CrawlRules(allow_private=True))
        return version.id, crawl.id

    async def note_embedded(self) -> None:
        """Takes every passage there is for embedded."""
        async with self.database.connection() as connection:
            await connection.execute("update documentation_chunks set embedded_at = now()")

    async def not_embedded(self) -> int:
        """Gives how many passages would have to be embedded."""
        async with self.database.connection() as connection:
            return await connection.fetchval("select count(*) from documentation_chunks where embedded_at is null")


async def main() -> None:
    """Measures everything once and writes the section."""
    source = documentation_folder()
    async with open_bench() as bench, static_site(source) as site:
        passes, embedded_again = await measure(bench, site, source)
    text = render(source, passes, embedded_again)
    print(text)
    report.write_section("crawling", text)


def documentation_folder() -> Path:
    """Gives the folder to serve.

    Raises:
        LookupError: None is named, and Python's documentation cannot be had.
    """
    source = SpeedSettings().source
    if (source / "index.html").is_file():
        return source
    return next(corpus for corpus in DEBIAN if corpus.name == "python3.11-doc").root(cache_folder())


async def measure(bench: Bench, site: str, source: Path) -> tuple[list[Pass], int]:
    """Crawls for the first time and again; gives the passes, and how many passages would be embedded again."""
    plain = f"{site}{WITHOUT_VALIDATORS}/"
    passes = [
        await bench.fetch("site, first crawl", "/bench/site", f"{site}/"),
        await bench.fetch("site without ETag or date, first crawl", "/bench/plain", plain),
    ]
    await bench.note_embedded()
    passes += [
        await bench.fetch("site, unchanged, answered 304", "/bench/site", f"{site}/"),
        await bench.fetch_and_index("the same, with indexing and swap", "/bench/site", f"{site}/"),
        await bench.fetch("site without ETag or date, unchanged", "/bench/plain", plain),
        await bench.fetch_and_index("the same, with indexing and swap", "/bench/plain", plain),
    ]
    embedded_again = await bench.not_embedded()
    passes += [
        await bench.fetch("folder, first crawl", "/bench/folder", str(source)),
        await bench.fetch("folder, unchanged", "/bench/folder", str(source)),
    ]
    return passes, embedded_again


@asynccontextmanager
async def open_bench() -> AsyncGenerator[Bench]:
    """Opens the parts in a folder that is removed afterwards."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="lectern-bench-")))
        url = stack.enter_context(embedded_postgres(folder / "postgres"))
        database = await Database.connect(url, pool_size=10, schema="content")
        stack.push_async_callback(database.close)
        await migrate(database, "content")
        jobs = JobQueue(database)
        await jobs.install()
        objects = open_object_store(folder / "snapshots")
        opening = open_vector_store(folder / "vectors", dimension=384, url=None, api_key=None, collection="bench")
        store = await stack.enter_async_context(opening)
        processes = await stack.enter_async_context(ExtractionProcesses(1))
        indexer = Indexer(database, objects, store, _INDEXING, processes)
        ingest = Ingest(database, jobs, objects, indexer, _CRAWLING)
        yield Bench(folder, database, objects, indexer, ingest)


def render(source: Path, passes: list[Pass], embedded_again: int) -> str:
    """Gives the section's text."""
    columns = ("crawl", "pages", "unchanged", "pages/s", "CPU a page")
    return (
        f"{report.circumstances('python -m bench.crawling')}\n\nCrawled: `{source.name}`, on loopback. "
        f"Passages of unchanged pages that would be embedded again: {embedded_again}.\n\n"
        f"{report.table(columns, [one.row for one in passes])}"
    )


if __name__ == "__main__":
    asyncio.run(main())
