"""On ground that does not carry it, Lectern says so and loses nothing: data of newer releases, full disks, Ctrl-C."""

import asyncio
import json
import os
import random
import resource
import signal
from asyncio.subprocess import DEVNULL
from collections import Counter
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import LiteralString

import pytest

from bench.product import environment_for, lectern, running_lectern
from core.database import Database
from core.embedded_postgres import embedded_postgres
from tests.commands import COMMAND_SECONDS, QUICK, add, run, write_notes
from tests.crawl_site import Answer, Request, Site, serve_site
from tests.waiting import eventually

CONNECTIONS = 4
LIBRARY = "/acme/notes"
MIB = 2**20
TEXT = "<p>Widgets are made of brass, and every widget has a colour that is set once.</p>"

# The data folder


async def test_a_data_folder_of_a_newer_layout_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "layout-version").write_text("99\n")
    ended = await run(environment_for(tmp_path), "up", "--port", "0")
    assert ended.status == 1
    assert "was written by a newer release (layout 99" in ended.text
    assert not (tmp_path / "postgres").exists()


@pytest.mark.parametrize("below", ["", "deeper/still"])
async def test_a_file_in_the_place_of_the_data_folder_is_named(tmp_path: Path, below: str) -> None:
    (tmp_path / "data").write_text("mine")
    ended = await run(environment_for(tmp_path / "data" / below), "up", "--port", "0")
    assert ended.status == 1
    assert f"The data folder {tmp_path / 'data' / below} cannot be written" in ended.text
    assert (tmp_path / "data").read_text() == "mine"


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
async def test_a_schema_of_a_newer_release_is_left_alone(tmp_path: Path) -> None:
    environment = environment_for(tmp_path, **QUICK)
    assert (await run(environment, "migrate")).status == 0
    await change_schema(tmp_path, "insert into schema_migrations (number, name, digest) values (99, 'later', '')")
    ended = await run(environment, "up", "--port", "0")
    assert ended.status == 1
    assert "The content schema was written by a newer release" in ended.text

    await change_schema(tmp_path, "delete from schema_migrations where number = 99")
    assert (await run(environment, "libraries")).status == 0


async def change_schema(data: Path, statement: LiteralString) -> None:
    with embedded_postgres(data / "postgres") as url:
        database = await Database.connect(url, pool_size=2, schema="content")
        async with database.connection() as connection:
            await connection.execute(statement)
        await database.close()


# The disk


@contextmanager
def largest_file(size: int) -> Generator[None]:
    """Lets processes started meanwhile write no larger file, which is what a full disk is to one file."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


async def test_a_write_that_finds_no_room_fails_its_crawl_and_nothing_else(tmp_path: Path) -> None:
    # The engines' own files have up to 32 MiB from the start; random bytes cannot be packed into fewer.
    notes, page_bytes = write_notes(tmp_path / "notes"), 48 * MIB
    (tmp_path / "big").mkdir()
    (tmp_path / "big" / "noise.md").write_bytes(random.Random(7).randbytes(page_bytes))
    with largest_file(40 * MIB):
        async with running_lectern(tmp_path, LECTERN_CRAWL_MAX_PAGE_BYTES=str(page_bytes), **QUICK) as product:
            await product.run("add", notes, "--id", LIBRARY, "--wait")
            ended = await add(product, str(tmp_path / "big"), "/acme/big")
            assert ended.status == 1
            assert "The disk of the snapshots is full" in ended.text
            assert "paint(colour)" in await product.run("query", LIBRARY, "colour")
    async with running_lectern(tmp_path, **QUICK) as product:
        assert "paint(colour)" in await product.run("query", LIBRARY, "colour")
        assert json.loads(await product.run("usage", "--json"))["total"]["calls"] == 2


async def test_a_disk_that_is_nearly_full_takes_no_more_and_goes_on_answering(tmp_path: Path) -> None:
    notes = write_notes(tmp_path / "notes")
    assert (await run(environment_for(tmp_path / "data", **QUICK), "add", notes, "--id", LIBRARY)).status == 0
    async with running_lectern(tmp_path, LECTERN_MIN_FREE_BYTES=str(2**60), **QUICK) as product:
        ended = await add(product, notes, "/acme/more")
        assert ended.status == 1
        assert "(LECTERN_MIN_FREE_BYTES). Free some space and try again" in ended.text
        assert "paint(colour)" in await product.run("query", LIBRARY, "colour")
    async with running_lectern(tmp_path, **QUICK) as product:
        await product.run("add", notes, "--id", "/acme/more", "--wait")
        assert "paint(colour)" in await product.run("query", "/acme/more", "colour")


# A part that dies


async def test_a_database_that_is_killed_comes_back_and_work_goes_on(tmp_path: Path) -> None:
    notes = write_notes(tmp_path / "notes")
    async with running_lectern(tmp_path, **QUICK) as product:
        await product.run("add", notes, "--id", LIBRARY, "--wait")
        file = tmp_path / "data" / "postgres" / "postmaster.pid"
        os.kill(int(file.read_text().split()[0]), signal.SIGKILL)

        async def answers() -> bool:
            return "paint(colour)" in (await run(product.environment, "query", LIBRARY, "colour")).text

        assert await eventually(answers)
        await product.run("add", notes, "--id", "/acme/later", "--wait")
        assert "paint(colour)" in await product.run("query", "/acme/later", "colour")


# Interruption


async def test_ctrl_c_in_a_crawl_loses_no_page_and_the_same_command_goes_on(tmp_path: Path) -> None:
    async with slow_site(pages=30, free=12) as slow:
        command = ("add", f"{slow.site.url}/", "--id", "/acme/slow", "--allow-private", "--wait", "--json")
        environment = environment_for(tmp_path / "data", LECTERN_EMBEDDING_ENABLED="false")
        process = await asyncio.create_subprocess_exec(
            *lectern(*command), env=environment, stdout=DEVNULL, stderr=DEVNULL, start_new_session=True
        )
        async with asyncio.timeout(COMMAND_SECONDS):
            await slow.is_stuck.wait()
            # To all of its processes, as a terminal does.
            os.killpg(process.pid, signal.SIGINT)
            assert await process.wait() == 130
        slow.gate.set()
        finished = await run(environment, *command)
        requests = slow.page_requests()
        undisturbed = await run(environment_for(tmp_path / "other", **QUICK), *command)

    assert (finished.status, undisturbed.status) == (0, 0), finished.text
    report, expected = json.loads(finished.text), json.loads(undisturbed.text)
    assert report["pages"] == expected["pages"]
    assert report["chunks"] == expected["chunks"]
    assert len(requests) == 31
    # Each of the two commands has looked at the start page once to see what it is.
    assert sum(requests.values()) <= 31 + CONNECTIONS + 2


@dataclass
class SlowSite:
    """A site that answers so many pages and holds up the others until its gate is open."""

    site: Site
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    is_stuck: asyncio.Event = field(default_factory=asyncio.Event)

    def page_requests(self) -> Counter[str]:
        """How often each page was asked for so far."""
        return Counter({target: count for target, count in self.site.hits.items() if is_page(target)})


def is_page(target: str) -> bool:
    """Tells pages from what a crawler asks for besides them."""
    return target == "/" or target.startswith("/page")


@asynccontextmanager
async def slow_site(*, pages: int, free: int) -> AsyncGenerator[SlowSite]:
    async with serve_site() as site:
        slow = SlowSite(site)
        site.page("/", *(f"/page{number}" for number in range(pages)), text=TEXT)

        async def answer(request: Request) -> Answer:
            if not is_page(request.target):
                return Answer(status=404)
            asked = len(slow.page_requests()) - 1
            if asked >= free + CONNECTIONS:
                slow.is_stuck.set()
            if asked > free:
                await slow.gate.wait()
            return Answer(f"<html><body><main><h1>{request.target}</h1>{TEXT}</main></body></html>".encode())

        site.fallback = answer
        yield slow
