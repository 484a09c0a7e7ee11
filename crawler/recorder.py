"""Writes what was read: the response into the snapshot first, then, once that is durable, the row of the frontier."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, replace

import structlog

from core.objects import ObjectStore
from core.snapshots import SnapshotWriter, StoredResponse, encode_records
from crawler.frontier import Frontier
from crawler.readings import Reading, response_to_store, results_of
from crawler.records import PageResult
from crawler.settings import CrawlerSettings

log = structlog.get_logger(__name__)

_FIRST_AGE_SECONDS, _MAX_AGE_SECONDS = 0.2, 1.0
"""Indexing begins with the first pages, so these are settled sooner."""

_MAX_READINGS = 100
_MAX_BYTES = 16 * 2**20

OnPages = Callable[[], Awaitable[None]]


@dataclass(frozen=True)
class _Pending:
    """A page that was read and waits to be written; its hops come first."""

    moved: list[PageResult]
    result: PageResult
    response: StoredResponse | None


class Recorder:
    """Gathers results and settles them in batches: one stored segment, one transaction."""

    def __init__(
        self, store: ObjectStore, frontier: Frontier, settings: CrawlerSettings, on_pages: OnPages | None
    ) -> None:
        self._frontier = frontier
        self._settings = settings
        self._on_pages = on_pages
        self._writer = SnapshotWriter(store, f"crawls/{frontier.crawl_id}")
        self._pending: list[_Pending] = []
        self._pending_bytes = 0
        self._full, self._room = asyncio.Event(), asyncio.Event()
        self._room.set()
        self._settling = asyncio.Lock()

    @property
    def has_pending(self) -> bool:
        """Tells whether results wait to be settled."""
        return bool(self._pending)

    async def add(self, reading: Reading) -> None:
        """Takes a reading, waiting while too much waits to be written."""
        await self._room.wait()
        *moved, result = results_of(reading, self._settings)
        response = response_to_store(reading, result)
        self._pending.append(_Pending(moved, result, response))
        self._pending_bytes += len(response.body) if response else 0
        # Who waits for pages may be waiting for these to be settled.
        self._frontier.news.set()
        self._look_at_size()

    def _look_at_size(self) -> None:
        filling = max(len(self._pending) / _MAX_READINGS, self._pending_bytes / _MAX_BYTES)
        _set(self._full, filling >= 1)
        _set(self._room, filling < 2)  # noqa: PLR2004 - a batch is filled while the one before is written

    async def run(self) -> None:
        """Settles what was read as it comes, until cancelled; nothing waits for longer than about a second.

        Raises:
            Unavailable: As in `flush`.
        """
        age = _FIRST_AGE_SECONDS
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(age):
                    await self._full.wait()
            await self.flush()
            age = min(2 * age, _MAX_AGE_SECONDS)

    async def flush(self) -> None:
        """Stores what is pending as a segment, then settles its pages.

        Once begun it is done to the end, also when the caller is cancelled: the next flush waits for it.

        Raises:
            Unavailable: The store or the database does not take it; none of its pages is settled then.
        """
        settling = asyncio.ensure_future(self._settle())
        settling.add_done_callback(_take_notice)
        if await asyncio.shield(settling) and self._on_pages is not None:
            await self._on_pages()

    async def _settle(self) -> bool:
        async with self._settling:
            pending, self._pending, self._pending_bytes = self._pending, [], 0
            self._look_at_size()
            if not pending:
                return False
            stored = await self._store([one.response for one in pending if one.response])
            results = [result for one in pending for result in (*one.moved, _located(one, stored))]
            await self._frontier.settle(results)
            return True

    async def _store(self, responses: list[StoredResponse]) -> "_Segment":
        places = [self._writer.append(record) for record in await encode_records(responses)]
        return _Segment(await self._writer.close_segment(), iter(places))


@dataclass(frozen=True)
class _Segment:
    """Where responses were stored, in their order."""

    key: str | None
    places: Iterator[tuple[int, int]]


def _located(pending: _Pending, segment: _Segment) -> PageResult:
    if pending.response is None:
        return pending.result
    offset, length = next(segment.places)
    return replace(pending.result, snapshot_key=segment.key, snapshot_offset=offset, snapshot_length=length)


def _take_notice(settling: "asyncio.Task[bool]") -> None:
    """Reads an error that nobody waits for any more: the run has ended, and its pages go to the next one."""
    if not settling.cancelled() and (error := settling.exception()) is not None:
        log.debug("crawler.settling_failed", reason=str(error))


def _set(event: asyncio.Event, value: bool) -> None:
    if value:
        event.set()
    else:
        event.clear()
