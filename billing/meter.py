"""The meter: a usage event is durable before its call is answered, written once however often it is recorded."""

import asyncio
from collections import deque
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta
from types import TracebackType
from typing import Self

import structlog

from billing.partitions import ensure_usage_partitions, month_of
from billing.queries import usage_logs
from billing.usage_event import UsageEvent, storable
from core.clock import Clock, utc_now
from core.database import Database
from core.errors import Unavailable

__all__ = ["Meter", "UsageEvent"]

log = structlog.get_logger(__name__)

MAX_QUEUED = 10_000
MAX_BATCH = 500
DEFAULT_DEADLINE = timedelta(seconds=5)
_PAUSE_SECONDS = 0.1


@dataclass(frozen=True)
class _Entry:
    """An event on its way; `written` is done when the row is committed, or when nobody waits for it any more."""

    event: UsageEvent
    written: asyncio.Future[None]


class Meter:
    """Writes usage events in groups: whatever came in while one commit ran is the next one.

    An idle meter writes an event at once, a busy one writes many for the price of one commit. It is entered as a
    context manager, and on leaving writes what it still holds.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock = utc_now,
        *,
        is_query_logged: bool = True,
        deadline: timedelta = DEFAULT_DEADLINE,
    ) -> None:
        self._database = database
        self._clock = clock
        self._is_query_logged = is_query_logged
        self._deadline = deadline.total_seconds()
        self._waiting: deque[_Entry] = deque()
        self._has_work = asyncio.Event()
        self._is_open = False
        self._is_database_away = False
        self._partitioned_month: date | None = None
        self._writer: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        await self._ensure_partitions()
        self._is_open = True
        self._writer = asyncio.create_task(self._write_forever())
        return self

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._is_open = False
        self._has_work.set()
        if self._writer is not None:
            with suppress(TimeoutError):
                async with asyncio.timeout(self._deadline):
                    await self._writer

    async def record(self, event: UsageEvent) -> None:
        """Returns when the event's row is committed. An event recorded twice is one row.

        A call that is cancelled while it waits is not written, unless that is happening already.

        Raises:
            Unavailable: It could not be written in time. If the database was lost between the write and its answer the
                row may exist; to record the same event again is always right.
        """
        if not self._is_open or len(self._waiting) >= MAX_QUEUED:
            raise Unavailable("The server is stopping or overloaded. Try again in a moment.")
        row = storable(event, is_query_logged=self._is_query_logged)
        entry = _Entry(row, asyncio.get_running_loop().create_future())
        self._waiting.append(entry)
        self._has_work.set()
        try:
            async with asyncio.timeout(self._deadline):
                await entry.written
        except TimeoutError as error:
            raise Unavailable("The call could not be recorded in time. Try again in a moment.") from error

    async def _write_forever(self) -> None:
        while self._is_open or self._waiting:
            await self._has_work.wait()
            self._has_work.clear()
            while batch := self._next_batch():
                await self._write(batch)
            await self._renew_partitions()

    def _next_batch(self) -> list[_Entry]:
        batch: list[_Entry] = []
        while self._waiting and len(batch) < MAX_BATCH:
            entry = self._waiting.popleft()
            if not entry.written.done():
                batch.append(entry)
        return batch

    async def _write(self, batch: list[_Entry]) -> None:
        try:
            await self._insert(batch)
        except (Unavailable, TimeoutError) as error:
            self._waiting.extendleft(reversed(batch))
            await self._pause(str(error))
        except Exception as error:
            await self._write_singly(batch, error)
        else:
            self._is_database_away = False

    async def _insert(self, batch: list[_Entry]) -> None:
        async with asyncio.timeout(self._deadline), self._database.connection() as connection:
            await usage_logs.insert_events(connection, [entry.event for entry in batch])
            # A statement on its own is committed when it returns; nobody waits for the connection's way back.
            for entry in batch:
                if not entry.written.done():
                    entry.written.set_result(None)

    async def _write_singly(self, batch: list[_Entry], error: Exception) -> None:
        """Keeps one event that the database refuses from taking the others with it."""
        if len(batch) > 1:
            for entry in batch:
                await self._write([entry])
            return
        (entry,) = batch
        log.error("billing.event_refused", request_id=str(entry.event.request_id), reason=str(error))
        if not entry.written.done():
            entry.written.set_exception(Unavailable("The call could not be recorded. Try again in a moment."))

    async def _pause(self, reason: str) -> None:
        if not self._is_database_away:
            log.warning("billing.meter_waits", events=len(self._waiting), reason=reason)
        self._is_database_away = True
        await asyncio.sleep(_PAUSE_SECONDS)

    async def _renew_partitions(self) -> None:
        month = month_of(self._clock())
        if self._partitioned_month == month:
            return
        # Tried once: last month made this month's partition already, and rows without one have a place too.
        self._partitioned_month = month
        try:
            async with asyncio.timeout(self._deadline):
                await self._ensure_partitions()
        except Exception as error:
            log.warning("billing.partitions_not_made", reason=str(error))

    async def _ensure_partitions(self) -> None:
        now = self._clock()
        await ensure_usage_partitions(self._database, now)
        self._partitioned_month = month_of(now)
