"""Sources that are less than a website, or told by a list: one page, a sitemap, an llms.txt."""

import gzip

import pytest

from core.database import Database
from core.objects import ObjectStore
from crawler import service
from crawler.records import SourceKind
from crawler.rules import CrawlRules
from tests.crawl_runs import add_source, complete, crawl, crawl_site, rows_of, states_of, stored_bodies
from tests.crawl_site import Answer, Site

MARKDOWN = "text/markdown; charset=utf-8"


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("https://x.org/docs/", "website"),
        ("https://x.org/sitemap.xml", "sitemap"),
        ("https://x.org/maps/sitemap-0.XML.gz?v=1", "sitemap"),
        ("https://x.org/docs/llms.txt", "llms_txt"),
        ("https://x.org/llms-full.txt", "llms_txt"),
        ("https://x.org/notes.txt", "website"),
    ],
)
def test_the_kind_of_a_web_address_is_recognised(address: str, kind: SourceKind) -> None:
    assert service.recognise_source(address).kind == kind
    assert service.recognise_source(address, is_single=True).kind == "page"


async def test_a_single_page_is_all_that_is_read(content_database: Database, store: ObjectStore, site: Site) -> None:
    site.page("/docs/a.html", "b.html")
    site.page("/docs/b.html")
    site.redirect("/old", "/docs/a.html")

    report = await crawl_site(content_database, store, f"{site.url}/old", is_single=True)

    assert await states_of(content_database, site, report.crawl_id) == {"/old": "redirected", "/docs/a.html": "fetched"}
    assert set(site.hits) == {"/robots.txt", "/old", "/docs/a.html"}


async def test_a_single_page_that_is_not_there_fails(
    content_database: Database, store: ObjectStore, site: Site
) -> None:
    report = await crawl_site(content_database, store, f"{site.url}/a.html", is_single=True)
    assert (report.status, report.pages.failed) == ("failed", 1)


async def test_a_sitemap_is_the_list_of_pages(content_database: Database, store: ObjectStore, site: Site) -> None:
    index = f"<sitemapindex><sitemap><loc>{site.url}/deep/two.xml</loc></sitemap></sitemapindex>"
    entries = ("/a.html", "/docs/b.html", "/blog/c.html", "/gone.html")
    listed = "".join(f"<url><loc>{site.url}{path}</loc></url>" for path in entries)
    outside = "<url><loc>http://169.254.169.254/secret</loc></url>"
    site.routes["/meta/sitemap.xml"] = Answer(index.encode(), content_type="application/xml")
    site.routes["/deep/two.xml"] = Answer(gzip.compress(f"<urlset>{listed}{outside}</urlset>".encode()))
    site.page("/a.html", "linked.html")
    site.page("/docs/b.html", "/linked.html")

    address = f"{site.url}/meta/sitemap.xml"
    report = await crawl_site(content_database, store, address, CrawlRules(excludes=("blog/**",)))

    assert await states_of(content_database, site, report.crawl_id) == {
        "/a.html": "fetched",
        "/docs/b.html": "fetched",
        "/blog/c.html": "excluded",
        "/gone.html": "missing",
    }
    assert site.hits["/meta/sitemap.xml"] == 1


async def test_a_sitemap_that_moved_to_another_origin_is_read_there(
    content_database: Database, store: ObjectStore, site: Site
) -> None:
    elsewhere = site.url.replace("127.0.0.1", "localhost")
    site.redirect("/sitemap.xml", f"{elsewhere}/map.xml", 301)
    site.routes["/map.xml"] = Answer(f"{elsewhere}/a\n".encode())
    site.page("/a")
    report = await crawl_site(content_database, store, f"{site.url}/sitemap.xml")
    assert set(await stored_bodies(content_database, store, report.crawl_id)) == {f"{elsewhere}/a"}


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (Answer(b"<urlset></urlset>"), "names no page"),
        (Answer(b"<html>not one</html>"), "names no page"),
        (Answer(status=404), "404"),
    ],
)
async def test_a_sitemap_without_pages_fails_with_its_reason(
    content_database: Database, store: ObjectStore, site: Site, answer: Answer, reason: str
) -> None:
    site.routes["/sitemap.xml"] = answer
    report = await crawl_site(content_database, store, f"{site.url}/sitemap.xml")
    assert report.status == "failed"
    assert reason in (report.reason or "")


async def test_an_address_whose_content_is_a_sitemap_is_taken_for_one(
    content_database: Database, store: ObjectStore, site: Site
) -> None:
    body = f"<urlset><url><loc>{site.url}/a.html</loc></url></urlset>"
    site.routes["/map"] = Answer(body.encode(), content_type="text/xml")
    site.page("/a.html", "b.html")
    site.page("/b.html")
    report = await crawl_site(content_database, store, f"{site.url}/map")
    assert await states_of(content_database, site, report.crawl_id) == {"/map": "excluded", "/a.html": "fetched"}


async def test_an_llms_txt_gives_seeds_whose_dead_links_are_counted(
    content_database: Database, store: ObjectStore, site: Site
) -> None:
    site.routes["/llms.txt"] = Answer(
        b"# Test\n\n- [A](/docs/a.html): first\n- [B](docs/b.html)\n- [Dead](/docs/dead.html)\n"
        b"- [Out](http://169.254.169.254/)\n- [All](/llms-full.txt)\n",
        content_type="text/plain",
    )
    site.page("/docs/a.html", "more.html", "/elsewhere.html", "b.html")
    site.page("/docs/b.html")
    site.page("/docs/more.html")

    report = await crawl_site(content_database, store, f"{site.url}/llms.txt")

    assert await states_of(content_database, site, report.crawl_id) == {
        "/docs/a.html": "fetched",
        "/docs/b.html": "fetched",
        "/docs/more.html": "fetched",
        "/docs/dead.html": "missing",
    }


PROSE = "The client sends each request over a connection that it keeps open between calls, and closes it at the end."


async def test_a_markdown_twin_is_read_under_the_address_of_its_page(
    content_database: Database, store: ObjectStore, site: Site
) -> None:
    site.routes["/docs/llms.txt"] = Answer(b"- [A](a)\n- [B](b.html)\n- [C](c/)\n- [D](d)\n", content_type=MARKDOWN)
    for name in ("a", "b.html", "c/", "d"):
        site.page(f"/docs/{name}", "a.md", "d", text=f"<p>{PROSE} Page {name}.</p>")
    site.routes["/docs/a.md"] = Answer(f"# A\n\n{PROSE} Page a.".encode(), content_type=MARKDOWN)
    site.routes["/docs/b.html.md"] = Answer(b"<!doctype html><p>a soft 404", content_type="text/plain")
    site.routes["/docs/c.md"] = Answer(b"<html>an app", content_type="text/html")
    site.routes["/docs/c/index.html.md"] = Answer(f"# C\n\n{PROSE} Page c.".encode(), content_type="text/plain")
    site.routes["/docs/d.md"] = Answer(b"# D\n\nNothing of what the page says.\n", content_type=MARKDOWN)
    source = await add_source(content_database, f"{site.url}/docs/llms.txt")

    report = await crawl(content_database, store, source)

    bodies = await stored_bodies(content_database, store, report.crawl_id)
    assert {url.removeprefix(f"{site.url}/docs/"): body[:3] for url, body in bodies.items()} == {
        "a": b"# A",
        "b.html": b"<ht",
        "c/": b"# C",
        "d": b"<ht",
    }
    rows = await rows_of(content_database, report.crawl_id)
    assert rows[f"{site.url}/docs/a"]["content_type"] == "text/markdown;anchors=sections"
    assert rows[f"{site.url}/docs/b.html"]["content_type"] == "text/html"

    await complete(content_database, report.crawl_id)
    assert (await crawl(content_database, store, source)).pages.unchanged == 4


async def test_markdown_that_an_llms_txt_lists_is_cited_by_its_page_if_there_is_one(
    content_database: Database, store: ObjectStore, site: Site
) -> None:
    site.routes["/docs/llms.txt"] = Answer(b"- [A](a.md)\n- [B](b.md)\n", content_type=MARKDOWN)
    for name in "ab":
        site.routes[f"/docs/{name}.md"] = Answer(f"# {name}\n\n{PROSE} Page {name}.".encode(), content_type=MARKDOWN)
    without = await crawl_site(content_database, store, f"{site.url}/docs/llms.txt")
    for name in "ab":
        site.page(f"/docs/{name}", text=f"<p>{PROSE} Page {name}.</p>")
    beside = await crawl_site(content_database, store, f"{site.url}/docs/llms.txt")

    fetched = [set(await stored_bodies(content_database, store, report.crawl_id)) for report in (without, beside)]
    assert fetched == [
        {f"{site.url}/docs/a.md", f"{site.url}/docs/b.md"},
        {f"{site.url}/docs/a", f"{site.url}/docs/b"},
    ]


async def test_a_site_without_twins_is_not_asked_for_all_of_them(
    content_database: Database, store: ObjectStore, site: Site
) -> None:
    names = [f"p{number}" for number in range(20)]
    site.routes["/llms.txt"] = Answer("".join(f"- [x](/{name})\n" for name in names).encode(), content_type=MARKDOWN)
    for name in names:
        site.page(f"/{name}")
    report = await crawl_site(content_database, store, f"{site.url}/llms.txt", connections=1)
    assert report.pages.fetched == 20
    assert sum(target.endswith(".md") for target in site.hits) == 3


async def test_an_llms_full_without_usable_links_is_one_document(
    content_database: Database, store: ObjectStore, site: Site
) -> None:
    text = b"# Everything\n\nSee [there](https://elsewhere.example/).\n"
    site.routes["/docs/llms-full.txt"] = Answer(text, content_type="text/plain")
    report = await crawl_site(content_database, store, f"{site.url}/docs/llms-full.txt")
    bodies = await stored_bodies(content_database, store, report.crawl_id)
    assert bodies == {f"{site.url}/docs/llms-full.txt": text}


async def test_a_file_of_everything_is_read_as_its_pages_and_asked_for_once(
    content_database: Database, store: ObjectStore, site: Site
) -> None:
    pages = "".join(f"# P{number}\nSource: {site.url}/docs/p{number}\n\nText {number}.\n\n" for number in range(30))
    foreign = "# Not ours\nSource: https://elsewhere.example/x\n\nForeign.\n"
    site.routes["/llms-full.txt"] = Answer((pages + foreign).encode(), content_type="text/plain")
    source = await add_source(content_database, f"{site.url}/llms-full.txt")

    report = await crawl(content_database, store, source)

    bodies = await stored_bodies(content_database, store, report.crawl_id)
    assert len(bodies) == 31
    assert bodies[f"{site.url}/docs/p7"] == b"# P7\n\nText 7."
    assert bodies[f"{site.url}/llms-full.txt#part-31"] == b"# Not ours\n\nForeign."
    assert {row["content_type"] for row in (await rows_of(content_database, report.crawl_id)).values()} == {
        "text/markdown;anchors=none"
    }
    assert set(site.hits) == {"/robots.txt", "/llms-full.txt"}
    await complete(content_database, report.crawl_id)
    assert (await crawl(content_database, store, source)).pages.unchanged == 31


async def test_a_web_page_in_place_of_an_llms_txt_is_refused(
    content_database: Database, store: ObjectStore, site: Site
) -> None:
    site.page("/llms.txt", "/a.html")
    report = await crawl_site(content_database, store, f"{site.url}/llms.txt")
    assert (report.status, report.pages.fetched) == ("failed", 0)
    assert "not with an llms.txt" in (report.reason or "")
