"""Processes for extraction, so that parsing a page never holds up an answer."""

import os
import signal
import threading
from collections.abc import AsyncGenerator
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import asynccontextmanager
from multiprocessing import get_context, parent_process
from multiprocessing.connection import wait


@asynccontextmanager
async def extraction_processes(count: int) -> AsyncGenerator[Executor]:
    """Runs `count` processes; they end with the context, or with this process."""
    # Spawned, not forked: the parent has threads and an embedded engine open.
    executor = ProcessPoolExecutor(count, mp_context=get_context("spawn"), initializer=_follow_parent)
    try:
        yield executor
    finally:
        executor.shutdown(wait=True, cancel_futures=True)


def _follow_parent() -> None:
    """Leaves Ctrl-C to the parent, and ends with it, also where it is killed and can tell nobody."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent.sentinel,), daemon=True).start()


def _end_with(sentinel: int) -> None:
    wait([sentinel])
    os._exit(1)
