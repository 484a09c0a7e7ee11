"""What an index costs once it is built: disk, start-up, memory of the running product, time of answers."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import httpx
import psutil

from bench.product import Product, running_lectern
from bench.scale.asking import Asked, Times, questions_from_headings, time_answers
from bench.scale.building import Built, configuration_for, folder_bytes
from bench.speed import mcp, unlimited_key
from server.mcp.tools import ANSWER_FACTS_KEY
from server.runtime import open_runtime

_WARM_UP = 100
"""Of each library at least one, if there are not more: what is linked to is read with the first question."""
_MOST_LOOKS, _LOOK_SECONDS = 120, 0.5
_MIB = 2**20


@dataclass(frozen=True)
class Memory:
    """Resident memory of a process in MiB: its own, and what it has mapped of files, which the system may take back."""

    own: float
    mapped: float


@dataclass(frozen=True)
class Running:
    """The running product: seconds until it is up; by part its memory, and the milliseconds of processor of a question.

    The memory of PostgreSQL is that of its largest process: they share most of it.
    """

    start_seconds: float
    memory: dict[str, Memory]
    cpu: dict[str, float]


@dataclass(frozen=True)
class Point:
    """Everything measured at one size; seconds, MiB, and milliseconds as p50 and p99."""

    chunks: int
    libraries: int
    largest_library: int
    circumstances: str
    build_seconds: dict[str, float]
    vectors_mib: float
    postgres_mib: float
    words: dict[str, dict[str, float]]
    meaning: dict[str, dict[str, float]]
    running_words: Running
    running_meaning: Running


async def measure(folder: Path, built: Built, count: int, given: Sequence[Asked], circumstances: str) -> Point:
    """Measures an index that is built, with so many questions made of its headings, or with those given."""
    data = folder / "data"
    words = await _time(data, count, given, with_meaning=False)
    meaning = await _time(data, count, given, with_meaning=True)
    seconds = {name: round(value, 1) for name, value in asdict(built).items() if isinstance(value, float)}
    return Point(
        chunks=built.chunks,
        libraries=built.libraries,
        largest_library=built.largest,
        circumstances=circumstances,
        build_seconds=seconds,
        vectors_mib=round(await asyncio.to_thread(folder_bytes, data / "vectors") / _MIB, 1),
        postgres_mib=round(await asyncio.to_thread(folder_bytes, data / "postgres" / "base") / _MIB, 1),
        words=words.summary(),
        meaning=meaning.summary(),
        running_words=await _run(folder, words.questions, with_meaning=False),
        running_meaning=await _run(folder, words.questions, with_meaning=True),
    )


async def _time(data: Path, count: int, given: Sequence[Asked], *, with_meaning: bool) -> Times:
    async with open_runtime(configuration_for(data, with_meaning=with_meaning), may_migrate=True) as runtime:
        questions = given or await questions_from_headings(runtime.content, count + _WARM_UP)
        if with_meaning:
            await runtime.embedder.until_ready()
        for asked in questions[:_WARM_UP]:
            await runtime.answers.query_docs(asked.library, asked.text, None)
        return await time_answers(runtime, questions[_WARM_UP:])


async def _run(folder: Path, questions: Sequence[Asked], *, with_meaning: bool) -> Running:
    """Runs the product and asks as an assistant does."""
    started = time.perf_counter()
    async with running_lectern(folder, LECTERN_EMBEDDING_ENABLED=str(with_meaning).lower()) as product:
        start_seconds = time.perf_counter() - started
        async with mcp(product, await unlimited_key(product)) as client:
            if with_meaning:
                await _until_meaning(client, questions[0])
            for asked in questions[:_WARM_UP]:
                await _ask(client, asked)
            parts = _parts(product, folder / "data")
            before = _cpu_seconds(parts)
            for asked in questions[_WARM_UP:]:
                await _ask(client, asked)
            after = _cpu_seconds(parts)
        by_size = sorted(parts, key=lambda part: part[1].memory_info().rss)
        memory = {part: _memory_of(process) for part, process in by_size}
    count = len(questions) - _WARM_UP
    cpu = {part: round((after[part] - before[part]) / count * 1000, 2) for part in after}
    return Running(round(start_seconds, 2), memory, cpu)


async def _until_meaning(client: httpx.AsyncClient, asked: Asked) -> None:
    for _ in range(_MOST_LOOKS):
        answer = await _ask(client, asked)
        if answer["result"]["_meta"][ANSWER_FACTS_KEY]["usesMeaning"]:
            return
        await asyncio.sleep(_LOOK_SECONDS)
    raise RuntimeError("The embedder does not come up.")


async def _ask(client: httpx.AsyncClient, asked: Asked) -> dict[str, Any]:
    call: dict[str, Any] = {"name": "query-docs", "arguments": {"libraryId": asked.library, "query": asked.text}}
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": call}
    return (await client.post("/mcp", json=body)).raise_for_status().json()


def _cpu_seconds(parts: Sequence[tuple[str, psutil.Process]]) -> dict[str, float]:
    """Gives the processor time each part has taken."""
    seconds: dict[str, float] = {}
    for part, process in parts:
        times = process.cpu_times()
        seconds[part] = seconds.get(part, 0.0) + times.user + times.system
    return seconds


def _parts(product: Product, data: Path) -> list[tuple[str, psutil.Process]]:
    """Gives the processes of the product; PostgreSQL is nobody's child."""
    server = psutil.Process(product.process.pid)
    embedding = [one for one in server.children(recursive=True) if "embedding" in " ".join(one.cmdline())]
    postmaster = psutil.Process(int((data / "postgres" / "postmaster.pid").read_text().split()[0]))
    postgres = [postmaster, *postmaster.children()]
    return [("server", server), *(("embedder", one) for one in embedding), *(("PostgreSQL", one) for one in postgres)]


def _memory_of(process: psutil.Process) -> Memory:
    lines = Path(f"/proc/{process.pid}/status").read_text().splitlines()
    own = next(int(line.split()[1]) * 1024 for line in lines if line.startswith("RssAnon"))
    return Memory(round(own / _MIB), round((process.memory_info().rss - own) / _MIB))
