"""`make bench`: how fast it starts, crawls, indexes and answers, and how much memory that takes.

Measured from outside, on the product as users run it: `lectern up`, `lectern add`, HTTP. The documentation crawled is a
folder of HTML, served on loopback by the standard library's server.
"""

import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psutil
from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from bench import report
from bench.product import Product, free_port, running_lectern

LIBRARY = "/bench/docs"
_POLL_SECONDS = 0.1
_WARM_UP_CALLS = 30
_TIMED_CALLS = 300
_CALLERS = 8
_LOAD_SECONDS = 10.0
_EMBED_SECONDS = 60.0
_NO_LIMIT = "1000000000"
_WORDS = ("logging", "a socket", "an iterator", "the module path", "a subprocess", "the event loop", "json", "a test")


class SpeedSettings(BaseSettings):
    """What to crawl."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", populate_by_name=True)

    source: Path = Field(
        default=Path(__file__).resolve().parent.parent / "docs", validation_alias="LECTERN_BENCH_SOURCE"
    )


@dataclass
class Crawled:
    """When, in seconds after `lectern add`, what was done; counts at the end."""

    pages: int = 0
    failed: int = 0
    chunks: int = 0
    words_after: float = 0.0
    embedded_per_second: float = 0.0


@dataclass
class Answered:
    """Times of single calls in milliseconds, one after the other, and calls a second with several callers."""

    milliseconds: list[float] = field(default_factory=list[float])
    per_second: float = 0.0
    callers_milliseconds: list[float] = field(default_factory=list[float])


async def main() -> None:
    """Measures everything once and writes the section."""
    settings = SpeedSettings()
    answered: dict[str, Answered] = {}
    with tempfile.TemporaryDirectory(prefix="lectern-bench-") as name:
        folder = Path(name)
        starts = [await time_start(folder) for _ in range(2)]
        async with running_lectern(folder) as product, served(settings.source) as url:
            key = await unlimited_key(product)
            crawled = await crawl(product, key, url)
            answered["words and meaning"] = await answer(product, key)
            memory = memory_of(product)
        async with running_lectern(folder, LECTERN_EMBEDDING_ENABLED="false") as product:
            answered["words alone"] = await answer(product, key)
    text = render(settings.source, starts, crawled, answered, memory)
    report.write_section("speed", text)
    print(text)


async def time_start(folder: Path) -> float:
    """Gives the seconds from the command to the server being up."""
    started = time.perf_counter()
    async with running_lectern(folder):
        return time.perf_counter() - started


async def unlimited_key(product: Product) -> str:
    """Creates a key that may do everything, as often as it likes."""
    limits = ("--per-minute", _NO_LIMIT, "--per-day", _NO_LIMIT)
    return (await product.run("key", "create", "--scope", "admin", *limits)).strip()


@asynccontextmanager
async def served(folder: Path) -> AsyncGenerator[str]:
    """Serves a folder by `python -m http.server` on loopback."""
    port = free_port()
    arguments = ("-m", "http.server", str(port), "--bind", "127.0.0.1", "--directory", str(folder))
    process = await asyncio.create_subprocess_exec(
        sys.executable, *arguments, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL
    )
    try:
        yield f"http://127.0.0.1:{port}/"
    finally:
        process.terminate()
        await process.wait()


async def crawl(product: Product, key: str, url: str) -> Crawled:
    """Adds the site and watches; ends after a minute of embedding, or earlier when all is embedded."""
    async with api(product, key) as admin:
        return await _watch(admin, url)


async def _watch(admin: httpx.AsyncClient, url: str) -> Crawled:
    body = {"source": url, "id": LIBRARY, "version": "1", "allowPrivate": True}
    crawled, started = Crawled(), time.perf_counter()
    crawl_id = (await admin.post("/libraries", json=body)).raise_for_status().json()["id"]
    while True:
        state = (await admin.get(f"/crawls/{crawl_id}")).raise_for_status().json()
        seconds = time.perf_counter() - started
        if state["status"] == "completed":
            break
        if state["status"] == "failed":
            sys.exit(f"The crawl failed: {state['reason']}")
        await asyncio.sleep(_POLL_SECONDS)
    crawled.words_after = seconds
    crawled.pages, crawled.failed = state["pages"].get("fetched", 0), state["pages"].get("failed", 0)
    crawled.chunks = state["chunks"]["total"]
    crawled.embedded_per_second = await embedding_rate(admin, crawl_id)
    return crawled


async def embedding_rate(admin: httpx.AsyncClient, crawl_id: str) -> float:
    """Gives chunks embedded a second, over a minute or until all are."""
    first = (await admin.get(f"/crawls/{crawl_id}")).json()["chunks"]["withMeaning"]
    started = time.perf_counter()
    while True:
        await asyncio.sleep(1)
        chunks = (await admin.get(f"/crawls/{crawl_id}")).json()["chunks"]
        seconds = time.perf_counter() - started
        if seconds >= _EMBED_SECONDS or chunks["withMeaning"] == chunks["total"]:
            return (chunks["withMeaning"] - first) / seconds


async def answer(product: Product, key: str) -> Answered:
    """Asks questions over MCP, one after the other and then from several callers at once."""
    questions = [f"how is {word} {turn} configured" for turn in range(40) for word in _WORDS]
    answered = Answered()
    async with mcp(product, key) as client:
        for question in questions[:_WARM_UP_CALLS]:
            await call(client, question)
        for question in questions[_WARM_UP_CALLS : _WARM_UP_CALLS + _TIMED_CALLS]:
            answered.milliseconds.append(await call(client, question))
        end = time.perf_counter() + _LOAD_SECONDS
        callers = [caller(client, questions[start::_CALLERS], end) for start in range(_CALLERS)]
        for times in await asyncio.gather(*callers):
            answered.callers_milliseconds += times
    answered.per_second = len(answered.callers_milliseconds) / _LOAD_SECONDS
    return answered


async def caller(client: httpx.AsyncClient, questions: Sequence[str], end: float) -> list[float]:
    """Asks without pause until the end; gives the milliseconds of each call."""
    times: list[float] = []
    while True:
        for question in questions:
            times.append(await call(client, question))
            if time.perf_counter() >= end:
                return times


async def call(client: httpx.AsyncClient, question: str) -> float:
    """Calls `query-docs` once and gives the milliseconds it took."""
    arguments = {"libraryId": LIBRARY, "query": question}
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "query-docs", "arguments": arguments}}
    started = time.perf_counter()
    response = await client.post("/mcp", json=body)
    milliseconds = (time.perf_counter() - started) * 1000
    if not response.is_success or "result" not in response.json():
        sys.exit(f"A call was not answered: {response.text[:500]}")
    return milliseconds


@asynccontextmanager
async def mcp(product: Product, key: str) -> AsyncGenerator[httpx.AsyncClient]:
    """Gives an HTTP client with the headers of an MCP client."""
    headers = {
        "authorization": f"Bearer {key}",
        "accept": "application/json, text/event-stream",
        "mcp-protocol-version": "2025-11-25",
    }
    async with httpx.AsyncClient(base_url=product.url, headers=headers, timeout=30) as client:
        yield client


@asynccontextmanager
async def api(product: Product, key: str) -> AsyncGenerator[httpx.AsyncClient]:
    """Gives a client of the HTTP API."""
    headers = {"authorization": f"Bearer {key}"}
    async with httpx.AsyncClient(base_url=f"{product.url}/api/v1", headers=headers, timeout=30) as client:
        yield client


def memory_of(product: Product) -> dict[str, float]:
    """Gives resident memory in MiB by part; PostgreSQL shares most of its own between processes."""
    server = psutil.Process(product.process.pid)
    parts = {"server": server.memory_info().rss / 2**20}
    for child in server.children(recursive=True):
        line = " ".join(child.cmdline())
        part = "embedder" if "indexer.embedding.child" in line else "extraction" if "spawn_main" in line else None
        if part:
            parts[part] = parts.get(part, 0.0) + child.memory_info().rss / 2**20
    return parts


def render(
    source: Path,
    starts: Sequence[float],
    crawled: Crawled,
    answered: dict[str, Answered],
    memory: dict[str, float],
) -> str:
    """Gives the section's text."""
    rows = [
        ("first start, until up", f"{starts[0]:.1f} s"),
        ("start on existing data, until up", f"{starts[1]:.1f} s"),
        ("pages crawled, failed", f"{crawled.pages}, {crawled.failed}"),
        ("crawl, fetching and indexing together", f"{crawled.pages / crawled.words_after:.0f} pages/s"),
        ("everything searchable by words after", f"{crawled.words_after:.1f} s"),
        ("passages", f"{crawled.chunks}"),
        ("embedded, while nothing is asked", f"{crawled.embedded_per_second:.0f} passages/s"),
        *(_row for name, one in answered.items() for _row in _answer_rows(name, one)),
        *((f"memory, {part}", f"{mib:.0f} MiB") for part, mib in memory.items()),
    ]
    above = (
        f"{report.circumstances('make bench')}\n\nCrawled: `{source.name}`, served by `python -m http.server`. "
        "Questions by words and meaning were asked while the rest of the passages was being embedded on the same cores."
    )
    return f"{above}\n\n{report.table(('what', 'figure'), rows)}"


def _answer_rows(name: str, answered: Answered) -> list[tuple[str, str]]:
    alone, together = sorted(answered.milliseconds), sorted(answered.callers_milliseconds)
    return [
        (f"`query-docs` over HTTP, metered, {name}: p50, p99", f"{_quantile(alone, 50)}, {_quantile(alone, 99)}"),
        (f"the same from {_CALLERS} callers: calls/s", f"{answered.per_second:.0f}"),
        (f"the same from {_CALLERS} callers: p50, p99", f"{_quantile(together, 50)}, {_quantile(together, 99)}"),
    ]


def _quantile(ordered: Sequence[float], percent: int) -> str:
    return f"{statistics.quantiles(ordered, n=100)[percent - 1]:.1f} ms"


if __name__ == "__main__":
    asyncio.run(main())
