"""Passages that wait for the embedder, on a real database and the real engine, and a model that needs no weights.

Run as a program it works on the queue as a process of its own, to be killed:
`python -m tests.embedding_rig DATABASE_URL FOLDER`.
"""

import asyncio
import sys
from collections import Counter
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4, uuid5

from core.database import Database
from core.objects import open_object_store
from indexer.catalogue import catalogue
from indexer.embedding.passages import passage_text, text_hash
from indexer.embedding.process import EmbedderProcess, EmbedderUnavailable, LoadedModel, TextsRefused
from indexer.embedding.worker import EmbeddingWorker
from indexer.extraction_processes import ExtractionProcesses
from indexer.indexing import Indexer
from indexer.queries import chunks as chunk_queries
from indexer.queries.chunks import ChunkRow
from indexer.queries.versions import LibraryVersion
from indexer.settings import IndexerSettings
from indexer.vectors import Meaning, VectorStore, open_vector_store
from tests.light_models import LightEmbedder, vector_of
from tests.waiting import eventually

MOST_SECONDS = 60
METADATA: dict[str, Any] = {"prefix": "Library 1 > Page", "page_title": "Page", "section": ["Part"]}


def settings(**given: object) -> IndexerSettings:
    return IndexerSettings.model_validate({"embedding_batch_chunks": 8, "embedding_lease_seconds": 1} | given)


class ModelOfHashes(EmbedderProcess):
    """A model whose vectors follow from the text; it notes what it was asked, and can be held, ended and defective."""

    def __init__(self, name: str = "hashes", dimension: int = 8) -> None:
        super().__init__(IndexerSettings())
        self.model = LoadedModel(name, dimension, "")
        self.asked: list[list[str]] = []
        self.at_once: Counter[str] = Counter()
        self.most_at_once = 0
        self.deaths_left = 0
        self.poison = ""
        self.turns: asyncio.Semaphore | None = None

    async def until_ready(self) -> LoadedModel:
        return self.model

    async def embed_passages(self, texts: Sequence[str]) -> list[Meaning]:
        self.asked.append(list(texts))
        self.at_once.update(texts)
        self.most_at_once = max(self.most_at_once, *self.at_once.values())
        try:
            if self.turns is not None:
                await self.turns.acquire()
            await asyncio.sleep(0)
            if self.deaths_left:
                self.deaths_left -= 1
                raise EmbedderUnavailable("It was killed.")
            if self.poison and any(self.poison in text for text in texts):
                raise TextsRefused("This is no text.")
            return [self.vector(text) for text in texts]
        finally:
            self.at_once.subtract(texts)

    def vector(self, text: str) -> Meaning:
        return vector_of(f"{self.model.name} {text}", self.model.dimension)

    @property
    def texts(self) -> list[str]:
        """Every text it was asked for, as often as it was."""
        return [text for batch in self.asked for text in batch]


@dataclass
class Rig:
    """An index whose passages have words."""

    database: Database
    store: VectorStore
    indexer: Indexer

    async def add(self, library: str, texts: Sequence[str], version: str = "1") -> LibraryVersion:
        """Adds a version with these passages."""
        async with self.database.transaction() as connection:
            added = await catalogue.add_version(connection, library, version)
            rows = [chunk_row(added.id, number, text) for number, text in enumerate(texts)]
            await chunk_queries.insert_chunks(connection, added.id, uuid4(), rows, is_published=True)
        await self.indexer.sync_words(added.id)
        return added

    def worker(self, model: EmbedderProcess, **given: object) -> EmbeddingWorker:
        return EmbeddingWorker(self.database, self.store, model, settings(**given))

    async def version(self, version_id: UUID) -> LibraryVersion:
        async with self.database.connection() as connection:
            return await catalogue.version_by_id(connection, version_id)

    async def waiting(self) -> int:
        """How many versions are on the queue."""
        return await self.value("select count(*) from library_versions where waiting_since is not null")

    async def value(self, statement: str, *arguments: object) -> int:
        async with self.database.connection() as connection:
            return await connection.fetchval(statement, *arguments)  # pyright: ignore[reportArgumentType]

    async def space(self, name: str) -> str:
        async with self.database.connection() as connection:
            return await connection.fetchval(
                "select space from embedding_models where name = $1 and not is_leaving", name
            )

    async def vectors(self, version_id: UUID, space: str = "dense") -> dict[str, Meaning]:
        """The vectors of a version by the text of the passage."""
        async with self.database.connection() as connection:
            rows = await connection.fetch(
                "select id, content from documentation_chunks where library_version_id = $1", version_id
            )
        texts = {row["id"]: row["content"] for row in rows}
        return {texts[id_]: vector for id_, vector in (await self.store.meanings(list(texts), space)).items()}

    async def until_settled(self) -> None:
        """Waits until no version is on the queue."""

        async def look() -> bool | None:
            return not await self.waiting() or None

        await eventually(look, within_seconds=MOST_SECONDS)


def chunk_row(version_id: UUID, number: int, text: str) -> ChunkRow:
    """A passage."""
    address = "https://docs.example/page"
    return ChunkRow(
        uuid5(version_id, f"{number} {text}"),
        number,
        text,
        "guide",
        address,
        address,
        10,
        METADATA,
        text_hash(passage_text(METADATA, text)),
    )


@asynccontextmanager
async def open_rig(database: Database, folder: Path) -> AsyncGenerator[Rig]:
    objects = open_object_store(folder / "snapshots")
    async with open_vector_store(folder / "vectors", url=None, api_key=None, collection="unused") as store:
        yield Rig(database, store, Indexer(database, objects, store, settings(), ExtractionProcesses(1)))


@asynccontextmanager
async def working(*workers: EmbeddingWorker) -> AsyncGenerator[None]:
    """Has workers work while the context is open."""
    tasks = [asyncio.create_task(worker.run()) for worker in workers]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


async def main(database_url: str, folder: str) -> None:
    """Embeds what waits until it is killed; says when nothing waits any more."""
    database = await Database.connect(database_url, pool_size=5, schema="content")
    given = settings(embedding_model="light-8", embedding_batch_chunks=4)
    process = LightEmbedder(given)
    async with (
        open_rig(database, Path(folder)) as rig,
        process.running(),
        working(EmbeddingWorker(database, rig.store, process, given)),
    ):
        await rig.until_settled()
    print("settled", flush=True)  # noqa: T201 - told to the test
    await database.close()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
