"""How the embedded store lies on disk, and what happens to a folder of an earlier release."""

import asyncio
from dataclasses import replace
from pathlib import Path
from uuid import UUID, uuid5

import numpy as np
import orjson
import pytest
import qdrant_edge as engine
from structlog.testing import capture_logs

from indexer.vectors import IndexedText, VectorStore, layout
from indexer.vectors.edge import EdgeStore
from indexer.vectors.edge_shard import PAYLOAD_INDEXES
from indexer.vectors.server import ServerStore
from indexer.vectors.store import BODY, DENSE, HEAD, SYMBOLS
from tests.qdrant_double import running_qdrant

VERSION = uuid5(UUID(int=0), "version")
DIMENSION = 1024
CREATE_INDEX = "PUT /collections/c/index"
QUESTION = "how does topic1 differ from topic2 in thing3"


def texts(count: int) -> list[IndexedText]:
    return [
        IndexedText(
            uuid5(VERSION, str(n)),
            f"topic{n % 7} is about thing{n}",
            f"topic{n % 3}",
            (f"thing{n}",),
            {"version_id": str(VERSION), "library_id": "/a/b", "content_type": "guide", "chunk_text": str(n)},
        )
        for n in range(count)
    ]


def meanings(count: int) -> dict[UUID, np.ndarray[tuple[int], np.dtype[np.float32]]]:
    vectors = np.random.default_rng(1).standard_normal((count, DIMENSION), dtype=np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return {uuid5(VERSION, str(n)): vector for n, vector in enumerate(vectors)}


async def fill(store: VectorStore, count: int) -> None:
    await store.add_space(DENSE, DIMENSION)
    await store.put_words(texts(count))
    await store.put_meanings(meanings(count))


def make_folder_of_an_earlier_release(folder: Path) -> None:
    """Makes an empty store as it was before graphs were built for each version."""
    idf = engine.EdgeSparseVectorParams(modifier=engine.Modifier.Idf)
    config = engine.EdgeConfig(
        vectors={DENSE: engine.EdgeVectorParams(size=DIMENSION, distance=engine.Distance.Cosine)},
        sparse_vectors={BODY: idf, HEAD: idf, SYMBOLS: engine.EdgeSparseVectorParams()},
    )
    folder.mkdir()
    shard = engine.EdgeShard.create(str(folder), config)
    shard.update(engine.UpdateOperation.create_field_index("version_id", engine.KeywordIndexParams(is_tenant=True)))
    for field in ("library_id", "content_type"):
        shard.update(engine.UpdateOperation.create_field_index(field, engine.PayloadSchemaType.Keyword))
    shard.close()


def written_layout(folder: Path) -> int | None:
    config = orjson.loads((folder / "edge_config.json").read_bytes())
    return config.get("hnsw_config", {}).get("payload_m")


async def test_a_folder_of_an_earlier_release_opens_answers_the_same_and_says_what_happens(tmp_path: Path) -> None:
    new, old = tmp_path / "new", tmp_path / "old"
    make_folder_of_an_earlier_release(old)
    assert written_layout(old) is None
    with capture_logs() as logs:
        stores = [await EdgeStore.open(new), await EdgeStore.open(old)]
    assert [(log["event"], log["folder"]) for log in logs] == [("indexer.vector_layout_changed", str(old))]
    question = meanings(1)[uuid5(VERSION, "0")]
    for store in stores:
        await fill(store, 200)
        await store.optimize()
    first, second = [await store.candidates(VERSION, QUESTION, question, 200) for store in stores]
    assert first == second
    assert first
    for store in stores:
        await store.close()
    assert written_layout(old) == written_layout(new) == layout.GRAPH_EDGES
    with capture_logs() as logs:
        await (await EdgeStore.open(old)).close()
    assert logs == []


async def test_vectors_kept_as_bytes_give_the_scores_of_the_vectors_as_they_are(tmp_path: Path) -> None:
    store = await EdgeStore.open(tmp_path / "vectors")
    await fill(store, 3000)  # more than the engine leaves unindexed
    asked = VERSION, "?", meanings(1)[uuid5(VERSION, "0")], 50
    before = {one.id: one.dense for one in await store.candidates(*asked)}
    await store.optimize()
    assert await asyncio.to_thread(lambda: list(tmp_path.rglob("quantized.data")))
    after = {one.id: one.dense for one in await store.candidates(*asked)}
    assert after == pytest.approx(before, abs=1e-6)
    await store.close()


async def test_payloads_that_an_earlier_release_wrote_are_read(tmp_path: Path) -> None:
    folder = tmp_path / "vectors"
    make_folder_of_an_earlier_release(folder)
    payload = {"version_id": str(VERSION), "chunk_text": "text", "title": "Title", "section": ["one", "two"]}
    shard = engine.EdgeShard.load(str(folder))
    shard.update(engine.UpdateOperation.upsert_points([engine.Point(VERSION, {}, payload)]))
    shard.close()
    store = await EdgeStore.open(folder)
    assert await store.payloads([VERSION]) == {VERSION: payload}
    await store.close()


def in_language(language: str) -> engine.CountRequest:
    match = engine.FieldCondition("code_language", match=engine.MatchValue(language))
    return engine.CountRequest(exact=True, filter=engine.Filter(must=[match]))


async def test_a_folder_that_lacks_an_index_gets_it_when_it_is_opened(tmp_path: Path) -> None:
    folder = tmp_path / "vectors"
    store = await EdgeStore.open(folder)
    await store.put_words([replace(text, payload={**text.payload, "code_language": "c"}) for text in texts(3)])
    await store.close()
    shard = engine.EdgeShard.load(str(folder))
    assert shard.info().payload_schema.keys() == PAYLOAD_INDEXES.keys()
    shard.update(engine.UpdateOperation.delete_field_index("code_language"))
    shard.close()
    await (await EdgeStore.open(folder)).close()
    shard = engine.EdgeShard.load(str(folder))
    assert shard.info().payload_schema["code_language"].points == shard.count(in_language("c")) == 3
    assert shard.count(in_language("python")) == 0
    shard.close()


async def test_a_collection_that_lacks_an_index_gets_it_once() -> None:
    async with running_qdrant() as double:
        made: list[int] = []
        for is_lacking in (False, True, False):
            if is_lacking:
                del double.indexes["c"]["code_language"]
            before = double.calls.count(CREATE_INDEX)
            await (await ServerStore.open(double.url, None, "c")).close()
            made.append(double.calls.count(CREATE_INDEX) - before)
            assert double.indexes["c"].keys() == PAYLOAD_INDEXES.keys()
        assert made == [4, 1, 0]
        assert [field for field, params in double.indexes["c"].items() if params.get("is_tenant")] == ["version_id"]
