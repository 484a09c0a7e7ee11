"""The server process: the app on a socket, the worker beside it, and an orderly end."""

import asyncio
import os
import signal
import socket
from collections.abc import AsyncGenerator, Coroutine, Generator
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import Any

import structlog
import uvicorn

from core.data_folder import RunningServer
from core.errors import LecternError, Misconfigured
from indexer.catalogue import catalogue
from server.runtime import Runtime

log = structlog.get_logger(__name__)

_GRACE_SECONDS = 10
_DUE_SECONDS = 5.0
_BACKLOG = 2048


class _Uvicorn(uvicorn.Server):
    """Uvicorn without its own handling of signals: it would raise them again after the end, past our cleaning up."""

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        """Leaves signals alone."""
        yield


def bind(host: str, port: int) -> socket.socket:
    """Gives a listening socket.

    Raises:
        Misconfigured: The port is taken, or the address is not this machine's.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(_BACKLOG)
    except OSError as error:
        listener.close()
        raise Misconfigured(
            f"Cannot listen on {host}:{port} ({error.strerror}). Stop what uses it, or choose another port with --port."
        ) from error
    return listener


async def serve(app: Any, runtime: Runtime, listener: socket.socket) -> None:  # noqa: ANN401 - an ASGI app
    """Serves until SIGINT or SIGTERM, then ends open requests within a few seconds."""
    config = uvicorn.Config(
        app,
        http="httptools",
        loop="none",
        lifespan="off",
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=_GRACE_SECONDS,
        proxy_headers=False,
    )
    server = _Uvicorn(config)

    def end() -> None:
        server.should_exit = True
        # Who watches a crawl would be waited for until the grace is over.
        app.state.feeds.end()

    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, end)
    url = url_of(listener)
    runtime.folder.announce(RunningServer(os.getpid(), url, runtime.local_token))
    try:
        await server.serve(sockets=[listener])
    finally:
        runtime.folder.retract()


@asynccontextmanager
async def working(runtime: Runtime, *, crawls: bool = True, embeds: bool = True) -> AsyncGenerator[None]:
    """Works while the context is open, after queueing again what an ended process left undone.

    Args:
        runtime: The parts.
        crawls: Whether to work on crawls.
        embeds: Whether to embed what waits for it.
    """
    work: list[Coroutine[Any, Any, None]] = []
    if crawls:
        await runtime.ingest.recover()
        work.append(runtime.jobs.work(runtime.ingest.handlers, runtime.ingest.give_up))
        work.append(_start_due_crawls(runtime))
        work.append(_clear_removed(runtime))
        work.append(_renew_names(runtime))
        work.append(_restore_lost(runtime))
    if embeds:
        work.append(runtime.embedding.run())
        work.append(_keep_topics(runtime))
    work.append(_keep_pods(runtime))
    tasks = [asyncio.create_task(task) for task in work]
    try:
        yield
    finally:
        for task in reversed(tasks):
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


async def _start_due_crawls(runtime: Runtime) -> None:
    while True:
        try:
            await runtime.ingest.start_due()
        except LecternError as error:
            log.warning("server.due_crawls_put_off", reason=error.message)
        await asyncio.sleep(_DUE_SECONDS)


async def _clear_removed(runtime: Runtime) -> None:
    """Takes out of the vector store what was removed while it did not answer."""
    while True:
        try:
            await runtime.indexer.sync_removed()
        except LecternError as error:
            log.warning("server.removals_put_off", reason=error.message)
        await asyncio.sleep(_DUE_SECONDS)


async def _restore_lost(runtime: Runtime) -> None:
    """Looks once whether the vector store is as full as it should be."""
    while True:
        try:
            return await runtime.ingest.restore_lost()
        except LecternError as error:
            log.warning("server.restoring_put_off", reason=error.message)
        await asyncio.sleep(_DUE_SECONDS)


async def _renew_names(runtime: Runtime) -> None:
    try:
        if count := await catalogue.renew_names(runtime.content):
            log.info("server.names_renewed", libraries=count)
    except LecternError as error:
        log.warning("server.names_put_off", reason=error.message)


async def _keep_pods(runtime: Runtime) -> None:
    """Has what waits for data pods written when they answer again."""
    while True:
        try:
            await runtime.pods.catch_up()
        except LecternError as error:
            log.warning("server.pods_put_off", reason=error.message)
        await asyncio.sleep(_DUE_SECONDS)


async def _keep_topics(runtime: Runtime) -> None:
    """Brings what libraries are about into the vector store, soon after they change."""
    while True:
        try:
            await runtime.topics.sync()
        except LecternError as error:
            log.warning("server.topics_put_off", reason=error.message)
        await asyncio.sleep(_DUE_SECONDS)


def url_of(listener: socket.socket) -> str:
    """Gives the address of a listening socket as a client on this machine uses it."""
    host, port = listener.getsockname()[:2]
    reachable = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104
    return f"http://{reachable}:{port}"
