"""What keeps a crawl in bounds or ends it: robots.txt, private addresses, limits, and sites that do not answer."""

import pytest

from core.database import Database
from core.objects import ObjectStore
from crawler import service
from crawler.rules import CrawlRules
from tests.crawl_runs import add_source, crawl, crawl_site, rows_of
from tests.crawl_site import Answer, Site


async def test_robots_txt_is_obeyed(content_database: Database, store: ObjectStore, site: Site) -> None:
    site.routes["/robots.txt"] = Answer(b"User-agent: lectern\nDisallow: /private/\n", content_type="text/plain")
    site.page("/", "private/a.html", "b.html", "c.html")
    site.page("/b.html")
    site.redirect("/c.html", "/private/c.html")

    report = await crawl_site(content_database, store, site.url)

    rows = await rows_of(content_database, report.crawl_id)
    assert rows[f"{site.url}/private/a.html"]["reason"] == "robots.txt forbids it"
    assert rows[f"{site.url}/c.html"]["state"] == "excluded"
    assert report.pages.fetched == 2
    assert [target for target in site.hits if target.startswith("/private")] == []


async def test_a_private_site_is_not_asked_unless_allowed(
    content_database: Database, store: ObjectStore, site: Site
) -> None:
    site.page("/")

    refused = await crawl_site(content_database, store, site.url, allow_private=False)
    allowed = await crawl_site(content_database, store, site.url, CrawlRules(allow_private=True), allow_private=False)

    assert refused.status == "failed"
    assert refused.reason is not None
    assert "--allow-private" in refused.reason
    assert allowed.status == "crawled"
    assert site.hits["/"] == 1


@pytest.mark.parametrize(
    ("robots", "cause"),
    [
        (Answer(b"User-agent: *\nDisallow: /\n"), "robots.txt forbids it"),
        (Answer(status=503), "its robots.txt answers 503"),
        (Answer(status=404), "the server answered 404 (Not Found)"),
    ],
)
async def test_a_crawl_without_any_page_fails_with_the_first_cause(
    content_database: Database, store: ObjectStore, site: Site, robots: Answer, cause: str
) -> None:
    site.routes["/robots.txt"] = robots
    source = await add_source(content_database, site.url)

    report = await crawl(content_database, store, source)

    assert report.status == "failed"
    assert report.reason is not None
    assert cause in report.reason
    async with content_database.connection() as connection:
        progress = await service.crawl_progress(connection, report.crawl_id)
    assert (progress.status, progress.reason) == ("failed", report.reason)
    assert (progress.pages.queued, progress.pages.leased) == (0, 0)
    assert (await service.start_crawl(content_database, source.id)).id != report.crawl_id


async def test_a_site_that_is_not_there_fails_with_words_a_person_understands(
    content_database: Database, store: ObjectStore, site: Site
) -> None:
    port = site.url.rpartition(":")[2]
    refused = await crawl_site(content_database, store, f"http://127.0.0.2:{port}/")
    unknown = await crawl_site(content_database, store, "http://no-such-host.invalid/")

    assert refused.reason == f"http://127.0.0.2:{port}/: the connection was refused; check that the server is running."
    assert unknown.reason is not None
    assert "the host name no-such-host.invalid does not resolve" in unknown.reason


async def test_a_site_that_stops_answering_ends_the_crawl(
    content_database: Database, store: ObjectStore, site: Site
) -> None:
    site.page("/", *(f"p{number}.html" for number in range(40)))
    site.fallback = Answer(status=503)

    report = await crawl_site(content_database, store, site.url, max_failures_in_a_row=5, max_breaks=1)

    assert report.status == "failed"
    assert report.reason is not None
    assert report.reason.startswith("The site has stopped answering.")
    assert sum(site.hits[f"/p{number}.html"] for number in range(40)) < 20


async def test_the_page_limit_is_kept_exactly_and_reported(
    content_database: Database, store: ObjectStore, site: Site
) -> None:
    names = [f"p{number}.html" for number in range(20)]
    site.page("/", *names)
    for name in names:
        site.page(f"/{name}")

    report = await crawl_site(content_database, store, site.url, CrawlRules(max_pages=7))

    assert (report.status, report.pages.fetched, report.pages.queued) == ("crawled", 7, 0)
    assert report.reason == "stopped at the limit of 7 pages"
    assert sum(site.hits[f"/{name}"] for name in names) == 6


async def test_depth_and_excludes_bound_the_crawl(content_database: Database, store: ObjectStore, site: Site) -> None:
    site.page("/", "a.html", "whatsnew/3.11.html")
    site.page("/a.html", "b.html")
    site.page("/b.html")

    report = await crawl_site(content_database, store, site.url, CrawlRules(max_depth=1, excludes=("whatsnew/**",)))

    rows = await rows_of(content_database, report.crawl_id)
    assert report.pages.fetched == 2
    assert rows[f"{site.url}/b.html"]["reason"] == "deeper than 1 links from the start"
    assert rows[f"{site.url}/whatsnew/3.11.html"]["reason"] == "excluded by the rule whatsnew/**"


async def test_a_page_that_never_ends_is_let_go_when_the_time_of_the_run_is_over(
    content_database: Database, store: ObjectStore, site: Site
) -> None:
    site.page("/", "/endless")
    site.routes["/endless"] = Answer(b"<p>", is_endless=True)

    report = await crawl_site(content_database, store, site.url, max_seconds=1, request_timeout_seconds=300)

    assert (report.status, report.reason) == ("crawled", "stopped at the limit of 1 seconds in one run")
    rows = await rows_of(content_database, report.crawl_id)
    assert {url.removeprefix(site.url): row["state"] for url, row in rows.items()} == {
        "/": "fetched",
        "/endless": "excluded",
    }


async def test_a_start_page_whose_sitemaps_never_come_is_kept(
    content_database: Database, store: ObjectStore, site: Site
) -> None:
    names = [f"/{number}.xml" for number in range(100)]
    robots = "".join(f"Sitemap: {site.url}{name}\n" for name in names)
    site.routes["/robots.txt"] = Answer(robots.encode(), content_type="text/plain")
    site.routes |= dict.fromkeys(names, Answer(b"<urlset>", is_endless=True))
    site.page("/", "/a")
    site.page("/a")

    report = await crawl_site(content_database, store, site.url, max_seconds=2, request_timeout_seconds=300)

    assert report.status == "crawled"
    assert {row["state"] for row in (await rows_of(content_database, report.crawl_id)).values()} == {"fetched"}


async def test_a_source_that_is_not_open_in_time_has_failed_with_that_reason(
    content_database: Database, store: ObjectStore, site: Site
) -> None:
    site.routes["/sitemap.xml"] = Answer(b"<urlset>", is_endless=True)
    report = await crawl_site(
        content_database, store, f"{site.url}/sitemap.xml", max_seconds=1, request_timeout_seconds=300
    )
    assert report.status == "failed"
    assert report.reason == "No page could be read: stopped at the limit of 1 seconds in one run."
