"""Crawls that are paused and cancelled: nothing is lost, nothing is left behind."""

from uuid import UUID

import pytest

from core.errors import Conflict
from core.library_ids import LibraryId
from crawler.rules import CrawlRules
from indexer.catalogue import catalogue
from indexer.indexing import Published
from indexer.queries.versions import LibraryVersion
from tests.crawl_site import Site
from tests.waiting import eventually
from tests.workshop import LIBRARY, Workshop, ended, hold, write_pages

ONE_BY_ONE = CrawlRules(connections=1)


async def find_version(workshop: Workshop) -> LibraryVersion:
    async with workshop.database.connection() as connection:
        return await catalogue.select_version(connection, LibraryId(LIBRARY))


async def test_a_paused_crawl_keeps_what_was_read_and_goes_on_where_it_was(workshop: Workshop, site: Site) -> None:
    write_pages(site, 6)
    gate = hold(site, "/page3.html")
    crawl = await workshop.add(site.url, ONE_BY_ONE)
    job = workshop.start(crawl)
    await gate.wait()

    assert (await workshop.ingest.pause(crawl.id)).status == "paused"
    await ended(job)

    states = await workshop.states(crawl)
    assert set(states.values()) == {"fetched", "queued"}
    assert states["/page2.html"] == "fetched"
    asked = dict(site.hits)
    await workshop.ingest.recover()
    assert (await workshop.crawl(crawl.id)).status == "paused"

    gate.opened.set()
    assert (await workshop.ingest.resume(crawl.id)).status == "queued"
    assert (await workshop.work(crawl)).status == "completed"
    assert site.hits["/page2.html"] == asked["/page2.html"] == 1
    assert "shade5" in await workshop.ask("colour of widget 5")


async def test_asking_twice_changes_nothing_and_an_ended_crawl_takes_no_orders(workshop: Workshop, site: Site) -> None:
    write_pages(site, 1)
    crawl = await workshop.add(site.url)
    for _ in range(2):
        assert (await workshop.ingest.pause(crawl.id)).status == "paused"
    for _ in range(2):
        assert (await workshop.ingest.resume(crawl.id)).status == "queued"
    assert (await workshop.work(crawl)).status == "completed"
    for order in (workshop.ingest.pause, workshop.ingest.resume, workshop.ingest.cancel):
        with pytest.raises(Conflict, match="completed"):
            await order(crawl.id)


async def test_adding_again_what_is_paused_lets_it_go_on(workshop: Workshop, site: Site) -> None:
    write_pages(site, 1)
    crawl = await workshop.add(site.url)
    await workshop.ingest.pause(crawl.id)
    again = await workshop.add(site.url)
    assert (again.id, again.status) == (crawl.id, "queued")


async def test_a_cancelled_first_crawl_leaves_nothing_and_frees_its_library(workshop: Workshop, site: Site) -> None:
    write_pages(site, 80)
    gate = hold(site, "/page79.html")
    crawl = await workshop.add(site.url)
    job = workshop.start(crawl)
    await gate.wait()
    await eventually(workshop.count)

    cancelled = await workshop.ingest.cancel(crawl.id)
    assert (cancelled.status, cancelled.reason) == (
        "cancelled",
        "It was cancelled. Nothing of it is kept, so this version has no documentation.",
    )
    next_one = await workshop.add(site.url)
    assert next_one.id != crawl.id
    await ended(job)
    assert await workshop.count() == 0
    assert await workshop.store.count(crawl.library_version_id) == 0
    assert (await workshop.ingest.cancel(crawl.id)).reason == cancelled.reason

    gate.opened.set()
    assert (await workshop.work(next_one)).status == "completed"
    assert "shade79" in await workshop.ask("colour of widget 79")


async def test_a_cancelled_crawl_nobody_works_on_is_cleared_away_by_its_job(workshop: Workshop, site: Site) -> None:
    write_pages(site, 1)
    crawl = await workshop.add(site.url)
    await workshop.ingest.cancel(crawl.id)
    next_one = workshop.start(await workshop.add(site.url))
    await workshop.work(crawl)
    await ended(next_one)
    assert "shade0" in await workshop.ask("colour of widget 0")


async def test_a_cancelled_refresh_leaves_the_old_version_answering(workshop: Workshop, site: Site) -> None:
    targets = write_pages(site, 40)
    await workshop.work(await workshop.add(site.url))
    before = await workshop.count()

    write_pages(site, 40, shade="tint")
    site.page("/new.html", text="<p>There is a new colour now, which is called vermilion.</p>")
    site.page("/", *targets, "/new.html")
    gate = hold(site, "/page39.html")
    crawl = await workshop.add(site.url)
    job = workshop.start(crawl)
    await gate.wait()

    async def is_staged() -> bool:
        return await workshop.count() > before

    await eventually(is_staged)
    cancelled = await workshop.ingest.cancel(crawl.id)
    await ended(job)

    assert cancelled.reason == "It was cancelled. What was indexed before goes on answering."
    assert await workshop.count() == before
    assert "shade7" in await workshop.ask("colour of widget 7")
    assert "tint" not in await workshop.ask("colour of widget 7")
    gate.opened.set()
    assert (await workshop.work(await workshop.add(site.url))).status == "completed"
    assert "tint7" in await workshop.ask("colour of widget 7")


async def test_a_crawl_that_is_cancelled_at_the_last_moment_does_not_take_over(
    workshop: Workshop, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_pages(site, 3)
    await workshop.work(await workshop.add(site.url))
    write_pages(site, 3, shade="tint")
    index = workshop.indexer.index_fetched

    async def index_and_cancel(version_id: UUID, crawl_id: UUID) -> int:
        done = await index(version_id, crawl_id)
        if not done and (await workshop.crawl(crawl_id)).status == "crawled":
            await workshop.ingest.cancel(crawl_id)
        return done

    monkeypatch.setattr(workshop.indexer, "index_fetched", index_and_cancel)
    assert (await workshop.work(await workshop.add(site.url))).status == "cancelled"
    assert "shade1" in await workshop.ask("colour of widget 1")
    assert "tint" not in await workshop.ask("colour of widget 1")


async def test_a_new_page_waits_for_the_swap_also_when_all_that_answers_was_seen_again(
    workshop: Workshop, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    targets = write_pages(site, 3)
    site.page("/", *targets, "/new.html", text="<p>Widgets come in many colours, which are listed here.</p>")
    await workshop.work(await workshop.add(site.url))
    site.page("/new.html", text="<p>There is a new colour now, which is called vermilion.</p>")
    gate = hold(site, "/new.html")
    publish, waiting = workshop.indexer.publish, list[int]()

    async def count_and_publish(version_id: UUID, crawl_id: UUID) -> Published:
        async with workshop.database.connection() as connection:
            waiting.append(
                await connection.fetchval("select count(*) from documentation_chunks where not is_published")
            )
        return await publish(version_id, crawl_id)

    async def is_seen_again() -> bool:
        async with workshop.database.connection() as connection:
            return not await connection.fetchval(
                "select count(*) from documentation_chunks where crawl_id <> $1", crawl.id
            )

    monkeypatch.setattr(workshop.indexer, "publish", count_and_publish)
    crawl = await workshop.add(site.url)
    job = workshop.start(crawl)
    await gate.wait()
    await eventually(is_seen_again)
    gate.opened.set()
    await ended(job)
    assert waiting == [1]
    assert "vermilion" in await workshop.ask("new colour")


async def test_what_is_taking_over_is_neither_paused_nor_cancelled(
    workshop: Workshop, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_pages(site, 3)
    publish, refused = workshop.indexer.publish, list[str]()

    async def publish_under_orders(version_id: UUID, crawl_id: UUID) -> Published:
        for order in (workshop.ingest.pause, workshop.ingest.cancel):
            with pytest.raises(Conflict, match="is just taking over"):
                await order(crawl_id)
            refused.append(order.__name__)
        return await publish(version_id, crawl_id)

    monkeypatch.setattr(workshop.indexer, "publish", publish_under_orders)
    assert (await workshop.work(await workshop.add(site.url))).status == "completed"
    assert refused == ["pause", "cancel"]
