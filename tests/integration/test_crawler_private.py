"""Private documentation: secrets go to the origin they are bound to, and certificates are trusted for one source."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from core.database import Database
from core.errors import InvalidInput
from core.objects import ObjectStore
from core.sealing import SecretKeys
from crawler import service
from crawler.access import Access
from crawler.crawl import CrawlReport, run_crawl
from crawler.credentials import bind, credentials_from_json
from crawler.exchange import Ask
from crawler.fetch import Fetcher
from crawler.outcomes import Failed, Fetched, Outcome
from crawler.politeness import Politeness
from crawler.records import Source
from crawler.rules import CrawlRules, rules_from_json
from crawler.settings import CrawlerSettings
from crawler.source_secrets import open_secrets, reseal_secrets, save_secrets
from crawler.survey import survey
from tests.certificates import Authority
from tests.crawl_runs import SETTINGS, add_source, rows_of
from tests.crawl_site import Answer, Request, Site, serve_site

SECRET, KEY = "Zk9+ w==&very=secret", "k" * 32
GIVEN: dict[str, object] = {"headers": {"X-API-Key": SECRET, "Cookie": f"session={SECRET.replace(' ', '')}"}}
KEYS = SecretKeys(lambda: KEY)


@pytest.fixture
async def other() -> AsyncGenerator[Site]:
    async with serve_site() as other:
        yield other


async def add_private(database: Database, address: str, rules: CrawlRules | None = None) -> Source:
    source = await add_source(database, address, rules)
    async with database.transaction() as connection:
        await save_secrets(connection, KEYS, SETTINGS, source, credentials_from_json(GIVEN))
    return source


async def crawl(
    database: Database, store: ObjectStore, source: Source, *, keys: SecretKeys | None = KEYS,
    settings: CrawlerSettings = SETTINGS,
) -> CrawlReport:  # fmt: skip
    started = await service.start_crawl(database, source.id)
    return await run_crawl(database, store, settings, started.id, keys=keys)


def given_to(site: Site) -> set[str]:
    """The targets that were asked for with the secret."""
    return {request.target for request in site.requests if SECRET in request.headers.values()}


def carries(request: Request) -> bool:
    return any("secret" in value for value in request.headers.values()) or "cookie" in request.headers


async def test_secrets_go_to_every_page_and_file_of_their_origin_and_to_no_other(
    content_database: Database, store: ObjectStore, site: Site, other: Site
) -> None:
    async def guarded(request: Request) -> Answer:
        is_allowed = request.headers.get("x-api-key") == SECRET
        return Answer(b"<h1>Inside</h1>") if is_allowed else Answer(b"no", 401)

    site.page("/", "/a", "/moved", "/out", f"{other.url}/linked")
    site.routes |= {"/a": guarded, "/b": guarded}
    site.redirect("/moved", "/b")
    site.redirect("/out", f"{other.url}/landing")
    site.routes["/robots.txt"] = Answer(
        f"User-agent: *\nAllow: /\nSitemap: {site.url}/map.xml\nSitemap: {other.url}/map.xml\n".encode(),
        content_type="text/plain",
    )
    site.routes["/map.xml"] = Answer(f"{site.url}/a\n{other.url}/listed\n".encode(), content_type="text/plain")
    for target in ("/landing", "/linked", "/listed", "/map.xml"):
        other.page(target)

    report = await crawl(content_database, store, await add_private(content_database, f"{site.url}/"))

    rows = await rows_of(content_database, report.crawl_id)
    assert (rows[f"{site.url}/a"]["state"], rows[f"{site.url}/b"]["state"]) == ("fetched", "fetched")
    assert (
        given_to(site) == {request.target for request in site.requests} >= {"/robots.txt", "/map.xml", "/", "/a", "/b"}
    )
    assert not any(carries(request) for request in other.requests)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_to_another_origin_loses_the_secret_and_one_back_has_it_again(
    content_database: Database, store: ObjectStore, site: Site, other: Site, status: int
) -> None:
    site.redirect("/", f"{other.url}/there", status)
    other.redirect("/there", f"{site.url}/back", status)
    site.page("/back")
    site.redirect("/robots.txt", f"{other.url}/robots.txt", status)

    report = await crawl(content_database, store, await add_private(content_database, f"{site.url}/"))

    assert report.status == "crawled"
    assert given_to(site) >= {"/", "/back", "/robots.txt"}
    assert {"/there", "/robots.txt"} <= {request.target for request in other.requests}
    assert not any(carries(request) for request in other.requests)


async def test_twins_and_lists_of_another_origin_are_asked_without_the_secret(
    content_database: Database, store: ObjectStore, site: Site, other: Site
) -> None:
    site.routes["/llms.txt"] = Answer(
        f"# Docs\n\n- [A]({site.url}/a)\n- [B]({other.url}/b)\n".encode(), content_type="text/plain"
    )
    site.routes["/a.md"] = Answer(b"# A", content_type="text/markdown")
    site.page("/a")
    other.page("/b")

    report = await crawl(content_database, store, await add_private(content_database, f"{site.url}/llms.txt"))

    assert report.status == "crawled"
    assert given_to(site) >= {"/llms.txt", "/a.md"}
    assert not any(carries(request) for request in other.requests)


async def test_an_archive_is_fetched_with_the_secret(
    content_database: Database, store: ObjectStore, site: Site, other: Site
) -> None:
    site.redirect("/docs.zip", f"{other.url}/docs.zip")
    report = await crawl(content_database, store, await add_private(content_database, f"{site.url}/docs.zip"))
    assert report.status == "failed"
    assert "/docs.zip" in given_to(site)
    assert [carries(request) for request in other.requests if request.target == "/docs.zip"] == [False]


async def test_another_key_fails_the_crawl_and_asks_nobody(
    content_database: Database, store: ObjectStore, site: Site
) -> None:
    site.page("/")
    source = await add_private(content_database, f"{site.url}/")
    for keys, reason in ((SecretKeys(lambda: "x" * 32), "LECTERN_SECRETS_KEY"), (None, "no key here")):
        report = await crawl(content_database, store, source, keys=keys)
        assert (report.status, reason in str(report.reason)) == ("failed", True)
    assert site.requests == []


async def test_a_row_that_was_given_another_origin_cannot_be_opened(
    content_database: Database, store: ObjectStore, site: Site, other: Site
) -> None:
    other.page("/")
    source = await add_private(content_database, f"{site.url}/")
    async with content_database.connection() as connection:
        await connection.execute("update source_secrets set origin = $1", other.url)
        await connection.execute("update sources set address = $1", f"{other.url}/")
    report = await crawl(content_database, store, source)
    assert (report.status, "damaged" in str(report.reason)) == ("failed", True)
    assert other.requests == []


async def test_a_source_that_moved_to_another_origin_is_asked_without_the_secret(
    content_database: Database, store: ObjectStore, site: Site, other: Site
) -> None:
    other.page("/")
    source = await add_private(content_database, f"{site.url}/")
    async with content_database.connection() as connection:
        await service.save_source(connection, source.library_version_id, "website", f"{other.url}/", CrawlRules())
    assert (await crawl(content_database, store, source)).status == "crawled"
    assert other.requests
    assert not any(carries(request) for request in other.requests)


async def test_secrets_never_go_by_plain_http_to_a_network_that_is_not_ones_own(
    content_database: Database, store: ObjectStore, site: Site
) -> None:
    closed = CrawlerSettings(allow_private=False)
    source = await add_source(content_database, f"{site.url}/")
    async with content_database.transaction() as connection:
        with pytest.raises(InvalidInput, match="use https"):
            await save_secrets(connection, KEYS, closed, source, credentials_from_json(GIVEN))
        await save_secrets(connection, KEYS, SETTINGS, source, credentials_from_json(GIVEN))
    report = await crawl(content_database, store, source, settings=closed)
    assert (report.status, "use https" in str(report.reason)) == ("failed", True)


async def test_a_dry_run_uses_the_secrets_and_shows_none(site: Site) -> None:
    site.page("/", "/a")
    credentials = bind(credentials_from_json(GIVEN), "website", f"{site.url}/", allow_private=True)

    seen = await survey("website", f"{site.url}/", CrawlRules(), SETTINGS, credentials=credentials)

    assert given_to(site) >= {"/robots.txt", "/", "/a"}
    assert SECRET not in repr(seen)


async def test_secrets_are_sealed_anew_with_the_newest_key_and_go_with_their_source(
    content_database: Database, site: Site
) -> None:
    source = await add_private(content_database, f"{site.url}/")
    unreadable = await add_source(content_database, f"{site.url}/other")
    new = SecretKeys(lambda: "n" * 32)
    async with content_database.transaction() as connection:
        await save_secrets(connection, SecretKeys(lambda: "x" * 32), SETTINGS, unreadable, credentials_from_json(GIVEN))
        done = await reseal_secrets(connection, SecretKeys(lambda: f"{'n' * 32} {KEY}"))
        assert (done.resealed, done.unreadable) == (1, 1)
        opened = await open_secrets(connection, new, SETTINGS, source)
        assert opened is not None
        assert opened.headers_for(f"{site.url}/x")["X-API-Key"] == SECRET
        stored = await connection.fetchval("select sealed::text || names::text || origin from source_secrets limit 1")
        assert SECRET not in stored
        assert SECRET.encode().hex() not in stored
        await connection.execute("delete from libraries")
        assert await connection.fetchval("select count(*) from source_secrets") == 0


async def stay(target: str) -> Outcome | str:
    return Failed(target, "moved")


async def fetch_from(
    port: str, access: Access, settings: CrawlerSettings = SETTINGS, host: str = "docs.example"
) -> Outcome:
    async def here(_host: str, _port: int) -> list[str]:
        return ["127.0.0.1"]

    politeness = Politeness(connections=1, delay_seconds=0)
    async with Fetcher(settings, politeness, access=access, resolve=here) as fetcher:
        return await fetcher.fetch(Ask(f"https://{host}:{port}/", 10_000), stay)


async def test_an_authority_of_a_source_is_trusted_for_that_source_alone(tmp_path: Path) -> None:
    ours, theirs = Authority(), Authority()
    tls = ours.server(tmp_path, "docs.example")
    names: list[str | None] = []
    tls.sni_callback = lambda _socket, name, _context: names.append(name)
    async with serve_site(tls) as site:
        site.page("/")
        port = site.url.rpartition(":")[2]

        assert isinstance(await fetch_from(port, Access(certificates=ours.pem)), Fetched)
        assert isinstance(await fetch_from(port, Access(certificates=theirs.pem + ours.pem)), Fetched)
        (tmp_path / "ours.pem").write_text(ours.pem)
        all_sources = SETTINGS.model_copy(update={"ca_file": tmp_path / "ours.pem"})
        assert isinstance(await fetch_from(port, Access(certificates=theirs.pem), all_sources), Fetched)
        assert [request.headers["host"] for request in site.requests] == [f"docs.example:{port}"] * 3
        assert names == ["docs.example"] * 3

        for access in (Access(), Access(certificates=theirs.pem)):
            outcome = await fetch_from(port, access)
            assert isinstance(outcome, Failed)
            assert "its TLS certificate is not trusted" in outcome.reason
        outcome = await fetch_from(port, Access(certificates=ours.pem), host="other.example")
        assert isinstance(outcome, Failed)
        assert "certificate is not valid for 'other.example'" in outcome.reason
    assert len(site.requests) == 3


async def test_a_site_with_a_certificate_of_ones_own_is_crawled_with_its_secrets(
    content_database: Database, store: ObjectStore, tmp_path: Path
) -> None:
    authority = Authority()
    async with serve_site(authority.server(tmp_path, "localhost")) as site:
        site.page("/", "/a")
        site.page("/a")
        rules = rules_from_json({"certificates": authority.pem})
        report = await crawl(content_database, store, await add_private(content_database, f"{site.url}/", rules))
        assert (report.status, report.pages.fetched) == ("crawled", 2)
        assert given_to(site) >= {"/robots.txt", "/", "/a"}

        without = await crawl(content_database, store, await add_source(content_database, f"{site.url}/"))
        assert (without.status, "certificate is not trusted" in str(without.reason)) == ("failed", True)
