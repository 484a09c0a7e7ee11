"""A worker that is killed again and again in the middle of a crawl, which ends as if nobody had touched it."""

import asyncio
import contextlib
import random
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncGenerator
from pathlib import Path
from uuid import UUID

from core.database import Database
from core.library_ids import LibraryId
from crawler.rules import CrawlRules
from crawler.service import recognise_source
from indexer.extraction_processes import ExtractionProcesses
from tests.crawl_site import Answer, Request, Site
from tests.ingest_runs import Library, open_library

ROOT = Path(__file__).parents[2]
KILLS = 20
PAGES = 150
SLOW_SECONDS = 0.2
MOST_SECONDS = 1.2


class SlowSite:
    """Pages, redirects, dead links, pages under two addresses, and one that fails at first; as slow as it is told."""

    def __init__(self, site: Site) -> None:
        self.seconds = 0.0
        names = [f"p{number:03}.html" for number in range(PAGES)]
        moved = [f"old{number}.html" for number in range(5)]
        folders = [f"f{number}/" for number in range(4)]
        twins = [f"f{number}/index.html" for number in range(4)]
        self._bodies = {"/": page("start", *names, *moved, *folders, *twins, "flaky.html", "gone.html")}
        self._bodies |= {f"/{name}": page(name, *names[:5], *moved) for name in names}
        self._bodies |= {f"/{name}": page(name.partition("/")[0]) for name in (*folders, *twins)}
        self._moved = {f"/{name}": f"/p{number:03}.html" for number, name in enumerate(moved)}
        self._failed: set[str] = set()
        site.fallback = self.answer

    async def answer(self, request: Request) -> Answer:
        if request.target in self._bodies:
            await asyncio.sleep(self.seconds)
        if location := self._moved.get(request.target):
            return Answer(status=302, headers={"Location": location})
        if request.target == "/flaky.html":
            is_first = request.target not in self._failed
            self._failed.add(request.target)
            return Answer(status=503) if is_first else Answer(page("flaky"))
        body = self._bodies.get(request.target)
        return Answer(body) if body else Answer(status=404)

    def forget(self) -> None:
        self._failed.clear()


def page(name: str, *links: str) -> bytes:
    anchors = " ".join(f'<a href="/{link}">{link}</a>' for link in links)
    text = f"<p>What is to be known about {name} stands here, and nowhere else.</p>" * 3
    return (
        f"<html><body><main><h1>{name}</h1>{text}<h2>See also {name}</h2><p>{anchors}</p></main></body></html>".encode()
    )


async def rows_of_crawl(database: Database, site: Site) -> dict[str, tuple[object, ...]]:
    async with database.connection() as connection:
        rows = await connection.fetch(
            """
            select url, state, http_status, reason, final_url, content_type, body_sha256, is_unchanged, misses, links
            from crawl_pages order by url
            """
        )
    return {row["url"].removeprefix(site.url): tuple(row)[1:] for row in rows}


async def indexed_pages(database: Database) -> list[tuple[object, ...]]:
    async with database.connection() as connection:
        rows = await connection.fetch("select page_url, title, chunk_count, outcome from indexed_pages order by 1")
    return [tuple(row) for row in rows]


@contextlib.asynccontextmanager
async def worker(database_url: str, folder: Path, crawl_id: UUID) -> AsyncGenerator[Process]:
    """Runs a worker that has begun; whatever is left of it is killed."""
    arguments = ("-m", "tests.ingest_runs", database_url, str(folder), str(crawl_id))
    with (folder / "worker.log").open("ab") as log:
        process = await asyncio.create_subprocess_exec(sys.executable, *arguments, cwd=ROOT, stdout=PIPE, stderr=log)
    try:
        assert process.stdout is not None
        async with asyncio.timeout(30):
            while (line := await process.stdout.readline()) != b"begins\n":
                assert line, "the worker ended before it began"
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(signal.SIGKILL)
        await process.communicate()


async def until_crawled(database: Database, crawl_id: UUID) -> None:
    """Waits until every page is fetched, and the new state is about to take over."""
    async with asyncio.timeout(30), database.connection() as connection:
        while await connection.fetchval("select status from crawls where id = $1", crawl_id) != "crawled":  # noqa: ASYNC110 - another process writes it
            await asyncio.sleep(0.01)


async def undisturbed(library: Library, site: Site) -> tuple[object, ...]:
    assert (await library.crawl())[0] == "completed"
    rows, chunks = await rows_of_crawl(library.database, site), await library.chunks()
    return rows, chunks, await indexed_pages(library.database)


async def test_a_crawl_whose_worker_is_killed_twenty_times_ends_as_an_undisturbed_one(
    content_database: Database, database_url: str, tmp_path: Path, site: Site, processes: ExtractionProcesses
) -> None:
    seed = random.randrange(2**32)
    print(f"seed {seed}")  # noqa: T201 - to repeat a failure
    dice = random.Random(seed)
    slow = SlowSite(site)
    async with open_library(content_database, tmp_path, processes, site.url) as library:
        expected = await undisturbed(library, site)
        await library.ingest.remove(LibraryId("/test/library"))
        _, crawl = await library.ingest.add("/test/library", "1.0", recognise_source(site.url), CrawlRules())
    slow.forget()
    slow.seconds = SLOW_SECONDS
    site.requests.clear()

    for kill in range(KILLS - 1):
        async with worker(database_url, tmp_path, crawl.id) as process:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(dice.uniform(0.02, MOST_SECONDS)):
                    await process.wait()
            assert process.returncode is None, f"the crawl ended before kill {kill + 1}: make the site slower"
    slow.seconds = 0
    async with worker(database_url, tmp_path, crawl.id) as process:
        await until_crawled(content_database, crawl.id)
    async with worker(database_url, tmp_path, crawl.id) as process, asyncio.timeout(60):
        assert await process.wait() == 0

    async with content_database.connection() as connection:
        assert await connection.fetchval("select status from crawls where id = $1", crawl.id) == "completed"
    async with open_library(content_database, tmp_path, processes, site.url) as library:
        assert await rows_of_crawl(content_database, site) == expected[0]
        assert await library.chunks() == expected[1]
        assert await indexed_pages(content_database) == expected[2]
