"""Another embedding model takes over in the background, while the vectors of the one before go on answering."""

import asyncio
from collections.abc import AsyncGenerator
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from core.database import Database
from core.errors import Misconfigured
from indexer.embedding.choosing import choose_model, drop_retired_models
from indexer.embedding.passages import passage_text
from indexer.embedding.process import LoadedModel
from indexer.queries import embedding_models, embedding_queue
from tests.embedding_rig import METADATA, ModelOfHashes, Rig, open_rig, working
from tests.waiting import eventually

TEXTS = [f"passage number {number}" for number in range(20)]


@pytest.fixture
async def rig(content_database: Database, tmp_path: Path) -> AsyncGenerator[Rig]:
    async with open_rig(content_database, tmp_path) as opened:
        yield opened


async def embedded(rig: Rig, model: ModelOfHashes) -> None:
    """Has a model do all there is to do."""
    async with working(rig.worker(model)):
        await eventually(lambda: _is_chosen(rig, model))
        await rig.until_settled()


async def ask(rig: Rig, version_id: UUID) -> None:
    """Has a version come before others."""
    async with rig.database.transaction() as connection:
        await embedding_queue.update_asked(connection, [version_id])


async def found(rig: Rig, version_id: UUID, model: ModelOfHashes, text: str) -> float:
    """How near the best passage is to the vector of a text, in the space its version answers from."""
    version = await rig.version(version_id)
    space = await rig.value("select space from embedding_models where id = $1", version.embedding_model)
    vector = model.vector(passage_text(METADATA, text))
    candidates = await rig.store.candidates(version_id, "?", vector, 5, str(space))
    return max((candidate.dense or 0.0 for candidate in candidates), default=0.0)


async def test_the_old_vectors_answer_until_all_the_new_ones_are_there(rig: Rig) -> None:
    version = await rig.add("/acme/one", TEXTS)
    old, new = ModelOfHashes("old", 8), ModelOfHashes("new", 16)
    await embedded(rig, old)
    before = await rig.version(version.id)
    new.turns = asyncio.Semaphore(1)
    async with working(rig.worker(new)):
        await eventually(lambda: _count(rig, "select count(*) from documentation_chunks where embedded_by = 2", 8))
        half = await rig.version(version.id)
        assert half.embedding_model == before.embedding_model
        assert half.index_generation == before.index_generation
        assert await found(rig, version.id, old, TEXTS[3]) == pytest.approx(1.0, abs=1e-3)
        for _ in TEXTS:
            new.turns.release()
        await rig.until_settled()
    after = await rig.version(version.id)
    assert after.embedding_model != before.embedding_model
    assert after.index_generation == before.index_generation + 1
    assert await found(rig, version.id, new, TEXTS[3]) == pytest.approx(1.0, abs=1e-3)


async def test_each_version_changes_over_by_itself(rig: Rig) -> None:
    first, second = await rig.add("/acme/one", TEXTS[:8]), await rig.add("/acme/two", [*TEXTS[8:], "another"])
    old, new = ModelOfHashes("old", 8), ModelOfHashes("new", 16)
    await embedded(rig, old)
    await ask(rig, first.id)
    new.turns = asyncio.Semaphore(1)
    async with working(rig.worker(new)):
        await eventually(lambda: _model_of(rig, first.id, 2))
        assert (await rig.version(second.id)).embedding_model == 1
        assert await found(rig, first.id, new, TEXTS[3]) == pytest.approx(1.0, abs=1e-3)
        assert await found(rig, second.id, old, TEXTS[9]) == pytest.approx(1.0, abs=1e-3)
        for _ in TEXTS:
            new.turns.release()
        await rig.until_settled()
    assert (await rig.version(second.id)).embedding_model == 2


async def test_going_back_in_the_middle_embeds_nothing_again_and_goes_on_answering(rig: Rig) -> None:
    first, second = await rig.add("/acme/one", TEXTS[:8]), await rig.add("/acme/two", TEXTS[8:])
    old, new = ModelOfHashes("old", 8), ModelOfHashes("new", 16)
    await embedded(rig, old)
    await ask(rig, first.id)
    new.turns = asyncio.Semaphore(2)
    async with working(rig.worker(new)):
        await eventually(lambda: _model_of(rig, first.id, 2))
    again = ModelOfHashes("old", 8)
    await embedded(rig, again)
    assert again.texts == []
    for version, text in ((first, TEXTS[0]), (second, TEXTS[9])):
        assert (await rig.version(version.id)).embedding_model == 1
        assert await found(rig, version.id, old, text) == pytest.approx(1.0, abs=1e-3)
    await drop_retired_models(rig.database, rig.store, timedelta(0))
    assert await rig.value("select count(*) from embedding_models") == 1


async def test_the_old_vectors_go_when_nothing_answers_with_them_any_more(rig: Rig) -> None:
    version = await rig.add("/acme/one", TEXTS)
    await embedded(rig, ModelOfHashes("old", 8))
    await embedded(rig, ModelOfHashes("new", 16))
    await drop_retired_models(rig.database, rig.store)
    assert len(await rig.vectors(version.id)) == len(TEXTS)  # for a minute, answers under way may need them
    await drop_retired_models(rig.database, rig.store, timedelta(0))
    assert await rig.vectors(version.id) == {}
    assert len(await rig.vectors(version.id, await rig.space("new"))) == len(TEXTS)
    assert await rig.value("select count(*) from embedding_models") == 1


async def test_vectors_that_were_to_go_when_it_was_killed_go_later(rig: Rig) -> None:
    version = await rig.add("/acme/one", TEXTS[:4])
    await embedded(rig, ModelOfHashes("old", 8))
    await embedded(rig, ModelOfHashes("new", 16))
    async with rig.database.transaction() as connection:
        await connection.execute("update embedding_models set is_leaving = true where name = 'old'")
    old = await choose_model(rig.database, rig.store, LoadedModel("old", 8, ""))
    assert old.space != "dense"  # what is leaving is not come back to
    await embedded(rig, ModelOfHashes("new", 16))
    await drop_retired_models(rig.database, rig.store, timedelta(0))
    assert await rig.vectors(version.id) == {}
    assert len(await rig.vectors(version.id, await rig.space("new"))) == 4


async def test_what_is_added_during_a_change_is_embedded_by_the_new_model_alone(rig: Rig) -> None:
    await rig.add("/acme/one", TEXTS)
    await embedded(rig, ModelOfHashes("old", 8))
    new = ModelOfHashes("new", 16)
    new.turns = asyncio.Semaphore(0)
    async with working(rig.worker(new)):
        await eventually(lambda: _count(rig, "select count(*) from embedding_models", 2))
        added = await rig.add("/acme/two", ["added meanwhile"])
        for _ in TEXTS:
            new.turns.release()
        await rig.until_settled()
    assert (await rig.version(added.id)).embedding_model == 2
    assert set(await rig.vectors(added.id)) == set()
    assert set(await rig.vectors(added.id, await rig.space("new"))) == {"added meanwhile"}


async def test_of_two_workers_with_different_models_the_later_one_decides(rig: Rig) -> None:
    version = await rig.add("/acme/one", TEXTS)
    first, second = ModelOfHashes("first", 8), ModelOfHashes("second", 16)
    first.turns = asyncio.Semaphore(0)
    async with working(rig.worker(first)):
        await eventually(lambda: _count(rig, "select count(*) from embedding_models", 1))
        async with working(rig.worker(second)):
            await eventually(lambda: _count(rig, "select count(*) from embedding_models", 2))
            for _ in TEXTS:
                first.turns.release()
            await eventually(lambda: _model_of(rig, version.id, 2))
            asked = len(first.texts)
            later = await rig.add("/acme/two", ["one more"])
            await eventually(lambda: _model_of(rig, later.id, 2))
    assert len(first.texts) == asked
    assert len(await rig.vectors(version.id, await rig.space("second"))) == len(TEXTS)


async def test_another_passage_prompt_is_another_model(rig: Rig) -> None:
    version = await rig.add("/acme/one", TEXTS[:4])
    await embedded(rig, ModelOfHashes("one", 8))
    prompted = ModelOfHashes("one", 8)
    prompted.model = LoadedModel("one", 8, "passage: ")
    await embedded(rig, prompted)
    assert len(prompted.texts) == 4
    assert (await rig.version(version.id)).embedding_model == 2


async def test_an_index_from_before_models_were_recorded_is_taken_for_the_first_models(rig: Rig) -> None:
    version = await rig.add("/acme/one", TEXTS[:4])
    await rig.store.add_space("dense", 8)
    async with rig.database.transaction() as connection:
        await connection.execute("update documentation_chunks set embedded_by = 1, embedded_at = now()")
    model = ModelOfHashes("one", 8)
    await embedded(rig, model)
    assert model.texts == []
    assert (await rig.version(version.id)).embedding_model == 1


async def test_a_first_model_that_does_not_fit_the_index_is_named(rig: Rig) -> None:
    await rig.store.add_space("dense", 8)
    with pytest.raises(Misconfigured, match="of dimension 8, the model gives 16"):
        await choose_model(rig.database, rig.store, LoadedModel("other", 16, ""))


async def _count(rig: Rig, statement: str, expected: int) -> bool | None:
    return await rig.value(statement) >= expected or None


async def _is_chosen(rig: Rig, model: ModelOfHashes) -> bool | None:
    async with rig.database.connection() as connection:
        chosen = await embedding_models.find_chosen_model(connection)
    identity = (model.model.name, model.model.passage_prompt)
    return (chosen is not None and (chosen.name, chosen.passage_prompt) == identity) or None


async def _model_of(rig: Rig, version_id: UUID, model_id: int) -> bool | None:
    return (await rig.version(version_id)).embedding_model == model_id or None
