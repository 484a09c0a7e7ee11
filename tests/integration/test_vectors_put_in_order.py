"""The files of the embedded store are put in order apart from it, and it answers meanwhile."""

import asyncio
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from shutil import move
from unittest.mock import Mock
from uuid import UUID, uuid4

import pytest
from structlog.testing import capture_logs

from indexer.vectors import live_shard
from indexer.vectors.edge import EdgeStore
from indexer.vectors.store import DENSE
from tests.integration.test_vectors import DIMENSION, indexed, meaning
from tests.waiting import eventually

VERSION = UUID(int=7)
COLOURS = ("red", "green", "blue", "black", "white")


@pytest.fixture(autouse=True)
def few_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live_shard, "_SMALL_POINTS", 10)
    monkeypatch.setattr(live_shard, "_FEW_WRITTEN", 1)


@asynccontextmanager
async def opened(folder: Path) -> AsyncGenerator[EdgeStore]:
    store = await EdgeStore.open(folder)
    try:
        await store.add_space(DENSE, DIMENSION)
        yield store
    finally:
        await store.close()


async def put_in_order(store: EdgeStore) -> None:
    await store.optimize()
    await store.in_order()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data" / "vectors"


async def filled(store: EdgeStore, count: int = 300) -> None:
    texts = [indexed(VERSION, f"n{number}", f"The {COLOURS[number % 5]} sail {number}.") for number in range(count)]
    await store.put_words(texts)
    await store.put_meanings({text.id: meaning(number % DIMENSION) for number, text in enumerate(texts)})


async def found(store: EdgeStore) -> dict[UUID, tuple[float, ...]]:
    """Gives what all points score; which of equal ones come first depends on the files."""
    candidates = await store.candidates(VERSION, "a blue sail 7", meaning(2), 1000)
    return {one.id: (round(one.body or 0, 4), round(one.head or 0, 4), round(one.dense or 0, 4)) for one in candidates}


class OtherUUID(UUID):
    """An id as the database's driver gives it: of a type of its own."""


class Held:
    """The process that puts files in order, which waits before it begins until it is let go."""

    def __init__(self, folder: Path) -> None:
        self._has_come, self._may_go = folder / "has-come", folder / "may-go"
        self.program = folder / "python"
        wait = f'touch "{self._has_come}"; until [ -e "{self._may_go}" ]; do sleep 0.01; done'
        self.program.write_text(f'#!/bin/sh\n{wait}\nexec "{sys.executable}" "$@"\n')
        self.program.chmod(0o700)

    async def has_come(self) -> bool:
        return self._has_come.exists()

    def let_go(self) -> None:
        self._may_go.touch()


@pytest.fixture
def held(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Held:
    process = Held(tmp_path)
    monkeypatch.setattr(sys, "executable", str(process.program))
    return process


def number_of(folder: Path) -> int:
    """Gives what tells a folder from another in its place."""
    return folder.stat().st_ino


def link(folder: Path, real: Path) -> None:
    real.mkdir(parents=True)
    folder.parent.mkdir()
    folder.symlink_to(real)


def forget(folder: Path) -> None:
    """Leaves the folder as a kill does."""
    next(folder.glob("written-*")).unlink()


def beside(folder: Path) -> list[str]:
    return [path.name for path in folder.parent.iterdir()]


async def test_the_files_are_others_and_the_answers_the_same(folder: Path) -> None:
    async with opened(folder) as store:
        await filled(store)
        before, was = await found(store), number_of(folder)
        await put_in_order(store)
        after, text = await found(store), indexed(VERSION, "new", "A sail without colour, named zanzibar.")
        await store.put_words([text])
        assert (after, number_of(folder) == was, beside(folder)) == (before, False, ["vectors"])

    async with opened(folder) as store:
        assert await store.count() == 301
        assert (await store.candidates(VERSION, "zanzibar", None, 5))[0].id == text.id


async def test_it_answers_while_they_are_put_in_order(folder: Path) -> None:
    async with opened(folder) as store:
        await filled(store)
        before = await found(store)
        order = asyncio.ensure_future(put_in_order(store))
        answers = 0
        while not order.done():
            assert await found(store) == before
            answers += 1
        await order
        assert await found(store) == before
    assert answers > 1


async def test_a_folder_that_is_a_link_stays_one(folder: Path, tmp_path: Path) -> None:
    real = tmp_path / "large" / "disk"
    link(folder, real)
    async with opened(folder) as store:
        await filled(store)
        before, was = await found(store), number_of(real)
        await put_in_order(store)
        assert (await found(store), number_of(real) == was, beside(real)) == (before, False, ["disk"])
    assert (beside(folder), number_of(folder)) == (["vectors"], number_of(real))


async def test_nothing_is_written_anew_for_little(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with opened(folder) as store:
        await filled(store)
        await put_in_order(store)
        monkeypatch.setattr(live_shard, "_FEW_WRITTEN", 1000)
        was = number_of(folder)
        await store.put_words([indexed(VERSION, "new", "A sail.")])
        await put_in_order(store)
        assert number_of(folder) == was


@pytest.mark.parametrize("is_killed", [False, True], ids=["closed", "killed"])
async def test_after_a_start_files_are_put_in_order_again_only_if_nobody_knows_that_they_are(
    folder: Path, is_killed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_shard, "_FEW_WRITTEN", 20)
    async with opened(folder) as store:
        await filled(store)
        await put_in_order(store)
        was = number_of(folder)
    if is_killed:
        forget(folder)
    for number in range(2):
        async with opened(folder) as store:
            await store.put_words([indexed(VERSION, f"new{number}-{count}", "A sail.") for count in range(15)])
            await put_in_order(store)
            # The second time as many were written as are worthwhile.
            assert (number_of(folder) != was) == (is_killed or number == 1)


async def test_where_no_process_can_do_it_the_store_does_it_itself(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened(folder) as store:
        await filled(store)
        before, was = await found(store), number_of(folder)
        monkeypatch.setattr(sys, "executable", "/bin/false")
        with capture_logs() as logs:
            await put_in_order(store)
        assert [line["event"] for line in logs] == ["indexer.vectors_put_in_order_here"]
        assert (await found(store), number_of(folder), beside(folder)) == (before, was, ["vectors"])


async def test_a_store_that_is_closed_meanwhile_ends_the_process_and_keeps_its_files(folder: Path, held: Held) -> None:
    async with opened(folder) as store:
        await filled(store)
        was = number_of(folder)
        await store.optimize()
        await eventually(held.has_come)
    assert (number_of(folder), beside(folder)) == (was, ["vectors"])

    held.let_go()
    async with opened(folder) as store:
        await put_in_order(store)
        assert number_of(folder) != was


@pytest.mark.parametrize(("number", "last"), [(1, 1), (20, 1), (20, 100)], ids=["little", "much", "much at the end"])
async def test_what_is_written_meanwhile_is_found_at_once_and_afterwards(
    folder: Path, held: Held, number: int, last: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_shard, "_IDS_PER_CHANGE", 5)
    monkeypatch.setattr(live_shard, "_CHANGES_AT_ONCE", 2)
    monkeypatch.setattr(live_shard, "_LAST_CHANGES", last)
    texts = [indexed(VERSION, f"new{count}", f"A blue yawl {count}.") for count in range(number)]
    async with opened(folder) as store:
        await filled(store)
        was = number_of(folder)
        await store.optimize()
        await eventually(held.has_come)

        await store.put_words(texts)
        await store.put_meanings({text.id: meaning(2) for text in texts})
        await store.put_words([indexed(VERSION, f"n{count}", f"The violet sail {count}.") for count in range(number)])
        await store.put_meanings({indexed(VERSION, "n7", "").id: meaning(3)})
        await store.delete([OtherUUID(str(indexed(VERSION, f"n{count}", "").id)) for count in range(100, 100 + number)])
        before = await found(store)
        assert {text.id for text in texts} <= before.keys()

        held.let_go()
        await store.in_order()
        assert (await found(store), number_of(folder) == was) == (before, False)
    async with opened(folder) as store:
        assert await found(store) == before
        assert await store.count() == 300


async def test_nothing_that_is_written_without_a_pause_is_lost(folder: Path) -> None:
    async with opened(folder) as store:
        await filled(store)
        await store.optimize()
        is_done, written = asyncio.ensure_future(store.in_order()), 0
        while not is_done.done():
            text = indexed(VERSION, f"w{written}", f"A ketch {written}.")
            await store.put_words([text])
            await store.put_meanings({text.id: meaning(written % DIMENSION)})
            written += 1
        assert (await store.count(), written > 1) == (300 + written, True)
        ids = [indexed(VERSION, f"w{number}", "").id for number in range(written)]
        assert len(await store.meanings(ids)) == written


async def test_what_was_asked_for_meanwhile_is_done_afterwards(folder: Path, held: Held) -> None:
    async with opened(folder) as store:
        await filled(store)
        await store.optimize()
        await eventually(held.has_come)
        await store.put_words([indexed(VERSION, f"new{number}", "A sail.") for number in range(20)])
        with capture_logs() as logs:
            await store.optimize()
            held.let_go()
            await store.in_order()
    assert [line["event"] for line in logs] == ["indexer.vectors_put_in_order"] * 2


async def test_who_writes_a_great_deal_waits_for_it(folder: Path, held: Held, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live_shard, "_MANY_WRITTEN", 2)
    async with opened(folder) as store:
        await filled(store)
        await store.optimize()
        await eventually(held.has_come)
        await store.put_words([indexed(VERSION, "one", "A sail.")])
        await store.optimize()
        await store.put_words([indexed(VERSION, "two", "A sail.")])
        waiting = asyncio.ensure_future(store.optimize())
        assert await store.count() == 302
        assert not waiting.done()
        held.let_go()
        await waiting


async def test_another_model_waits_for_it(folder: Path, held: Held) -> None:
    async with opened(folder) as store:
        await filled(store)
        await store.optimize()
        await eventually(held.has_come)
        adding = asyncio.ensure_future(store.add_space("other", DIMENSION))
        assert await store.count() == 300
        assert not adding.done()
        held.let_go()
        await adding
        one = indexed(VERSION, "n1", "").id
        await store.put_meanings({one: meaning(4)}, "other")
    async with opened(folder) as store:
        assert (await store.meanings([one], "other")).keys() == {one}


async def test_a_copy_that_lacks_something_is_not_taken(
    folder: Path, held: Held, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened(folder) as store:
        await filled(store)
        before, was = await found(store), number_of(folder)
        await store.optimize()
        await eventually(held.has_come)
        await store.put_words([indexed(VERSION, "new", "A sail.")])
        monkeypatch.setattr(live_shard, "change_line", Mock(return_value=b'{"points": [], "gone": []}\n'))
        with capture_logs() as logs:
            held.let_go()
            await store.in_order()
        assert [(line["event"], line["reason"]) for line in logs] == [
            ("indexer.vectors_put_in_order_here", "the copy of 301 points has 300")
        ]
        assert (len(await found(store)), number_of(folder), beside(folder)) == (len(before) + 1, was, ["vectors"])


async def test_a_process_that_is_killed_costs_nothing(folder: Path, held: Held) -> None:
    held.program.write_text("#!/bin/sh\necho ready; kill -9 $$\n")
    async with opened(folder) as store:
        await filled(store)
        before, was = await found(store), number_of(folder)
        with capture_logs() as logs:
            await put_in_order(store)
        assert [line["event"] for line in logs] == ["indexer.vectors_put_in_order_here"]
        assert (await found(store), number_of(folder), beside(folder)) == (before, was, ["vectors"])


@pytest.mark.parametrize("moment", ["while it is copied", "between the two", "before the former is removed"])
async def test_a_store_that_was_killed_while_files_were_exchanged_has_lost_nothing(folder: Path, moment: str) -> None:
    async with opened(folder) as store:
        await filled(store)
        before = await found(store)
    following, former = folder.with_name("vectors.next"), folder.with_name("vectors.former")
    if moment == "while it is copied":
        (following / "segments" / str(uuid4())).mkdir(parents=True)
    elif moment == "between the two":
        following.mkdir()
        move(folder, former)
    else:
        (former / "segments" / str(uuid4())).mkdir(parents=True)

    async with opened(folder) as store:
        assert await found(store) == before
    assert beside(folder) == ["vectors"]
