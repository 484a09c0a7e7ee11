"""Meanings of private libraries in the data pod of their owner: made, moved, and never anybody else's."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID, uuid4

import numpy as np
import pytest
from pydantic import SecretStr

from core.database import Database
from core.errors import PodUnavailable
from core.objects import open_object_store
from indexer import placing
from indexer.catalogue import catalogue
from indexer.extraction_processes import ExtractionProcesses
from indexer.indexing import Indexer
from indexer.queries import chunks as chunk_queries
from indexer.queries.versions import LibraryVersion
from indexer.vectors import open_vector_store
from indexer.vectors.pod import OpenStore
from indexer.vectors.pod_address import PodAddress
from indexer.vectors.pod_connection import connect_pod
from indexer.vectors.pods import PodRouter, Pods
from tests.embedding_rig import ModelOfHashes, Rig, chunk_row, settings, working
from tests.qdrant_double import Mood, QdrantDouble, running_qdrant
from tests.waiting import eventually

OWNER = UUID(int=7)
TEXTS = ("Doors open at nine.", "Doors close at five.", "Windows stay shut.")


@pytest.fixture
async def pod() -> AsyncGenerator[QdrantDouble]:
    async with running_qdrant() as double:
        yield double


@dataclass(frozen=True)
class Connector:
    """The way to the one pod there is."""

    pod: QdrantDouble

    async def connect(self, owner_id: UUID) -> OpenStore:
        assert owner_id == OWNER
        return await connect_pod(PodAddress(self.pod.url, SecretStr("key")), None, "lectern", 5)

    async def mark(self, owner_id: UUID) -> object:
        return owner_id


@asynccontextmanager
async def open_router_rig(database: Database, folder: Path, pod: QdrantDouble) -> AsyncGenerator[Rig]:
    objects = open_object_store(folder / "snapshots")
    async with (
        Pods(Connector(pod), 5).running() as pods,
        open_vector_store(folder / "vectors", url=None, api_key=None, collection="unused") as store,
    ):
        router = PodRouter(store, pods, database)
        yield Rig(database, router, Indexer(database, objects, router, settings(), ExtractionProcesses(1)))


@pytest.fixture
async def rig(content_database: Database, tmp_path: Path, pod: QdrantDouble) -> AsyncGenerator[Rig]:
    async with open_router_rig(content_database, tmp_path, pod) as rig:
        yield rig


def router_of(rig: Rig) -> PodRouter:
    assert isinstance(rig.store, PodRouter)
    return rig.store


async def add_own(rig: Rig, library: str, texts: Sequence[str], *, in_pod: bool) -> LibraryVersion:
    """Adds a private library of the owner's."""
    async with rig.database.transaction() as connection:
        added = await catalogue.add_version(connection, library, "1", owner=OWNER, in_pod=in_pod)
        rows = [chunk_row(added.id, number, text) for number, text in enumerate(texts)]
        await chunk_queries.insert_chunks(connection, added.id, uuid4(), rows, is_published=True)
    await rig.indexer.sync_words(added.id)
    return added


async def embedded(rig: Rig, model: ModelOfHashes) -> None:
    async with working(rig.worker(model)):
        await rig.until_settled()


async def test_meanings_are_made_into_the_pod_and_compared_there(rig: Rig, pod: QdrantDouble) -> None:
    version, model = await add_own(rig, "/acme/own", TEXTS, in_pod=True), ModelOfHashes()
    await embedded(rig, model)
    assert pod.with_meaning("dense") == pod.points()
    assert len(pod.points()) == len(TEXTS)
    asked = model.vector(next(text for text in model.texts if TEXTS[1] in text))
    found = await rig.store.candidates(version.id, "?", asked, 10)
    best = max(found, key=lambda candidate: candidate.dense or 0)
    assert (await rig.store.payloads([best.id]))[best.id]["chunk_text"] == TEXTS[1]


async def test_a_move_copies_meanings_and_makes_none_again(rig: Rig, pod: QdrantDouble) -> None:
    version, model = await add_own(rig, "/acme/own", TEXTS, in_pod=False), ModelOfHashes()
    await embedded(rig, model)
    made = len(model.texts)
    await placing.move_into_pod(rig.database, router_of(rig), version.id, OWNER)
    assert pod.with_meaning("dense") == pod.points()
    await rig.indexer.sync_removed()
    assert await router_of(rig).at(None).count(version.id) == 0
    await embedded(rig, model)
    assert len(model.texts) == made


async def test_what_is_written_during_a_move_reaches_the_pod_as_well(
    rig: Rig, pod: QdrantDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    version = await add_own(rig, "/acme/own", TEXTS, in_pod=False)
    router = router_of(rig)
    await router.at(OWNER).count(version.id)
    put, late = type(router.at(OWNER)).put_words, "Gates are locked at night."

    async def put_late(store: object, texts: object) -> None:
        await put(store, texts)  # pyright: ignore[reportArgumentType] - as it came
        async with rig.database.transaction() as connection:
            row = chunk_row(version.id, 9, late)
            await chunk_queries.insert_chunks(connection, version.id, uuid4(), [row], is_published=True)
        monkeypatch.undo()
        await rig.indexer.sync_words(version.id)

    monkeypatch.setattr(type(router.at(OWNER)), "put_words", put_late)
    await placing.move_into_pod(rig.database, router, version.id, OWNER)
    await rig.indexer.sync_words(version.id)
    assert late in {payload["chunk_text"] for payload in pod.payloads()}


async def test_what_comes_back_has_its_words_at_once_and_its_meanings_made_again(rig: Rig) -> None:
    version, model = await add_own(rig, "/acme/own", TEXTS, in_pod=True), ModelOfHashes()
    await embedded(rig, model)
    await placing.bring_back(rig.database, version.id)
    await rig.indexer.sync_words(version.id)
    assert {one.body > 0 for one in await rig.store.candidates(version.id, "doors", None, 10)} == {True}
    await embedded(rig, model)
    assert set(await rig.vectors(version.id)) == set(TEXTS)


async def test_a_pod_that_is_away_keeps_nobody_elses_passages_waiting(rig: Rig, pod: QdrantDouble) -> None:
    own, model = await add_own(rig, "/acme/own", TEXTS, in_pod=True), ModelOfHashes()
    pod.mood = Mood.FAILING
    with pytest.raises(PodUnavailable):
        await rig.store.count(own.id)
    others = await rig.add("/acme/open", [f"Passage {number}." for number in range(40)])
    worker = rig.worker(model)
    worker._away = router_of(rig).pods.away  # pyright: ignore[reportPrivateUsage] - what the composition passes
    async with working(worker):

        async def look() -> bool:
            return len(await rig.vectors(others.id)) == 40

        await eventually(look)
    assert not any(text in asked for asked in model.texts for text in TEXTS)


async def test_a_pod_gives_its_vectors_to_no_passage_of_others(rig: Rig, pod: QdrantDouble) -> None:
    await add_own(rig, "/acme/own", TEXTS, in_pod=True)
    model = ModelOfHashes()
    await embedded(rig, model)
    kept = pod.collections["lectern"]
    kept.vectors["dense"][:] = np.float32(1 / np.sqrt(8))
    public = await rig.add("/acme/open", TEXTS)
    await embedded(rig, model)
    for text, vector in (await rig.vectors(public.id)).items():
        right = model.vector(next(asked for asked in model.texts if text in asked))
        assert np.allclose(vector, right, atol=1e-3)


async def test_two_moves_at_once_are_one(rig: Rig, pod: QdrantDouble) -> None:
    version = await add_own(rig, "/acme/own", TEXTS, in_pod=False)
    moves = (placing.move_into_pod(rig.database, router_of(rig), version.id, OWNER) for _ in range(2))
    await asyncio.gather(*moves)
    await rig.indexer.sync_removed()
    assert len(pod.points()) == len(TEXTS)
    assert (await rig.version(version.id)).pod_owner_id == OWNER
