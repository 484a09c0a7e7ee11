"""Which pages of a website are found and kept, and what becomes of those that are no pages."""

import gzip
import zlib

from core.database import Database
from core.objects import ObjectStore
from core.snapshots import read_record
from crawler import service
from crawler.crawl import run_crawl
from crawler.queries import pages
from crawler.rules import CrawlRules
from tests.crawl_runs import SETTINGS, add_source, crawl_site, rows_of, states_of
from tests.crawl_site import Answer, Request, Site


async def test_every_linked_page_is_fetched_once_and_kept_as_it_came(
    content_database: Database, store: ObjectStore, site: Site
) -> None:
    site.page("/docs/", "a.html", "b.html#part", "/outside.html", "genindex.html", "https://example.org/", "logo.png")
    site.page("/docs/a.html", "b.html", "../docs/./a.html")
    site.page("/docs/b.html", "a.html#x")

    report = await crawl_site(content_database, store, f"{site.url}/docs/")

    assert report.status == "crawled"
    assert report.pages.fetched == 3
    assert {target: count for target, count in site.hits.items() if target.startswith("/docs/") and "." in target} == {
        "/docs/a.html": 1,
        "/docs/b.html": 1,
        "/docs/sitemap.xml": 1,
        "/docs/objects.inv": 1,
        "/docs/llms.txt": 1,
    }
    assert await states_of(content_database, site, report.crawl_id) == {
        "/docs/": "fetched",
        "/docs/a.html": "fetched",
        "/docs/b.html": "fetched",
        "/docs/genindex.html": "excluded",
        "/docs/logo.png": "excluded",
        "/outside.html": "excluded",
    }
    row = (await rows_of(content_database, report.crawl_id))[f"{site.url}/docs/a.html"]
    stored = await read_record(store, row["snapshot_key"], row["snapshot_offset"], row["snapshot_length"])
    route = site.routes["/docs/a.html"]
    assert isinstance(route, Answer)
    assert (stored.url, stored.status, stored.body) == (f"{site.url}/docs/a.html", 200, route.body)
    assert stored.header("Content-Type") == "text/html; charset=utf-8"


async def test_requests_say_who_asks(content_database: Database, store: ObjectStore, site: Site) -> None:
    site.page("/")
    await crawl_site(content_database, store, site.url, contact_url="https://docs.example/crawler")

    agents = {request.headers["user-agent"] for request in site.requests}
    assert agents == {"Lectern/0.1.0 (+https://docs.example/crawler)"}
    assert {request.headers["accept-encoding"] for request in site.requests} == {"gzip"}


async def test_what_is_no_page_is_reported_with_its_reason(
    content_database: Database, store: ObjectStore, site: Site
) -> None:
    site.page("/", "broken.html", "secret.html", "paper", "big.html", "brotli.html")
    site.routes["/broken.html"] = Answer(b"oops", 500)
    site.routes["/secret.html"] = Answer(b"no", 403)
    site.routes["/paper"] = Answer(b"%PDF-1.7", content_type="application/pdf")
    site.routes["/big.html"] = Answer(b"x" * 4096)
    site.routes["/brotli.html"] = Answer(b"x", headers={"Content-Encoding": "br"})

    report = await crawl_site(content_database, store, site.url, max_page_bytes=2048)

    rows = {url.removeprefix(site.url): row for url, row in (await rows_of(content_database, report.crawl_id)).items()}
    assert {target: (row["state"], row["reason"]) for target, row in rows.items() if target != "/"} == {
        "/secret.html": ("failed", "the server answered 403 (Forbidden)"),
        "/broken.html": ("failed", "the server answered 500 (Internal Server Error)"),
        "/paper": ("excluded", "not a document (application/pdf)"),
        "/big.html": ("failed", "too large (more than 2 KiB)"),
        "/brotli.html": ("failed", "compressed in a way that was not asked for (br)"),
    }
    assert site.hits["/broken.html"] == 3
    assert site.hits["/secret.html"] == 1
    async with content_database.connection() as connection:
        failed = await service.failed_pages(connection, report.crawl_id, limit=2)
    assert [page.url.removeprefix(site.url) for page in failed] == ["/big.html", "/broken.html"]


async def test_a_dead_link_is_counted_as_missing_and_not_as_a_failure(
    content_database: Database, store: ObjectStore, site: Site
) -> None:
    site.page("/", "never.html", "gone.html", "moved.html")
    site.routes["/gone.html"] = Answer(status=410)
    site.redirect("/moved.html", "/nowhere.html")

    report = await crawl_site(content_database, store, site.url)

    assert (report.status, report.reason) == ("crawled", None)
    assert (report.pages.fetched, report.pages.missing, report.pages.failed) == (1, 3, 0)
    assert await states_of(content_database, site, report.crawl_id) == {
        "/": "fetched",
        "/never.html": "missing",
        "/gone.html": "missing",
        "/moved.html": "redirected",
        "/nowhere.html": "missing",
    }
    async with content_database.connection() as connection:
        missing = await pages.failed_pages(connection, report.crawl_id, "missing", limit=1)
    assert [(page.url, page.http_status, page.reason) for page in missing] == [
        (f"{site.url}/gone.html", 410, "the server answered 410 (Gone)")
    ]


async def test_a_page_that_recovers_is_kept(content_database: Database, store: ObjectStore, site: Site) -> None:
    async def flaky(_request: Request) -> Answer:
        return Answer(b"fine") if site.hits["/a.html"] > 2 else Answer(status=503, headers={"Retry-After": "0"})

    site.page("/", "a.html")
    site.routes["/a.html"] = flaky

    report = await crawl_site(content_database, store, site.url)

    assert (report.pages.fetched, report.pages.failed) == (2, 0)


async def test_a_compressed_page_is_stored_unpacked_and_a_bomb_is_refused(
    content_database: Database, store: ObjectStore, site: Site
) -> None:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    bomb = packer.compress(bytes(4 * 2**20)) + packer.flush()
    packed = {"Content-Encoding": "gzip"}
    site.routes["/"] = Answer(gzip.compress(b'<a href="bomb.html">x</a>'), headers=packed)
    site.routes["/bomb.html"] = Answer(bomb, headers=packed)

    report = await crawl_site(content_database, store, site.url)

    rows = await rows_of(content_database, report.crawl_id)
    assert rows[f"{site.url}/bomb.html"]["reason"] == "unpacks to far more than was sent"
    row = rows[f"{site.url}/"]
    stored = await read_record(store, row["snapshot_key"], row["snapshot_offset"], row["snapshot_length"])
    assert stored.body == b'<a href="bomb.html">x</a>'
    assert stored.header("content-encoding") is None


async def test_a_body_that_never_ends_is_given_up(content_database: Database, store: ObjectStore, site: Site) -> None:
    site.page("/", "slow.html")
    site.routes["/slow.html"] = Answer(b"x", is_endless=True)

    report = await crawl_site(content_database, store, site.url, request_timeout_seconds=0.3, max_tries=1)

    rows = await rows_of(content_database, report.crawl_id)
    assert rows[f"{site.url}/slow.html"]["reason"] == "no complete answer within 0.3 seconds"


async def test_ruinous_markup_fails_that_page_only(content_database: Database, store: ObjectStore, site: Site) -> None:
    site.page("/", "deep.html", "a.html")
    site.routes["/deep.html"] = Answer(b"<div>" * 1_000_000)
    site.page("/a.html")

    report = await crawl_site(content_database, store, site.url)

    rows = await rows_of(content_database, report.crawl_id)
    assert report.pages.fetched == 2
    reason = rows[f"{site.url}/deep.html"]["reason"]
    assert reason == "its markup is nested too deeply or has too many elements to be read"


async def test_sitemaps_add_pages_that_no_page_links_to(
    content_database: Database, store: ObjectStore, site: Site
) -> None:
    index = f"<sitemapindex><sitemap><loc>{site.url}/map.xml.gz</loc></sitemap></sitemapindex>"
    sitemap = f"<urlset><url><loc>{site.url}/lonely.html</loc></url><url><loc>http://example.org/</loc></url></urlset>"
    site.routes["/robots.txt"] = Answer(f"Sitemap: {site.url}/index.xml\n".encode())
    site.routes["/index.xml"] = Answer(index.encode(), content_type="application/xml")
    site.routes["/map.xml.gz"] = Answer(gzip.compress(sitemap.encode()), content_type="application/gzip")
    site.page("/")
    site.page("/lonely.html")

    report = await crawl_site(content_database, store, site.url)

    assert await states_of(content_database, site, report.crawl_id) == {"/": "fetched", "/lonely.html": "fetched"}


async def test_an_inventory_adds_pages_that_no_page_links_to(
    content_database: Database, store: ObjectStore, site: Site
) -> None:
    lines = (
        "sub/lonely.html std:doc -1 $ Lonely",
        "gone std:doc -1 gone.html Gone",
        "search std:doc -1 search.html Search",
        "out std:doc -1 ../outside.html Out",
        "away std:doc -1 https://example.org/ Away",
        "json.loads py:function 1 library/json.html#$ -",
    )
    header = "# Sphinx inventory version 2\n# Project: X\n# Version: 1\n# The rest is compressed using zlib.\n"
    site.redirect("/docs", "/en/")
    site.page("/en/")
    site.page("/en/sub/lonely.html")
    site.routes["/en/objects.inv"] = Answer(header.encode() + zlib.compress("\n".join(lines).encode()))

    report = await crawl_site(content_database, store, f"{site.url}/docs")

    assert await states_of(content_database, site, report.crawl_id) == {
        "/docs": "redirected",
        "/en/": "fetched",
        "/en/sub/lonely.html": "fetched",
        "/en/gone.html": "missing",
        "/en/search.html": "excluded",
        "/outside.html": "excluded",
    }


async def test_an_inventory_is_not_asked_for_where_robots_txt_forbids_it(
    content_database: Database, store: ObjectStore, site: Site
) -> None:
    site.routes["/robots.txt"] = Answer(b"User-agent: *\nDisallow: /objects.inv\n")
    site.page("/")

    await crawl_site(content_database, store, site.url)

    assert site.hits["/objects.inv"] == 0


async def test_a_page_served_under_two_addresses_is_kept_once(
    content_database: Database, store: ObjectStore, site: Site
) -> None:
    site.page("/", "index.html", "a/", "a/index.html")
    site.routes["/index.html"] = site.routes["/"]
    site.page("/a/")
    site.routes["/a/index.html"] = site.routes["/a/"]

    report = await crawl_site(content_database, store, site.url, CrawlRules(connections=1))

    states = await states_of(content_database, site, report.crawl_id)
    assert states == {"/": "fetched", "/index.html": "redirected", "/a/": "fetched", "/a/index.html": "redirected"}
    assert report.pages.fetched == 2


async def test_pages_are_announced_after_they_are_settled(
    content_database: Database, store: ObjectStore, site: Site
) -> None:
    site.page("/", "a.html")
    site.page("/a.html")
    source = await add_source(content_database, site.url)
    started = await service.start_crawl(content_database, source.id)
    seen: list[int] = []

    async def on_pages() -> None:
        async with content_database.connection() as connection:
            seen.append((await service.crawl_progress(connection, started.id)).pages.fetched)

    await run_crawl(content_database, store, SETTINGS, started.id, on_pages=on_pages)

    assert seen
    assert seen[-1] == 2
