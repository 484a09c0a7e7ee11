"""One version in one language, and no page that is none: which addresses of a site are left out, and why."""

from core.database import Database
from core.objects import ObjectStore
from crawler.rules import CrawlRules
from tests.crawl_runs import add_source, complete, crawl, crawl_site, rows_of, states_of
from tests.crawl_site import Answer, Request, Site

TEXT = (
    "<p>The program reads its settings from a file and that is what this page is about, with all the details.</p>" * 3
)
GERMAN = "<p>Das Programm liest die Datei und das ist nicht der Grund. Es wird auf einen Server kopiert.</p>" * 3
OPENAPI = b'{"openapi": "3.0.3", "info": {"title": "Pets", "version": "1"}, "paths": {}}'


def put(
    site: Site,
    target: str,
    *links: str,
    language: str | None = "en",
    version: str | None = None,
    text: str = TEXT,
    **alternates: str,
) -> None:
    """Adds a page with a head; `alternates` are its translations, with `_` for `-`."""
    head = f'<meta name="docsearch:version" content="{version}">' if version else ""
    head += "".join(f'<link rel="alternate" hreflang="{tag}" href="{href}">' for tag, href in alternates.items())
    anchors = "".join(f'<a href="{link}">{link}</a>' for link in links)
    attribute = f' lang="{language}"' if language else ""
    body = f"<body><h1>{target}</h1>{text}{anchors}</body>"
    site.routes[target] = Answer(f"<html{attribute}><head><title>{target}</title>{head}</head>{body}</html>".encode())


async def reasons_of(database: Database, site: Site, crawl_id: object) -> dict[str, str]:
    async with database.connection() as connection:
        rows = await connection.fetch(
            "select url, reason from crawl_pages where crawl_id = $1 and state in ('excluded', 'missing')", crawl_id
        )
    return {row["url"].removeprefix(site.url): row["reason"] for row in rows}


async def facts_of(database: Database, crawl_id: object) -> dict[str, str]:
    async with database.connection() as connection:
        return await connection.fetchval("select facts - 'followed' from crawls where id = $1", crawl_id)


async def test_translations_named_by_hreflang_are_left_out_and_topics_of_two_letters_are_not(
    content_database: Database, store: ObjectStore, site: Site
) -> None:
    put(site, "/", "/install", "/de/install", "/go/intro", "/is/down", en="/", de="/de/")
    for target in ("/install", "/go/intro", "/is/down"):
        put(site, target)
    put(site, "/de/", language="de", text=GERMAN)

    report = await crawl_site(content_database, store, site.url)

    states = await states_of(content_database, site, report.crawl_id)
    assert {target for target, state in states.items() if state == "fetched"} == {
        "/",
        "/install",
        "/go/intro",
        "/is/down",
    }
    assert (await reasons_of(content_database, site, report.crawl_id))["/de/install"] == "a translation (de)"
    assert "/de/install" not in site.hits
    assert (await facts_of(content_database, report.crawl_id))["language"] == "en"


async def test_a_folder_whose_pages_turn_out_to_be_in_another_language_is_left_after_the_first(
    content_database: Database, store: ObjectStore, site: Site
) -> None:
    put(site, "/", "/ja/a")
    put(site, "/ja/a", *(f"/ja/{number}" for number in range(9)), language="ja")
    report = await crawl_site(content_database, store, site.url)

    reasons = await reasons_of(content_database, site, report.crawl_id)
    assert {target: reasons[target] for target in ("/ja/a", "/ja/0", "/ja/8")} == dict.fromkeys(
        ("/ja/a", "/ja/0", "/ja/8"), "a translation (ja)"
    )
    assert "/ja/8" not in site.hits


async def test_a_site_read_in_a_partly_translated_language_keeps_what_is_not_translated(
    content_database: Database, store: ObjectStore, site: Site
) -> None:
    put(site, "/", "/guide", "/limits", language="en", en="/", de="/de/")
    put(site, "/de/", "/de/guide", language="de", en="/", de="/de/")
    put(site, "/guide", language="en", en="/guide", de="/de/guide")
    put(site, "/de/guide", language="de", en="/guide", de="/de/guide")
    put(site, "/limits", language="en", en="/limits")

    report = await crawl_site(content_database, store, site.url, CrawlRules(language="de"))

    states = await states_of(content_database, site, report.crawl_id)
    assert {target for target, state in states.items() if state == "fetched"} == {"/de/", "/de/guide", "/limits"}


async def test_any_language_keeps_every_translation(content_database: Database, store: ObjectStore, site: Site) -> None:
    put(site, "/", "/de/", en="/", de="/de/")
    put(site, "/de/", language="de")
    report = await crawl_site(content_database, store, site.url, CrawlRules(language="any"))
    assert report.pages.fetched == 2


async def test_where_the_start_page_leads_into_one_version_the_others_are_left_out(
    content_database: Database, store: ObjectStore, site: Site
) -> None:
    site.redirect("/", "/en/stable/")
    put(
        site, "/en/stable/", "guide", "/en/0.9/", "/fr/stable/", "/en/latest/guide", "/en/stable/api/v2/", version="2.1"
    )
    put(site, "/en/stable/guide")
    put(site, "/en/stable/api/v2/")

    report = await crawl_site(content_database, store, f"{site.url}/")

    states = await states_of(content_database, site, report.crawl_id)
    kept = {"/en/stable/", "/en/stable/guide", "/en/stable/api/v2/"}
    assert {target for target, state in states.items() if state == "fetched"} == kept
    reasons = await reasons_of(content_database, site, report.crawl_id)
    assert reasons["/en/0.9/"] == "another version of the documentation (0.9)"
    assert reasons["/fr/stable/"] == "a translation (fr)"
    assert await facts_of(content_database, report.crawl_id) == {
        "language": "en",
        "declared_version": "2.1",
        "docs_version": "2.1",
    }


async def test_the_next_version_beside_the_current_one_is_left_out_by_what_its_first_page_declares(
    content_database: Database, store: ObjectStore, site: Site
) -> None:
    put(site, "/docs/", "/docs/next/", "/docs/v2/rest", version="3.1")
    put(site, "/docs/next/", *(f"/docs/next/{number}" for number in range(5)), version="current")
    put(site, "/docs/v2/rest", version="3.1")

    report = await crawl_site(content_database, store, f"{site.url}/docs/")

    reasons = await reasons_of(content_database, site, report.crawl_id)
    assert reasons["/docs/next/"] == "another version of the documentation (current)"
    assert reasons["/docs/next/4"] == "another version of the documentation (next)"
    assert (await states_of(content_database, site, report.crawl_id))["/docs/v2/rest"] == "fetched"


async def test_all_versions_are_taken_where_the_operator_says_so(
    content_database: Database, store: ObjectStore, site: Site
) -> None:
    put(site, "/docs/", "/docs/next/", version="3.1")
    put(site, "/docs/next/", version="current")
    report = await crawl_site(content_database, store, f"{site.url}/docs/", CrawlRules(all_versions=True))
    assert report.pages.fetched == 2


async def test_a_later_crawl_leaves_out_the_same_pages_although_nothing_has_changed(
    content_database: Database, store: ObjectStore, site: Site
) -> None:
    def answer(target: str, markup: str) -> None:
        async def conditional(request: Request) -> Answer:
            if request.headers.get("if-none-match") == '"1"':
                return Answer(status=304)
            return Answer(markup.encode(), headers={"ETag": '"1"'})

        site.routes[target] = conditional

    answer(
        "/",
        f'<html lang="en"><title>a</title>{TEXT}<a hreflang=de rel=alternate href="/de/">de</a><a href=b>b</a></html>',
    )
    answer("/b", f'<html lang="en"><title>b</title>{TEXT}<a href="/de/b">de</a></html>')
    source = await add_source(content_database, site.url)
    first = await crawl(content_database, store, source)
    await complete(content_database, first.crawl_id)
    second = await crawl(content_database, store, source)

    assert second.pages.unchanged == 2
    reasons = [await reasons_of(content_database, site, report.crawl_id) for report in (first, second)]
    assert reasons[0] == reasons[1]
    assert reasons[1]["/de/b"] == "a translation (de)"


async def test_a_site_that_answers_everything_with_its_home_page_has_that_page_alone(
    content_database: Database, store: ObjectStore, site: Site
) -> None:
    put(site, "/", "/real", "/gone", "/guide/gone")
    home = site.routes["/"]
    put(site, "/real", text="<p>Something else is said here, namely how the real page is written and read.</p>" * 3)
    site.fallback = home

    report = await crawl_site(content_database, store, site.url)

    states = await states_of(content_database, site, report.crawl_id)
    assert {target: states[target] for target in ("/", "/real", "/gone", "/guide/gone")} == {
        "/": "fetched",
        "/real": "fetched",
        "/gone": "missing",
        "/guide/gone": "missing",
    }
    reasons = await reasons_of(content_database, site, report.crawl_id)
    assert reasons["/gone"] == "the site answers as it does where there is no page, though with 200"


async def test_a_site_that_leads_what_is_not_there_to_its_home_page_has_dead_links(
    content_database: Database, store: ObjectStore, site: Site
) -> None:
    put(site, "/", "/gone", "/old")
    put(site, "/new")
    site.redirect("/old", "/new")
    site.fallback = Answer(status=302, headers={"Location": "/"})

    report = await crawl_site(content_database, store, site.url)

    states = await states_of(content_database, site, report.crawl_id)
    assert (states["/gone"], states["/old"], states["/new"]) == ("missing", "redirected", "fetched")


async def test_a_site_that_says_404_is_asked_for_one_page_that_cannot_exist(
    content_database: Database, store: ObjectStore, site: Site
) -> None:
    put(site, "/", *(f"/{number}" for number in range(8)))
    for number in range(8):
        put(site, f"/{number}")
    await crawl_site(content_database, store, site.url)
    known = {"/robots.txt", "/sitemap.xml", "/objects.inv", "/llms.txt", *site.routes}
    assert sum(target not in known for target in site.hits) <= 1


async def test_no_address_is_made_up_where_robots_txt_forbids(
    content_database: Database, store: ObjectStore, site: Site
) -> None:
    site.routes["/robots.txt"] = Answer(
        b"User-agent: *\nDisallow: /\nAllow: /$\nAllow: /a$\n", content_type="text/plain"
    )
    put(site, "/", "/a")
    put(site, "/a")
    site.fallback = site.routes["/"]
    report = await crawl_site(content_database, store, f"{site.url}/")
    assert report.pages.fetched == 2
    assert set(site.hits) == {"/robots.txt", "/", "/a"}


async def test_an_application_without_text_is_reported_and_not_taken_for_missing(
    content_database: Database, store: ObjectStore, site: Site
) -> None:
    put(site, "/", "/app/one", "/app/two")
    site.fallback = Answer(b'<html><body><div id="root"></div><script src="/app.js"></script></body></html>')

    report = await crawl_site(content_database, store, site.url)

    reasons = await reasons_of(content_database, site, report.crawl_id)
    assert reasons["/app/one"].startswith("made with JavaScript and holds no text; add its sources")
    assert report.pages.fetched == 1


async def test_the_specification_an_empty_page_shows_is_read_in_its_place(
    content_database: Database, store: ObjectStore, site: Site
) -> None:
    shown = (
        b'<html><body><redoc spec-url="/docs/openapi.json"></redoc><redoc spec-url="/other.json"></redoc></body></html>'
    )
    site.routes["/docs/"] = Answer(shown)
    site.routes["/docs/openapi.json"] = Answer(OPENAPI, content_type="application/json")

    report = await crawl_site(content_database, store, f"{site.url}/docs/")

    states = await states_of(content_database, site, report.crawl_id)
    assert states["/docs/openapi.json"] == "fetched"
    assert "/other.json" not in site.hits
    reason = (await rows_of(content_database, report.crawl_id))[f"{site.url}/docs/"]["reason"]
    assert reason.startswith("made by ReDoc with JavaScript and holds no text; its content is in ")


async def test_a_start_page_without_text_says_what_to_add_instead(
    content_database: Database, store: ObjectStore, site: Site
) -> None:
    code = '<a href="https://github.com/acme/tool">source</a>'
    site.routes["/"] = Answer(
        f'<html><body><div id="app"></div>{code}<script src=a.js></script></body></html>'.encode()
    )
    report = await crawl_site(content_database, store, site.url)
    assert report.status == "failed"
    assert report.reason is not None
    assert "add its sources instead: https://github.com/acme/tool.git" in report.reason


async def test_docsify_is_read_from_its_markdown(content_database: Database, store: ObjectStore, site: Site) -> None:
    site.routes["/"] = Answer(
        b"<html><body><div id=app></div><script>window.$docsify = {name: 'x'}</script></body></html>"
    )
    site.routes["/README.md"] = Answer(b"# Tool\n\nIt does things.\n", content_type="text/markdown")
    site.routes["/_sidebar.md"] = Answer(b"* [Guide](guide.md)\n", content_type="text/markdown")
    site.routes["/guide.md"] = Answer(b"# Guide\n\nDo it.\n", content_type="text/markdown")
    report = await crawl_site(content_database, store, site.url)
    states = await states_of(content_database, site, report.crawl_id)
    assert {target for target, state in states.items() if state == "fetched"} == {
        "/README.md",
        "/_sidebar.md",
        "/guide.md",
    }
