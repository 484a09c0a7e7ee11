"""Jobs that fail too often: somebody is told, so that nobody waits for them."""

import asyncio
from contextlib import suppress

import pytest

from core import jobs
from core.database import Database
from core.jobs import JobQueue


async def test_a_job_that_fails_once_too_often_is_given_up(
    content_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "_MOST_ATTEMPTS", 1)
    queue = JobQueue(content_database)
    await queue.install()
    tries: list[str] = []
    given_up: asyncio.Queue[tuple[str, str, str]] = asyncio.Queue()

    async def fail(subject: str) -> None:
        tries.append(subject)
        raise ValueError(f"try {len(tries)}")

    async def give_up(job: str, subject: str, error: Exception) -> None:
        await given_up.put((job, subject, str(error)))

    worker = asyncio.create_task(queue.work({"hopeless": fail}, give_up))
    async with content_database.transaction() as connection:
        await queue.enqueue(connection, "hopeless", "it")

    assert await asyncio.wait_for(given_up.get(), 20) == ("hopeless", "it", "try 2")
    worker.cancel()
    with suppress(asyncio.CancelledError):
        await worker
