"""Equal work that is asked for at once."""

import asyncio

import pytest

from indexer.search.flights import Flights


class Work:
    """Work that goes on until it is let go; counts how often it was begun."""

    def __init__(self, error: Exception | None = None) -> None:
        self.begun = 0
        self.cancelled = 0
        self.released = asyncio.Event()
        self.error = error

    async def do(self) -> int:
        self.begun += 1
        try:
            await self.released.wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        if self.error is not None:
            raise self.error
        return self.begun


async def turns(count: int = 5) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


async def test_equal_work_is_done_once_at_a_time() -> None:
    flights, work = Flights(), Work()
    waiting = [asyncio.create_task(flights.join("a", work.do)) for _ in range(20)]
    await turns()
    work.released.set()
    assert await asyncio.gather(*waiting) == [1] * 20
    assert await flights.join("a", work.do) == 2


async def test_different_work_is_not_shared() -> None:
    flights, work = Flights(), Work()
    work.released.set()
    assert await asyncio.gather(flights.join("a", work.do), flights.join("b", work.do)) == [1, 2]


async def test_who_gives_up_stops_nobody_else() -> None:
    flights, work = Flights(), Work()
    first, second = (asyncio.create_task(flights.join("a", work.do)) for _ in range(2))
    await turns()
    first.cancel()
    await turns()
    work.released.set()
    assert await second == 1
    assert first.cancelled()


async def test_work_nobody_waits_for_is_cancelled_and_begun_anew_for_the_next() -> None:
    flights, work = Flights(), Work()
    alone = asyncio.create_task(flights.join("a", work.do))
    await turns()
    alone.cancel()
    await turns()
    assert work.cancelled == 1
    work.released.set()
    assert await flights.join("a", work.do) == 2


async def test_an_error_reaches_everybody_who_waits_and_nobody_later() -> None:
    flights, work = Flights(), Work(ValueError("broken"))
    waiting = [asyncio.create_task(flights.join("a", work.do)) for _ in range(3)]
    await turns()
    work.released.set()
    assert [str(error) for error in await asyncio.gather(*waiting, return_exceptions=True)] == ["broken"] * 3
    work.error = None
    assert await flights.join("a", work.do) == 2


async def test_a_deadline_ends_the_waiting_not_the_work() -> None:
    flights, work = Flights(), Work()
    patient = asyncio.create_task(flights.join("a", work.do))
    await turns()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0):
            await flights.join("a", work.do)
    work.released.set()
    assert await patient == 1
