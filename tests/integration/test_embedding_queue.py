"""The queue of passages to embed: what is done twice and what is not, in which order, and what survives."""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator
from functools import partial
from pathlib import Path
from uuid import uuid4

import numpy as np
import pytest

from core.database import Database
from indexer.embedding import worker
from indexer.embedding.passages import passage_text
from indexer.queries import embedding_queue
from indexer.search.askings import Askings
from tests.embedding_rig import METADATA, MOST_SECONDS, ModelOfHashes, Rig, open_rig, working
from tests.waiting import eventually


@pytest.fixture
async def rig(content_database: Database, tmp_path: Path) -> AsyncGenerator[Rig]:
    async with open_rig(content_database, tmp_path) as opened:
        yield opened


def texts(count: int, of: str = "passage") -> list[str]:
    return [f"{of} number {number}" for number in range(count)]


async def test_every_passage_gets_the_vector_of_its_text_and_leaves_the_queue(rig: Rig) -> None:
    version = await rig.add("/acme/one", texts(30))
    model = ModelOfHashes()
    async with working(rig.worker(model)):
        await rig.until_settled()
    vectors = await rig.vectors(version.id)
    assert set(vectors) == set(texts(30))
    assert all(
        np.allclose(vector, model.vector(passage_text(METADATA, text)), atol=1e-5) for text, vector in vectors.items()
    )
    assert await rig.value("select count(*) from documentation_chunks where embedded_at is null") == 0
    assert await rig.value("select count(*) from embedding_leases") == 0


async def test_a_worker_with_nothing_to_do_notices_a_new_version(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "_IDLE_SECONDS", 3600.0)
    model = ModelOfHashes()

    async def add_another(known: int) -> bool | None:
        name = uuid4().hex
        await rig.add(f"/acme/{name}", [name])
        return len(model.texts) > known or None

    async with working(rig.worker(model)):
        for _ in range(3):
            await eventually(partial(add_another, len(model.texts)), within_seconds=20)


async def test_two_workers_share_a_queue_and_embed_nothing_twice(rig: Rig) -> None:
    for number in range(5):
        await rig.add(f"/acme/{number}", texts(40, f"library {number}"))
    model = ModelOfHashes()
    async with working(*(rig.worker(model) for _ in range(3))):
        await rig.until_settled()
    assert len(model.texts) == 200
    assert max(Counter(model.texts).values()) == 1
    assert model.most_at_once == 1


async def test_a_text_is_embedded_once_for_all_versions_and_libraries(rig: Rig) -> None:
    first = await rig.add("/acme/one", texts(20))
    model = ModelOfHashes()
    async with working(rig.worker(model)):
        await rig.until_settled()
        second = await rig.add("/acme/one", [*texts(20), "new in 2"], version="2")
        other = await rig.add("/other/fork", texts(20))
        await rig.until_settled()
    assert Counter(model.texts).most_common(1)[0][1] == 1
    assert len(model.texts) == 21
    for version in (second, other):
        vectors = await rig.vectors(version.id)
        same = await rig.vectors(first.id)
        assert all(np.allclose(vectors[text], same[text]) for text in texts(20))


async def test_the_same_text_twice_in_a_batch_is_embedded_once(rig: Rig) -> None:
    version = await rig.add("/acme/one", ["the same"] * 6)
    model = ModelOfHashes()
    async with working(rig.worker(model)):
        await rig.until_settled()
    assert len(model.texts) == 1
    assert await rig.value("select count(*) from documentation_chunks where embedded_by > 0") == 6
    assert set(await rig.vectors(version.id)) == {"the same"}


async def test_the_same_text_in_two_versions_at_once_is_embedded_by_one_worker(rig: Rig) -> None:
    for number in range(4):
        await rig.add(f"/acme/{number}", texts(10))
    model = ModelOfHashes()
    async with working(*(rig.worker(model) for _ in range(3))):
        await rig.until_settled()
    assert len(model.texts) == 10
    assert await rig.value("select count(*) from documentation_chunks where embedded_by > 0") == 40


async def test_a_library_that_is_asked_overtakes_a_big_one_within_three_batches(rig: Rig) -> None:
    await rig.add("/acme/big", texts(400, "big"))
    model = ModelOfHashes()
    model.turns = asyncio.Semaphore(4)
    askings = Askings(rig.database)
    async with working(rig.worker(model)):
        await eventually(lambda: _holds(len(model.asked) >= 5))
        late = await rig.add("/acme/late", texts(5, "late"))
        askings.note(late.id)
        await askings.write()
        before = len(model.asked)
        for _ in range(20):
            model.turns.release()
        await eventually(lambda: _holds(any("late" in text for text in model.texts)))
        place = next(number for number, batch in enumerate(model.asked) if "late" in "".join(batch))
        for _ in range(400):
            model.turns.release()
        await rig.until_settled()
    assert place - before <= 3


async def test_what_was_never_asked_comes_in_the_order_of_its_waiting(rig: Rig) -> None:
    for name in ("first", "second", "third"):
        await rig.add(f"/acme/{name}", texts(80, name))
    model = ModelOfHashes()
    async with working(rig.worker(model)):
        await rig.until_settled()
    names = [text.split(": ")[1].split()[0] for text in model.texts]
    # Three batches are under way at once, and may change places.
    assert {"first"} == set(names[:56])
    assert {"second"} == set(names[104:136])
    assert {"third"} == set(names[-56:])


async def test_a_version_is_noted_as_asked_at_most_once_a_minute(rig: Rig) -> None:
    version = await rig.add("/acme/one", ["text"])
    now = 0.0
    askings = Askings(rig.database, monotonic=lambda: now)
    dates: list[object] = []
    for now in (0.0, 59.0, 61.0):  # noqa: B007 - the clock reads it
        askings.note(version.id)
        await askings.write()
        dates.append(await rig.value("select asked_at from library_versions"))
    assert dates[0] == dates[1] != dates[2]


async def test_what_a_dead_worker_held_is_taken_up_when_its_leases_run_out(rig: Rig) -> None:
    await rig.add("/acme/one", texts(16))
    dead = ModelOfHashes()
    dead.turns = asyncio.Semaphore(0)
    worker = rig.worker(dead, embedding_lease_seconds=3600)
    async with working(worker):
        await eventually(lambda: _holds(len(dead.texts) == 16))
        async with rig.database.transaction() as connection:  # as if its end had come before it could clean up
            held = await connection.fetch("select text_hash, worker from embedding_leases")
    assert len(held) == 16
    async with rig.database.transaction() as connection:
        await connection.execute(
            """
            insert into embedding_leases (text_hash, worker, until)
            select text, $2, now() + interval '1.5 seconds' from unnest($1::uuid[]) as text
            """,
            [row["text_hash"] for row in held],
            held[0]["worker"],
        )
    living = ModelOfHashes()
    async with working(rig.worker(living)):
        await rig.until_settled()
    assert len(living.texts) == 16


async def test_a_worker_keeps_what_it_is_slow_with(rig: Rig) -> None:
    await rig.add("/acme/one", texts(8))
    slow, other = ModelOfHashes(), ModelOfHashes()
    slow.turns = asyncio.Semaphore(0)
    async with working(rig.worker(slow)):
        await eventually(lambda: _holds(len(slow.texts) == 8))
        first = await rig.value("select min(until) from embedding_leases")
        async with working(rig.worker(other)):
            await eventually(lambda: _renewed(rig, first))
            await eventually(lambda: _renewed(rig, first))
            slow.turns.release()
            await rig.until_settled()
    assert other.texts == []
    assert len(slow.texts) == 8


async def test_when_the_embedding_process_ends_its_batch_is_done_again(rig: Rig) -> None:
    version = await rig.add("/acme/one", texts(20))
    model = ModelOfHashes()
    model.deaths_left = 3
    async with working(rig.worker(model)):
        await rig.until_settled()
    assert len(await rig.vectors(version.id)) == 20


async def test_a_text_the_model_refuses_costs_no_other_its_vector(rig: Rig) -> None:
    version = await rig.add("/acme/one", [*texts(7), "a poison"])
    model = ModelOfHashes()
    model.poison = "poison"
    async with working(rig.worker(model)):
        await rig.until_settled()
    assert set(await rig.vectors(version.id)) == set(texts(7))


async def test_passages_that_are_removed_meanwhile_are_passed_over(rig: Rig) -> None:
    version = await rig.add("/acme/one", texts(8))
    model = ModelOfHashes()
    model.turns = asyncio.Semaphore(0)
    async with working(rig.worker(model)):
        await eventually(lambda: _holds(len(model.texts) == 8))
        async with rig.database.transaction() as connection:
            await connection.execute("delete from library_versions where id = $1", version.id)
        model.turns.release()
        await eventually(lambda: _no_leases(rig))
    assert await rig.waiting() == 0


async def test_a_vector_that_was_written_but_not_noted_is_not_made_again(rig: Rig) -> None:
    await rig.add("/acme/one", texts(8))
    model = ModelOfHashes()
    async with working(rig.worker(model)):
        await rig.until_settled()
        # As a kill between the two leaves it.
        async with rig.database.transaction() as connection:
            await connection.execute("update documentation_chunks set embedded_by = 0, embedded_at = null")
            version_id = await connection.fetchval("select id from library_versions")
            await embedding_queue.update_waiting(connection, version_id)
        await rig.until_settled()
    assert len(model.texts) == 8
    assert await rig.value("select count(*) from documentation_chunks where embedded_by = 0") == 0


async def test_claims_do_not_read_more_than_they_give(rig: Rig) -> None:
    for number in range(3):
        await rig.add(f"/acme/{number}", texts(50, f"library {number}"))
    async with asyncio.timeout(MOST_SECONDS), rig.database.transaction() as connection:
        await connection.execute("analyze")
        model_id = await connection.fetchval(
            "insert into embedding_models (name, dimension, space) values ('m', 8, 's') returning id"
        )
        plan = await connection.fetch(
            """
            explain select c.id from library_versions v cross join lateral (
                select c.id from documentation_chunks c
                where c.library_version_id = v.id and c.embedded_by <> 1 and c.is_published
                order by c.embedded_by, c.chunk_index limit 8) c
            where v.waiting_since is not null order by v.asked_at desc nulls last, v.waiting_since limit 8
            """
        )
    assert model_id == 1
    assert any("documentation_chunks_embedding" in row[0] for row in plan)


async def _holds(condition: bool) -> bool | None:
    return condition or None


async def _renewed(rig: Rig, first: object) -> bool | None:
    return await rig.value("select min(until) from embedding_leases") != first or None


async def _no_leases(rig: Rig) -> bool | None:
    return await rig.value("select count(*) from embedding_leases") == 0 or None
