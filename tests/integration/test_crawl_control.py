"""Crawls that are paused, cancelled, retried or run from a snapshot: nothing is lost, nothing is left behind."""

import errno
import os
from pathlib import Path
from uuid import UUID

import numpy as np
import pytest

from core.errors import Conflict, LibraryNotFound, VersionNotFound
from core.library_ids import LibraryId
from crawler.queries import reports
from crawler.rules import CrawlRules
from crawler.service import recognise_source
from indexer.catalogue import catalogue
from indexer.catalogue.queries import LibraryVersion
from indexer.indexing import Published
from server.crawl_reports import crawl_report
from tests.crawl_site import Answer, Site, serve_site
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


async def test_a_refused_crawl_is_indexed_whole_when_its_failed_pages_are_read(workshop: Workshop, site: Site) -> None:
    targets = write_pages(site, 10)
    await workshop.work(await workshop.add(site.url))
    write_pages(site, 10, shade="tint")
    well = dict(site.routes)
    for target in targets[:8]:
        site.routes[target] = Answer(b"<html><body><div id='root'></div></body></html>")
    site.routes[targets[8]] = Answer(b"down", 500)
    refused = await workshop.work(await workshop.add(site.url))
    assert refused.status == "failed"
    assert "shade1" in await workshop.ask("colour of widget 1")

    site.routes |= well
    async with workshop.database.connection() as connection:
        # As if all of them had failed: the rest of the crawl is not read again.
        await connection.execute(
            "update crawl_pages set state = 'failed' where crawl_id = $1 and url <> $2", refused.id, f"{site.url}/"
        )
    await workshop.ingest.retry(refused.id)
    assert (await workshop.work(refused)).status == "completed"
    assert "tint1" in await workshop.ask("colour of widget 1")
    assert "many colours" in await workshop.ask("colours widgets come in")


async def test_removing_a_library_ends_its_crawl_and_leaves_nothing(workshop: Workshop, site: Site) -> None:
    write_pages(site, 80)
    gate = hold(site, "/page79.html")
    crawl = await workshop.add(site.url)
    job = workshop.start(crawl)
    await gate.wait()

    await workshop.ingest.remove(LibraryId(LIBRARY))
    await ended(job)
    assert await workshop.count() == 0
    assert await workshop.store.count(crawl.library_version_id) == 0
    with pytest.raises(LibraryNotFound):
        await workshop.ask("colour")


async def test_one_version_is_removed_and_the_newest_of_the_others_answers(workshop: Workshop, site: Site) -> None:
    for version, shade in (("1.9", "old"), ("2.0", "new")):
        write_pages(site, 2, shade)
        _, crawl = await workshop.ingest.add(LIBRARY, version, recognise_source(site.url), CrawlRules())
        await workshop.work(crawl)
    with pytest.raises(VersionNotFound):
        await workshop.ingest.remove(LibraryId(LIBRARY, "2"))

    await workshop.ingest.remove(LibraryId(LIBRARY, "2.0"))
    assert "old1" in await workshop.ask("colour of widget 1")
    await workshop.ingest.remove(LibraryId(LIBRARY, "1.9"))
    with pytest.raises(LibraryNotFound):
        await workshop.ask("colour")


async def test_the_failed_pages_are_read_again_and_answer(workshop: Workshop, site: Site) -> None:
    write_pages(site, 5)
    well = site.routes["/page2.html"]
    site.routes["/page2.html"] = Answer(b"down", 500)
    crawl = await workshop.work(await workshop.add(site.url))
    assert crawl.status == "completed"
    with pytest.raises(Conflict):
        await workshop.ingest.resume(crawl.id)
    asked = dict(site.hits)

    site.routes["/page2.html"] = well
    assert (await workshop.ingest.retry(crawl.id)).status == "queued"
    crawl = await workshop.work(crawl)

    assert (crawl.status, (await workshop.states(crawl))["/page2.html"]) == ("completed", "fetched")
    assert site.hits["/page1.html"] == asked["/page1.html"]
    assert "shade2" in await workshop.ask("colour of widget 2")
    with pytest.raises(Conflict, match="No page of this crawl failed"):
        await workshop.ingest.retry(crawl.id)


async def test_only_the_latest_crawl_is_retried(workshop: Workshop, site: Site) -> None:
    write_pages(site, 3)
    site.routes["/page2.html"] = Answer(b"down", 500)
    first = await workshop.work(await workshop.add(site.url))
    second = await workshop.add(site.url)
    for crawl, reason in ((first, "A later crawl"), (second, "is queued")):
        with pytest.raises(Conflict, match=reason):
            await workshop.ingest.retry(crawl.id)


async def test_a_crawl_that_could_not_be_begun_is_retried_whole(workshop: Workshop, site: Site) -> None:
    write_pages(site, 2)
    start = site.routes["/"]
    site.routes["/"] = Answer(b"down", 500)
    crawl = await workshop.work(await workshop.add(site.url))
    assert crawl.status == "failed"
    site.routes["/"] = start
    await workshop.ingest.retry(crawl.id)
    crawl = await workshop.work(crawl)
    assert (crawl.status, crawl.reason) == ("completed", None)
    assert "shade1" in await workshop.ask("colour of widget 1")


async def test_an_index_is_built_anew_with_the_site_switched_off(workshop: Workshop) -> None:
    async with serve_site() as site:
        write_pages(site, 4)
        first = await workshop.work(await workshop.add(site.url))
    async with workshop.database.connection() as connection:
        rows = await connection.fetch("select id from documentation_chunks")
        await workshop.store.put_meanings({row["id"]: np.ones(384, np.float32) / 384**0.5 for row in rows})
        await connection.execute("update documentation_chunks set embedded_at = now()")
    version = await find_version(workshop)

    crawl = await workshop.ingest.reindex(version)
    assert (crawl.origin, (await workshop.ingest.reindex(version)).id) == ("snapshot", crawl.id)
    crawl = await workshop.work(crawl)

    assert (crawl.status, crawl.reason) == ("completed", None)
    assert crawl.id != first.id
    counts = await workshop.indexer.counts(version.id)
    assert counts.with_meaning == counts.chunks == len(rows)
    assert "shade3" in await workshop.ask("colour of widget 3")


async def test_a_reindexing_that_was_paused_goes_on_without_the_site(workshop: Workshop) -> None:
    async with serve_site() as site:
        write_pages(site, 3)
        await workshop.work(await workshop.add(site.url))
    crawl = await workshop.ingest.reindex(await find_version(workshop))
    await workshop.ingest.pause(crawl.id)
    assert (await workshop.ingest.resume(crawl.id)).status == "crawled"
    assert (await workshop.work(crawl)).status == "completed"


async def test_without_a_whole_snapshot_nothing_is_reindexed(workshop: Workshop, site: Site, tmp_path: Path) -> None:
    write_pages(site, 3)
    crawl = await workshop.add(site.url)
    version = await find_version(workshop)
    with pytest.raises(Conflict, match="is queued"):
        await workshop.ingest.reindex(version)
    await workshop.work(crawl)
    for segment in (tmp_path / "snapshots").rglob("*.warc.gz"):
        segment.unlink()

    crawl = await workshop.work(await workshop.ingest.reindex(version))
    assert crawl.status == "failed"
    assert crawl.reason is not None
    assert "`lectern refresh` fetches it again" in crawl.reason
    assert "shade1" in await workshop.ask("colour of widget 1")


async def test_a_full_disk_pauses_the_crawl_until_there_is_room(
    workshop: Workshop, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_pages(site, 3)
    sync, is_full = os.fsync, True

    def sync_unless_full(descriptor: int) -> None:
        if is_full:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        sync(descriptor)

    monkeypatch.setattr(os, "fsync", sync_unless_full)
    crawl = await workshop.work(await workshop.add(site.url))
    assert crawl.status == "paused"
    assert crawl.reason is not None
    assert "No space left on device" in crawl.reason

    is_full = False
    resumed = await workshop.ingest.resume(crawl.id)
    assert resumed.reason is None
    assert (await workshop.work(crawl)).status == "completed"


async def test_the_report_says_what_was_read_left_out_and_found(workshop: Workshop, site: Site) -> None:
    targets = write_pages(site, 4)
    site.page("/", *targets, "/gone.html", "/broken.html", "/search.html")
    site.routes["/broken.html"] = Answer(b"down", 500)
    site.routes["/app.html"] = Answer(b"<html><body><div id='root'></div><script src='app.js'></script></body></html>")
    site.page("/page3.html", "/app.html", text="<p>The colour of widget 3 is shade3, and no other one.</p>")
    crawl = await workshop.work(await workshop.add(site.url))

    async with workshop.database.connection() as connection:
        report = await crawl_report(connection, crawl.id)
        assert await reports.find_report(connection, crawl.id) == report
    assert report["status"] == "completed"
    assert (report["pages"]["failed"], report["pages"]["missing"]) == (1, 1)
    assert report["failed"][0]["examples"] == [f"{site.url}/broken.html"]
    assert f"{site.url}/search.html" in {example for rule in report["excluded"] for example in rule["examples"]}
    assert report["bytes"] > 400
    assert report["chunks"] >= 5
    assert report["tokens"] > 0
    assert report["coverage"] == {
        "verdict": "passed",
        "found": report["chunks"],
        "before": 0,
        "removed": 0,
        "gate_percent": 70,
    }
    assert report["slowest_hosts"][0]["host"] == site.url.removeprefix("http://")
    assert len(report["slowest_pages"]) == 5


async def test_pages_are_listed_in_parts_with_what_became_of_them(workshop: Workshop, site: Site) -> None:
    write_pages(site, 5)
    site.routes["/page2.html"] = Answer(b"down", 500)
    crawl = await workshop.work(await workshop.add(site.url))
    async with workshop.database.connection() as connection:
        first = await reports.page_outcomes(connection, crawl.id, None, "", 4)
        rest = await reports.page_outcomes(connection, crawl.id, None, first[-1].url, 4)
        failed = await reports.page_outcomes(connection, crawl.id, "failed", "", 4)
    assert [page.url.removeprefix(site.url) for page in (*first, *rest)] == ["/", *write_pages(site, 5)]
    assert [(page.http_status, page.indexed) for page in failed] == [(500, None)]
    read = first[1]
    assert (read.state, read.indexed, read.chunks) == ("fetched", "indexed", 1)
    assert read.body_bytes is not None
    assert read.seconds is not None
