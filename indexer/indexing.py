"""Pages of a crawl to chunks in the database and words in the vector store, and the swap of an old crawl for a new one.

The database is the truth and the vector store follows it: a chunk is first committed, then its words are written, then
that is noted. Killed anywhere, the same call goes on; done twice, it changes nothing.
"""

import asyncio
from collections import deque
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from functools import partial
from uuid import UUID

import structlog

from core.clock import Clock, utc_now
from core.database import Connection, Database
from core.errors import PodUnavailable, SourceFailed, Unavailable
from core.objects import ObjectStore
from core.snapshots import read_record
from indexer.catalogue.catalogue import renew_latest, version_by_id
from indexer.catalogue.topics import TOPICS
from indexer.duplicates import duplicates_among
from indexer.extract import SiteRules, site_rules_of
from indexer.extraction_processes import ExtractionProcesses
from indexer.pacing import PacedWork
from indexer.payloads import payload_of
from indexer.preparing import LibraryName, PreparedPage, RawPage, broken_page, get_ready, prepare_page
from indexer.queries import chunks as chunk_queries
from indexer.queries import embedding_queue, link_digests
from indexer.queries import facts as fact_queries
from indexer.queries import libraries as library_queries
from indexer.queries import mentions as mention_queries
from indexer.queries import pages as page_queries
from indexer.queries import places as place_queries
from indexer.queries import prominence as prominence_queries
from indexer.queries import symbols as symbol_queries
from indexer.queries import versions as version_queries
from indexer.queries.chunks import ChunkRow, VersionCounts
from indexer.queries.pages import FetchedPage
from indexer.queries.versions import LibraryVersion
from indexer.settings import IndexerSettings
from indexer.vectors import IndexedText, VectorStore

log = structlog.get_logger(__name__)

_PAGES_PER_STEP = 32
_CHUNKS_PER_WRITE = 2048
_PASSAGES_PER_OPTIMIZATION = 16_384
_WORDS_EVERY_SECONDS = 2.0
"""The embedded engine holds the interpreter while it brings its files to disk, which takes some tenths of a second."""

_READS_AT_ONCE = 8


@dataclass(frozen=True, slots=True)
class Published:
    """What a crawl changed when it took over; `gone` are those of the removed passages whose pages are gone."""

    chunks: int
    removed: int
    gone: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True)
class _Batch:
    """Pages that are being extracted."""

    urls: tuple[str, ...]
    prepared: "asyncio.Future[list[PreparedPage]]"


class Indexer:
    """The steps from a crawl's snapshot to an index that answers."""

    def __init__(
        self,
        database: Database,
        objects: ObjectStore,
        store: VectorStore,
        settings: IndexerSettings,
        processes: ExtractionProcesses,
        clock: Clock = utc_now,
    ) -> None:
        self._database = database
        self._objects = objects
        self._store = store
        self._settings = settings
        self._processes = processes
        self._clock = clock
        self._unoptimized = 0

    async def index_fetched(self, version_id: UUID, crawl_id: UUID) -> int:
        """Indexes every page the crawl has fetched so far and gives how many there were.

        The chunks of a first crawl answer at once; those of a later one wait for `publish`.
        """
        async with self._database.connection() as connection:
            version = await version_by_id(connection, version_id)
            # Once all that answers was seen again by this crawl, only the version tells that something answers.
            is_replacing = await chunk_queries.has_published_chunks(connection, version_id, crawl_id)
            replaces = is_replacing or version.indexed_at is not None
        if not replaces:
            self._processes.wake(get_ready)
        done, last_url = 0, ""
        ahead: deque[_Batch] = deque()
        words = PacedWork(partial(self.sync_words, version_id), _WORDS_EVERY_SECONDS)
        try:
            while True:
                # Further pages are extracted, by every process there is, while those before them are written.
                while len(ahead) <= self._processes.count:
                    if (batch := await self._begin_batch(version, crawl_id, last_url)) is None:
                        break
                    ahead.append(batch)
                    last_url = batch.urls[-1]
                if not ahead:
                    break
                await self._store_pages(version, crawl_id, await ahead[0].prepared, is_published=not replaces)
                done += len(ahead.popleft().urls)
                words.go_on()
            if done:
                await words.finish()
            return done
        finally:
            for batch in ahead:
                batch.prepared.cancel()
            await words.stop()

    async def publish(self, version_id: UUID, crawl_id: UUID) -> Published:
        """Lets a finished crawl answer in place of the one before.

        Raises:
            SourceFailed: It gave no chunk at all, or far fewer than the one before, which then goes on answering.
        """
        try:
            duplicates = await self._find_duplicates(version_id, crawl_id)
            await self._bring_back(version_id, crawl_id, duplicates)
            published = await self._swap(version_id, crawl_id, duplicates)
        except SourceFailed:
            async with self._database.transaction() as connection:
                await version_queries.lock_versions(connection, [version_id])
                await chunk_queries.delete_unpublished_chunks(connection, version_id)
            raise
        # What is replaced answers until the words of the new are there, which takes a while; what is gone does not.
        await self._withdraw(published.gone)
        await self.sync_words(version_id)
        await self.sync_removed()
        await self.restore_lost(version_id)
        await self._store.optimize()
        log.info(
            "indexer.version_published", version_id=str(version_id), chunks=published.chunks, removed=published.removed
        )
        return published

    @property
    def coverage_gate_percent(self) -> int:
        """How many of a hundred passages a crawl must find again to take over."""
        return self._settings.coverage_gate_percent

    async def counts(self, version_id: UUID) -> VersionCounts:
        """Gives how far the index of a version is."""
        async with self._database.connection() as connection:
            return await chunk_queries.count_chunks(connection, version_id)

    async def sync_words(self, version_id: UUID) -> int:
        """Brings the words of published chunks into the vector store; gives how many.

        Those of a data pod that does not answer wait for a later call.
        """
        done = 0
        while True:
            async with self._database.connection() as connection:
                version = await version_by_id(connection, version_id)
                rows = await chunk_queries.chunks_without_words(connection, version_id, _CHUNKS_PER_WRITE)
            if not rows:
                return done
            now = self._clock()
            try:
                await self._store.put_words([indexed_text(version, row, now.date()) for row in rows])
            except PodUnavailable as error:  # the rows wait, and are written when it answers
                log.info("indexer.words_wait_for_pod", version_id=str(version_id), reason=error.message)
                return done
            async with self._database.transaction() as connection:
                if await place_queries.lock_pod_of_version(connection, version_id) != version.pod_owner_id:
                    continue  # it has moved meanwhile: what was written elsewhere does not count
                await chunk_queries.mark_words_indexed(connection, [row.id for row in rows], now)
                await embedding_queue.update_waiting(connection, version_id)
            done += len(rows)
            await self._optimize_now_and_then(len(rows))

    async def _optimize_now_and_then(self, written: int) -> None:
        """Has the store put away what it keeps in memory since it was written: a large crawl would fill it."""
        self._unoptimized += written
        if self._unoptimized >= _PASSAGES_PER_OPTIMIZATION:
            self._unoptimized = 0
            await self._store.optimize()

    async def may_have_lost(self) -> bool:
        """Tells whether the vector store has fewer passages than it should: one look, however many versions there are.

        What of removed versions is still in it may hide that a few are lost; publishing looks at each version.
        """
        async with self._database.connection() as connection:
            known = await chunk_queries.count_words(connection)
        return await self._store.count() - await self._store.count(TOPICS) < known

    async def restore_lost(self, version_id: UUID) -> bool:
        """Writes a version anew of which the vector store has fewer passages than it should; tells whether it has.

        It may be another store, or one that was made anew. Data pods are left to their owners.
        """
        async with self._database.connection() as connection:
            version = await version_by_id(connection, version_id)
        if version.pod_owner_id is not None or not await self._has_lost(version_id):
            return False
        log.warning("indexer.passages_lost", version_id=str(version_id), note="They are written anew.")
        async with self._database.transaction() as connection:
            await version_queries.lock_versions(connection, [version_id])
            await chunk_queries.forget_points(connection, version_id)
        await self.sync_words(version_id)
        return True

    async def _has_lost(self, version_id: UUID) -> bool:
        known = (await self.counts(version_id)).with_words
        stored = await self._store.count(version_id)
        # Counted again where it matters: some may have been removed while the store was asked.
        return stored < known and stored < (await self.counts(version_id)).with_words

    async def sync_removed(self) -> None:
        """Takes removed chunks out of the vector store; while that does not answer they wait for a later call."""
        while True:
            async with self._database.connection() as connection:
                points = await chunk_queries.removed_points(connection, _CHUNKS_PER_WRITE)
            if not points:
                return
            try:
                await self._store.delete(points)
            except Unavailable as error:
                log.warning("indexer.removals_wait", reason=error.message)
                return
            async with self._database.transaction() as connection:
                await chunk_queries.delete_removed_points(connection, points)

    async def _find_duplicates(self, version_id: UUID, crawl_id: UUID) -> dict[str, str]:
        async with self._database.connection() as connection:
            pages = await fact_queries.compared_pages(connection, version_id, crawl_id)
        return await asyncio.to_thread(duplicates_among, pages)

    async def _bring_back(self, version_id: UUID, crawl_id: UUID, duplicates: Mapping[str, str]) -> None:
        """Indexes pages that are nobody's duplicate any more, from the snapshot."""
        async with self._database.connection() as connection:
            version = await version_by_id(connection, version_id)
            rules = site_rules_of(await page_queries.find_source_rules(connection, version_id))
        while True:
            async with self._database.connection() as connection:
                given = (version_id, crawl_id, list(duplicates), _PAGES_PER_STEP)
                pages = await fact_queries.pages_without_chunks(connection, *given)
            if not pages:
                return
            prepared = await self._prepare(version, pages, rules)
            await self._store_pages(version, crawl_id, prepared, is_published=False)

    async def _swap(self, version_id: UUID, crawl_id: UUID, duplicates: Mapping[str, str]) -> Published:
        async with self._database.transaction() as connection:
            library_id = (await version_by_id(connection, version_id)).library_id
            await library_queries.lock_library(connection, library_id)
            await version_by_id(connection, version_id)  # it may have been removed while that waited
            moved = await page_queries.delete_moved_pages(connection, version_id, crawl_id)
            await chunk_queries.delete_chunks_of_pages(connection, version_id, crawl_id, [*moved, *duplicates])
            await page_queries.keep_missed_pages(connection, version_id, crawl_id)
            await fact_queries.update_duplicates(connection, version_id, duplicates)
            chunks = await chunk_queries.count_chunks_of_crawl(connection, version_id, crawl_id)
            if refusal := await self._refusal(connection, version_id, crawl_id, chunks):
                raise SourceFailed(refusal)
            gone = await chunk_queries.chunks_of_gone_pages(connection, version_id, crawl_id)
            removed = await chunk_queries.delete_chunks_not_of(connection, version_id, crawl_id)
            await page_queries.delete_pages_not_of(connection, version_id, crawl_id)
            await chunk_queries.publish_chunks(connection, version_id)
            await _count_links(connection, version_id, crawl_id)
            await version_queries.update_totals(connection, version_id, self._clock())
            await renew_latest(connection, library_id)
        return Published(chunks, removed, tuple(gone))

    async def _withdraw(self, points: Sequence[UUID]) -> None:
        """Takes points out of the vector store; if it does not answer they wait with all that are removed."""
        with suppress(Unavailable):
            for start in range(0, len(points), _CHUNKS_PER_WRITE):
                await self._store.delete(points[start : start + _CHUNKS_PER_WRITE])

    async def _begin_batch(self, version: LibraryVersion, crawl_id: UUID, after_url: str) -> "_Batch | None":
        """Starts on the next pages after an address; None if there are no more."""
        async with self._database.connection() as connection:
            pages = await page_queries.pages_to_index(connection, version.id, crawl_id, after_url, _PAGES_PER_STEP)
            rules = site_rules_of(await page_queries.find_source_rules(connection, version.id))
        if not pages:
            return None
        fresh = await self._keep_unchanged(version.id, crawl_id, pages, rules)
        prepared = asyncio.ensure_future(self._prepare(version, fresh, rules))
        return _Batch(tuple(page.url for page in pages), prepared)

    async def _keep_unchanged(
        self, version_id: UUID, crawl_id: UUID, pages: list[FetchedPage], rules: SiteRules
    ) -> list[FetchedPage]:
        unchanged = [page.url for page in pages if page.is_unchanged]
        if not unchanged:
            return pages
        async with self._database.transaction() as connection:
            await version_queries.lock_versions(connection, [version_id])
            kept = await page_queries.keep_unchanged_pages(connection, version_id, crawl_id, unchanged, rules.digest)
        return [page for page in pages if page.url not in kept]

    async def _prepare(self, version: LibraryVersion, pages: list[FetchedPage], rules: SiteRules) -> list[PreparedPage]:
        reads = asyncio.Semaphore(_READS_AT_ONCE)
        async with self._database.connection() as connection:
            symbols = await symbol_queries.symbols_of_pages(connection, version.id, [page.url for page in pages])

        async def read(page: FetchedPage) -> RawPage:
            async with reads:
                record = await read_record(self._objects, page.snapshot_key, page.snapshot_offset, page.snapshot_length)
            return RawPage(page.url, page.content_type, record.body, symbols.get(page.url, ()))

        raw = await asyncio.gather(*(read(page) for page in pages))
        of = LibraryName(version.id, version.library_name, version.version)
        found = await self._processes.run_over(partial(prepare_page, of, rules=rules), raw) if raw else []
        prepared = [page or broken_page(of, read, rules) for page, read in zip(found, raw, strict=True)]
        for page in prepared:
            if page.fault:
                log.error("indexer.page_broke", url=page.outcome.page_url, fault=page.fault)
        return prepared

    async def _store_pages(
        self, version: LibraryVersion, crawl_id: UUID, pages: list[PreparedPage], *, is_published: bool
    ) -> None:
        now = self._clock()
        chunks = [chunk for page in pages for chunk in page.chunks]
        descriptions = {page.outcome.page_url: page.description for page in pages}
        async with self._database.transaction() as connection:
            # The library before its version, as whoever removes it.
            await library_queries.describe_library(connection, version.library_id, descriptions)
            await version_queries.lock_versions(connection, [version.id])
            await chunk_queries.insert_chunks(connection, version.id, crawl_id, chunks, is_published=is_published)
            await chunk_queries.keep_points(connection, version.id, [chunk.id for chunk in chunks])
            outcomes = [page.outcome for page in pages]
            await page_queries.upsert_indexed_pages(connection, version.id, crawl_id, outcomes, now)
            await fact_queries.update_page_facts(connection, version.id, [page.facts for page in pages])

    async def _refusal(self, connection: Connection, version_id: UUID, crawl_id: UUID, chunks: int) -> str | None:
        if chunks == 0:
            outcomes = await page_queries.outcomes_of(connection, crawl_id)
            seen = ", ".join(f"{count} {outcome}" for outcome, count in sorted(outcomes.items())) or "none"
            return f"No documentation was found on any page ({seen})."
        before = await chunk_queries.count_chunks_to_find(connection, version_id, crawl_id)
        again = await chunk_queries.count_chunks_found_again(connection, version_id, crawl_id)
        found = chunks if again is None else again
        gate = self._settings.coverage_gate_percent
        if found * 100 < before * gate:
            return (
                f"This crawl found {found} passages where {before} answer now, less than {gate} %. The old ones go on "
                "answering. If the documentation really shrank, lower LECTERN_COVERAGE_GATE_PERCENT for one refresh."
            )
        return None


async def _count_links(connection: Connection, version_id: UUID, crawl_id: UUID) -> None:
    """Brings prominence and mentions up to the links, where these are others than at the crawl before."""
    if digest := await link_digests.find_new_digest(connection, version_id, crawl_id):
        await prominence_queries.update_prominence(connection, version_id, crawl_id)
        await mention_queries.update_mentions(connection, version_id, crawl_id)
        await link_digests.update_digest(connection, version_id, digest)


def indexed_text(version: LibraryVersion, row: ChunkRow, indexed_on: date) -> IndexedText:
    """Gives a chunk as the vector store takes it."""
    prefix = str(row.metadata.get("prefix", ""))
    payload = payload_of(version.shown_id, version.version, version.id, row, indexed_on)
    symbols = tuple(row.metadata.get("symbols", ()))
    head = str(row.metadata.get("head", ""))
    return IndexedText(row.id, f"{prefix}\n{row.content}", head, symbols, payload, row.mentions)
