"""When versions were asked last: their passages are embedded before others, and their libraries grow popular."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, suppress
from uuid import UUID

import structlog

from core.database import Database
from core.errors import LecternError
from indexer.queries import embedding_queue
from indexer.queries import libraries as library_queries

log = structlog.get_logger(__name__)

_AGAIN_SECONDS = 60.0
_PAUSE_SECONDS = 1.0
_MOST_KNOWN = 100_000


class Askings:
    """Notes which versions are asked, each at most once a minute, and never in the path of an answer."""

    def __init__(self, database: Database, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._database = database
        self._monotonic = monotonic
        self._noted: OrderedDict[UUID, float] = OrderedDict()
        self._new: set[UUID] = set()
        self._is_asked = asyncio.Event()

    def note(self, version_id: UUID) -> None:
        """Takes note that a version was asked; it is written a moment later."""
        now = self._monotonic()
        if now < self._noted.get(version_id, 0.0):
            return
        self._noted[version_id] = now + _AGAIN_SECONDS
        self._noted.move_to_end(version_id)
        if len(self._noted) > _MOST_KNOWN:
            self._noted.popitem(last=False)
        self._new.add(version_id)
        self._is_asked.set()

    async def write(self) -> None:
        """Writes what was noted."""
        new, self._new = self._new, set()
        self._is_asked.clear()
        if new:
            async with self._database.transaction() as connection:
                await embedding_queue.update_asked(connection, sorted(new))
            # A transaction of its own: what adds a version locks the library before it.
            async with self._database.transaction() as connection:
                await library_queries.update_popularity(connection, sorted(new))

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[None]:
        """Writes what is noted, about once a second, while the context is open."""
        writing = asyncio.create_task(self._write_on())
        try:
            yield
        finally:
            writing.cancel()
            with suppress(asyncio.CancelledError):
                await writing

    async def _write_on(self) -> None:
        while True:
            await self._is_asked.wait()
            try:
                await self.write()
            except LecternError as error:  # only an order is lost
                log.warning("indexer.askings_lost", reason=error.message)
            await asyncio.sleep(_PAUSE_SECONDS)
