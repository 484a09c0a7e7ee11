"""The files of the embedded store are put in order apart from it, and it answers meanwhile."""

import asyncio
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from shutil import move
from uuid import UUID, uuid4

import pytest
from structlog.testing import capture_logs

from indexer.vectors import VectorStore, open_vector_store
from indexer.vectors import edge as edge_module
from tests.integration.test_vectors import DIMENSION, indexed, meaning

VERSION = UUID(int=7)
COLOURS = ("red", "green", "blue", "black", "white")


@pytest.fixture(autouse=True)
def few_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(edge_module, "_SMALL_POINTS", 10)
    monkeypatch.setattr(edge_module, "_FEW_WRITTEN", 1)


@asynccontextmanager
async def opened(folder: Path) -> AsyncGenerator[VectorStore]:
    async with open_vector_store(folder, dimension=DIMENSION, url=None, api_key=None, collection="c") as store:
        yield store


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data" / "vectors"


async def filled(store: VectorStore, count: int = 300) -> None:
    texts = [indexed(VERSION, f"n{number}", f"The {COLOURS[number % 5]} sail {number}.") for number in range(count)]
    await store.put_words(texts)
    await store.put_meanings({text.id: meaning(number % DIMENSION) for number, text in enumerate(texts)})


async def found(store: VectorStore) -> dict[UUID, tuple[float, ...]]:
    """Gives what all points score; which of equal ones come first depends on the files."""
    candidates = await store.candidates(VERSION, "a blue sail 7", meaning(2), 1000)
    return {one.id: (round(one.body or 0, 4), round(one.head or 0, 4), round(one.dense or 0, 4)) for one in candidates}


def number_of(folder: Path) -> int:
    """Gives what tells a folder from another in its place."""
    return folder.stat().st_ino


def link(folder: Path, real: Path) -> None:
    real.mkdir(parents=True)
    folder.parent.mkdir()
    folder.symlink_to(real)


def beside(folder: Path) -> list[str]:
    return [path.name for path in folder.parent.iterdir()]


async def test_the_files_are_others_and_the_answers_the_same(folder: Path) -> None:
    async with opened(folder) as store:
        await filled(store)
        before, was = await found(store), number_of(folder)
        await store.optimize()
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
        order = asyncio.ensure_future(store.optimize())
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
        await store.optimize()
        assert (await found(store), number_of(real) == was, beside(real)) == (before, False, ["disk"])
    assert (beside(folder), number_of(folder)) == (["vectors"], number_of(real))


async def test_nothing_is_written_anew_for_little(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with opened(folder) as store:
        await filled(store)
        await store.optimize()
        monkeypatch.setattr(edge_module, "_FEW_WRITTEN", 1000)
        was = number_of(folder)
        await store.put_words([indexed(VERSION, "new", "A sail.")])
        await store.optimize()
        assert number_of(folder) == was


async def test_where_no_process_can_do_it_the_store_does_it_itself(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened(folder) as store:
        await filled(store)
        before, was = await found(store), number_of(folder)
        monkeypatch.setattr(sys, "executable", "/bin/false")
        with capture_logs() as logs:
            await store.optimize()
        assert [line["event"] for line in logs] == ["indexer.vectors_put_in_order_here"]
        assert (await found(store), number_of(folder), beside(folder)) == (before, was, ["vectors"])


async def test_a_store_that_is_closed_meanwhile_ends_the_process_and_keeps_its_files(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    endless = tmp_path / "endless"
    endless.write_text("#!/bin/sh\nexec sleep 600\n")
    endless.chmod(0o700)
    async with opened(folder) as store:
        await filled(store)
        was = number_of(folder)
        monkeypatch.setattr(sys, "executable", str(endless))
        order = asyncio.ensure_future(store.optimize())
        while "vectors.next" not in beside(folder):  # noqa: ASYNC110 - there is no event for it
            await asyncio.sleep(0.01)
    await order
    assert (number_of(folder), beside(folder)) == (was, ["vectors"])


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
