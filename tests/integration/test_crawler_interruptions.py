"""Crawls that are cancelled, killed or shared by several runners: nothing is lost, nothing is fetched twice."""

import asyncio
import sys
from pathlib import Path
from uuid import UUID

import pytest
from obstore.store import LocalStore

from core.database import Database
from core.objects import ObjectStore
from crawler import service
from crawler.crawl import run_crawl
from crawler.frontier import Frontier
from crawler.records import PageResult
from crawler.rules import CrawlRules
from tests.crawl_runs import SETTINGS, add_source, crawl, expire_leases, states_of, stored_bodies
from tests.crawl_site import Answer, Request, Site
from tests.waiting import eventually

ROOT = Path(__file__).parents[2]


def many_pages(site: Site, count: int, *, telling_at: int) -> asyncio.Event:
    """Adds a start page and the pages it links to; the event is set when so many requests have come."""
    reached = asyncio.Event()

    async def page(request: Request) -> Answer:
        if len(site.requests) >= telling_at:
            reached.set()
        return Answer(f"<h1>{request.target}</h1>".encode())

    names = [f"p{number:03}.html" for number in range(count)]
    site.page("/", *names)
    site.routes |= {f"/{name}": page for name in names}
    return reached


async def cancel(running: asyncio.Task[object], *, letting: asyncio.Event | None = None) -> None:
    """Cancels a run and waits for its end; sets `letting` once every worker knows."""
    running.cancel()
    for _ in range(20):
        await asyncio.sleep(0)
    if letting is not None:
        letting.set()
    with pytest.raises(asyncio.CancelledError):
        async with asyncio.timeout(20):
            await running


def page_hits(site: Site) -> dict[str, int]:
    return {target: count for target, count in site.hits.items() if target == "/" or target.startswith("/p")}


async def test_a_cancelled_crawl_goes_on_without_asking_again(
    content_database: Database, store: ObjectStore, site: Site
) -> None:
    reached, never = asyncio.Event(), asyncio.Event()

    async def stuck(_request: Request) -> Answer:
        reached.set()
        await never.wait()
        return Answer()

    names = [f"p{number}.html" for number in range(8)]
    site.page("/", *names)
    for name in names:
        site.page(f"/{name}")
    site.routes["/p4.html"] = stuck
    source = await add_source(content_database, site.url, CrawlRules(connections=1))
    started = await service.start_crawl(content_database, source.id)
    running = asyncio.create_task(run_crawl(content_database, store, SETTINGS, started.id))
    async with asyncio.timeout(20):
        await reached.wait()

    await cancel(running)

    states = await states_of(content_database, site, started.id)
    assert "leased" not in states.values()
    assert states["/p3.html"] == "fetched"
    assert states["/p4.html"] == "queued"
    asked_before = {target for target in site.hits if target.startswith("/p")}

    site.page("/p4.html")
    assert (await service.start_crawl(content_database, source.id)).id == started.id
    report = await crawl(content_database, store, source)

    assert report.pages.fetched == 9
    assert asked_before == {"/p0.html", "/p1.html", "/p2.html", "/p3.html", "/p4.html"}
    assert site.hits["/"] == 1
    assert [site.hits[f"/{name}"] for name in names] == [1, 1, 1, 1, 2, 1, 1, 1]
    never.set()


async def test_cancelling_under_load_gives_back_every_lease_and_keeps_every_page_that_was_read(
    content_database: Database, store: ObjectStore, site: Site
) -> None:
    reached = many_pages(site, 90, telling_at=60)
    source = await add_source(content_database, site.url)
    started = await service.start_crawl(content_database, source.id)
    running = asyncio.create_task(run_crawl(content_database, store, SETTINGS, started.id))
    async with asyncio.timeout(20):
        await reached.wait()

    await cancel(running)

    states = await states_of(content_database, site, started.id)
    kept = {target for target, state in states.items() if state == "fetched"}
    assert set(states.values()) == {"fetched", "queued"}
    assert len(kept) >= len(page_hits(site)) - SETTINGS.connections
    report = await crawl(content_database, store, source)
    assert report.pages.fetched == 91
    assert {page_hits(site)[target] for target in kept} == {1}
    assert len(await stored_bodies(content_database, store, started.id)) == 91


class GatedStore(ObjectStore):
    """An object store that takes nothing before its gate is opened."""

    def __init__(self, folder: Path) -> None:
        super().__init__(LocalStore(folder, mkdir=True), folder)
        self.is_asked = asyncio.Event()
        self.gate = asyncio.Event()

    async def put(self, key: str, body: bytes, *, is_new: bool = False) -> None:
        self.is_asked.set()
        await self.gate.wait()
        await super().put(key, body, is_new=is_new)


async def test_pages_that_are_being_stored_when_a_crawl_is_cancelled_are_kept(
    content_database: Database, tmp_path: Path, site: Site
) -> None:
    site.page("/")
    source = await add_source(content_database, site.url)
    started = await service.start_crawl(content_database, source.id)
    store = GatedStore(tmp_path / "snapshots")
    running = asyncio.create_task(run_crawl(content_database, store, SETTINGS, started.id))
    async with asyncio.timeout(20):
        await store.is_asked.wait()

    await cancel(running, letting=store.gate)

    assert await states_of(content_database, site, started.id) == {"/": "fetched"}
    assert len(await stored_bodies(content_database, store, started.id)) == 1


async def frontier_of(database: Database, crawl_id: UUID, *addresses: str) -> Frontier:
    frontier = Frontier(database, crawl_id, SETTINGS)
    await frontier.add(addresses, 0)
    return frontier


async def test_pages_that_are_being_settled_count_as_held_or_as_kept(content_database: Database, site: Site) -> None:
    source = await add_source(content_database, site.url)
    started = await service.start_crawl(content_database, source.id)
    # Some may have a twin under a shorter address, which settling asks about.
    addresses = [f"{site.url}/a/", f"{site.url}/b/index.html", f"{site.url}/c.html"]
    frontier = await frontier_of(content_database, started.id, *addresses)
    claimed = await frontier.claim(10)
    settling = asyncio.create_task(
        frontier.settle([PageResult(page.url, "fetched", body_sha256=page.url.encode()) for page in claimed])
    )

    counts: set[int] = set()
    while not settling.done():
        counts.add(len(frontier.held) + frontier.kept)
        await asyncio.sleep(0)

    await settling
    assert counts == {3}
    assert (frontier.held, frontier.kept) == (set(), 3)


async def test_a_lease_whose_claim_was_cancelled_before_its_answer_came_is_given_back(
    content_database: Database, site: Site
) -> None:
    source = await add_source(content_database, site.url)
    started = await service.start_crawl(content_database, source.id)
    ours = await frontier_of(content_database, started.id, f"{site.url}/a", f"{site.url}/b")
    other = await frontier_of(content_database, started.id)
    assert [page.tries for page in await other.claim(1)] == [1]
    assert len(await ours.claim(1)) == 1
    ours.held.clear()

    await ours.release()

    assert await states_of(content_database, site, started.id) == {"/a": "leased", "/b": "queued"}
    assert [(page.url, page.tries) for page in await other.claim(5)] == [(f"{site.url}/b", 1)]


async def test_leases_that_a_lost_database_does_not_take_back_are_left_to_run_out(database_url: str) -> None:
    database = await Database.connect(database_url, pool_size=2, schema="content")
    source = await add_source(database, "https://docs.example/")
    started = await service.start_crawl(database, source.id)
    frontier = await frontier_of(database, started.id, "https://docs.example/")
    assert len(await frontier.claim(1)) == 1
    await database.close()

    await frontier.release()

    assert frontier.held == set()


async def test_pages_of_a_killed_runner_are_taken_up_when_their_leases_end(
    content_database: Database, store: ObjectStore, site: Site
) -> None:
    site.page("/", "a.html", "b.html")
    site.page("/a.html")
    site.page("/b.html")
    source = await add_source(content_database, site.url)
    started = await service.start_crawl(content_database, source.id)
    killed = await frontier_of(content_database, started.id, f"{site.url}/", f"{site.url}/a.html")
    other = await frontier_of(content_database, started.id)
    assert len(await killed.claim(10)) == 2
    assert await other.claim(10) == []

    await expire_leases(content_database, started.id)
    report = await crawl(content_database, store, source)

    assert (report.status, report.pages.fetched) == ("crawled", 3)


async def test_an_expired_lease_goes_to_one_runner_and_the_late_one_changes_nothing_any_more(
    content_database: Database, site: Site
) -> None:
    url = f"{site.url}/a"
    source = await add_source(content_database, site.url)
    started = await service.start_crawl(content_database, source.id)
    late = await frontier_of(content_database, started.id, url)
    next_one = await frontier_of(content_database, started.id)
    third = await frontier_of(content_database, started.id)
    assert [page.tries for page in await late.claim(1)] == [1]
    assert await next_one.claim(1) == []

    await expire_leases(content_database, started.id)
    assert [(page.tries, page.lost_runners) for page in await next_one.claim(1)] == [(1, 1)]
    await late.settle([PageResult(url, "queued", reason="the connection broke")])
    await late.release()
    assert await states_of(content_database, site, started.id) == {"/a": "leased"}
    assert await third.claim(1) == []

    await next_one.settle([PageResult(url, "failed", reason="the server answered 500")])
    assert await states_of(content_database, site, started.id) == {"/a": "failed"}


async def test_a_runner_keeps_its_own_leases_and_nobody_elses(content_database: Database, site: Site) -> None:
    url = f"{site.url}/a"
    source = await add_source(content_database, site.url)
    started = await service.start_crawl(content_database, source.id)
    late = await frontier_of(content_database, started.id, url)
    next_one = await frontier_of(content_database, started.id)
    assert len(await late.claim(1)) == 1
    await expire_leases(content_database, started.id)
    await late.keep_leases()
    assert await next_one.claim(1) == []

    await expire_leases(content_database, started.id)
    assert len(await next_one.claim(1)) == 1
    await expire_leases(content_database, started.id)
    await late.keep_leases()
    assert len(await late.claim(1)) == 1


async def test_pages_another_runner_is_claiming_at_this_moment_are_passed_over(
    content_database: Database, site: Site
) -> None:
    addresses = [f"{site.url}/{name}" for name in "abcd"]
    source = await add_source(content_database, site.url)
    started = await service.start_crawl(content_database, source.id)
    other = await frontier_of(content_database, started.id, *addresses)

    async with content_database.transaction() as connection, asyncio.timeout(10):
        await connection.execute(
            "select 1 from crawl_pages where crawl_id = $1 and url = any($2) for update", started.id, addresses[:2]
        )
        claimed = await other.claim(10)

    assert [page.url for page in claimed] == addresses[2:]


async def test_two_runners_at_once_never_fetch_a_page_twice(
    content_database: Database, store: ObjectStore, site: Site
) -> None:
    names = [f"p{number:03}.html" for number in range(120)]
    moved = [f"old{number}.html" for number in range(20)]
    site.page("/", *names, *moved)
    for name in names:
        site.page(f"/{name}", *names, *moved)
    for number, name in enumerate(moved):
        site.redirect(f"/{name}", f"/p{number:03}.html")
    source = await add_source(content_database, site.url)
    started = await service.start_crawl(content_database, source.id)

    async with asyncio.timeout(30):
        reports = await asyncio.gather(*(run_crawl(content_database, store, SETTINGS, started.id) for _ in range(2)))

    assert [(report.pages.fetched, report.pages.redirected) for report in reports] == [(121, 20)] * 2
    assert {site.hits[f"/{name}"] for name in (*names, *moved)} == {1}
    assert site.hits["/"] == 1
    assert len(await stored_bodies(content_database, store, started.id)) == 121


async def test_a_crawl_whose_process_is_killed_goes_on_with_what_was_not_settled(
    content_database: Database, database_url: str, store: ObjectStore, tmp_path: Path, site: Site
) -> None:
    killed = asyncio.Event()

    async def page(request: Request) -> Answer:
        # However long the settling takes, the crawl is not over before its process is.
        if len(site.requests) > 200:
            await killed.wait()
        return Answer(f"<h1>{request.target}</h1>".encode())

    names = [f"p{number:03}.html" for number in range(250)]
    site.page("/", *names)
    site.routes |= {f"/{name}": page for name in names}
    source = await add_source(content_database, site.url)
    started = await service.start_crawl(content_database, source.id)

    async def has_settled_many() -> bool:
        states = await states_of(content_database, site, started.id)
        return list(states.values()).count("fetched") >= 100

    arguments = ("-m", "tests.crawl_runs", database_url, str(tmp_path / "snapshots"), str(started.id))
    process = await asyncio.create_subprocess_exec(sys.executable, *arguments, cwd=ROOT)
    try:
        await eventually(has_settled_many, within_seconds=60)
    finally:
        process.kill()
        await process.wait()
    killed.set()

    states = await states_of(content_database, site, started.id)
    settled = {target for target, state in states.items() if state == "fetched"}
    assert len(settled) >= 100
    assert "leased" in states.values()
    await expire_leases(content_database, started.id)
    report = await crawl(content_database, store, source)

    assert (report.status, report.pages.fetched) == ("crawled", 251)
    assert {page_hits(site)[target] for target in settled} == {1}
    assert max(page_hits(site).values()) == 2
    assert len(await stored_bodies(content_database, store, started.id)) == 251
