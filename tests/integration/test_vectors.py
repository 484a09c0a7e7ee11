"""One contract, two doors: the embedded engine, and qdrant-client (its local mode, or the server QDRANT_URL names)."""

from collections.abc import AsyncGenerator
from dataclasses import replace
from pathlib import Path
from uuid import UUID, uuid4, uuid5

import numpy as np
import pytest
from qdrant_client import AsyncQdrantClient

from core.errors import Misconfigured, Unavailable
from core.settings import CoreSettings
from indexer.vectors import Candidate, IndexedText, Meaning, VectorStore, open_vector_store
from indexer.vectors.server import ServerStore
from indexer.vectors.store import DENSE
from tests.qdrant_double import running_qdrant

# The local mode says that it ignores the indexes and the search width a server needs.
pytestmark = [
    pytest.mark.filterwarnings("ignore:Payload indexes have no effect:UserWarning"),
    pytest.mark.filterwarnings("ignore:Local mode performs exact:UserWarning"),
]

DIMENSION = 8
FIRST, SECOND = uuid5(UUID(int=0), "first"), uuid5(UUID(int=0), "second")
TEXTS = {
    "gather": "Run awaitables concurrently with asyncio.gather and collect their results.",
    "sleep": "Suspend the current task for some seconds with asyncio.sleep.",
    "json": "Serialise an object to a JSON formatted string with json.dumps.",
    "open": "Open a file and return a file object; modes are r, w and x.",
}


def indexed(version_id: UUID, name: str, text: str) -> IndexedText:
    payload = {"version_id": str(version_id), "library_id": "/a/b", "content_type": "guide", "chunk_text": text}
    return IndexedText(uuid5(version_id, name), text, name, (f"module.{name}",), payload)


def meaning(*hot: int) -> Meaning:
    vector = np.zeros(DIMENSION, np.float32)
    vector[list(hot)] = 1.0
    return vector / np.float32(np.linalg.norm(vector))


@pytest.fixture(params=["embedded", "server", "server over HTTP"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncGenerator[VectorStore]:
    if request.param == "embedded":
        async with open_vector_store(
            tmp_path / "vectors", dimension=DIMENSION, url=None, api_key=None, collection="c"
        ) as opened:
            yield opened
        return
    if request.param == "server over HTTP":
        async with running_qdrant() as double:
            over_http = await ServerStore.open(double.url, None, "c")
            await over_http.add_space(DENSE, DIMENSION)
            yield over_http
            await over_http.close()
        return
    url = CoreSettings().qdrant_url
    client = AsyncQdrantClient(url) if url else AsyncQdrantClient(":memory:")
    server = await ServerStore.over(client, f"test_{uuid4().hex}")
    await server.add_space(DENSE, DIMENSION)
    yield server
    await server.close()


@pytest.fixture
async def filled(store: VectorStore) -> VectorStore:
    for version_id in (FIRST, SECOND):
        await store.put_words([indexed(version_id, name, text) for name, text in TEXTS.items()])
    return store


def best(found: tuple[Candidate, ...], field: str) -> UUID:
    return max(found, key=lambda candidate: getattr(candidate, field)).id


async def test_words_are_found_as_soon_as_they_are_written(filled: VectorStore) -> None:
    found = await filled.candidates(FIRST, "asyncio.gather results", None, 10)
    assert best(found, "body") == best(found, "head") == uuid5(FIRST, "gather")
    assert all(candidate.dense is None for candidate in found)


async def test_the_point_that_defines_a_name_is_found_by_it(filled: VectorStore) -> None:
    found = await filled.candidates(FIRST, "what does module.sleep do", None, 10)
    assert {candidate.id: round(candidate.symbols, 3) for candidate in found if candidate.symbols} == {
        uuid5(FIRST, "sleep"): 1.0
    }


async def test_every_field_scores_what_any_field_found(filled: VectorStore) -> None:
    await filled.put_meanings({uuid5(FIRST, name): meaning(n) for n, name in enumerate(TEXTS)})
    found = await filled.candidates(FIRST, "file object modes", meaning(0), 1)
    scored = {candidate.id: candidate for candidate in found}
    assert scored[uuid5(FIRST, "gather")].dense == pytest.approx(1.0)
    assert scored[uuid5(FIRST, "open")].dense == pytest.approx(0.0)
    assert scored[uuid5(FIRST, "open")].body > 0


async def test_where_few_are_asked_for_each_has_the_scores_it_has_where_all_are(filled: VectorStore) -> None:
    await filled.put_meanings({uuid5(FIRST, name): meaning(n) for n, name in enumerate(TEXTS)})
    asked = FIRST, "json, file modes, object and results", meaning(0)
    scored = {candidate.id: candidate for candidate in await filled.candidates(*asked, 10)}
    few = await filled.candidates(*asked, 1)
    assert {candidate.id for candidate in few} == {uuid5(FIRST, name) for name in ("open", "json", "gather")}
    assert all(candidate.body > 0 for candidate in few), "of which one is found by its body"
    assert list(few) == [scored[candidate.id] for candidate in few]


async def test_words_that_were_looked_up_before_give_the_same_candidates(filled: VectorStore) -> None:
    await filled.put_meanings({uuid5(FIRST, name): meaning(n) for n, name in enumerate(TEXTS)})
    asked = FIRST, "what does module.open do with a file object"
    words = await filled.best_by_words(*asked, 2)
    assert set(words.scores) == {"body", "head", "symbols"}
    assert await filled.candidates(*asked, meaning(0), 2, words=words) == await filled.candidates(*asked, meaning(0), 2)
    assert await filled.candidates(*asked, None, 2, words=words) == await filled.candidates(*asked, None, 2)


async def test_another_version_is_never_found(filled: VectorStore) -> None:
    found = await filled.candidates(FIRST, "asyncio json file task module.open", None, 10)
    ids = {candidate.id for candidate in found}
    assert ids
    assert not ids & {uuid5(SECOND, name) for name in TEXTS}


async def test_a_term_is_rare_or_common_within_its_own_version(store: VectorStore) -> None:
    await store.put_words([indexed(FIRST, str(n), f"common word number{n}") for n in range(20)])
    await store.put_words([indexed(SECOND, "only", "common")])
    first = await store.candidates(FIRST, "common", None, 5)
    second = await store.candidates(SECOND, "common", None, 5)
    assert second[0].body > first[0].body > 0


async def test_payloads_come_back_as_they_were_put(store: VectorStore) -> None:
    text = indexed(FIRST, "gather", TEXTS["gather"])
    shown = {"title": "Übersicht", "section": ["a", "b"], "symbols": [], "chunk_index": 7, "version": "3"}
    await store.put_words([replace(text, payload={**text.payload, **shown})])
    assert await store.payloads([text.id]) == {text.id: {**text.payload, **shown}}


async def test_meanings_are_added_without_losing_words_or_payload(filled: VectorStore) -> None:
    await filled.put_meanings({uuid5(FIRST, "json"): meaning(1), uuid5(FIRST, "open"): meaning(2)})
    found = await filled.candidates(FIRST, "json.dumps", meaning(2), 10)
    assert {candidate.id: candidate.dense for candidate in found if candidate.dense is not None} == {
        uuid5(FIRST, "open"): pytest.approx(1.0),
        uuid5(FIRST, "json"): pytest.approx(0.0),
    }
    assert best(found, "body") == uuid5(FIRST, "json")
    payloads = await filled.payloads([uuid5(FIRST, "json")])
    assert payloads[uuid5(FIRST, "json")]["chunk_text"] == TEXTS["json"]


async def test_a_meaning_for_a_point_that_is_gone_is_passed_over(filled: VectorStore) -> None:
    await filled.put_meanings({UUID(int=99): meaning(1), uuid5(FIRST, "json"): meaning(1)})
    assert [one.id for one in await filled.candidates(FIRST, "?", meaning(1), 10)] == [uuid5(FIRST, "json")]
    assert await filled.count(FIRST) == len(TEXTS)


async def test_writing_the_same_point_twice_is_one_point(filled: VectorStore) -> None:
    await filled.put_words([indexed(FIRST, "json", TEXTS["json"])])
    assert await filled.count(FIRST) == len(TEXTS)


async def test_new_words_for_a_point_leave_its_meaning(filled: VectorStore) -> None:
    await filled.put_meanings({uuid5(FIRST, "json"): meaning(1)})
    await filled.put_words([indexed(FIRST, "json", "Write a value as JSON.")])
    (found,) = [one for one in await filled.candidates(FIRST, "value", meaning(1), 10) if one.dense is not None]
    assert (found.id, round(found.dense or 0, 3)) == (uuid5(FIRST, "json"), 1.0)
    assert found.body > 0


async def test_deleted_points_are_found_no_more(filled: VectorStore) -> None:
    await filled.delete([uuid5(FIRST, "json"), UUID(int=99)])
    assert await filled.count(FIRST) == len(TEXTS) - 1
    assert await filled.candidates(FIRST, "json.dumps", None, 10) == ()


async def test_a_question_of_stop_words_finds_nothing_and_breaks_nothing(filled: VectorStore) -> None:
    found = await filled.candidates(FIRST, "the of and", None, 10)
    assert found == ()


async def test_an_embedded_store_whose_files_break_says_what_to_do(tmp_path: Path) -> None:
    version, folder = uuid4(), tmp_path / "vectors"
    async with open_vector_store(folder, dimension=DIMENSION, url=None, api_key=None, collection="c") as store:
        texts = [indexed(version, name, text) for name, text in TEXTS.items()]
        await store.put_words(texts)
        await store.put_meanings({text.id: meaning(0) for text in texts})
    (vectors,) = folder.glob("segments/*/vector_storage-dense/vectors/chunk_0.mmap")
    vectors.write_bytes(b"")
    async with open_vector_store(folder, dimension=DIMENSION, url=None, api_key=None, collection="c") as store:
        with pytest.raises(Unavailable, match="stop the server and remove that folder"):
            await store.candidates(version, "gather", meaning(0), 3)
        with pytest.raises(Unavailable, match="stop the server and remove that folder"):
            await store.put_meanings({texts[0].id: meaning(1)})


async def test_an_embedded_store_keeps_what_was_written_and_refuses_another_dimension(tmp_path: Path) -> None:
    folder = tmp_path / "vectors"
    async with open_vector_store(folder, dimension=DIMENSION, url=None, api_key=None, collection="c") as store:
        await store.put_words([indexed(FIRST, "json", TEXTS["json"])])
    async with open_vector_store(folder, dimension=DIMENSION, url=None, api_key=None, collection="c") as store:
        assert await store.count(FIRST) == 1
    with pytest.raises(Misconfigured, match="of dimension 8, the model gives 16"):
        async with open_vector_store(folder, dimension=16, url=None, api_key=None, collection="c"):
            pass


async def test_a_second_model_has_a_space_of_its_own_beside_the_first(filled: VectorStore) -> None:
    json, opened = uuid5(FIRST, "json"), uuid5(FIRST, "open")
    await filled.put_meanings({json: meaning(1), opened: meaning(2)})
    await filled.add_space("other", 3)
    await filled.add_space("other", 3)
    await filled.put_meanings({opened: np.asarray([0, 0, 1], np.float32)}, "other")
    asked = np.asarray([0, 0, 1], np.float32)
    assert scores(await filled.candidates(FIRST, "?", asked, 10, "other")) == {opened: pytest.approx(1.0)}
    assert scores(await filled.candidates(FIRST, "?", meaning(1), 10)) == {json: 1.0, opened: 0.0}
    assert {id_: vector.tolist() for id_, vector in (await filled.meanings([json, opened], "other")).items()} == {
        opened: [0, 0, 1]
    }
    with pytest.raises(Misconfigured, match="dimension 3, the model gives 4"):
        await filled.add_space("other", 4)


async def test_new_words_for_a_point_leave_its_meanings_in_every_space(filled: VectorStore) -> None:
    json = uuid5(FIRST, "json")
    await filled.add_space("other", 3)
    await filled.put_meanings({json: meaning(1)})
    await filled.put_meanings({json: np.asarray([0, 1, 0], np.float32)}, "other")
    await filled.put_words([indexed(FIRST, "json", "Write a value as JSON.")])
    assert set(await filled.meanings([json])) == set(await filled.meanings([json], "other")) == {json}


async def test_a_dropped_space_leaves_the_others_and_counts_as_no_meaning(filled: VectorStore) -> None:
    json = uuid5(FIRST, "json")
    await filled.add_space("other", 3)
    await filled.put_meanings({json: np.asarray([0, 1, 0], np.float32)}, "other")
    await filled.put_meanings({json: meaning(1)})
    await filled.drop_space(DENSE)
    await filled.drop_space(DENSE)
    assert scores(await filled.candidates(FIRST, "json.dumps", meaning(1), 10)) == {}
    assert await filled.meanings([json]) == {}
    assert set(scores(await filled.candidates(FIRST, "?", np.asarray([0, 1, 0], np.float32), 10, "other"))) == {json}


async def test_the_embedded_store_has_its_spaces_again_after_a_restart(tmp_path: Path) -> None:
    folder, json = tmp_path / "vectors", uuid5(FIRST, "json")
    async with open_vector_store(folder, url=None, api_key=None, collection="c") as store:
        await store.put_words([indexed(FIRST, "json", TEXTS["json"])])
        await store.add_space("other", 3)
        await store.put_meanings({json: np.asarray([0, 1, 0], np.float32)}, "other")
    async with open_vector_store(folder, url=None, api_key=None, collection="c") as store:
        assert set(await store.meanings([json], "other")) == {json}
        with pytest.raises(Misconfigured):
            await store.add_space("other", 4)


def scores(found: tuple[Candidate, ...]) -> dict[UUID, float]:
    return {one.id: round(one.dense, 3) for one in found if one.dense is not None}
