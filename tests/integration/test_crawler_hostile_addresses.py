"""No address a site names, in whatever form and place, makes this machine knock at a door inside."""

import json
import zlib
from collections.abc import AsyncGenerator, Callable
from contextlib import suppress
from pathlib import Path

import pytest

from core.database import Database
from core.errors import InvalidInput, SourceFailed
from core.objects import ObjectStore
from crawler import service
from crawler.crawl import CrawlReport
from crawler.git import check_out
from crawler.rules import CrawlRules
from crawler.settings import CrawlerSettings
from crawler.survey import survey
from tests.crawl_runs import add_source, crawl
from tests.hostile.inside import ADDRESSES, PUBLIC_HOST, PUBLIC_IP, World, public_world
from tests.hostile.wire import Play, answer, any_page, page, redirect, serve_hostile

SITE = f"http://{PUBLIC_HOST}"
SETTINGS = CrawlerSettings(
    delay_seconds=0,
    retry_base_seconds=0,
    max_tries=1,
    break_seconds=0,
    connect_timeout_seconds=2,
    request_timeout_seconds=3,
)
_PLAIN, _XML, _JSON = "text/plain", "application/xml", "application/json"
_SITEMAP = '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">'

Routes = dict[str, Play]


@pytest.fixture
async def world() -> AsyncGenerator[World]:
    async with serve_hostile({}) as site, public_world(site) as played:
        yield played


async def run(database: Database, store: ObjectStore, start: str) -> CrawlReport:
    source = await add_source(database, start)
    return await crawl(database, store, source, SETTINGS)


def escaped(address: str) -> str:
    return address.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")


def stub(markup: str) -> Play:
    return answer(f"<head>{markup}</head><main><h1>Stub</h1><p>Some words about it.</p><a href=x>x</a></main>")


def by_link(addresses: list[str]) -> Routes:
    return {"/": page("Links", *map(escaped, addresses))}


def by_redirect(addresses: list[str]) -> Routes:
    pages = {
        f"/r{number}.html": redirect(address.encode().decode("latin-1")) for number, address in enumerate(addresses)
    }
    return {"/": page("Redirects", *pages), **pages}


def by_stub(form: str) -> Callable[[list[str]], Routes]:
    def routes(addresses: list[str]) -> Routes:
        pages = {f"/s{number}.html": stub(form.replace("{}", escaped(one))) for number, one in enumerate(addresses)}
        return {"/": page("Stubs", *pages), **pages}

    return routes


def by_sitemap(addresses: list[str]) -> Routes:
    listed = "".join(f"<url><loc>{escaped(address)}</loc></url>" for address in addresses)
    return {"/": page("Start"), "/sitemap.xml": answer(f"{_SITEMAP}{listed}</urlset>", 200, _XML)}


def by_sitemap_index(addresses: list[str]) -> Routes:
    listed = "".join(f"<sitemap><loc>{escaped(address)}</loc></sitemap>" for address in addresses)
    return {"/": page("Start"), "/sitemap.xml": answer(f"<sitemapindex>{listed}</sitemapindex>", 200, _XML)}


def by_robots(addresses: list[str]) -> Routes:
    lines = "".join(f"Sitemap: {address}\n" for address in addresses)
    return {"/": page("Start"), "/robots.txt": answer(lines, 200, _PLAIN)}


def by_llms(addresses: list[str]) -> Routes:
    links = "".join(f"- [x](<{address}>)\n- [y]({address})\n" for address in addresses)
    return {"/": page("Start"), "/llms.txt": answer(f"# Docs\n\n{links}- [z](/)\n", 200, _PLAIN)}


def by_twin(addresses: list[str]) -> Routes:
    names = [f"/t{number}.html" for number in range(len(addresses))]
    links = "".join(f"- [t]({name})\n" for name in names)
    twins = {f"{name}.md": redirect(one.encode().decode("latin-1")) for name, one in zip(names, addresses, strict=True)}
    return {"/": page("Start", *names), "/llms.txt": answer(f"# D\n\n{links}", 200, _PLAIN), **twins, "*": any_page}


def by_inventory(addresses: list[str]) -> Routes:
    lines = "".join(f"n{number} std:doc -1 {address} -\n" for number, address in enumerate(addresses))
    start = b"# Sphinx inventory version 2\n# Project: x\n# Version: 1\n# packed\n"
    return {"/": page("Start"), "/objects.inv": answer(start + zlib.compress(lines.encode()), 200, _PLAIN)}


def by_reference(addresses: list[str]) -> Routes:
    paths = {f"/p{number}": {"$ref": address} for number, address in enumerate(addresses)}
    paths["/x"] = {"get": {"summary": "x", "responses": {"200": {"description": "x"}}}}  # pyright: ignore[reportArgumentType] - an operation
    body = json.dumps({"openapi": "3.1.0", "info": {"title": "x", "version": "1"}, "paths": paths})
    return {"/openapi.json": answer(body, 200, _JSON), "/": page("Start", "openapi.json")}


DOORS: dict[str, Callable[[list[str]], Routes]] = {
    "links": by_link,
    "redirects": by_redirect,
    "meta refresh": by_stub('<meta http-equiv="refresh" content="0; url={}">'),
    "base": by_stub('<base href="{}">'),
    "canonical": by_stub('<link rel="canonical" href="{}">'),
    "alternate": by_stub('<link rel="alternate" type="text/markdown" href="{}"><link rel="next" href="{}">'),
    "sitemap": by_sitemap,
    "sitemap index": by_sitemap_index,
    "robots.txt": by_robots,
    "llms.txt": by_llms,
    "Markdown twins": by_twin,
    "objects.inv": by_inventory,
    "$ref": by_reference,
}


@pytest.mark.parametrize("door", DOORS)
async def test_nothing_a_site_names_is_asked_inside(
    content_database: Database, store: ObjectStore, world: World, door: str
) -> None:
    world.site.routes = DOORS[door](world.placed(ADDRESSES))
    starts = {"$ref": "/openapi.json", "llms.txt": "/", "Markdown twins": "/llms.txt"}

    report = await run(content_database, store, SITE + starts.get(door, "/"))

    assert report.status == "crawled", report
    assert world.site.heads, "the site itself was asked"
    assert world.harm == []


async def test_the_table_of_addresses_is_as_long_as_it_should_be() -> None:
    assert len(set(ADDRESSES)) == len(ADDRESSES) >= 60


@pytest.mark.parametrize("address", ADDRESSES)
async def test_no_address_inside_can_be_added_or_tried(
    content_database: Database, store: ObjectStore, world: World, address: str
) -> None:
    (named,) = world.placed([address])
    try:
        source = service.recognise_source(named)
    except InvalidInput:
        assert world.harm == []
        return
    with suppress(SourceFailed):
        tried = await survey(source.kind, source.address, CrawlRules(), SETTINGS, max_seconds=5)
        assert not [one for one in tried.pages if one.state == "read"]
    report = await run(content_database, store, named)

    assert report.status == "failed"
    assert world.harm == []


@pytest.mark.parametrize("file", ["", "robots.txt", "llms.txt", "sitemap.xml", "docs.zip", "openapi.json"])
@pytest.mark.parametrize("status", [301, 307])
async def test_a_start_that_redirects_inside_is_cut_at_the_hop(
    content_database: Database, store: ObjectStore, world: World, file: str, status: int
) -> None:
    for address in world.placed(ADDRESSES if file in ("", "docs.zip") else ADDRESSES[::8]):
        hop = redirect(address.encode().decode("latin-1"), status)
        world.site.routes = {"/": page("Start"), f"/{file}": redirect("/hop"), "/hop": hop}
        report = await run(content_database, store, f"{SITE}/{'' if file == 'robots.txt' else file}")
        assert world.harm == []
        # A robots.txt that leads nowhere allows everything.
        assert (report.status == "failed" and report.pages.fetched == 0) or file == "robots.txt", (address, report)


@pytest.mark.parametrize("host", ["127.0.0.1", "2130706433", "[::1]", "169.254.169.254", "mixed.example"])
@pytest.mark.parametrize("scheme", ["https", "ssh"])
async def test_no_repository_inside_is_asked(world: World, tmp_path: Path, host: str, scheme: str) -> None:
    with pytest.raises((SourceFailed, InvalidInput)):
        await check_out(f"{scheme}://{host}/a/b.git", tmp_path, SETTINGS)
    assert world.harm == []


@pytest.mark.parametrize(
    "answers",
    [
        [("127.0.0.1",)],
        [(PUBLIC_IP,), ("127.0.0.1",)],
        [(PUBLIC_IP,), (PUBLIC_IP,), (PUBLIC_IP,), ("127.0.0.1",)],
        [(PUBLIC_IP, "127.0.0.1")],
        [(PUBLIC_IP,), (PUBLIC_IP, "10.0.0.1")],
        [(PUBLIC_IP,), ("169.254.169.254", PUBLIC_IP)],
    ],
)
async def test_a_name_that_moves_inside_is_followed_nowhere(
    content_database: Database, store: ObjectStore, world: World, answers: list[tuple[str, ...]]
) -> None:
    names = [f"p{number}.html" for number in range(20)]
    world.site.routes = {"/": page("Start", *names), "*": any_page}
    world.answers["rebinding.example"] = list(answers)

    report = await run(content_database, store, "http://rebinding.example/")

    assert report.pages.queued == 0
    assert world.harm == []
    if answers[0] != (PUBLIC_IP,):
        assert report.status == "failed"
        assert "is not on the public internet" in (report.reason or "")
