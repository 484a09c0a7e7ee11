"""An index with everything that fills it, on a real database and the real engine; without the embedding process."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from core.database import Database
from core.jobs import JobQueue
from core.objects import open_object_store
from crawler.queries import crawls
from crawler.records import Crawl
from crawler.rules import CrawlRules
from crawler.service import recognise_source
from crawler.settings import CrawlerSettings
from indexer.embedding.embedders import Embedders
from indexer.extraction_processes import ExtractionProcesses
from indexer.indexing import Indexer
from indexer.search.service import AnswerService
from indexer.settings import IndexerSettings
from indexer.vectors import VectorStore, open_vector_store
from server.crawl_job import CRAWL_JOB
from server.ingest import Ingest
from tests.crawl_site import Answer, Request, Site

LIBRARY = "/acme/site"
WITHOUT_EMBEDDER = IndexerSettings.model_validate({"embedding_enabled": False})
SETTINGS = CrawlerSettings(allow_private=True, retry_base_seconds=0, delay_seconds=0, max_tries=1)
MOST_SECONDS = 30


@dataclass
class Workshop:
    """The parts of an index."""

    database: Database
    store: VectorStore
    indexer: Indexer
    ingest: Ingest
    answers: AnswerService

    async def add(self, address: str, rules: CrawlRules | None = None) -> Crawl:
        """Adds the library from a source; its crawl waits."""
        _, crawl = await self.ingest.add(LIBRARY, "1.0", recognise_source(address), rules or CrawlRules())
        return crawl

    def start(self, crawl: Crawl) -> "asyncio.Task[None]":
        """Works on a crawl beside the test."""
        return asyncio.create_task(self.ingest.handlers[CRAWL_JOB](str(crawl.id)))

    async def work(self, crawl: Crawl) -> Crawl:
        """Works on a crawl until its job ends; gives how it stands then."""
        await ended(self.start(crawl))
        return await self.crawl(crawl.id)

    async def crawl(self, crawl_id: UUID) -> Crawl:
        async with self.database.connection() as connection:
            return await crawls.select_crawl(connection, crawl_id)

    async def ask(self, question: str) -> str:
        return (await self.answers.query_docs(LIBRARY, question, None)).text

    async def states(self, crawl: Crawl) -> dict[str, str]:
        """The state of each path."""
        async with self.database.connection() as connection:
            rows = await connection.fetch("select url, state from crawl_pages where crawl_id = $1", crawl.id)
        return {"/" + row["url"].split("/", 3)[3]: row["state"] for row in rows}

    async def count(self) -> int:
        """How many passages there are, answering or not."""
        async with self.database.connection() as connection:
            return await connection.fetchval("select count(*) from documentation_chunks")


@asynccontextmanager
async def open_workshop(
    database: Database, folder: Path, processes: ExtractionProcesses, qdrant_url: str | None = None
) -> AsyncGenerator[Workshop]:
    objects = open_object_store(str(folder / "snapshots"))
    jobs = JobQueue(database)
    await jobs.install()
    embedder = Embedders(WITHOUT_EMBEDDER, database)
    async with open_vector_store(
        folder / "vectors", dimension=384, url=qdrant_url, api_key=None, collection="lectern"
    ) as store:
        indexer = Indexer(database, objects, store, WITHOUT_EMBEDDER, processes)
        ingest = Ingest(database, jobs, objects, indexer, SETTINGS)
        answers = AnswerService(database, store, embedder, WITHOUT_EMBEDDER)
        yield Workshop(database, store, indexer, ingest, answers)


async def ended(task: "asyncio.Task[None]") -> None:
    async with asyncio.timeout(MOST_SECONDS):
        await task


def write_pages(site: Site, count: int, shade: str = "shade") -> list[str]:
    """Adds a start page and pages that say different things; gives their targets."""
    names = [f"page{number}.html" for number in range(count)]
    site.page("/", *names, text="<p>Widgets come in many colours, which are listed here.</p>")
    for number, name in enumerate(names):
        site.page(f"/{name}", text=f"<p>The colour of widget {number} is {shade}{number}, and no other one.</p>")
    return [f"/{name}" for name in names]


@dataclass
class Gate:
    """A page that is not answered before it is opened."""

    reached: asyncio.Event
    opened: asyncio.Event

    async def wait(self) -> None:
        """Waits until somebody asks for the page."""
        async with asyncio.timeout(MOST_SECONDS):
            await self.reached.wait()


def hold(site: Site, target: str) -> Gate:
    """Has a page of the site wait."""
    gate = Gate(asyncio.Event(), asyncio.Event())
    route = site.routes[target]
    assert isinstance(route, Answer)

    async def answer(_request: Request) -> Answer:
        gate.reached.set()
        await gate.opened.wait()
        return route

    site.routes[target] = answer
    return gate
