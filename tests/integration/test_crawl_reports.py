"""What a crawl tells of itself: its report, its pages, and why it paused itself."""

import errno
import os

import pytest

from crawler.queries import reports
from crawler.rules import CrawlRules
from server.crawl_reports import crawl_report
from tests.crawl_site import Answer, Site
from tests.workshop import Workshop, write_pages

ONE_BY_ONE = CrawlRules(connections=1)


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
