"""`python -m bench.embedding [--device cuda] [--vectors FILE]`: what the embedder adds to the bare model, in time.

The bare model is sentence-transformers' `encode` on texts sorted by length, at the batch size that is best for it. The
model alone is how the product runs it, on all the texts at once. Then the same texts go the whole way of the product:
leased from PostgreSQL, embedded in a process of its own, written to the vector store and noted. Each round has texts of
its own, the three take turns, and everything has the same low priority; CPU is that of the model's process and of the
worker's. With `--vectors` the vectors of the first texts are kept in a
file, to be compared with those of another device: `--compare FILE FILE`.
"""

import argparse
import asyncio
import os
import random
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4, uuid5

import numpy as np

from bench import report
from bench.speed import SpeedSettings
from core.database import Database
from core.embedded_postgres import embedded_postgres
from core.objects import open_object_store
from indexer.catalogue import catalogue
from indexer.embedding.model import ModelOptions, TextModel, load_model
from indexer.embedding.passages import passage_text, text_hash
from indexer.embedding.process import EmbedderProcess, ModelProcess
from indexer.embedding.worker import EmbeddingWorker
from indexer.extraction_processes import ExtractionProcesses
from indexer.indexing import Indexer
from indexer.preparing import LibraryName, RawPage, prepare_page
from indexer.queries import chunks as chunk_queries
from indexer.queries.chunks import ChunkRow
from indexer.settings import IndexerSettings
from indexer.vectors import VectorStore, open_vector_store
from migrations.runner import migrate

_ROUNDS = 3
_SEED = 20261121
_KINDS = {".html": "text/html", ".htm": "text/html", ".md": "text/markdown", ".txt": "text/plain"}
_NICENESS = 10
_QUESTIONS = 200
_KEPT_VECTORS = 512
_SAMPLE = 128
_LOOK_SECONDS = 0.01
_FIRST, _LAST = 0.5, 0.95


@dataclass(frozen=True)
class Round:
    """The same texts, by each."""

    bare: "Pace"
    alone: "Pace"
    whole: "Pace"

    @property
    def row(self) -> tuple[str, ...]:
        """What the table shows of it."""
        paces = (self.bare, self.alone, self.whole)
        rates = tuple(f"{pace.rate:.1f} passages/s" for pace in paces)
        shares = tuple(f"{self.whole.rate / pace.rate:.2f}" for pace in paces[:2])
        return *rates, *shares, ", ".join(f"{pace.cpu * 1000:.1f}" for pace in paces) + " ms"


@dataclass(frozen=True)
class Pace:
    """Passages a second, and seconds of CPU for each."""

    rate: float
    cpu: float


@dataclass(frozen=True)
class Latency:
    """Milliseconds of one question, half of them and 95 of a hundred."""

    name: str
    half: float
    most: float


async def main() -> None:
    """Measures, and writes the section `embedding` of docs/benchmarks.md."""
    options = _options()
    if options.compare:
        print(f"largest difference: {_difference(*options.compare):.2e}")
        return
    os.nice(_NICENESS)
    where = {"embedding_device": options.device, "embedding_model": options.model}
    batch = {"embedding_batch_chunks": options.batch_chunks} if options.batch_chunks else {}
    settings = IndexerSettings.model_validate({**where, **batch, "question_embedding_timeout_seconds": 30})
    rows = passages_of(SpeedSettings().source, options.chunks * _ROUNDS)
    parts = [rows[start::_ROUNDS] for start in range(_ROUNDS)]
    given = ModelOptions(settings.embedding_model, settings.embedding_device)
    model = await asyncio.to_thread(load_model, given)
    bare = await asyncio.to_thread(load_model, replace(given, is_packed=False))
    size = _best_size(bare, settings.embedding_device, parts[0])
    async with EmbedderProcess(settings).running() as embedder:
        await embedder.until_ready()
        rounds, latencies = await _measure(
            settings, embedder, (lambda texts: bare.encode(texts, size), model.embed_passages), parts
        )
        if options.vectors:
            texts = [passage_text(row.metadata, row.content) for row in rows[:_KEPT_VECTORS]]
            np.save(options.vectors, np.stack(await embedder.embed_passages(texts)))
    text = render(settings, size, len(parts[0]), rounds, latencies)
    print(text)
    if options.device == "cpu" and not options.no_write:
        report.write_section("embedding", text)


def _options() -> argparse.Namespace:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--device", default="cpu")
    arguments.add_argument("--model", default=IndexerSettings().embedding_model)
    arguments.add_argument("--chunks", type=int, default=512, help="Passages in each of three rounds.")
    arguments.add_argument("--batch-chunks", type=int, default=0, help="Passages the worker takes at once.")
    arguments.add_argument("--vectors", type=Path)
    arguments.add_argument("--compare", type=Path, nargs=2)
    arguments.add_argument("--no-write", action="store_true")
    return arguments.parse_args()


def _difference(one: Path, other: Path) -> float:
    return float(np.abs(np.load(one) - np.load(other)).max())


def passages_of(folder: Path, count: int) -> list[ChunkRow]:
    """Gives passages of a folder's documents, chosen by chance but always the same."""
    of = LibraryName(UUID(int=0), "bench", "1")
    files = sorted(path for path in folder.rglob("*") if path.suffix in _KINDS)
    chance = random.Random(_SEED)  # noqa: S311 - the same passages every time, no secrets
    chance.shuffle(files)
    found: dict[UUID | None, ChunkRow] = {}
    for path in files:
        page = RawPage(f"https://docs.example/{path.relative_to(folder)}", _KINDS[path.suffix], path.read_bytes())
        found |= {row.text_hash: row for row in prepare_page(of, page).chunks}
        if len(found) >= 2 * count:
            break
    rows = list(found.values())
    chance.shuffle(rows)
    return rows[:count]


def _best_size(model: TextModel, device: str, rows: Sequence[ChunkRow]) -> int:
    """Gives the batch size at which `encode` is fastest."""
    sizes = (8, 16, 32) if device == "cpu" else (64, 256, 1024)
    sample = _texts(rows[:_SAMPLE])
    model.encode(sample, sizes[0])
    return max(sizes, key=lambda size: _paced(lambda: model.encode(sample, size), len(sample)).rate)


def _texts(rows: Sequence[ChunkRow]) -> list[str]:
    return sorted((passage_text(row.metadata, row.content) for row in rows), key=len)


def _paced(work: Callable[[], object], count: int) -> Pace:
    started, cpu = time.perf_counter(), time.process_time()
    work()
    return Pace(count / (time.perf_counter() - started), (time.process_time() - cpu) / count)


async def _measure(
    settings: IndexerSettings,
    embedder: EmbedderProcess,
    models: Sequence[Callable[[list[str]], object]],
    parts: Sequence[Sequence[ChunkRow]],
) -> tuple[list[Round], list[Latency]]:
    """Gives the rounds, and how long questions take alone and beside passages."""
    with tempfile.TemporaryDirectory(prefix="lectern-bench-") as name, embedded_postgres(Path(name) / "pg") as url:
        database = await Database.connect(url, pool_size=5, schema="content")
        await migrate(database, "content")
        async with open_vector_store(Path(name) / "vectors", url=None, api_key=None, collection="unused") as store:
            work = asyncio.create_task(EmbeddingWorker(database, store, embedder, settings).run())
            rounds: list[Round] = []
            for turn, part in enumerate(parts):
                bare, alone = (_paced(partial(model, _texts(part)), len(part)) for model in models)
                rounds.append(Round(bare, alone, await _embed(database, store, embedder, f"/bench/{turn}", part)))
            undisturbed = await _ask(embedder, "alone")
            again = [_copy(row, number) for number, row in enumerate(parts[0])]
            await _add(database, store, "/bench/beside", again)
            beside = await _ask(embedder, "while passages are embedded")
            work.cancel()
            with suppress(asyncio.CancelledError):
                await work
        await database.close()
    return rounds, [undisturbed, beside]


async def _embed(
    database: Database, store: VectorStore, embedder: EmbedderProcess, library: str, rows: Sequence[ChunkRow]
) -> Pace:
    await _add(database, store, library, rows)
    started, cpu = time.perf_counter(), cpu_seconds(embedder)

    async def look() -> bool | None:
        async with database.connection() as connection:
            statement = "select not exists (select from documentation_chunks where embedded_by = 0) or null"
            return await connection.fetchval(statement)

    await _until(look)
    return Pace(len(rows) / (time.perf_counter() - started), (cpu_seconds(embedder) - cpu) / len(rows))


def cpu_seconds(model: ModelProcess[Any]) -> float:
    """Gives the CPU that this process and the model's have used."""
    fields = Path(f"/proc/{model.pid}/stat").read_text().rpartition(")")[2].split()
    return time.process_time() + (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def _until(look: Callable[[], Awaitable[bool | None]]) -> None:
    """Waits until something is so."""
    while not await look():  # noqa: ASYNC110 - it is so in a database
        await asyncio.sleep(_LOOK_SECONDS)


async def _add(database: Database, store: VectorStore, library: str, rows: Sequence[ChunkRow]) -> None:
    """Adds a library with its words, of which nothing waits before all of it does."""
    async with database.transaction() as connection:
        version = await catalogue.add_version(connection, library, "1")
        named = [replace(row, id=uuid5(version.id, str(number))) for number, row in enumerate(rows)]
        await chunk_queries.insert_chunks(connection, version.id, uuid4(), named, is_published=True)
    objects = open_object_store(tempfile.gettempdir())
    await Indexer(database, objects, store, IndexerSettings(), ExtractionProcesses(1)).sync_words(version.id)


def _copy(row: ChunkRow, number: int) -> ChunkRow:
    """Gives a passage of the same length that was not embedded before."""
    content = f"{row.content} {number}"
    return replace(row, content=content, text_hash=text_hash(passage_text(row.metadata, content)))


async def _ask(embedder: EmbedderProcess, name: str) -> Latency:
    """Times short questions, each with other words."""
    milliseconds: list[float] = []
    for number in range(_QUESTIONS):
        started = time.perf_counter()
        await embedder.embed_question(f"How do I open file {number} for writing?")
        milliseconds.append((time.perf_counter() - started) * 1000)
    ordered = sorted(milliseconds)
    return Latency(name, ordered[int(_FIRST * _QUESTIONS)], ordered[int(_LAST * _QUESTIONS)])


def render(
    settings: IndexerSettings, size: int, count: int, rounds: Sequence[Round], latencies: Sequence[Latency]
) -> str:
    """Gives the section's text."""
    model, device = settings.embedding_model, settings.embedding_device
    share = statistics.median(one.whole.rate / one.bare.rate for one in rounds)
    columns = ("bare model", "model alone", "whole path", "of bare", "of alone", "CPU a passage, each")
    rates = report.table(columns, [one.row for one in rounds])
    questions = report.table(
        ("one question, through the process", "p50", "p95"),
        [(one.name, f"{one.half:.1f} ms", f"{one.most:.1f} ms") for one in latencies],
    )
    return (
        f"{report.circumstances('python -m bench.embedding')}\n\n{model} on {device}; {count} passages in each round. "
        f"The bare model is `encode` on texts sorted by length, {size} at once, the model alone is how the product "
        f"runs it. The whole path has {share:.2f} of the bare model's pace in the median.\n\n{rates}\n\n{questions}"
    )


if __name__ == "__main__":
    asyncio.run(main())
