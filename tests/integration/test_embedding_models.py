"""Models by name or folder: their prompts, what is said when one does not load, and the meaning of questions."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from core.cache import MemoryCache
from core.database import Database
from indexer.embedding.choosing import choose_model
from indexer.embedding.embedders import AskedMeaning, Embedders
from indexer.embedding.process import EmbedderProcess, EmbedderUnavailable
from indexer.queries import embedding_models
from indexer.queries.embedding_models import EmbeddingModel
from tests.embedding_rig import Rig, open_rig, settings
from tests.light_models import LightEmbedder
from tests.tiny_models import make_text_model
from tests.waiting import eventually

START_SECONDS = 60


@dataclass(frozen=True)
class Models:
    """The names of two models."""

    plain: str
    prompted: str


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Models:
    folder = tmp_path_factory.mktemp("models")
    return Models(
        make_text_model(folder / "plain", 32), make_text_model(folder / "prompted", 16, "query: ", "passage: ")
    )


@pytest.fixture
def light(monkeypatch: pytest.MonkeyPatch) -> Models:
    """Models that are loaded in a moment."""
    monkeypatch.setattr("indexer.embedding.embedders.EmbedderProcess", LightEmbedder)
    return Models("light-32", "other-16")


@pytest.fixture
async def rig(content_database: Database, tmp_path: Path) -> AsyncGenerator[Rig]:
    async with open_rig(content_database, tmp_path) as opened:
        yield opened


async def chosen(rig: Rig, embedders: Embedders) -> EmbeddingModel:
    loaded = await asyncio.wait_for(embedders.until_ready(), START_SECONDS)
    return await choose_model(rig.database, rig.store, loaded)


async def test_the_prompts_of_a_model_stand_before_questions_and_passages(models: Models) -> None:
    given = settings(embedding_model=models.prompted, question_embedding_timeout_seconds=30)
    bare = settings(
        embedding_model=models.prompted,
        embedding_question_prompt="",
        embedding_passage_prompt="",
        question_embedding_timeout_seconds=30,
    )
    async with EmbedderProcess(given).running() as process, EmbedderProcess(bare).running() as without:
        loaded = await asyncio.wait_for(process.until_ready(), START_SECONDS)
        assert (loaded.dimension, loaded.passage_prompt) == (16, "passage: ")
        assert (await asyncio.wait_for(without.until_ready(), START_SECONDS)).passage_prompt == ""
        question, passage = await process.embed_question("what"), (await process.embed_passages(["what"]))[0]
        typed = await without.embed_passages(["query: what", "passage: what"])
        assert np.allclose(question, typed[0], atol=1e-5)
        assert np.allclose(passage, typed[1], atol=1e-5)
        assert not np.allclose(question, passage, atol=1e-3)


async def test_texts_longer_than_the_limit_are_cut(models: Models) -> None:
    given = settings(embedding_model=models.plain, embedding_max_tokens=8)
    async with EmbedderProcess(given).running() as process:
        await asyncio.wait_for(process.until_ready(), START_SECONDS)
        one, other = await process.embed_passages(
            ["one two three four five six seven", "one two three four five six eight"]
        )
        assert np.allclose(one, other, atol=1e-5)


async def test_a_model_that_is_not_there_is_named_and_not_waited_for(tmp_path: Path) -> None:
    folder = str(tmp_path / "nowhere")
    async with EmbedderProcess(settings(embedding_model=folder)).running() as process:
        await asyncio.wait_for(process.until_tried(), START_SECONDS)
        assert process.problem is not None
        assert folder in process.problem
        assert "cannot be loaded" in process.problem
        with pytest.raises(EmbedderUnavailable, match="cannot be loaded"):
            await process.embed_question("what")


async def test_a_question_is_embedded_once_and_again_only_when_it_is_forgotten(rig: Rig, light: Models) -> None:
    given = settings(embedding_model=light.plain, question_cache_entries=2, question_embedding_timeout_seconds=30)
    async with Embedders(given, rig.database).running() as embedders:
        model = await chosen(rig, embedders)
        first = await embedders.embed_question("first", model.id)
        await embedders.process.embed_passages(["loaded"])
    # The process has ended: only what is remembered can be had.
    assert np.array_equal((await embedders.embed_question("first", model.id)).vector, first.vector)
    assert first.space == "dense"
    with pytest.raises(EmbedderUnavailable):
        await embedders.embed_question("second", model.id)


async def test_servers_share_the_vectors_of_questions(rig: Rig, light: Models) -> None:
    given = settings(embedding_model=light.plain, question_embedding_timeout_seconds=30)
    cache = MemoryCache()
    async with Embedders(given, rig.database, cache).running() as embedders:
        model = await chosen(rig, embedders)
        first = await embedders.embed_question("first", model.id)
    another = Embedders(given, rig.database, cache)
    assert np.array_equal((await another.embed_question("first", model.id)).vector, first.vector)
    other_prompt = settings(embedding_model=light.plain, embedding_question_prompt="q: ")
    with pytest.raises(EmbedderUnavailable):
        await Embedders(other_prompt, rig.database, cache).embed_question("first", model.id)


async def test_a_broken_value_in_the_cache_is_passed_over(rig: Rig, light: Models) -> None:
    class Broken(MemoryCache):
        async def get(self, key: str) -> bytes | None:  # noqa: ARG002 - as in MemoryCache
            return b"not a vector"

    given = settings(embedding_model=light.plain, question_embedding_timeout_seconds=30)
    async with Embedders(given, rig.database, Broken()).running() as embedders:
        model = await chosen(rig, embedders)
        assert (await embedders.embed_question("first", model.id)).vector.shape == (32,)


async def test_the_former_model_is_loaded_while_its_vectors_answer_and_no_longer(rig: Rig, light: Models) -> None:
    version = await rig.add("/acme/one", ["text"])
    before = settings(embedding_model=light.plain, question_embedding_timeout_seconds=30)
    async with Embedders(before, rig.database).running() as embedders:
        former = await chosen(rig, embedders)
    async with rig.database.transaction() as connection:
        await connection.execute("update library_versions set embedding_model = $1", former.id)
    after = settings(embedding_model=light.prompted, question_embedding_timeout_seconds=30)
    async with Embedders(after, rig.database).running() as embedders, embedders.answering():
        new = await chosen(rig, embedders)
        old_question = await _answered(embedders, former.id)
        assert (old_question.vector.shape, old_question.space) == ((32,), "dense")
        assert (await embedders.embed_question("what", new.id)).vector.shape == (16,)
        async with rig.database.transaction() as connection:
            await connection.execute("update documentation_chunks set embedded_by = $1", new.id)
            changed = await embedding_models.update_answering_model(connection, new.id, [version.id])
        assert changed == [version.id]
        await eventually(lambda: _has_loaded(embedders, light.prompted))


async def _answered(embedders: Embedders, model_id: int) -> AskedMeaning:
    async def ask() -> AskedMeaning | None:
        with suppress(EmbedderUnavailable):
            return await embedders.embed_question("what", model_id)
        return None

    return await eventually(ask, within_seconds=START_SECONDS)


async def _has_loaded(embedders: Embedders, model: str) -> bool | None:
    return embedders.loaded_models == {model} or None
