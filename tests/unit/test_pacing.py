"""Work beside other work: never twice at once, never too often, and its errors are heard."""

import asyncio

import pytest

from indexer.pacing import PacedWork

LONG = 3600.0


class Work:
    """Counts its runs; each lasts until it is let go."""

    def __init__(self) -> None:
        self.begun = 0
        self.ended = 0
        self.may_end = asyncio.Event()

    async def run(self) -> None:
        self.begun += 1
        await self.may_end.wait()
        self.ended += 1


async def test_runs_do_not_overlap() -> None:
    work = Work()
    paced = PacedWork(work.run, 0.0)
    for _ in range(3):
        paced.go_on()
        await asyncio.sleep(0)
    assert work.begun == 1
    work.may_end.set()
    await paced.finish()
    assert (work.begun, work.ended) == (2, 2)


async def test_between_the_beginnings_of_two_runs_there_is_a_pause() -> None:
    work = Work()
    work.may_end.set()
    paced = PacedWork(work.run, LONG)
    for _ in range(5):
        paced.go_on()
        await asyncio.sleep(0)
        await asyncio.sleep(0)
    assert work.ended == 1
    await paced.finish()
    assert work.ended == 2  # the last one does not wait


async def test_an_error_of_a_run_is_raised_by_what_comes_next() -> None:
    async def fail() -> None:
        raise ValueError("the disk is full")

    paced = PacedWork(fail, LONG)
    paced.go_on()
    await asyncio.sleep(0)
    with pytest.raises(ValueError, match="disk"):
        paced.go_on()


async def test_a_run_that_is_stopped_is_over_when_stop_returns() -> None:
    work = Work()
    paced = PacedWork(work.run, 0.0)
    paced.go_on()
    await asyncio.sleep(0)
    await paced.stop()
    work.may_end.set()
    await asyncio.sleep(0)
    assert (work.begun, work.ended) == (1, 0)
    await paced.stop()
