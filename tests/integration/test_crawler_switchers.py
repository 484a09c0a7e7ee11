"""Version switchers of real generators: what their files say decides which folders of a site are read."""

import json
from uuid import UUID

import pytest

from core.database import Database
from core.objects import ObjectStore
from crawler.crawl import CrawlReport, run_crawl
from crawler.rules import CrawlRules
from crawler.service import start_crawl
from crawler.settings import CrawlerSettings
from crawler.survey import survey
from tests.crawl_runs import SETTINGS, add_source, crawl, crawl_site, rows_of, states_of
from tests.crawl_site import Answer, Site

TEXT = "<p>The program reads its settings from a file, and that is what this page is about, in detail.</p>" * 5


def put(site: Site, target: str, *links: str, head: str = "", say: str = "") -> None:
    anchors = "".join(f'<a href="{link}">{link}</a>' for link in links)
    body = f"<html lang=en><head>{head}</head><body><h1>{target}</h1>{TEXT}{say}{anchors}</body></html>"
    site.routes[target] = Answer(body.encode())


def pydata(url: str, match: str, root: str = "") -> str:
    """Gives what the PyData theme writes into the head of a page."""
    return f"""<script data-url_root="./" src="{root}_static/documentation_options.js"></script>
    <script>
        DOCUMENTATION_OPTIONS.theme_version = '0.24.0';
        DOCUMENTATION_OPTIONS.theme_switcher_json_url = '{url}';
        DOCUMENTATION_OPTIONS.theme_switcher_version_match = '{match}';
    </script>"""


def material(base: str) -> str:
    """Gives what MkDocs Material writes for mike."""
    config = json.dumps({"base": base, "features": [], "search": "s.js", "version": {"provider": "mike"}})
    return f'<script id="__config" type="application/json">{config}</script>'


def answer_json(value: object) -> Answer:
    return Answer(json.dumps(value).encode(), content_type="application/json")


async def reasons(database: Database, site: Site, crawl_id: UUID) -> dict[str, str]:
    rows = await rows_of(database, crawl_id)
    return {url.removeprefix(site.url): row["reason"] for url, row in rows.items() if row["state"] == "excluded"}


async def fetched(database: Database, site: Site, report: CrawlReport) -> set[str]:
    states = await states_of(database, site, report.crawl_id)
    return {target for target, state in states.items() if state == "fetched"}


async def facts_of(database: Database, crawl_id: UUID) -> dict[str, str]:
    async with database.connection() as connection:
        return await connection.fetchval("select facts - 'followed' from crawls where id = $1", crawl_id)


async def test_folders_that_the_switcher_of_the_pydata_theme_names_are_left_out(
    content_database: Database, store: ObjectStore, site: Site
) -> None:
    head = pydata("_static/switcher.json", "2.1")
    links = ("guide.html", "archive/one/a.html", "lts/a.html", "api/v1/a.html", "stable/guide.html")
    put(site, "/docs/", *links, head=head)
    for target in ("/docs/guide.html", "/docs/archive/one/a.html", "/docs/lts/a.html", "/docs/api/v1/a.html"):
        put(site, target, say=target)
    site.routes["/docs/_static/switcher.json"] = answer_json(
        [
            {"name": "2.1 (stable)", "version": "2.1", "url": f"{site.url}/docs/", "preferred": True},
            {"name": "2.1", "version": "stable", "url": f"{site.url}/docs/stable/"},
            {"version": "1.0", "url": f"{site.url}/docs/archive/one"},
            {"version": "1.0-lts", "url": f"{site.url}/docs/lts/index.html"},
            {"version": "0.1", "url": "https://elsewhere.example/docs/api/"},
        ]
    )

    report = await crawl_site(content_database, store, f"{site.url}/docs/")

    assert await fetched(content_database, site, report) == {"/docs/", "/docs/guide.html", "/docs/api/v1/a.html"}
    assert await reasons(content_database, site, report.crawl_id) == {
        "/docs/archive/one/a.html": "another version of the documentation (1.0)",
        "/docs/lts/a.html": "another version of the documentation (1.0-lts)",
        "/docs/stable/guide.html": "the same version of the documentation under another address (stable)",
    }
    assert (await facts_of(content_database, report.crawl_id))["docs_version"] == "2.1"
    assert site.hits["/docs/_static/switcher.json"] == 1


async def test_an_alias_of_mike_is_known_as_the_version_it_stands_for(
    content_database: Database, store: ObjectStore, site: Site
) -> None:
    site.routes["/"] = Answer(
        b'<html><head><title>Redirecting</title><noscript><meta http-equiv="refresh" content="1; url=latest/" />'
        b'</noscript></head><body>Redirecting to <a href="latest/">latest/</a>...</body></html>'
    )
    put(site, "/latest/", "guide/", "/3.2/guide/", "/3.1/guide/", "/about/", head=material("."))
    put(site, "/latest/guide/", head=material(".."))
    put(site, "/about/", say="about")
    site.routes["/versions.json"] = answer_json(
        [
            {"version": "3.2", "title": "3.2", "aliases": ["latest"]},
            {"version": "3.1", "title": "3.1", "aliases": ["previous"]},
        ]
    )

    report = await crawl_site(content_database, store, site.url)

    assert await fetched(content_database, site, report) == {"/latest/", "/latest/guide/", "/about/"}
    found = await reasons(content_database, site, report.crawl_id)
    assert found["/3.2/guide/"] == "the same version of the documentation under another address (3.2)"
    assert found["/3.1/guide/"] == "another version of the documentation (3.1)"
    assert (await facts_of(content_database, report.crawl_id))["docs_version"] == "3.2"
    assert (await states_of(content_database, site, report.crawl_id))["/"] == "redirected"


async def test_read_the_docs_tells_its_versions_and_which_release_stable_is(
    content_database: Database, store: ObjectStore, site: Site
) -> None:
    metas = "".join(
        f'<meta name="readthedocs-{what}-slug" content="{slug}" />'
        for what, slug in (("project", "tool"), ("version", "stable"))
    )
    put(site, "/", "guide.html", "/beta/a.html", "/r7/guide.html", head=metas)
    put(site, "/guide.html")
    file = "/_/addons/?client-version=0.23.0&api-version=1&project-slug=tool&version-slug=stable"
    listed = (("stable", "/", "7.0.1"), ("beta", "/beta/", "main"), ("r7", "/r7/", "7.0.1"))
    active: list[dict[str, object]] = [
        {"slug": slug, "ref": ref, "aliases": [], "urls": {"documentation": f"{site.url}{folder}"}}
        for slug, folder, ref in listed
    ]
    site.routes[file] = answer_json({"versions": {"active": active, "current": active[0]}})

    report = await crawl_site(content_database, store, site.url)

    assert await fetched(content_database, site, report) == {"/", "/guide.html"}
    assert await reasons(content_database, site, report.crawl_id) == {
        "/beta/a.html": "another version of the documentation (beta)",
        "/r7/guide.html": "the same version of the documentation under another address (r7)",
    }
    assert (await facts_of(content_database, report.crawl_id))["docs_version"] == "7.0.1"


async def test_a_switcher_on_another_site_is_not_asked_for_and_one_robots_txt_keeps_us_from_neither(
    content_database: Database, store: ObjectStore, site: Site
) -> None:
    site.routes["/robots.txt"] = Answer(b"User-agent: *\nDisallow: /_static/\n", content_type="text/plain")
    other = site.url.replace("127.0.0.1", "127.0.0.2")
    for number, url in enumerate((f"{other}/switcher.json", "/_static/switcher.json")):
        put(site, f"/{number}/", "old/a.html", head=pydata(url, "2.1"))
        put(site, f"/{number}/old/a.html", say=f"{number}")
        site.routes["/_static/switcher.json"] = answer_json([{"version": "1", "url": f"{site.url}/{number}/old/"}])
        report = await crawl_site(content_database, store, f"{site.url}/{number}/")
        assert report.pages.fetched == 2
        assert (await facts_of(content_database, report.crawl_id))["docs_version"] == "2.1"
    assert "/_static/switcher.json" not in site.hits


async def test_a_start_page_above_all_versions_leaves_out_those_it_is_not_of(
    content_database: Database, store: ObjectStore, site: Site
) -> None:
    put(site, "/", "/new/a.html", "/old/a.html", head=pydata("/switcher.json", "2.0"))
    put(site, "/new/a.html", say="new")
    put(site, "/old/a.html", say="old")
    trees = [{"version": "2.0", "url": "/new/"}, {"version": "1.0", "url": "/old/"}]
    site.routes["/switcher.json"] = answer_json(trees)
    report = await crawl_site(content_database, store, site.url)
    assert await fetched(content_database, site, report) == {"/", "/new/a.html"}

    put(site, "/", "/new/a.html", "/old/a.html", head=pydata("/switcher.json", ""))
    report = await crawl_site(content_database, store, site.url)
    assert await fetched(content_database, site, report) == {"/", "/new/a.html", "/old/a.html"}


async def test_all_versions_are_kept_and_no_switcher_asked_for_where_the_operator_wants_them(
    content_database: Database, store: ObjectStore, site: Site
) -> None:
    put(site, "/", "/old/a.html", head=pydata("/switcher.json", "2.0"))
    put(site, "/old/a.html", say="old")
    site.routes["/switcher.json"] = answer_json([{"version": "1.0", "url": "/old/"}])
    report = await crawl_site(content_database, store, site.url, CrawlRules(all_versions=True))
    assert report.pages.fetched == 2
    assert "/switcher.json" not in site.hits


async def test_a_run_that_takes_a_crawl_over_knows_its_versions_too(
    content_database: Database, store: ObjectStore, site: Site
) -> None:
    put(site, "/", "/more/", head=pydata("/switcher.json", "2.0"))
    put(site, "/more/", "/old/a.html")
    trees = [{"version": "2.0", "url": "/"}, {"version": "1.0", "url": "/old/"}]
    site.routes["/switcher.json"] = answer_json(trees)
    source = await add_source(content_database, site.url)
    started = await start_crawl(content_database, source.id)
    first = SETTINGS.model_copy(update={"max_pages": 1})
    await crawl_once(content_database, store, started.id, first)
    async with content_database.connection() as connection:
        await connection.execute("update crawls set status = 'running' where id = $1", started.id)
        await connection.execute(
            "update crawl_pages set state = 'queued', reason = null where crawl_id = $1 and state = 'excluded'",
            started.id,
        )
    report = await crawl(content_database, store, source)
    assert await fetched(content_database, site, report) == {"/", "/more/"}
    found = await reasons(content_database, site, report.crawl_id)
    assert found["/old/a.html"] == "another version of the documentation (1.0)"


async def crawl_once(database: Database, store: ObjectStore, crawl_id: UUID, settings: CrawlerSettings) -> None:
    await run_crawl(database, store, settings, crawl_id)


async def test_a_dry_run_says_what_the_switcher_leaves_out(site: Site) -> None:
    put(site, "/", "/old/a.html", head=pydata("/switcher.json", "2.0"))
    trees = [{"version": "2.0", "url": "/"}, {"version": "1.0", "url": "/old/"}]
    site.routes["/switcher.json"] = answer_json(trees)
    found = await survey("website", f"{site.url}/", CrawlRules(), SETTINGS)
    assert [exclusion.reason for exclusion in found.exclusions] == ["another version of the documentation (1.0)"]
    assert f"{site.url}/switcher.json" in [file.url for file in found.site_files]
    assert found.facts["docs_version"] == "2.0"


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 100_000,
        b'{"versions": {"active": ' + b"[" * 50_000,
        json.dumps([{"version": f"1.{n}", "url": f"/v1.{n}/"} for n in range(100_000)]).encode(),
        json.dumps([{"version": 1, "url": []}, None, "1.0", {"version": "1", "url": "javascript:alert(1)"}]).encode(),
        json.dumps([{"version": "1", "aliases": ["../..", "//evil.example", "x" * 5000, 7]}]).encode(),
        json.dumps({"versions": {"active": {"slug": "x"}}}).encode(),
        b"\xff\xfe\x00",
        b"<html>not found</html>",
    ],
    ids=["deep", "deep in a mapping", "too many", "wrong types", "aliases", "a mapping", "no text", "a page"],
)
async def test_a_file_that_is_no_switcher_changes_nothing(
    content_database: Database, store: ObjectStore, site: Site, body: bytes
) -> None:
    put(site, "/", "/old/a.html", head=pydata("/switcher.json", "2.0"))
    put(site, "/old/a.html", say="old")
    site.routes["/switcher.json"] = Answer(body, content_type="application/json")
    report = await crawl_site(content_database, store, site.url)
    assert await fetched(content_database, site, report) == {"/", "/old/a.html"}


async def test_a_switcher_without_end_is_let_go_at_its_bound(
    content_database: Database, store: ObjectStore, site: Site
) -> None:
    put(site, "/", "/old/a.html", head=pydata("/switcher.json", "2.0"))
    put(site, "/old/a.html", say="old")
    site.routes["/switcher.json"] = Answer(b"[" + b" " * 2**21, is_endless=True)
    report = await crawl_site(content_database, store, site.url)
    assert report.pages.fetched == 2


async def test_a_start_page_that_sends_browsers_on_to_itself_or_in_a_circle_is_read(
    content_database: Database, store: ObjectStore, site: Site
) -> None:
    refresh = '<html><head><meta http-equiv="refresh" content="0; url={}"></head><body>Moved</body></html>'
    site.routes["/"] = Answer(refresh.format("/").encode())
    assert (await crawl_site(content_database, store, site.url)).pages.fetched == 1
    site.routes["/"] = Answer(refresh.format("/a/").encode())
    site.routes["/a/"] = Answer(refresh.format("/").encode())
    report = await crawl_site(content_database, store, site.url)
    assert await fetched(content_database, site, report) == {"/a/"}


async def test_of_a_sitemap_of_several_versions_the_one_in_use_is_read(
    content_database: Database, store: ObjectStore, site: Site
) -> None:
    targets = [f"/{label}/{name}" for label in ("1.0", "2.0", "2.1rc1") for name in ("a", "b", "c")]
    for target in targets:
        put(site, target, say=target)
    site.routes["/sitemap.xml"] = Answer("\n".join(site.url + target for target in targets).encode())

    report = await crawl_site(content_database, store, f"{site.url}/sitemap.xml")
    assert await fetched(content_database, site, report) == {"/2.0/a", "/2.0/b", "/2.0/c"}
    found = await reasons(content_database, site, report.crawl_id)
    assert found["/1.0/a"] == "another version of the documentation (1.0)"
    assert (await facts_of(content_database, report.crawl_id))["docs_version"] == "2.0"

    every = await crawl_site(content_database, store, f"{site.url}/sitemap.xml", CrawlRules(all_versions=True))
    assert every.pages.fetched == 9
