"""Writes what was read: the response into the snapshot first, then, once that is durable, the row of the frontier."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import replace

from core.database import Database
from core.objects import ObjectStore
from core.snapshots import SnapshotWriter, encode_record
from crawler.addresses import index_variants
from crawler.frontier import Frontier
from crawler.queries.pages import body_hashes
from crawler.readings import Reading, response_to_store, results_of
from crawler.records import PageResult
from crawler.settings import CrawlerSettings

_MAX_AGE_SECONDS = 1.0

OnPages = Callable[[], Awaitable[None]]


class Recorder:
    """Gathers results and settles them in batches: one stored segment, one transaction."""

    def __init__(
        self,
        database: Database,
        store: ObjectStore,
        frontier: Frontier,
        settings: CrawlerSettings,
        on_pages: OnPages | None,
    ) -> None:
        self._database = database
        self._frontier = frontier
        self._settings = settings
        self._on_pages = on_pages
        self._writer = SnapshotWriter(store, f"crawls/{frontier.crawl_id}")
        self._results: list[PageResult] = []
        self._opened_at = 0.0
        self._settling = asyncio.Lock()

    @property
    def has_pending(self) -> bool:
        """Tells whether results wait to be settled."""
        return bool(self._results)

    async def add(self, reading: Reading) -> None:
        """Takes a reading; when the segment is full, settles it."""
        *moved, result = results_of(reading, self._settings)
        response = response_to_store(reading, result)
        if response is not None:
            record = await encode_record(response)
            offset, length = self._writer.append(record)
            result = replace(result, snapshot_offset=offset, snapshot_length=length)
        if not self._results:
            self._opened_at = time.monotonic()
        self._results += [*moved, result]
        # Who waits for pages may be waiting for these to be settled.
        self._frontier.news.set()
        if self._writer.is_full:
            await self.flush()
        else:
            await self.flush_if_old()

    async def flush_if_old(self) -> None:
        """Settles what has waited for a second."""
        if self._results and time.monotonic() - self._opened_at >= _MAX_AGE_SECONDS:
            await self.flush()

    async def flush(self) -> None:
        """Stores the open segment, then settles its pages.

        Once begun it is done to the end, also when the caller is cancelled: the next flush waits for it.

        Raises:
            Unavailable: The store or the database does not take it; none of its pages is settled then.
        """
        if await asyncio.shield(self._settle()) and self._on_pages is not None:
            await self._on_pages()

    async def _settle(self) -> bool:
        async with self._settling:
            results, self._results = self._results, []
            key = await self._writer.close_segment()
            if results:
                located = [_located(result, key) for result in results]
                await self._frontier.settle(await self._without_twins(located))
            return bool(results)

    async def _without_twins(self, results: list[PageResult]) -> list[PageResult]:
        """Turns a page into a redirect if it came with the same bytes as `/x` for `/x/` or `/x/index.html`."""
        variants = [
            variant for result in results if result.state == "fetched" for variant in index_variants(result.url)
        ]
        async with self._database.connection() as connection:
            hashes = await body_hashes(connection, self._frontier.crawl_id, variants) if variants else {}
        settled: list[PageResult] = []
        for result in sorted(results, key=lambda result: len(result.url)):
            twin = _twin_of(result, hashes, index_variants(result.url)) if result.state == "fetched" else None
            if twin is not None:
                settled.append(PageResult(result.url, "redirected", result.http_status, "the same page", twin))
                continue
            if result.body_sha256 is not None:
                hashes[result.url] = result.body_sha256
            settled.append(result)
        return settled


def _located(result: PageResult, key: str | None) -> PageResult:
    is_new = result.snapshot_offset is not None and result.snapshot_key is None
    return replace(result, snapshot_key=key) if is_new else result


def _twin_of(result: PageResult, hashes: dict[str, bytes], variants: Iterable[str]) -> str | None:
    return next((variant for variant in variants if hashes.get(variant) == result.body_sha256), None)
