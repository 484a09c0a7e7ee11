"""Crawls and the embedder beside each other while the files of the embedded store are put in order again and again."""

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from structlog.testing import capture_logs

from core.database import Database
from indexer import indexing
from indexer.embedding import worker as worker_module
from indexer.embedding.worker import EmbeddingWorker
from indexer.vectors import Meaning, live_shard
from tests.embedding_rig import ModelOfHashes, settings, working
from tests.light_models import vector_of
from tests.waiting import eventually
from tests.workshop import Workshop

NOTES = 120


class WideModel(ModelOfHashes):
    """A model of as many dimensions as the product's own."""

    def __init__(self) -> None:
        super().__init__(dimension=384)

    def vector(self, text: str) -> Meaning:
        return np.tile(vector_of(text, 8), 48) / np.float32(48**0.5)


@pytest.fixture(autouse=True)
def few_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live_shard, "_SMALL_POINTS", 10)
    monkeypatch.setattr(live_shard, "_FEW_WRITTEN", 10)
    for module in (indexing, worker_module):
        monkeypatch.setattr(module, "_PASSAGES_PER_OPTIMIZATION", 20)


async def test_crawls_embedder_and_askers_notice_nothing(
    content_database: Database, workshop: Workshop, tmp_path: Path
) -> None:
    folder = tmp_path / "notes"
    folder.mkdir()
    embedding = EmbeddingWorker(content_database, workshop.store, WideModel(), settings())
    with capture_logs() as logs:
        async with working(embedding):
            write(folder, "red")
            crawl = await workshop.work(await workshop.add(str(folder)))
            async with asking(workshop) as answers:
                write(folder, "blue")
                await workshop.work(await workshop.add(str(folder)))
            await eventually(lambda: is_embedded(content_database))
            await eventually(lambda: is_put_in_order(logs))
    assert not [line for line in logs if line["log_level"] not in ("info", "debug")]
    assert answers
    assert all("is red" in answer or "is blue" in answer for answer in answers)
    counts = await workshop.indexer.counts(crawl.library_version_id)
    assert (counts.with_words, counts.with_meaning) == (counts.chunks, counts.chunks)
    assert await workshop.store.count(crawl.library_version_id) == counts.chunks >= NOTES
    assert "is blue" in await workshop.ask(f"Which colour has note {NOTES - 1}?")


async def is_embedded(database: Database) -> bool:
    async with database.connection() as connection:
        return not await connection.fetchval("select count(*) from library_versions where waiting_since is not null")


async def is_put_in_order(logs: Sequence[Mapping[str, Any]]) -> bool:
    """Whether it has happened several times."""
    return [line["event"] for line in logs].count("indexer.vectors_put_in_order") > 1


def write(folder: Path, colour: str) -> None:
    for number in range(NOTES):
        sentence = f"The colour of note {number} is {colour}."
        (folder / f"note{number}.md").write_text(f"# Note {number}\n\n{sentence} {'Nothing else. ' * number}\n")


@asynccontextmanager
async def asking(workshop: Workshop) -> AsyncGenerator[list[str]]:
    """Asks one question after the other; gives the answers."""
    answers: list[str] = []

    async def ask() -> None:
        while True:
            answers.append(await workshop.ask(f"Which colour has note {len(answers) % NOTES}?"))

    task = asyncio.create_task(ask())
    try:
        yield answers
    finally:
        task.cancel()
        await asyncio.wait([task])
