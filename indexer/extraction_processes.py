"""Processes for extraction: parsing a page never holds up an answer, and a page that kills a parser kills only that."""

import asyncio
import faulthandler
import os
import signal
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from functools import partial
from multiprocessing import get_context, parent_process
from multiprocessing.connection import wait
from types import TracebackType
from typing import ParamSpec, Self, TypeVar

import structlog

from core.errors import Unavailable
from core.memory import bound_arenas, collect_rarely

log = structlog.get_logger(__name__)

Arguments = ParamSpec("Arguments")
Item = TypeVar("Item")
Result = TypeVar("Result")

MOST_SECONDS = 60.0
"""For one page, of which the largest real ones take a few; what takes longer ends its process."""


_NONE_STAYS = "Pages cannot be read: the processes for that end as soon as they start. Is there memory for them?"


class ExtractionProcesses:
    """A number of processes that run pure functions; they end with the context, or with this process."""

    def __init__(self, count: int, most_seconds: float = MOST_SECONDS) -> None:
        self.count = count
        self._most_seconds = most_seconds
        self._executor = self._start()
        self._woken: ProcessPoolExecutor | None = None
        self._alone = asyncio.Lock()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await asyncio.to_thread(self._executor.shutdown, wait=True, cancel_futures=True)

    async def run(
        self, function: Callable[Arguments, Result], *arguments: Arguments.args, **keywords: Arguments.kwargs
    ) -> Result:
        """Gives what the function gives; both and the arguments travel by pickle.

        A process that was killed meanwhile, or took too long, is replaced, and the function is run once more.

        Raises:
            BrokenProcessPool: That killed the process again.
        """
        task = partial(function, *arguments, **keywords)
        with suppress(BrokenProcessPool):
            return await self._run_once(_in_time, self._most_seconds, task)
        return await self._run_once(_in_time, self._most_seconds, task)

    async def run_over(self, function: Callable[[Item], Result], items: Sequence[Item]) -> list[Result | None]:
        """Gives what a function gives for each item; None for those that kill the process, or take too long.

        They are gone through together or, if that kills the process, each alone. A process takes all it does with it:
        while items are tried alone, others that are lost so are tried after them.

        Raises:
            Unavailable: No process can be started, or stays: it is none of the items that kills it.
        """
        try:
            return [*await self._run_once(_each_in_time, self._most_seconds, function, items)]
        except BrokenProcessPool:
            async with self._alone:
                await self._check()
                return [await self._run_alone(function, item) for item in items]

    async def _check(self) -> None:
        try:
            await self.run(os.getpid)
        except BrokenProcessPool as error:
            raise Unavailable(_NONE_STAYS) from error

    async def _run_alone(self, function: Callable[[Item], Result], item: Item) -> Result | None:
        try:
            return await self.run(function, item)
        except BrokenProcessPool:
            return None

    async def _run_once(
        self, function: Callable[Arguments, Result], *arguments: Arguments.args, **keywords: Arguments.kwargs
    ) -> Result:
        executor = self._executor
        try:
            return await asyncio.wrap_future(_submit(executor, function, *arguments, **keywords))
        except BrokenProcessPool:
            self._replace(executor)
            raise

    def wake(self, function: Callable[[], object]) -> None:
        """Has the processes started, and run a function that gets them ready, unless that was done before."""
        executor = self._executor
        if self._woken is executor:
            return
        self._woken = executor
        try:
            for _ in range(self.count):
                _submit(executor, function)
        except BrokenProcessPool:
            self._replace(executor)

    def _replace(self, lost: ProcessPoolExecutor) -> None:
        """Starts other processes where one was lost, as its like end with it; once, whoever notices first."""
        if self._executor is lost:
            log.warning("indexer.extraction_process_lost")
            self._executor = self._start()

    def _start(self) -> ProcessPoolExecutor:
        # Spawned, not forked: the parent has threads and an embedded engine open.
        return ProcessPoolExecutor(self.count, mp_context=get_context("spawn"), initializer=_follow_parent)


def _submit(
    executor: ProcessPoolExecutor,
    function: Callable[Arguments, Result],
    *arguments: Arguments.args,
    **keywords: Arguments.kwargs,
) -> Future[Result]:
    """Hands work over; processes that are started for it begin with Ctrl-C held back, as they cannot ignore it yet."""
    held = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        return executor.submit(function, *arguments, **keywords)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, held)


def _each_in_time(seconds: float, function: Callable[[Item], Result], items: Sequence[Item]) -> list[Result]:
    return [_in_time(seconds, partial(function, item)) for item in items]


def _in_time(seconds: float, function: Callable[[], Result]) -> Result:
    """Gives what a function gives, or ends the process and says on standard error where it was.

    The watch is a thread of the C library's, which also sees a parser that lets no Python run.
    """
    faulthandler.dump_traceback_later(seconds, exit=True)
    try:
        return function()
    finally:
        faulthandler.cancel_dump_traceback_later()


def _follow_parent() -> None:
    """Leaves Ctrl-C to the parent, and ends with it, also where it is killed and can tell nobody."""
    bound_arenas()
    collect_rarely()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent.sentinel,), daemon=True).start()


def _end_with(sentinel: int) -> None:
    wait([sentinel])
    os._exit(1)
