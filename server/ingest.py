"""Adding, refreshing and removing libraries, what an operator does to their crawls, and the jobs behind it."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from uuid import UUID

import structlog

from core.database import Connection, Database
from core.errors import Conflict, NotFound, Unavailable, VersionNotFound
from core.jobs import Handler, JobQueue
from core.library_ids import LibraryId
from core.objects import ObjectStore
from crawler import control, schedules
from crawler import service as crawling
from crawler.credentials import Credentials
from crawler.queries import crawls, sources
from crawler.queries.symbols import facts_of
from crawler.records import Crawl, Schedule
from crawler.rules import CrawlRules
from crawler.service import SourceAddress
from crawler.settings import CrawlerSettings
from indexer.catalogue import catalogue
from indexer.indexing import Indexer
from indexer.queries import chunks as chunk_queries
from indexer.queries import libraries as library_queries
from indexer.queries import versions as version_queries
from indexer.queries.versions import LibraryVersion
from indexer.withdrawing import forget_pages
from server.crawl_job import CRAWL_JOB, CrawlJob, until_cleared
from server.pods import PodKeeper
from server.tagged import TaggedVersion, find_new_versions, tagged_versions
from server.vault import Vault

log = structlog.get_logger(__name__)

_CANCELLED_FIRST = "It was cancelled. Nothing of it is kept, so this version has no documentation."
_CANCELLED_LATER = "It was cancelled. What was indexed before goes on answering."
_REMOVED = "The library was removed."
_MOST_DUE = 20
_MOST_CLEARING_SECONDS = 5.0
_LOOKED_AT = 100


class Ingest:
    """Adds libraries and has the work behind it done."""

    def __init__(
        self,
        database: Database,
        jobs: JobQueue,
        objects: ObjectStore,
        indexer: Indexer,
        crawler_settings: CrawlerSettings,
        vault: Vault | None = None,
        pods: PodKeeper | None = None,
    ) -> None:
        """Without a vault there are no private sources, without a keeper of pods nothing is in one."""
        self._database = database
        self._jobs = jobs
        self._indexer = indexer
        self._vault = vault
        self._pods = pods
        self._crawler_settings = crawler_settings
        self._keys = vault.keys if vault else None
        self._crawl_job = CrawlJob(database, objects, indexer, crawler_settings, self._keys)

    @property
    def handlers(self) -> dict[str, Handler]:
        """The jobs this process can do."""
        return {CRAWL_JOB: self._crawl} | (self._pods.handlers if self._pods else {})

    async def add(
        self,
        library: str,
        version: str,
        source: SourceAddress,
        rules: CrawlRules,
        *,
        name: str | None = None,
        every: timedelta | None = None,
        secrets: Credentials | None = None,
        owner: UUID | None = None,
    ) -> tuple[LibraryVersion, Crawl]:
        """Adds a version of a library from a source and queues its crawl; `every` has it crawled again so often.

        With an owner the library is private.

        Asked again while that crawl is unfinished, it gives the same crawl, which goes on where it was; asked after it
        is done, it starts a new one that fetches only what has changed.
        """
        in_pod = owner is not None and self._pods is not None and await self._pods.has_pod(owner)
        async with self._database.transaction() as connection:
            docs_url = source.address if source.address.startswith("http") else None
            added = await catalogue.add_version(
                connection, library, version, name=name, docs_url=docs_url, owner=owner, in_pod=in_pod
            )
            saved = await crawling.save_source(connection, added.id, source.kind, source.address, rules)
            if secrets is not None and self._vault is not None:
                await self._vault.keep(connection, saved, secrets)
            if every is not None:
                await schedules.set_schedule(connection, saved.id, every)
        return added, await self._start(saved.id)

    async def add_tagged(
        self,
        library: str,
        source: SourceAddress,
        rules: CrawlRules,
        *,
        name: str | None = None,
        every: timedelta | None = None,
        secrets: Credentials | None = None,
        owner: UUID | None = None,
    ) -> Crawl:
        """Adds a version for each of the newest tags of a repository, and gives the crawl of the newest.

        Raises:
            SourceFailed: The repository cannot be had, or no tag matches.
        """
        found = await tagged_versions(source, rules, self._crawler_settings, secrets)
        return await self._add_versions(library, source, found, name=name, every=every, secrets=secrets, owner=owner)

    async def _add_versions(
        self,
        library: str,
        source: SourceAddress,
        versions: Sequence[TaggedVersion],
        *,
        name: str | None = None,
        every: timedelta | None = None,
        secrets: Credentials | None = None,
        owner: UUID | None = None,
    ) -> Crawl:
        added = [
            await self.add(
                library, new.version, source, new.rules, name=name, every=every, secrets=secrets, owner=owner
            )
            for new in versions
        ]
        return added[0][1]

    async def refresh(self, version: LibraryVersion) -> Crawl:
        """Queues a crawl of the source a version was added from; one that is paused goes on.

        Raises:
            NotFound: The version has no source.
        """
        async with self._database.connection() as connection:
            source = await sources.select_source_of_version(connection, version.id)
        return await self._start(source.id)

    async def reindex(self, version: LibraryVersion) -> Crawl:
        """Queues the indexing of what the last completed crawl of a version stored; nobody is asked for anything.

        Raises:
            NotFound: The version has no source.
            Conflict: No crawl of it was completed, or one is going on.
        """
        async with self._database.transaction() as connection:
            source = await sources.select_source_of_version(connection, version.id)
            crawl = await control.start_reindexing(connection, source.id)
            await self._enqueue_crawl(connection, crawl.id)
        return crawl

    async def pause(self, crawl_id: UUID) -> Crawl:
        """Pauses a crawl: whoever works on it stops within about a second, and keeps what was read.

        Raises:
            NotFound, Conflict: As in `crawler.control.pause_crawl`.
        """
        async with self._database.transaction() as connection:
            return await control.pause_crawl(connection, crawl_id)

    async def resume(self, crawl_id: UUID) -> Crawl:
        """Lets a paused crawl go on where it was.

        Raises:
            NotFound, Conflict: As in `crawler.control.resume_crawl`.
        """
        async with self._database.transaction() as connection:
            crawl = await control.resume_crawl(connection, crawl_id)
            await self._enqueue_crawl(connection, crawl_id)
        return crawl

    async def cancel(self, crawl_id: UUID) -> Crawl:
        """Ends a crawl for good, and frees its library for the next; the version answers as it did before it.

        Raises:
            NotFound, Conflict: As in `crawler.control.cancel_crawl`.
        """
        async with self._database.transaction() as connection:
            crawl = await crawls.select_crawl(connection, crawl_id)
            version = await catalogue.version_by_id(connection, crawl.library_version_id)
            reason = _CANCELLED_FIRST if version.indexed_at is None else _CANCELLED_LATER
            return await self._cancel(connection, crawl_id, reason)

    async def retry(self, crawl_id: UUID) -> Crawl:
        """Queues the failed pages of the latest crawl of a source again, and has what comes of them published.

        Raises:
            NotFound, Conflict: As in `crawler.control.retry_failed_pages`.
        """
        async with self._database.transaction() as connection:
            before = await crawls.select_crawl(connection, crawl_id)
            crawl = await control.retry_failed_pages(connection, crawl_id)
            await self._enqueue_crawl(connection, crawl_id)
            if before.status == "failed":
                # What was read of it was thrown away when it failed, and has to be indexed again.
                await forget_pages(connection, crawl_id)
        return crawl

    async def schedule(self, version: LibraryVersion, every: timedelta | None) -> Schedule:
        """Has a version crawled again so often, or never by itself.

        Raises:
            NotFound: The version has no source.
        """
        async with self._database.transaction() as connection:
            source = await sources.select_source_of_version(connection, version.id)
            return await schedules.set_schedule(connection, source.id, every)

    async def remove(self, wanted: LibraryId, viewer: UUID | None = None) -> None:
        """Removes a library, or the one version named, from every answer; its crawls end.

        A private library of the viewer's goes before one that all see.

        Raises:
            LibraryNotFound: There is none of this id.
            VersionNotFound: The library has no such version.
        """
        async with self._database.transaction() as connection:
            named = await catalogue.select_version(connection, wanted, viewer)
            versions = await version_queries.versions_of(connection, named.library_id)
        if wanted.version and wanted.version.lower() != named.version.lower():
            # For a question a part of a number will do.
            raise VersionNotFound(
                f"{named.shown_id} has no version {wanted.version}.", [one.version for one in versions]
            )
        doomed = [named] if wanted.version and len(versions) > 1 else versions
        await self._end_crawls(doomed)
        async with self._database.transaction() as connection:
            if len(doomed) < len(versions):
                await catalogue.remove_version(connection, named)
            else:
                await library_queries.delete_library(connection, named.library_id)
        await self._indexer.sync_removed()

    async def start_due(self) -> None:
        """Queues the crawls whose time has come, and those that a worker left without a job."""
        async with self._database.transaction() as connection:
            due = await schedules.start_due_crawls(connection, _MOST_DUE)
            for crawl_id in await crawls.unfinished_crawls(connection):
                await self._enqueue_crawl(connection, crawl_id)
        if due:
            log.info("server.crawls_due", count=len(due))

    async def recover(self) -> None:
        """Queues again whatever an ended process left undone."""
        async with self._database.transaction() as connection:
            for crawl_id in await crawls.unfinished_crawls(connection):
                await self._enqueue_crawl(connection, crawl_id)
            outdated = await chunk_queries.versions_of_older_words(connection)
        for version_id in outdated:
            async with self._database.transaction() as connection:
                await version_queries.lock_versions(connection, [version_id])
                await chunk_queries.forget_words(connection, version_id)
        if outdated:
            log.info("indexer.words_written_anew", versions=len(outdated))
        await self._indexer.sync_removed()
        try:
            await self._write_words()
        except Unavailable as error:  # what is indexed can answer all the same
            log.warning("server.recovery_put_off", reason=error.message)

    async def restore_lost(self) -> None:
        """Has written anew what the vector store lost; it may be another one, or stand in place of a broken one."""
        # What was found lost before and could not be written.
        await self._write_words()
        if not await self._indexer.may_have_lost():
            return
        versions = await self._versions_with_words(UUID(int=0))
        while versions:
            for version_id in versions:
                with suppress(NotFound):  # it was removed meanwhile
                    await self._indexer.restore_lost(version_id)
            versions = await self._versions_with_words(versions[-1])

    async def _write_words(self) -> None:
        async with self._database.connection() as connection:
            versions = await chunk_queries.versions_without_words(connection)
        for version_id in versions:
            with suppress(NotFound):
                await self._indexer.sync_words(version_id)

    async def _versions_with_words(self, after: UUID) -> list[UUID]:
        async with self._database.connection() as connection:
            return await chunk_queries.versions_with_words(connection, after, _LOOKED_AT)

    async def give_up(self, job: str, subject: str, error: Exception) -> None:
        """Ends the crawl of a job that failed too often, so that nobody goes on waiting for it."""
        if job == CRAWL_JOB:
            await self._crawl_job.give_up(UUID(subject), error)

    async def _start(self, source_id: UUID) -> Crawl:
        crawl = await crawling.start_crawl(self._database, source_id)
        async with self._database.transaction() as connection:
            if crawl.status == "paused":
                crawl = await control.resume_crawl(connection, crawl.id)
            await self._enqueue_crawl(connection, crawl.id)
        return crawl

    async def _cancel(self, connection: Connection, crawl_id: UUID, reason: str) -> Crawl:
        crawl = await control.cancel_crawl(connection, crawl_id, reason)
        # Whoever works on it clears it away; if nobody does, this job will.
        await self._enqueue_crawl(connection, crawl_id)
        return crawl

    async def _end_crawls(self, versions: list[LibraryVersion]) -> None:
        """Cancels the crawls of versions, and gives those who work on them a moment to notice."""
        ended: list[UUID] = []
        async with self._database.transaction() as connection:
            for version in versions:
                with suppress(NotFound, Conflict):
                    source = await sources.select_source_of_version(connection, version.id)
                    if unfinished := await crawls.find_unfinished_crawl(connection, source.id):
                        await self._cancel(connection, unfinished.id, _REMOVED)
                        ended.append(source.id)
        with suppress(TimeoutError):
            async with asyncio.timeout(_MOST_CLEARING_SECONDS):
                for source_id in ended:
                    await until_cleared(self._database, source_id)

    async def _enqueue_crawl(self, connection: Connection, crawl_id: UUID) -> None:
        await self._jobs.enqueue(connection, CRAWL_JOB, str(crawl_id))

    async def _crawl(self, subject: str) -> None:
        await self._crawl_job.run(subject)
        await self._take_description(UUID(subject))
        new = await find_new_versions(self._database, self._crawler_settings, self._keys, UUID(subject))
        if new and new.versions:
            source = SourceAddress("git", new.source.address)
            await self._add_versions(new.library_id, source, new.versions, every=new.every, secrets=new.credentials)

    async def _take_description(self, crawl_id: UUID) -> None:
        """Lets the owners of a repository describe it, in place of its first page."""
        async with self._database.transaction() as connection:
            crawl = await crawls.find_crawl(connection, crawl_id)
            described = (await facts_of(connection, crawl_id)).get("description") if crawl else None
            if crawl is not None and described and crawl.status == "completed":
                version = await catalogue.version_by_id(connection, crawl.library_version_id)
                await library_queries.describe_library(connection, version.library_id, {"": described[:300]})
