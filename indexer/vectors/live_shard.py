"""The open shard of the embedded vector store: who may use it when, and how its files are put in order meanwhile."""

import asyncio
import sys
import time
from collections.abc import Callable, Collection
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from itertools import islice
from pathlib import Path
from typing import ParamSpec, TypeVar
from uuid import UUID

import qdrant_edge as engine
import structlog

from core.errors import Misconfigured, Unavailable
from core.memory import return_freed
from indexer.vectors.changes import change_line
from indexer.vectors.edge_shard import IF_BROKEN, count_points, is_of_engine, open_shard, read_ahead
from indexer.vectors.gate import Gate
from indexer.vectors.rewriting import Rewriting, RewritingFailed

log = structlog.get_logger(__name__)

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")

_SMALL_POINTS = 4096
"""Up to so many, the engine has its files in order in no time; a process would take longer to start."""

_FEW_WRITTEN = 2048
_SHARE_WRITTEN = 32
"""Of how many points one was written before it is worthwhile to write all files anew."""

_MANY_WRITTEN = 65_536
"""After so many whoever writes waits for the files that are being put in order: what is not, lies in memory."""

_NOTE = "written-since-in-order"
"""A file that is there while the store is closed; if it was killed, nobody knows."""

_IDS_PER_CHANGE = 256
_CHANGES_AT_ONCE, _LAST_CHANGES = 8, 2


class LiveShard:
    """A shard that is searched in threads and written in one.

    The engine releases the interpreter while it searches, and keeps it while it writes: it is given little at a time,
    and its files are put in order by another process, on a copy (`indexer.vectors.rewriting`). What is written
    meanwhile is written here, where it is found at once, and noted; the copy takes it over and then the folder's place.
    """

    def __init__(self, shard: engine.EdgeShard, folder: Path, min_free_bytes: int, written: int) -> None:
        self._shard = shard
        self._folder = folder
        self._min_free_bytes = min_free_bytes
        self._writer, self._orderer = ThreadPoolExecutor(1, "vectors"), ThreadPoolExecutor(1, "vectors-order")
        self._gate = Gate()
        self._layout = asyncio.Lock()
        self._rewriting = Rewriting(folder)
        self._ordering: asyncio.Task[None] | None = None
        self._is_due_again = False
        self._written = written  # since the files were put in order
        self._written_meanwhile = 0  # since a copy was made that is being put in order
        self._changed: set[UUID] | None = None

    @classmethod
    async def open(cls, folder: Path, min_free_bytes: int) -> "LiveShard":
        """Opens the shard in `folder`, creating it on first use.

        Raises:
            Misconfigured: The engine cannot read what is there.
        """
        await asyncio.to_thread(Rewriting(folder).recover)
        await asyncio.to_thread(read_ahead, folder)
        shard = await asyncio.to_thread(open_shard, folder)
        return cls(shard, folder, min_free_bytes, await asyncio.to_thread(_take_note, folder))

    async def close(self) -> None:
        """Flushes and closes the shard; files that are being put in order stay as they were."""
        self._rewriting.end()
        await self.in_order()
        await self.write(self._close)
        self._writer.shutdown()
        self._orderer.shutdown()

    @property
    def engine(self) -> engine.EdgeShard:
        """The engine's own shard, for what is given to `read`, `write` and `alter`."""
        return self._shard

    async def read(
        self, work: Callable[Arguments, Result], *args: Arguments.args, **kwargs: Arguments.kwargs
    ) -> Result:
        """Gives what the engine finds, whose files are not exchanged meanwhile.

        Raises:
            Unavailable: It cannot read its files.
        """

        def read() -> Result:
            with self._gate.open():
                return work(*args, **kwargs)

        return await self._in(None, read)

    async def write(
        self, work: Callable[Arguments, Result], *args: Arguments.args, **kwargs: Arguments.kwargs
    ) -> Result:
        """Gives what the engine does when all that was to be written before is; `work` notes what it writes.

        Raises:
            Unavailable: It cannot read or write its files.
        """
        return await self._in(self._writer, partial(work, *args, **kwargs))

    async def alter(self, work: Callable[[], Result]) -> Result:
        """Writes something that is not about points, for which files that are being put in order are waited for.

        Raises:
            Unavailable: As `write`.
        """
        async with self._layout:
            return await self.write(work)

    def note(self, ids: Collection[UUID]) -> None:
        """Notes which points are about to be written; for what is given to `write`."""
        self._written += len(ids)
        self._written_meanwhile += len(ids)
        if (changed := self._changed) is not None:
            changed.update(ids)

    async def optimize(self) -> None:
        """Has the files put in order: at once if they are few, else soon, and if it is worthwhile."""
        points = await self.read(self._count_points)
        if self._ordering is not None:
            self._is_due_again = True
            if self._written_meanwhile >= _MANY_WRITTEN:
                async with self._layout:  # which is free when those are in order that are put so now
                    pass
        elif points <= _SMALL_POINTS:
            await self.write(self._optimize)
        elif self._is_worthwhile(points):
            self._ordering = asyncio.create_task(self._put_in_order())

    async def in_order(self) -> None:
        """Waits for files that are being put in order."""
        if self._ordering is not None:
            await asyncio.wait([self._ordering])

    async def _in(self, executor: Executor | None, work: Callable[[], Result]) -> Result:
        try:
            return await asyncio.get_running_loop().run_in_executor(executor, work)
        except BaseException as error:
            if not is_of_engine(error):
                raise
            log.error("indexer.vector_store_failed", folder=str(self._folder), reason=str(error))  # noqa: TRY400 - the engine's own words say it all
            raise Unavailable(f"The vector store in {self._folder} cannot be used. {IF_BROKEN}") from error

    def _count_points(self) -> int:
        return int(self._shard.info().points_count)

    def _close(self) -> None:
        with self._gate.shut():
            self._shard.close()
        with suppress(OSError):
            (self._folder / _NOTE).write_text(str(self._written))

    def _optimize(self) -> None:
        self._shard.optimize()
        self._written = 0
        return_freed()  # by what it merged; after 150 000 passages that is a third of all memory

    def _is_worthwhile(self, points: int) -> bool:
        return self._written >= max(_FEW_WRITTEN, points // _SHARE_WRITTEN)

    async def _put_in_order(self) -> None:
        """Has the files put in order, and again if that was asked for meanwhile."""
        try:
            is_due = True
            while is_due:
                self._is_due_again = False
                async with self._layout:
                    await self._put_in_order_once()
                points = await self.read(self._count_points)
                is_due = self._is_due_again and self._is_worthwhile(points) and not self._rewriting.is_ended
        except Unavailable:
            pass  # which the log tells, and whoever asks or writes next
        except Exception:  # the files stay as they are, and the next time is tried again
            log.exception("indexer.vectors_not_put_in_order", folder=str(self._folder))
        finally:
            self._ordering = None

    async def _put_in_order_once(self) -> None:
        """Has it done apart; where that cannot be, here, which stops all else for as long."""
        try:
            await self._put_in_order_apart()
        except (RewritingFailed, Misconfigured, OSError) as error:
            if not self._rewriting.is_ended:
                log.warning("indexer.vectors_put_in_order_here", folder=str(self._folder), reason=str(error))
                await self.write(self._optimize)
        finally:
            self._changed = None
            await self._in(self._orderer, self._rewriting.clear)

    async def _put_in_order_apart(self) -> None:
        started, self._written_meanwhile = time.monotonic(), 0
        await self._in(self._orderer, partial(self._rewriting.begin, self._min_free_bytes))
        await self.write(self._begin_changes)
        await self._in(self._orderer, self._rewriting.put_in_order)
        await self._in(self._orderer, self._rewriting.read_ahead)
        while changes := await self.write(self._next_changes):
            await self._in(self._orderer, partial(self._rewriting.bring, changes))
        await self.write(self._exchange)
        seconds = round(time.monotonic() - started, 1)
        log.info("indexer.vectors_put_in_order", written_meanwhile=self._written, seconds=seconds)

    def _begin_changes(self) -> None:
        self._shard.flush()
        self._rewriting.bring_up_to_date()
        self._written_meanwhile, self._changed = 0, set()

    def _next_changes(self) -> list[bytes]:
        """Gives what the copy is told next while others go on writing; nothing if the rest is told in a moment."""
        changed = self._changed or set[UUID]()
        return self._take_changes() if len(changed) > _IDS_PER_CHANGE * _LAST_CHANGES else []

    def _take_changes(self) -> list[bytes]:
        changed, lines = self._changed or set[UUID](), list[bytes]()
        while changed and len(lines) < _CHANGES_AT_ONCE:
            ids = list(islice(changed, _IDS_PER_CHANGE))
            lines.append(change_line(self._shard, ids))
            changed.difference_update(ids)
        return lines

    def _exchange(self) -> None:
        while changes := self._take_changes():
            self._rewriting.bring(changes)
        self._rewriting.finish(count_points(self._shard))
        with self._gate.shut():
            self._shard.close()
            try:
                with self._rewriting.exchange():
                    self._shard = open_shard(self._folder)
            except BaseException:
                self._shard = open_shard(self._folder)
                raise
        self._written = self._written_meanwhile
        return_freed()


def _take_note(folder: Path) -> int:
    """Gives how many points were written since the files were put in order, as many as can be where nobody knows."""
    try:
        written = int((folder / _NOTE).read_text())
        (folder / _NOTE).unlink()
    except (OSError, ValueError):
        return sys.maxsize
    return written
