"""Commands of the product run to their end, whatever it is, for tests of what they say."""

import asyncio
from asyncio.subprocess import PIPE
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bench.product import Product, lectern

COMMAND_SECONDS = 30
QUICK = {
    "LECTERN_EMBEDDING_ENABLED": "false",
    "LECTERN_CRAWL_REQUEST_TIMEOUT_SECONDS": "0.3",
    "LECTERN_CRAWL_RETRY_BASE_SECONDS": "0.01",
}
"""Settings under which nothing takes long."""


@dataclass(frozen=True)
class Ended:
    """How a command ended, and everything it printed."""

    status: int | None
    text: str


async def run(environment: Mapping[str, str], *command: str) -> Ended:
    """Runs a `lectern` command to its end, which must come soon."""
    process = await asyncio.create_subprocess_exec(*lectern(*command), env=environment, stdout=PIPE, stderr=PIPE)
    try:
        out, err = await asyncio.wait_for(process.communicate(), COMMAND_SECONDS)
    except TimeoutError:
        process.kill()
        await process.wait()
        raise
    return Ended(process.returncode, out.decode() + err.decode())


async def add(product: Product, source: str, library: str, *options: str) -> Ended:
    """Runs `lectern add` and waits for what becomes of it."""
    return await run(product.environment, "add", source, "--id", library, "--wait", *options)


def write_notes(folder: Path) -> str:
    """Makes a folder of documentation that says `paint(colour)`, and gives its path."""
    folder.mkdir()
    (folder / "notes.md").write_text("# Colours\n\nA widget's colour is set once, with `paint(colour)`.\n")
    return str(folder)
