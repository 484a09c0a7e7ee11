"""`make demo`: starts Lectern, adds a source, asks through a real MCP client, prints the answer, stops.

Everything happens in a temporary folder, on a free port of this machine, with nothing kept.
"""

import asyncio
import re
import sys
import tempfile
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx2
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from mcp.types import TextContent

from bench.product import running_lectern

QUESTION = "How do I create an API key and limit how many calls it may make?"
SOURCE = Path(__file__).resolve().parent.parent / "docs"


async def demonstrate() -> None:
    """Runs the whole way once.

    Raises:
        RuntimeError: A step did not do what it should.
    """
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="lectern-demo-") as folder:
        async with running_lectern(Path(folder)) as product:
            _say(started, f"up at {product.url}/mcp")
            await product.run("add", str(SOURCE), "--id", "/demo/lectern", "--version", "1.0", "--wait")
            _say(started, f"added {SOURCE.name}/ as /demo/lectern")
            async with mcp_client(product.url, product.key) as client:
                _say(started, f"a client is connected, protocol {client.protocol_version}")
                found = await ask(client, "resolve-library-id", query=QUESTION, libraryName="lectern")
                print(f"\nresolve-library-id lectern\n\n{found}\n")
                answer = await ask(client, "query-docs", libraryId="/demo/lectern", query=QUESTION)
                print(f"query-docs /demo/lectern: {QUESTION}\n\n{answer}\n")
            sources = re.findall(r"^Source: (\S+)", answer, re.MULTILINE)
            if not sources:
                raise RuntimeError("The answer names no source.")
            _say(started, f"answered from {len(sources)} passages: {', '.join(dict.fromkeys(sources))}")
    _say(started, "stopped, nothing left behind")


@asynccontextmanager
async def mcp_client(url: str, key: str) -> AsyncGenerator[Client]:
    """Connects the official MCP client."""
    async with (
        httpx2.AsyncClient(headers={"Authorization": f"Bearer {key}"}) as http,
        Client(streamable_http_client(f"{url}/mcp", http_client=http)) as client,
    ):
        yield client


async def ask(client: Client, tool: str, **arguments: str) -> str:
    """Calls a tool and gives its text.

    Raises:
        RuntimeError: The tool answered with an error.
    """
    result = await client.call_tool(tool, arguments)
    text = "\n".join(part.text for part in result.content if isinstance(part, TextContent))
    if result.is_error:
        raise RuntimeError(text)
    return text


def _say(started: float, what: str) -> None:
    print(f"[{time.monotonic() - started:5.1f} s] {what}", flush=True)


if __name__ == "__main__":
    try:
        asyncio.run(demonstrate())
    except RuntimeError as failure:
        sys.exit(f"demo: {failure}")
