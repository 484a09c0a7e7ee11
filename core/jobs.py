"""The one door to the job queue (PgQueuer): jobs in the content database, enqueued in the caller's own transaction."""

# asyncpg carries no complete types; its connections pass through this door to the queue.
# pyright: reportUnknownMemberType=false, reportUnknownArgumentType=false

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from datetime import timedelta
from typing import Any, cast

import structlog
from pgqueuer import PgQueuer
from pgqueuer.db import AsyncpgDriver, AsyncpgPoolDriver
from pgqueuer.errors import RetryRequested
from pgqueuer.executors import DatabaseRetryEntrypointExecutor
from pgqueuer.models import Job
from pgqueuer.queries import Queries

from core.database import Connection, Database, translated_errors
from core.errors import DatabaseUnavailable, Unavailable

log = structlog.get_logger(__name__)

Handler = Callable[[str], Coroutine[Any, Any, None]]
"""Does one job, given its subject. An error puts the job back, with growing pauses, a few times."""

GiveUp = Callable[[str, str, Exception], Awaitable[None]]
"""Told a job's name and subject, and the error it failed with once too often."""

_HEARTBEAT = timedelta(seconds=15)
_IDLE = timedelta(seconds=2)
_MOST_ATTEMPTS = 4
_RECONNECT_SECONDS = 2.0
_END_SECONDS = 3.0
_END_TRIES = 3


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

    async def work(self, handlers: Mapping[str, Handler], give_up: GiveUp | None = None) -> None:
        """Does jobs as they come, until cancelled; a lost database is waited for.

        A job that fails too often is given up, which `give_up` is told. A job whose worker died is given to another one
        after 15 seconds without a heartbeat. A job that is running when this is cancelled is ended and put back.
        """
        while True:
            try:
                async with translated_errors():
                    await _Worker(self._database, handlers, give_up).run()
            except DatabaseUnavailable as error:
                log.warning("core.job_queue_lost", error=str(error.__cause__ or error))
            except Exception:  # without its worker the server would take crawls that nobody ever does
                log.exception("core.job_queue_failed")
            await asyncio.sleep(_RECONNECT_SECONDS)


class _Worker:
    """One connection of the queue to its handlers."""

    def __init__(self, database: Database, handlers: Mapping[str, Handler], give_up: GiveUp | None) -> None:
        self._queuer = PgQueuer.from_asyncpg_pool(database.pool)
        self._give_up = give_up
        self._running: set[asyncio.Task[None]] = set()
        self._is_ending = False
        for name, handler in handlers.items():
            self._queuer.entrypoint(name, executor_factory=_with_retries)(self._entrypoint(name, handler))

    async def run(self) -> None:
        """Does jobs until cancelled."""
        queue = asyncio.create_task(self._queuer.run(dequeue_timeout=_IDLE, heartbeat_timeout=_HEARTBEAT))
        try:
            await asyncio.shield(queue)
        except asyncio.CancelledError:
            # The queue waits for its jobs before it ends, so they go first.
            self._is_ending = True
            self._queuer.shutdown.set()
            await self._end_jobs(queue)
            queue.cancel()
            raise

    async def _end_jobs(self, queue: "asyncio.Task[None]") -> None:
        """Cancels the jobs until the queue has ended, a few times: a wait that ends just then can swallow one."""
        for _ in range(_END_TRIES):
            for task in self._running:
                task.cancel()
            ended, _ = await asyncio.wait({queue}, timeout=_END_SECONDS)
            if ended:
                return

    def _entrypoint(self, name: str, handler: Handler) -> Callable[[Job], Awaitable[None]]:
        async def run(job: Job) -> None:
            subject = (job.payload or b"").decode()
            task = asyncio.ensure_future(handler(subject))
            self._running.add(task)
            try:
                await task
            except asyncio.CancelledError:
                if self._is_ending:
                    raise RetryRequested(reason="the worker ended") from None
                task.cancel()
                raise
            except Exception as error:
                _log_failure(error, job=name, subject=subject, attempt=job.attempts + 1)
                if self._give_up is not None and job.attempts >= _MOST_ATTEMPTS:
                    await self._give_up(name, subject, error)
                raise
            finally:
                self._running.discard(task)

        return run


def _log_failure(error: Exception, **facts: str | int) -> None:
    if isinstance(error, Unavailable):  # where it was noticed tells nothing
        log.error("core.job_failed", reason=error.message, **facts)
    else:
        log.error("core.job_failed", exc_info=error, **facts)


def _with_retries(parameters: Any) -> DatabaseRetryEntrypointExecutor:  # noqa: ANN401 - the queue's own parameters
    return DatabaseRetryEntrypointExecutor(parameters=parameters, max_attempts=_MOST_ATTEMPTS)
