"""The one door to the job queue (PgQueuer): jobs in the content database, enqueued in the caller's own transaction."""

# asyncpg carries no complete types; its connections pass through this door to the queue.
# pyright: reportUnknownMemberType=false, reportUnknownArgumentType=false

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from datetime import timedelta
from typing import Any, cast

import structlog
from pgqueuer import PgQueuer
from pgqueuer.db import AsyncpgDriver, AsyncpgPoolDriver
from pgqueuer.executors import DatabaseRetryEntrypointExecutor
from pgqueuer.models import Job
from pgqueuer.queries import Queries

from core.database import Connection, Database
from core.errors import DatabaseUnavailable

log = structlog.get_logger(__name__)

Handler = Callable[[str], Awaitable[None]]
"""Does one job, given its subject. An error puts the job back, with growing pauses, a few times."""

_HEARTBEAT = timedelta(seconds=15)
_IDLE = timedelta(seconds=10)
_MOST_ATTEMPTS = 4
_RECONNECT_SECONDS = 2.0


class JobQueue:
    """Jobs by name and subject; the same job is queued once only, however often it is asked for."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def install(self) -> None:
        """Creates the queue's own tables, or brings them up to this release."""
        queries = Queries(AsyncpgPoolDriver(self._database.pool))
        if await queries.schema_is_installed():
            await queries.upgrade()
        else:
            await queries.install()

    async def enqueue(self, connection: Connection, job: str, subject: str) -> None:
        """Queues a job as part of the caller's transaction; one that waits already is not queued again."""
        queries = Queries(AsyncpgDriver(cast("Any", connection)))
        await queries.enqueue(job, subject.encode(), dedupe_key=f"{job}:{subject}", on_conflict="skip")

    async def work(self, handlers: Mapping[str, Handler]) -> None:
        """Does jobs as they come, until cancelled; a lost database is waited for.

        A job whose worker died is given to another one after 15 seconds without a heartbeat.
        """
        while True:
            try:
                await self._work_connected(handlers)
            except (TimeoutError, OSError, DatabaseUnavailable) as error:
                log.warning("core.job_queue_lost", error=str(error))
            await asyncio.sleep(_RECONNECT_SECONDS)

    async def _work_connected(self, handlers: Mapping[str, Handler]) -> None:
        queuer = PgQueuer.from_asyncpg_pool(self._database.pool)
        for name, handler in handlers.items():
            queuer.entrypoint(name, executor_factory=_with_retries)(_entrypoint(name, handler))
        with suppress(asyncio.CancelledError):
            await queuer.run(dequeue_timeout=_IDLE, heartbeat_timeout=_HEARTBEAT)
            return
        queuer.shutdown.set()
        raise asyncio.CancelledError


def _entrypoint(name: str, handler: Handler) -> Callable[[Job], Awaitable[None]]:
    async def run(job: Job) -> None:
        subject = (job.payload or b"").decode()
        try:
            await handler(subject)
        except Exception:
            log.exception("core.job_failed", job=name, subject=subject, attempt=job.attempts + 1)
            raise

    return run


def _with_retries(parameters: Any) -> DatabaseRetryEntrypointExecutor:  # noqa: ANN401 - the queue's own parameters
    return DatabaseRetryEntrypointExecutor(parameters=parameters, max_attempts=_MOST_ATTEMPTS)
