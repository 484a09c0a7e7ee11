"""How the crawler takes what servers answer: which failures are tried again, and what is named as what it is."""

import asyncio

import pytest

from core.database import Database
from core.objects import ObjectStore
from crawler import service
from crawler.crawl import run_crawl
from tests.crawl_runs import SETTINGS, add_source, crawl_site, rows_of
from tests.crawl_site import Answer, Request, Site
from tests.waiting import eventually

TRANSIENT = (408, 425, 429, 500, 502, 503, 504)
LASTING = (400, 401, 402, 403, 405, 406, 418, 451, 501, 505, 507)
_HEADERS = {"cf-mitigated": "challenge"}


@pytest.mark.parametrize(("statuses", "tries"), [(TRANSIENT, 3), (LASTING, 1)], ids=["transient", "lasting"])
async def test_only_failures_that_may_pass_are_tried_again(
    content_database: Database, store: ObjectStore, site: Site, statuses: tuple[int, ...], tries: int
) -> None:
    names = [f"s{status}.html" for status in statuses]
    site.page("/", *names)
    site.routes |= {f"/s{status}.html": Answer(status=status) for status in statuses}

    report = await crawl_site(content_database, store, site.url, max_failures_in_a_row=1000)

    assert report.pages.failed == len(statuses)
    assert {site.hits[f"/{name}"] for name in names} == {tries}


async def test_a_page_is_put_off_for_as_long_as_the_server_asks(
    content_database: Database, store: ObjectStore, site: Site
) -> None:
    site.page("/", "a.html")
    site.routes["/a.html"] = Answer(status=429, headers={"Retry-After": "50"})
    source = await add_source(content_database, site.url)
    started = await service.start_crawl(content_database, source.id)
    running = asyncio.create_task(run_crawl(content_database, store, SETTINGS, started.id))

    async def look() -> float | None:
        async with content_database.connection() as connection:
            return await connection.fetchval(
                "select extract(epoch from next_at - now()) from crawl_pages where crawl_id = $1 and tries = 1 "
                "and state = 'queued'",
                started.id,
            )

    wait = await eventually(look)
    running.cancel()
    await asyncio.wait({running})

    assert 40 < wait <= 50


async def test_a_connection_that_breaks_is_tried_again(
    content_database: Database, store: ObjectStore, site: Site
) -> None:
    async def broken(request: Request) -> Answer:
        if site.hits[request.target] == 1:
            raise ConnectionResetError
        return Answer(b"<h1>fine</h1>")

    site.page("/", "a.html")
    site.routes["/a.html"] = broken

    report = await crawl_site(content_database, store, site.url)

    assert (report.pages.fetched, report.pages.failed, site.hits["/a.html"]) == (2, 0, 2)


@pytest.mark.parametrize(
    "challenge",
    [
        Answer(b"<html>", 403, headers=_HEADERS),
        Answer(b"<html>", 503, headers=_HEADERS),
        Answer(b"<html><head><title>Just a moment...</title>", 403),
        Answer(b'<html><script src="/cdn-cgi/challenge-platform/x.js"></script>', 503),
    ],
    ids=["header 403", "header 503", "title", "script"],
)
async def test_a_check_for_browsers_is_named_as_one_and_not_tried_again(
    content_database: Database, store: ObjectStore, site: Site, challenge: Answer
) -> None:
    site.routes["/"] = challenge

    report = await crawl_site(content_database, store, site.url)

    assert report.status == "failed"
    assert report.reason is not None
    assert "a check for browsers instead of the page" in report.reason
    assert site.hits["/"] == 1


async def test_the_limits_that_cut_are_reported_by_name(
    content_database: Database, store: ObjectStore, site: Site
) -> None:
    variants = [f"list?sort={number}" for number in range(105)]
    site.page("/", "many.html", f"long/{'x' * 2100}", *variants)
    site.page("/many.html", *(f"#{number}" for number in range(10_001)))
    site.routes |= {f"/{variant}": Answer(variant.encode()) for variant in variants}

    report = await crawl_site(content_database, store, site.url)

    reasons = [row["reason"] for row in (await rows_of(content_database, report.crawl_id)).values()]
    assert reasons.count("one of more than 100 addresses that differ by their query alone") == 5
    assert reasons.count("its address is longer than 2048 characters") == 1
    assert reasons.count("only the first 10000 of its links were followed") == 1


async def test_the_limit_of_bytes_counts_what_earlier_runs_fetched(
    content_database: Database, store: ObjectStore, site: Site
) -> None:
    names = [f"p{number}.html" for number in range(30)]
    site.page("/", *names)
    for name in names:
        site.page(f"/{name}", text="x" * 1000)

    report = await crawl_site(content_database, store, site.url, max_total_bytes=10_000)

    assert report.reason == "stopped at the limit of 0.00953674 MiB"
    assert 5 < report.pages.fetched < 15
