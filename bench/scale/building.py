"""A large index, built once in a folder that the product can open."""

import asyncio
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from uuid import UUID, uuid5

import orjson

from bench.scale import corpus
from bench.scale.meanings import embed_samples, has_sample, meanings_for, sample_dimension
from bench.scale.shelves import Shelf, shelves_for
from core.database import Connection
from core.settings import CoreSettings
from indexer.catalogue import catalogue
from indexer.embedding.choosing import choose_model
from indexer.embedding.passages import passage_text, text_hash
from indexer.embedding.process import EmbedderProcess, LoadedModel
from indexer.queries import versions as version_queries
from indexer.queries.chunks import ChunkRow
from indexer.queries.embedding_models import EmbeddingModel, update_adopting_versions
from indexer.settings import BUNDLED_MODEL, IndexerSettings
from indexer.vectors import VectorStore
from indexer.vectors.edge import EdgeStore
from indexer.vectors.pods import PodRouter
from server.configuration import Configuration
from server.runtime import Runtime, open_runtime

_ROWS_PER_INSERT = 4000
_MEANINGS_PER_WRITE = 1024


@dataclass
class Built:
    """What building took, in seconds: rows into the database, words and vectors into the store, and its indexes."""

    chunks: int
    libraries: int
    largest: int = 0
    rows: float = 0.0
    words: float = 0.0
    meanings: float = 0.0
    optimizing: float = 0.0


def configuration_for(data: Path, *, with_meaning: bool) -> Configuration:
    """Gives the product's own settings on a data folder."""
    core = CoreSettings.model_validate({"LECTERN_DATA_DIR": data})
    return Configuration(core=core, indexer=IndexerSettings.model_validate({"embedding_enabled": with_meaning}))


async def build(folder: Path, sets: Path, chunks: int, libraries: int) -> Built:
    """Builds the index unless it is there; gives what it took when it was built."""
    done = folder / "built.json"
    if done.exists():
        return Built(**orjson.loads(done.read_bytes()))
    shelves = shelves_for(corpus.extract_sets(sets, 2), chunks, libraries)
    await _embed_samples(shelves, sets)
    built = Built(chunks, libraries, max(shelf.count for shelf in shelves))
    async with open_runtime(configuration_for(folder / "data", with_meaning=False), may_migrate=True) as runtime:
        loaded = LoadedModel(BUNDLED_MODEL, sample_dimension(shelves[0].set_name, sets), passage_prompt="")
        model = await choose_model(runtime.content, runtime.store, loaded)
        for shelf in shelves:
            await _fill(runtime, shelf, sets, model, built)
        started = time.perf_counter()
        await runtime.store.optimize()
        await _in_order(runtime.store)
        built.optimizing = time.perf_counter() - started
    done.write_bytes(orjson.dumps(asdict(built)))
    return built


async def _in_order(store: VectorStore) -> None:
    """Waits until the embedded store has put its files in order."""
    if isinstance(store, PodRouter) and isinstance(embedded := store.at(None), EdgeStore):
        await embedded.in_order()


async def _embed_samples(shelves: Sequence[Shelf], sets: Path) -> None:
    names = dict.fromkeys(shelf.set_name for shelf in shelves)
    missing = [(name, corpus.read_set(name, sets)) for name in names if not has_sample(name, sets)]
    if missing:
        async with EmbedderProcess(IndexerSettings()).running() as embedder:
            await embedder.until_ready()
            await embed_samples(embedder, missing, sets)


async def _fill(runtime: Runtime, shelf: Shelf, sets: Path, model: EmbeddingModel, built: Built) -> None:
    """Adds a library with its rows, words and vectors."""
    rows = await asyncio.to_thread(_rows, shelf, sets)
    async with runtime.content.transaction() as connection:
        version = await catalogue.add_version(connection, shelf.library, "1")
    numbered = [(uuid5(version.id, str(number)), row) for number, row in enumerate(rows)]
    started = time.perf_counter()
    for start in range(0, len(numbered), _ROWS_PER_INSERT):
        async with runtime.content.transaction() as connection:
            await insert_rows(connection, version.id, model, numbered[start : start + _ROWS_PER_INSERT])
    built.rows += time.perf_counter() - started
    started = time.perf_counter()
    await runtime.indexer.sync_words(version.id)
    built.words += time.perf_counter() - started
    started = time.perf_counter()
    vectors = meanings_for(len(numbered), shelf.set_name, shelf.variation, sets)
    for start in range(0, len(numbered), _MEANINGS_PER_WRITE):
        ids = [id_ for id_, _ in numbered[start : start + _MEANINGS_PER_WRITE]]
        await runtime.store.put_meanings(dict(zip(ids, vectors[start : start + len(ids)], strict=True)), model.space)
    built.meanings += time.perf_counter() - started
    async with runtime.content.transaction() as connection:
        await update_adopting_versions(connection, model.id)
        await version_queries.update_totals(connection, version.id, datetime.now(UTC))
    print(f"{shelf.library}: {len(numbered)}", flush=True)


def _rows(shelf: Shelf, sets: Path) -> list[ChunkRow]:
    return list(islice(corpus.vary(corpus.read_set(shelf.set_name, sets), shelf.variation), shelf.count))


async def insert_rows(
    connection: Connection, version_id: UUID, model: EmbeddingModel, rows: Sequence[tuple[UUID, ChunkRow]]
) -> None:
    """Writes passages that answer and have a meaning; a tenth of them is linked to much, as in real documentation."""
    await connection.execute(
        """
        insert into documentation_chunks
            (id, library_version_id, crawl_id, chunk_index, content, content_type, source_url, page_url, token_count,
             metadata, text_hash, is_published, embedded_at, embedded_by, prominence)
        select id, $1, $1, chunk_index, content, content_type, source_url, page_url, token_count, metadata, text_hash,
            true, now(), $11, round((random() ^ 4)::numeric, 2)::real
        from unnest($2::uuid[], $3::integer[], $4::text[], $5::text[], $6::text[], $7::text[], $8::integer[],
            $9::jsonb[], $10::uuid[])
            as new (id, chunk_index, content, content_type, source_url, page_url, token_count, metadata, text_hash)
        """,
        version_id,
        [id_ for id_, _ in rows],
        [row.chunk_index for _, row in rows],
        [row.content for _, row in rows],
        [row.content_type for _, row in rows],
        [row.source_url for _, row in rows],
        [row.page_url for _, row in rows],
        [row.token_count for _, row in rows],
        [row.metadata for _, row in rows],
        [text_hash(passage_text(row.metadata, row.content)) for _, row in rows],
        model.id,
    )


def folder_bytes(folder: Path) -> int:
    """Gives what a folder takes of the disk; blocks that were never written take nothing."""
    return sum(path.stat().st_blocks * 512 for path in _files(folder))


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if path.is_file())
