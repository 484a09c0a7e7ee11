import asyncio
from contextlib import suppress
from unittest.mock import ANY

import pytest
from structlog.testing import capture_logs

from core.database import Database
from core.errors import Unavailable
from core.jobs import JobQueue


async def finish(worker: "asyncio.Task[None]") -> None:
    worker.cancel()
    with suppress(asyncio.CancelledError):
        await worker


async def test_a_job_queued_in_a_transaction_that_fails_is_never_done(content_database: Database) -> None:
    queue = JobQueue(content_database)
    await queue.install()
    done: asyncio.Queue[str] = asyncio.Queue()
    worker = asyncio.create_task(queue.work({"note": done.put}))
    with suppress(ZeroDivisionError):
        async with content_database.transaction() as connection:
            await queue.enqueue(connection, "note", "lost")
            raise ZeroDivisionError
    async with content_database.transaction() as connection:
        await queue.enqueue(connection, "note", "kept")

    assert await asyncio.wait_for(done.get(), 10) == "kept"
    assert done.empty()
    await finish(worker)


async def test_a_job_asked_for_twice_waits_once(content_database: Database) -> None:
    queue = JobQueue(content_database)
    await queue.install()
    async with content_database.transaction() as connection:
        for _ in range(3):
            await queue.enqueue(connection, "note", "same")
        assert await connection.fetchval("select count(*) from pgqueuer") == 1


async def test_a_job_that_runs_when_its_worker_ends_is_put_back(content_database: Database) -> None:
    queue = JobQueue(content_database)
    await queue.install()
    started: asyncio.Queue[str] = asyncio.Queue()

    async def never_end(subject: str) -> None:
        await started.put(subject)
        await asyncio.Event().wait()

    worker = asyncio.create_task(queue.work({"long": never_end}))
    async with content_database.transaction() as connection:
        await queue.enqueue(connection, "long", "it")
    await asyncio.wait_for(started.get(), 10)
    await asyncio.wait_for(finish(worker), 15)

    done: asyncio.Queue[str] = asyncio.Queue()
    worker = asyncio.create_task(queue.work({"long": done.put}))
    assert await asyncio.wait_for(done.get(), 15) == "it"
    await finish(worker)


async def test_a_job_that_fails_is_done_again(content_database: Database) -> None:
    queue = JobQueue(content_database)
    await queue.install()
    tries: list[str] = []
    tried_twice = asyncio.Event()

    async def fail_once(subject: str) -> None:
        tries.append(subject)
        if len(tries) == 1:
            raise ValueError(subject)
        tried_twice.set()

    worker = asyncio.create_task(queue.work({"try": fail_once}))
    async with content_database.transaction() as connection:
        await queue.enqueue(connection, "try", "it")

    await asyncio.wait_for(tried_twice.wait(), 20)
    await finish(worker)


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (Unavailable("The store does not answer."), {"reason": "The store does not answer."}),
        (ValueError("A fault."), {"exc_info": ANY}),
    ],
)
async def test_what_is_away_for_now_is_told_without_a_traceback(
    content_database: Database, error: Exception, told: dict[str, object]
) -> None:
    queue = JobQueue(content_database)
    await queue.install()
    has_failed = asyncio.Event()

    async def fail_once(_subject: str) -> None:
        if not has_failed.is_set():
            has_failed.set()
            raise error
        done.set()

    done = asyncio.Event()
    with capture_logs() as logs:
        worker = asyncio.create_task(queue.work({"try": fail_once}))
        async with content_database.transaction() as connection:
            await queue.enqueue(connection, "try", "it")
        await asyncio.wait_for(done.wait(), 20)
        await finish(worker)
    facts = {"event": "core.job_failed", "log_level": "error", "job": "try", "subject": "it", "attempt": 1}
    assert [line for line in logs if line["event"] == "core.job_failed"] == [facts | told]
