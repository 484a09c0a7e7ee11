"""Processes for extraction that are killed by what they read."""

import asyncio
import os
import signal
import time
from collections.abc import Iterator
from multiprocessing import resource_tracker, spawn
from pathlib import Path

import pytest

from core.errors import Unavailable
from indexer.extraction_processes import ExtractionProcesses

DEADLY, ENDLESS = -1, -2


def doubled(number: int) -> int:
    """Stands for the reading of a page; one ends the process, as a fault in a parser would, and one never ends."""
    if number == DEADLY:
        os.kill(os.getpid(), signal.SIGKILL)
    while number == ENDLESS:
        pass
    return 2 * number


async def test_what_kills_its_process_is_left_out_alone() -> None:
    async with ExtractionProcesses(2) as processes:
        found = await processes.run_over(doubled, [1, DEADLY, 3])
        after = await processes.run_over(doubled, [4])

    assert (found, after) == ([2, None, 6], [8])


async def test_what_takes_too_long_is_left_out_alone_and_said_where_it_was(capfd: pytest.CaptureFixture[str]) -> None:
    async with ExtractionProcesses(1, most_seconds=0.5) as processes:
        found = await processes.run_over(doubled, [1, ENDLESS, 3])

    assert found == [2, None, 6]
    assert "in doubled" in capfd.readouterr().err


async def test_what_is_read_beside_it_is_not_lost() -> None:
    batches = [[1, 2], [DEADLY], [3], [4, 5], [6]]

    async with ExtractionProcesses(2) as processes:
        found = await asyncio.gather(*(processes.run_over(doubled, batch) for batch in batches))

    assert found == [[2, 4], [None], [6], [8, 10], [12]]


def wait_for_end(process: int) -> None:
    """Waits until nothing is left of a process, by when its like are known to be lost with it."""
    while Path(f"/proc/{process}").exists():
        time.sleep(0.01)


async def test_processes_that_were_lost_before_they_are_woken_are_replaced() -> None:
    async with ExtractionProcesses(1) as processes:
        lost = await processes.run(os.getpid)
        os.kill(lost, signal.SIGKILL)
        await asyncio.to_thread(wait_for_end, lost)
        processes.wake(os.getpid)
        found = await processes.run_over(doubled, [1])

    assert found == [2]


@pytest.fixture
def no_python() -> Iterator[None]:
    """Has processes started with a program that ends at once."""
    resource_tracker.ensure_running()  # once for all: it is none of those that are meant
    known = spawn.get_executable()
    spawn.set_executable("/bin/false")
    yield
    spawn.set_executable(known)


@pytest.mark.usefixtures("no_python")
async def test_processes_that_cannot_run_at_all_are_not_laid_to_what_is_read() -> None:
    async with ExtractionProcesses(1) as processes:
        with pytest.raises(Unavailable, match="end as soon as they start"):
            await processes.run_over(doubled, [1, 2])
