"""Databases and object stores that go away in the middle of a crawl, and several runners on one: nothing is lost."""

import asyncio
import contextlib
import os
import signal
import sys
import tempfile
from asyncio.subprocess import PIPE
from collections.abc import Awaitable, Callable
from pathlib import Path
from uuid import UUID

import pytest
from obstore.store import LocalStore

from core.database import Database
from core.errors import Unavailable
from core.objects import ObjectStore, open_object_store
from crawler import service
from crawler.crawl import CrawlReport, run_crawl
from migrations.runner import migrate
from tests.conftest import with_database
from tests.crawl_runs import SETTINGS, add_source, rows_of, stored_bodies
from tests.crawl_site import Answer, Request, Site
from tests.waiting import eventually

ROOT = Path(__file__).parents[2]
_SERVE = """
import sys, pathlib
from core.embedded_postgres import embedded_postgres
with embedded_postgres(pathlib.Path(sys.argv[1])) as url:
    print(url, flush=True)
    sys.stdin.readline()
"""
NAMES = [f"p{number:03}.html" for number in range(160)]
MOVED = [f"old{number}.html" for number in range(10)]
SHORT_LEASES = SETTINGS.model_copy(update={"lease_seconds": 1.0})


def write_pages(site: Site, *, telling_at: tuple[int, ...] = ()) -> asyncio.Queue[int]:
    """Adds pages that link to each other; numbers of requests that are to be told come through the queue."""
    told: asyncio.Queue[int] = asyncio.Queue()
    moments = list(telling_at)

    async def page(request: Request) -> Answer:
        if moments and len(site.requests) >= moments[0]:
            told.put_nowait(moments.pop(0))
        links = "".join(f'<a href="/{name}">x</a>' for name in (*NAMES, *MOVED))
        return Answer(f"<h1>{request.target}</h1>{links}".encode())

    site.routes |= dict.fromkeys(("/", *(f"/{name}" for name in NAMES)), page)
    for number, name in enumerate(MOVED):
        site.redirect(f"/{name}", f"/{NAMES[number]}")
    return told


def page_hits(site: Site) -> dict[str, int]:
    return {target: count for target, count in site.hits.items() if target.endswith(".html")}


async def check_complete(database: Database, store: ObjectStore, report: CrawlReport) -> None:
    assert (report.status, report.pages.fetched, report.pages.redirected) == ("crawled", 161, 10)
    assert (report.pages.failed, report.pages.queued, report.pages.leased) == (0, 0, 0)
    assert len(await stored_bodies(database, store, report.crawl_id)) == 161


async def run_until_done(database: Database, store: ObjectStore, crawl_id: UUID) -> tuple[CrawlReport, int]:
    """Runs a crawl as the job queue does, again after each outage; gives the report and the number of outages."""
    outages = 0
    async with asyncio.timeout(60):
        while True:
            try:
                return await run_crawl(database, store, SHORT_LEASES, crawl_id), outages
            except Unavailable:
                outages += 1
                assert outages < 100
            await eventually(lambda: answers(database))


async def answers(database: Database) -> bool:
    """Tells whether the database is there."""
    with contextlib.suppress(Unavailable):
        async with database.connection() as connection:
            return await connection.fetchval("select true")
    return False


@pytest.mark.parametrize("runners", [2, 3])
async def test_several_runners_fetch_every_page_once_between_them(
    content_database: Database, store: ObjectStore, site: Site, runners: int
) -> None:
    write_pages(site)
    source = await add_source(content_database, site.url)
    started = await service.start_crawl(content_database, source.id)

    async with asyncio.timeout(60):
        runs = (run_crawl(content_database, store, SETTINGS, started.id) for _ in range(runners))
        reports = await asyncio.gather(*runs)

    for report in reports:
        await check_complete(content_database, store, report)
    assert set(page_hits(site).values()) == {1}
    assert len(page_hits(site)) == 170


async def crawl_through(
    database: Database,
    store: ObjectStore,
    site: Site,
    told: asyncio.Queue[int],
    break_it: Callable[[], Awaitable[None]],
) -> int:
    """Crawls while something is broken at each of the moments told; gives the number of outages."""
    source = await add_source(database, site.url)
    started = await service.start_crawl(database, source.id)
    running = asyncio.create_task(run_until_done(database, store, started.id))
    for _ in range(2):
        moment = asyncio.ensure_future(told.get())
        async with asyncio.timeout(30):
            await asyncio.wait({moment, running}, return_when=asyncio.FIRST_COMPLETED)
        assert moment.done(), running.result()
        await break_it()
    report, outages = await running
    await check_complete(database, store, report)
    return outages


async def test_a_crawl_goes_on_after_every_connection_to_the_database_was_cut(
    content_database: Database, postgres_url: str, store: ObjectStore, site: Site
) -> None:
    told = write_pages(site, telling_at=(60, 130))
    async with content_database.connection() as connection:
        name = await connection.fetchval("select current_database()")

    async def cut() -> None:
        """Cuts them at a moment when the crawl waits for an answer on one of them, so that it cannot but notice."""
        outside = await Database.connect(postgres_url, pool_size=1)
        inside = await Database.connect(with_database(postgres_url, name), pool_size=1, schema="content")
        with contextlib.suppress(Unavailable):
            async with inside.transaction() as holding, outside.connection() as connection:
                await holding.execute("lock table crawl_pages")
                waiting = "select pid from pg_stat_activity where datname = $1 and wait_event_type = 'Lock'"
                await eventually(lambda: connection.fetchval(waiting, name))
                ending = "select pg_terminate_backend(pid) from pg_stat_activity where datname = $1"
                await connection.execute(ending, name)
        await asyncio.gather(inside.close(), outside.close())

    assert await crawl_through(content_database, store, site, told, cut) >= 2


class OwnPostgres:
    """A database of a process of its own, that can be killed and started again."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def start(self) -> str:
        """Starts it and gives its URL."""
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", _SERVE, str(self._folder), stdin=PIPE, stdout=PIPE, cwd=ROOT
        )
        assert self._process.stdout is not None
        return (await self._process.stdout.readline()).decode().strip()

    async def restart(self) -> None:
        """Has it drop everything at once, as on a power cut, and starts it again."""
        lock = self._folder / "postmaster.pid"
        os.kill(int(lock.read_text().split()[0]), signal.SIGQUIT)
        async with asyncio.timeout(30):
            while lock.exists():  # noqa: ASYNC110 - another process removes it
                await asyncio.sleep(0.02)
        self._process.kill()
        await self._process.communicate()
        assert await self.start()

    async def stop(self) -> None:
        """Stops it as it should be."""
        await self._process.communicate(b"\n")


async def test_a_crawl_goes_on_after_the_database_was_stopped_and_started_again(store: ObjectStore, site: Site) -> None:
    told = write_pages(site, telling_at=(60, 130))
    # A short path: it holds the socket, which has to be where it was.
    with tempfile.TemporaryDirectory(prefix="pg") as folder:
        postgres = OwnPostgres(Path(folder))
        database = await Database.connect(await postgres.start(), pool_size=5, schema="content")
        await migrate(database, "content")
        assert await crawl_through(database, store, site, told, postgres.restart) >= 1
        await database.close()
        await postgres.stop()


class FailingStore(ObjectStore):
    """An object store that takes nothing for a while."""

    def __init__(self, folder: Path, failures: int) -> None:
        super().__init__(LocalStore(folder, mkdir=True), folder)
        self.failures = failures

    async def put(self, key: str, body: bytes, *, is_new: bool = False) -> None:
        self.failures -= 1
        if self.failures >= 0:
            raise Unavailable("The object store does not answer. Try again in a moment.")
        await super().put(key, body, is_new=is_new)


async def test_a_crawl_goes_on_after_the_object_store_took_nothing_for_a_while(
    content_database: Database, tmp_path: Path, site: Site
) -> None:
    write_pages(site)
    store = FailingStore(tmp_path / "snapshots", 5)
    source = await add_source(content_database, site.url)
    started = await service.start_crawl(content_database, source.id)

    report, outages = await run_until_done(content_database, store, started.id)

    await check_complete(content_database, store, report)
    assert 0 < outages <= 5


async def test_no_page_counts_as_fetched_before_its_response_is_stored(
    content_database: Database, tmp_path: Path, site: Site
) -> None:
    write_pages(site)
    store = FailingStore(tmp_path / "snapshots", 10_000)
    source = await add_source(content_database, site.url)
    started = await service.start_crawl(content_database, source.id)

    with pytest.raises(Unavailable):
        await run_crawl(content_database, store, SETTINGS, started.id)

    states = {row["state"] for row in (await rows_of(content_database, started.id)).values()}
    assert states == {"queued"}
    assert open_object_store(tmp_path / "snapshots")
