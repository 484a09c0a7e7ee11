"""Markdown beside web pages: found, checked against the page, and taken only if it says the same."""

import pytest

from core.database import Database
from core.objects import ObjectStore
from crawler.agreement import agreed_anchors
from tests.crawl_runs import add_source, complete, crawl, crawl_site, rows_of, stored_bodies
from tests.crawl_site import Answer, Request, Site

MARKDOWN = "text/markdown; charset=utf-8"
PROSE = "The client sends each request over a connection that it keeps open between calls, and closes it at the end."
TWIN = f"# Client\n\n{PROSE}\n\n## Time outs\n\n{PROSE} A request that takes longer is given up.\n"


def html(*, ids: tuple[str, ...] = ("time-outs",), text: str = "", head: str = "") -> str:
    return (
        f"<html><head>{head}</head><body><nav><a href='/docs/b'>B</a></nav><main><h1>Client</h1><p>{PROSE}</p>"
        f"<h2 id='{ids[0]}'>Time outs</h2><p>{PROSE} A request that takes longer is given up.{text}</p>"
        "</main></body></html>"
    )


def add_page(site: Site, target: str, body: str, twin: str | None = TWIN) -> None:
    site.routes[target] = Answer(body.encode())
    if twin is not None:
        site.routes[f"{target}.md"] = Answer(twin.encode(), content_type=MARKDOWN)


@pytest.mark.parametrize(
    ("page", "twin", "anchors"),
    [
        (html(), TWIN, "sections"),
        (html().replace("<h1>", "<h1 id=client>"), TWIN, "all"),
        (html(ids=("heading-2",)), TWIN, None),
        (html(), "# Client\n\nSomething else entirely, which the page does not say in any of its words.\n", None),
        (html(text=" And much more." * 200), TWIN, None),
        (html(), "", None),
        ("<html><body><div id=root></div></body></html>", TWIN, "none"),
        ("<html><body><div id=root></div></body></html>", "# Stub", None),
        (html(), TWIN.replace("## Time outs", "## Limits {#time-outs}"), "sections"),
        (html(), TWIN + "\n```js\n## not-a-heading\n```\n", "sections"),
    ],
)
def test_a_twin_has_to_say_what_the_page_says_at_the_anchors_the_page_has(
    page: str, twin: str, anchors: str | None
) -> None:
    assert agreed_anchors(page.encode(), twin.encode()) == anchors


async def test_the_twins_of_a_website_that_says_it_has_some_are_read_where_they_agree(
    content_database: Database, store: ObjectStore, site: Site
) -> None:
    site.routes["/llms.txt"] = Answer(b"# Docs\n- [Only listed](/docs/c.md)\n", content_type="text/plain")
    add_page(site, "/docs/", html(), None)
    site.routes["/docs.md"] = Answer(TWIN.encode(), content_type=MARKDOWN)
    add_page(site, "/docs/b", html(ids=("other-2",)))
    add_page(site, "/docs/c", html(text="."))
    source = await add_source(content_database, f"{site.url}/docs/")

    report = await crawl(content_database, store, source)

    rows = await rows_of(content_database, report.crawl_id)
    assert {url.removeprefix(site.url): row["content_type"] for url, row in rows.items()} == {
        "/docs/": "text/markdown;anchors=sections",
        "/docs/b": "text/html",
        "/docs/c": "text/markdown;anchors=sections",
    }
    bodies = await stored_bodies(content_database, store, report.crawl_id)
    assert bodies[f"{site.url}/docs/"] == TWIN.encode()
    await complete(content_database, report.crawl_id)
    assert (await crawl(content_database, store, source)).pages.unchanged == 3


async def test_a_website_that_says_nothing_of_markdown_is_not_asked_for_it(
    content_database: Database, store: ObjectStore, site: Site
) -> None:
    add_page(site, "/docs/", html())
    report = await crawl_site(content_database, store, f"{site.url}/docs/")
    assert report.pages.fetched == 1
    assert [target for target in site.hits if target.endswith(".md")] == []
    assert (site.hits["/docs/llms.txt"], site.hits["/llms.txt"]) == (1, 1)


async def test_a_site_whose_first_pages_have_no_twins_is_asked_no_more(
    content_database: Database, store: ObjectStore, site: Site
) -> None:
    names = [f"/docs/p{number}" for number in range(10)]
    site.routes["/llms.txt"] = Answer(b"# Docs\n\nNo links.\n", content_type="text/plain")
    site.page("/docs/", *names)
    for name in names:
        add_page(site, name, html(text=name), None)
    report = await crawl_site(content_database, store, f"{site.url}/docs/", connections=1)
    assert report.pages.fetched == 11
    assert sum(target.endswith(".md") for target in site.hits) <= 4


async def test_a_page_that_names_its_twin_is_believed_on_its_own_site_only(
    content_database: Database, store: ObjectStore, site: Site
) -> None:
    add_page(site, "/a/", html(head='<link rel="alternate" type="text/markdown" href="/raw/a.txt">'), None)
    site.routes["/raw/a.txt"] = Answer(TWIN.encode(), content_type="text/plain")
    add_page(site, "/b/", html(head='<link rel=alternate type=text/markdown href="http://169.254.169.254/x.md">'), None)
    report = await crawl_site(content_database, store, f"{site.url}/a/")
    assert (await stored_bodies(content_database, store, report.crawl_id))[f"{site.url}/a/"] == TWIN.encode()
    report = await crawl_site(content_database, store, f"{site.url}/b/")
    assert (await rows_of(content_database, report.crawl_id))[f"{site.url}/b/"]["content_type"] == "text/html"


async def test_markdown_is_asked_for_by_type_where_no_address_has_it(
    content_database: Database, store: ObjectStore, site: Site
) -> None:
    async def answer(request: Request) -> Answer:
        if request.headers["accept"] == "text/markdown":
            return Answer(TWIN.encode(), content_type=MARKDOWN)
        return Answer(html(text=" " * len(request.target)).encode())

    site.routes["/llms.txt"] = Answer(b"# Docs\n", content_type="text/plain")
    site.routes["/docs/a"] = answer
    report = await crawl_site(content_database, store, f"{site.url}/docs/a")
    rows = await rows_of(content_database, report.crawl_id)
    assert rows[f"{site.url}/docs/a"]["content_type"] == "text/markdown;anchors=sections"


async def test_what_robots_txt_forbids_is_no_twin(content_database: Database, store: ObjectStore, site: Site) -> None:
    site.routes["/robots.txt"] = Answer(b"User-agent: *\nDisallow: /*.md$\n", content_type="text/plain")
    site.routes["/llms.txt"] = Answer(b"# Docs\n", content_type="text/plain")
    add_page(site, "/docs/a", html())
    await crawl_site(content_database, store, f"{site.url}/docs/a")
    assert site.hits["/docs/a.md"] == 0
