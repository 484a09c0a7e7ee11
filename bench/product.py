"""The product as a user runs it: `lectern up` in a process of its own, on a folder and a port of its own."""

import asyncio
import os
import re
import signal
import socket
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

_START_SECONDS = 120
_STOP_SECONDS = 30
_KEY = re.compile(r"\blk_live_\w+")
_LAST_LINE = b"Ctrl-C"


@dataclass(frozen=True)
class Product:
    """A running Lectern."""

    url: str
    key: str
    process: Process
    environment: Mapping[str, str]

    async def run(self, *command: str) -> str:
        """Runs a `lectern` command against it and gives what it printed.

        Raises:
            RuntimeError: The command failed.
        """
        process = await asyncio.create_subprocess_exec(
            *lectern(*command), env=self.environment, stdout=PIPE, stderr=PIPE
        )
        out, err = await process.communicate()
        if process.returncode != 0:
            raise RuntimeError(f"lectern {command[0]} failed:\n{out.decode()}{err.decode()}")
        return out.decode()


def lectern(*command: str) -> tuple[str, ...]:
    """Gives the command line of a `lectern` command in this environment."""
    return (sys.executable, "-c", "from server.cli import main; main()", *command)


def environment_for(data: Path, **settings: str) -> dict[str, str]:
    """Gives an environment in which nothing but these settings is set."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("LECTERN_")}
    for name in ("DATABASE_URL", "ACCOUNTS_DATABASE_URL", "REDIS_URL", "QDRANT_URL", "SNAPSHOT_URL"):
        kept.pop(name, None)
    return {**kept, "LECTERN_DATA_DIR": str(data), "LECTERN_LOG_LEVEL": "warning", **settings}


def free_port() -> int:
    """Gives a port of this machine that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@asynccontextmanager
async def running_lectern(folder: Path, **settings: str) -> AsyncGenerator[Product]:
    """Runs `lectern up` until the context ends, then stops it as Ctrl-C does.

    Args:
        folder: Where its data folder is or will be.
        settings: Environment variables.

    Raises:
        RuntimeError: It did not come up, or did not end by itself.
    """
    environment = environment_for(folder / "data", **settings)
    port = free_port()
    process = await asyncio.create_subprocess_exec(
        *lectern("up", "--port", str(port)), env=environment, stdout=PIPE, stderr=None
    )
    try:
        key = await _until_up(process)
        yield Product(f"http://127.0.0.1:{port}", key, process, environment)
    finally:
        await _stop(process)


async def _until_up(process: Process) -> str:
    """Reads what it prints until it is up; gives the key it shows on a first start."""
    assert process.stdout is not None
    key = ""
    try:
        async with asyncio.timeout(_START_SECONDS):
            async for line in process.stdout:
                if found := _KEY.search(line.decode()):
                    key = found.group()
                if line.startswith(_LAST_LINE):
                    return key
    except TimeoutError as error:
        raise RuntimeError(f"It was not up after {_START_SECONDS} s.") from error
    raise RuntimeError(f"It ended with status {await process.wait()} before it was up.")


async def _stop(process: Process) -> None:
    if process.returncode is not None:
        return
    process.send_signal(signal.SIGINT)
    try:
        async with asyncio.timeout(_STOP_SECONDS):
            await process.wait()
    except TimeoutError as error:
        process.kill()
        await process.wait()
        raise RuntimeError(f"It did not end within {_STOP_SECONDS} s of being asked.") from error
