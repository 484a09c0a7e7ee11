"""Crawls of misbehaving websites on loopback, into the embedded PostgreSQL and a real folder."""

import asyncio
import gzip
import zlib
from collections.abc import AsyncGenerator
from pathlib import Path
from uuid import UUID

import pytest
from obstore.store import LocalStore

from core.database import Database, Row
from core.errors import Unavailable
from core.objects import ObjectStore, open_object_store
from core.snapshots import read_record
from crawler import service
from crawler.crawl import CrawlReport, run_crawl
from crawler.frontier import Frontier
from crawler.records import Source
from crawler.rules import CrawlRules
from crawler.settings import CrawlerSettings
from tests.crawl_site import Answer, Request, Site, add_source, serve_site

SETTINGS = CrawlerSettings(allow_private=True, retry_base_seconds=0, delay_seconds=0)


@pytest.fixture
async def site() -> AsyncGenerator[Site]:
    async with serve_site() as site:
        yield site


@pytest.fixture
def store(tmp_path: Path) -> ObjectStore:
    return open_object_store(tmp_path / "snapshots")


async def crawl(
    database: Database, store: ObjectStore, source: Source, settings: CrawlerSettings = SETTINGS
) -> CrawlReport:
    started = await service.start_crawl(database, source.id)
    async with asyncio.timeout(30):
        return await run_crawl(database, store, settings, started.id)


async def crawl_site(
    database: Database, store: ObjectStore, address: str, rules: CrawlRules | None = None, **settings: object
) -> CrawlReport:
    source = await add_source(database, address, rules)
    return await crawl(database, store, source, SETTINGS.model_copy(update=settings))


async def rows_of(database: Database, crawl_id: UUID) -> dict[str, Row]:
    async with database.connection() as connection:
        rows = await connection.fetch(
            "select url, state, http_status, reason, final_url, content_type, is_unchanged, tries, body_sha256, "
            "snapshot_key, snapshot_offset, snapshot_length from crawl_pages where crawl_id = $1",
            crawl_id,
        )
    return {row["url"]: row for row in rows}


async def states_of(database: Database, site: Site, crawl_id: UUID) -> dict[str, str]:
    rows = await rows_of(database, crawl_id)
    return {url.removeprefix(site.url): row["state"] for url, row in rows.items()}


async def complete(database: Database, crawl_id: UUID) -> None:
    async with database.connection() as connection:
        await service.complete_crawl(connection, crawl_id)


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
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running

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


async def test_pages_of_a_killed_runner_are_taken_up_when_their_leases_end(
    content_database: Database, store: ObjectStore, site: Site
) -> None:
    site.page("/", "a.html", "b.html")
    site.page("/a.html")
    site.page("/b.html")
    source = await add_source(content_database, site.url)
    started = await service.start_crawl(content_database, source.id)
    killed = Frontier(content_database, started.id, SETTINGS)
    await killed.add([f"{site.url}/", f"{site.url}/a.html"], 0)
    assert len(await killed.claim(10)) == 2
    other = Frontier(content_database, started.id, SETTINGS)
    assert await other.claim(10) == []

    async with content_database.connection() as connection:
        await connection.execute("update crawl_pages set leased_until = now() - interval '1 second'")
    report = await crawl(content_database, store, source)

    assert (report.status, report.pages.fetched) == ("crawled", 3)


async def test_two_runners_never_fetch_a_page_twice(content_database: Database, store: ObjectStore, site: Site) -> None:
    names = [f"p{number:02}.html" for number in range(60)]
    site.page("/", *names)
    for name in names:
        site.page(f"/{name}", *names)
    source = await add_source(content_database, site.url)
    started = await service.start_crawl(content_database, source.id)

    async with asyncio.timeout(30):
        reports = await asyncio.gather(*(run_crawl(content_database, store, SETTINGS, started.id) for _ in range(2)))

    assert [report.pages.fetched for report in reports] == [61, 61]
    assert {site.hits[f"/{name}"] for name in names} == {1}


async def test_a_second_crawl_transfers_only_what_changed(
    content_database: Database, store: ObjectStore, site: Site
) -> None:
    async def index(request: Request) -> Answer:
        if request.headers.get("if-none-match") == '"v1"':
            return Answer(status=304)
        return Answer(b'<a href="a.html">a</a><a href="b.html">b</a>', headers={"ETag": '"v1"'})

    site.routes["/"] = index
    site.page("/a.html")
    site.page("/b.html", text="old")
    source = await add_source(content_database, site.url)
    first = await crawl(content_database, store, source)
    await complete(content_database, first.crawl_id)
    site.page("/b.html", text="new")

    second = await crawl(content_database, store, source)

    before, after = (
        await rows_of(content_database, first.crawl_id),
        await rows_of(content_database, second.crawl_id),
    )
    assert (second.pages.fetched, second.pages.unchanged) == (3, 2)
    assert {url.removeprefix(site.url): row["is_unchanged"] for url, row in after.items()} == {
        "/": True,
        "/a.html": True,
        "/b.html": False,
    }
    place = ("snapshot_key", "snapshot_offset", "snapshot_length", "body_sha256", "content_type")
    for target in ("/", "/a.html"):
        assert [before[site.url + target][name] for name in place] == [after[site.url + target][name] for name in place]


async def test_a_page_whose_old_copy_is_lost_is_fetched_again(
    content_database: Database, store: ObjectStore, site: Site
) -> None:
    async def index(request: Request) -> Answer:
        is_known = "if-modified-since" in request.headers
        body = b"" if is_known else b'<a href="a.html">a</a>'
        return Answer(body, 304 if is_known else 200, headers={"Last-Modified": "Mon, 01 Jun 2026 10:00:00 GMT"})

    site.routes["/"] = index
    site.page("/a.html")
    source = await add_source(content_database, site.url)
    first = await crawl(content_database, store, source)
    await complete(content_database, first.crawl_id)
    for key in await store.list(f"crawls/{first.crawl_id}"):
        await store.delete(key)

    second = await crawl(content_database, store, source)

    assert second.pages.fetched == 2


async def test_a_redirect_is_followed_once_and_the_page_kept_under_its_own_address(
    content_database: Database, store: ObjectStore, site: Site
) -> None:
    site.page("/", "old.html", "older.html", "new.html", "away.html")
    site.redirect("/older.html", "/old.html")
    site.redirect("/old.html", "/new.html", 301)
    site.redirect("/away.html", "https://example.org/x")
    site.page("/new.html")

    report = await crawl_site(content_database, store, site.url)

    assert await states_of(content_database, site, report.crawl_id) == {
        "/": "fetched",
        "/new.html": "fetched",
        "/old.html": "redirected",
        "/older.html": "redirected",
        "/away.html": "excluded",
    }
    assert site.hits["/new.html"] == 1


async def test_the_start_page_may_lead_elsewhere_and_takes_the_scope_along(
    content_database: Database, store: ObjectStore, site: Site
) -> None:
    site.redirect("/", "/en/stable/")
    site.redirect("/docs", "/en/stable/")
    site.page("/en/stable/", "guide.html", "/other.html")
    site.page("/en/stable/guide.html")
    site.page("/other.html")

    whole = await crawl_site(content_database, store, site.url)
    part = await crawl_site(content_database, store, f"{site.url}/docs")

    assert whole.pages.fetched == 3
    assert part.pages.fetched == 2
    assert (await states_of(content_database, site, part.crawl_id))["/other.html"] == "excluded"


async def test_a_redirect_to_a_metadata_address_is_cut(
    content_database: Database, store: ObjectStore, site: Site
) -> None:
    site.redirect("/", "http://169.254.169.254/latest/meta-data/")

    report = await crawl_site(content_database, store, site.url)

    assert report.status == "failed"
    assert report.reason is not None
    assert "never crawled" in report.reason


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


async def test_endless_redirects_fail_that_page_only(
    content_database: Database, store: ObjectStore, site: Site
) -> None:
    async def further(request: Request) -> Answer:
        number = int(request.target.partition("n=")[2] or 0)
        return Answer(status=302, headers={"Location": f"/loop?n={number + 1}"})

    site.page("/", "loop", "self.html")
    site.fallback = further
    site.routes["/robots.txt"] = site.routes["/sitemap.xml"] = Answer(status=404)
    site.redirect("/self.html", "/self.html")

    report = await crawl_site(content_database, store, site.url)

    rows = await rows_of(content_database, report.crawl_id)
    assert report.status == "crawled"
    assert rows[f"{site.url}/loop?n=5"]["reason"] == "more than 5 redirects"
    assert rows[f"{site.url}/self.html"]["reason"] == "redirects in a circle"
    assert site.hits["/loop?n=5"] == 1
    assert site.hits["/loop?n=6"] == 0


async def test_what_is_no_page_is_reported_with_its_reason(
    content_database: Database, store: ObjectStore, site: Site
) -> None:
    site.page("/", "gone.html", "broken.html", "paper", "big.html", "brotli.html")
    site.routes["/broken.html"] = Answer(b"oops", 500)
    site.routes["/paper"] = Answer(b"%PDF-1.7", content_type="application/pdf")
    site.routes["/big.html"] = Answer(b"x" * 4096)
    site.routes["/brotli.html"] = Answer(b"x", headers={"Content-Encoding": "br"})

    report = await crawl_site(content_database, store, site.url, max_page_bytes=2048)

    rows = {url.removeprefix(site.url): row for url, row in (await rows_of(content_database, report.crawl_id)).items()}
    assert {target: (row["state"], row["reason"]) for target, row in rows.items() if target != "/"} == {
        "/gone.html": ("failed", "the server answered 404 (Not Found)"),
        "/broken.html": ("failed", "the server answered 500 (Internal Server Error)"),
        "/paper": ("excluded", "not a document (application/pdf)"),
        "/big.html": ("failed", "too large (more than 2 KiB)"),
        "/brotli.html": ("failed", "compressed in a way that was not asked for (br)"),
    }
    assert site.hits["/broken.html"] == 3
    assert site.hits["/gone.html"] == 1
    async with content_database.connection() as connection:
        failed = await service.failed_pages(connection, report.crawl_id, limit=2)
    assert [page.url.removeprefix(site.url) for page in failed] == ["/big.html", "/broken.html"]


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
    assert rows[f"{site.url}/deep.html"]["reason"] == "its markup is nested too deeply to be read"


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
    site.routes["/robots.txt"] = site.routes["/sitemap.xml"] = Answer(status=404)
    site.fallback = Answer(status=503)

    report = await crawl_site(content_database, store, site.url, max_failures_in_a_row=5)

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


async def test_a_page_served_under_two_addresses_is_kept_once(
    content_database: Database, store: ObjectStore, site: Site
) -> None:
    site.page("/", "index.html", "a/", "a/index.html")
    site.routes["/index.html"] = site.routes["/"]
    site.page("/a/")
    site.routes["/a/index.html"] = site.routes["/a/"]

    report = await crawl_site(content_database, store, site.url)

    states = await states_of(content_database, site, report.crawl_id)
    assert states == {"/": "fetched", "/index.html": "redirected", "/a/": "fetched", "/a/index.html": "redirected"}
    assert report.pages.fetched == 2


class FullStore(ObjectStore):
    """An object store whose disk is full."""

    async def put(self, key: str, body: bytes, *, is_new: bool = False) -> None:
        raise Unavailable(f"{len(body)} bytes do not fit for {key} (new: {is_new}).")


async def test_no_page_counts_as_fetched_before_its_snapshot_is_stored(
    content_database: Database, tmp_path: Path, site: Site
) -> None:
    site.page("/", "a.html")
    site.page("/a.html")
    source = await add_source(content_database, site.url)
    full = FullStore(LocalStore(tmp_path))

    with pytest.raises(Unavailable):
        await crawl(content_database, full, source)

    started = await service.start_crawl(content_database, source.id)
    assert await states_of(content_database, site, started.id) == {"/": "queued", "/a.html": "queued"}
    assert started.status == "running"


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
