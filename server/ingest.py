"""The jobs that turn a source into an index: crawl and index side by side, publish, then embed."""

import asyncio
from uuid import UUID

import structlog

from core.database import Connection, Database
from core.errors import DiskFull, LecternError, SourceFailed
from core.jobs import Handler, JobQueue
from core.library_ids import LibraryId
from core.objects import ObjectStore
from crawler import service as crawling
from crawler.crawl import run_crawl
from crawler.queries import crawls, sources
from crawler.records import Crawl
from crawler.rules import CrawlRules
from crawler.service import SourceAddress
from crawler.settings import CrawlerSettings
from indexer.catalogue import catalogue
from indexer.catalogue import queries as catalogue_queries
from indexer.catalogue.queries import LibraryVersion
from indexer.embedding.backlog import embed_backlog
from indexer.embedding.process import EmbedderProcess
from indexer.indexing import Indexer
from indexer.queries import chunks as chunk_queries
from indexer.vectors import VectorStore

log = structlog.get_logger(__name__)

CRAWL_JOB, EMBED_JOB = "crawl", "embed"
_ENDED = frozenset({"completed", "failed", "cancelled"})
_LOOK_FOR_PAGES_SECONDS = 0.2


class Ingest:
    """Adds libraries and does the work behind it."""

    def __init__(
        self,
        database: Database,
        jobs: JobQueue,
        objects: ObjectStore,
        store: VectorStore,
        indexer: Indexer,
        embedder: EmbedderProcess,
        crawler_settings: CrawlerSettings,
    ) -> None:
        self._database = database
        self._jobs = jobs
        self._objects = objects
        self._store = store
        self._indexer = indexer
        self._embedder = embedder
        self._crawler_settings = crawler_settings

    @property
    def handlers(self) -> dict[str, Handler]:
        """The jobs this process can do."""
        return {CRAWL_JOB: self._crawl, EMBED_JOB: self._embed}

    async def add(
        self, library: str, version: str, source: SourceAddress, rules: CrawlRules, *, name: str | None = None
    ) -> tuple[LibraryVersion, Crawl]:
        """Adds a version of a library from a source and queues its crawl.

        Asked again while that crawl is unfinished, it gives the same crawl, which goes on where it was; asked after it
        is done, it starts a new one that fetches only what has changed.
        """
        async with self._database.transaction() as connection:
            docs_url = source.address if source.address.startswith("http") else None
            added = await catalogue.add_version(connection, library, version, name=name, docs_url=docs_url)
            saved = await crawling.save_source(connection, added.id, source.kind, source.address, rules)
        return added, await self._start(saved.id)

    async def refresh(self, version: LibraryVersion) -> Crawl:
        """Queues a crawl of the source a version was added from.

        Raises:
            NotFound: The version has no source.
        """
        async with self._database.connection() as connection:
            source = await sources.select_source_of_version(connection, version.id)
        return await self._start(source.id)

    async def remove(self, wanted: LibraryId) -> None:
        """Removes a library from every answer.

        Raises:
            LibraryNotFound: There is none of this id.
        """
        async with self._database.transaction() as connection:
            version = await catalogue.select_version(connection, LibraryId(wanted.library))
            await catalogue_queries.delete_library(connection, version.library_id)
        await self._indexer.sync_removed()

    async def _start(self, source_id: UUID) -> Crawl:
        crawl = await crawling.start_crawl(self._database, source_id)
        async with self._database.transaction() as connection:
            await self._jobs.enqueue(connection, CRAWL_JOB, str(crawl.id))
        return crawl

    async def recover(self) -> None:
        """Queues again whatever an ended process left undone."""
        async with self._database.transaction() as connection:
            for crawl_id in await crawls.unfinished_crawls(connection):
                await self._jobs.enqueue(connection, CRAWL_JOB, str(crawl_id))
            for version_id in await chunk_queries.versions_without_meaning(connection):
                await self._enqueue_embedding(connection, version_id)
            without_words = await chunk_queries.versions_without_words(connection)
        try:
            for version_id in without_words:
                await self._indexer.sync_words(version_id)
        except DiskFull as error:  # what is indexed can answer all the same
            log.warning("server.recovery_put_off", reason=error.message)
        await self._indexer.sync_removed()

    async def give_up(self, job: str, subject: str, error: Exception) -> None:
        """Ends the crawl of a job that failed too often, so that nobody goes on waiting for it."""
        if job == CRAWL_JOB:
            reason = error.message if isinstance(error, LecternError) else "Something failed inside; the log says what."
            await self._fail(UUID(subject), reason)

    async def _crawl(self, subject: str) -> None:
        crawl_id = UUID(subject)
        async with self._database.connection() as connection:
            crawl = await crawls.select_crawl(connection, crawl_id)
        if crawl.status in _ENDED:
            return
        try:
            await self._crawl_and_index(crawl)
        except (SourceFailed, DiskFull) as error:
            await self._fail(crawl_id, error.message)

    async def _fail(self, crawl_id: UUID, reason: str) -> None:
        log.warning("server.crawl_failed", crawl_id=str(crawl_id), reason=reason)
        async with self._database.transaction() as connection:
            await crawling.fail_crawl(connection, crawl_id, reason)

    async def _crawl_and_index(self, crawl: Crawl) -> None:
        fetched = asyncio.Event()
        try:
            async with asyncio.TaskGroup() as group:
                indexing = group.create_task(self._index_until(crawl, fetched))
                report = await run_crawl(self._database, self._objects, self._crawler_settings, crawl.id)
                fetched.set()
                await indexing
        except ExceptionGroup as errors:
            # One of the two failed and the other was cancelled for it.
            raise errors.exceptions[0] from errors
        if report.status == "failed":
            return
        await self._indexer.publish(crawl.library_version_id, crawl.id)
        async with self._database.transaction() as connection:
            await crawling.complete_crawl(connection, crawl.id)
            await self._enqueue_embedding(connection, crawl.library_version_id)

    async def _index_until(self, crawl: Crawl, fetched: asyncio.Event) -> None:
        while True:
            is_last = fetched.is_set()
            done = await self._indexer.index_fetched(crawl.library_version_id, crawl.id)
            if is_last and not done:
                return
            if not done:
                await asyncio.sleep(_LOOK_FOR_PAGES_SECONDS)

    async def _enqueue_embedding(self, connection: Connection, version_id: UUID) -> None:
        await self._jobs.enqueue(connection, EMBED_JOB, str(version_id))

    async def _embed(self, subject: str) -> None:
        if not self._embedder.is_enabled:
            return
        await self._embedder.until_ready()
        await embed_backlog(self._database, self._store, self._embedder, UUID(subject))
