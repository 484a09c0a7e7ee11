"""Servers that say odd things, as many do: what can be read is read, and what cannot be is not taken for leave."""

import pytest

from core.database import Database
from core.objects import ObjectStore
from tests.crawl_runs import add_source, complete, crawl, crawl_site, rows_of, states_of
from tests.crawl_site import Answer, Site


@pytest.mark.parametrize(
    ("encoding", "body"), [("br", b"\x8b\x02\x80User-agent"), ("gzip", b"User-agent: *"), ("gzip", b"\x1f\x8b\x08\0")]
)
async def test_a_robots_txt_that_cannot_be_read_allows_nothing(
    content_database: Database, store: ObjectStore, site: Site, encoding: str, body: bytes
) -> None:
    site.page("/")
    site.routes["/robots.txt"] = Answer(body, content_type="text/plain", headers={"Content-Encoding": encoding})

    report = await crawl_site(content_database, store, site.url)

    assert report.status == "failed"
    assert report.reason is not None
    assert report.reason.startswith(f"{site.url}/: its robots.txt cannot be read: ")
    assert site.hits["/"] == 0


@pytest.mark.parametrize("encoding", ["UTF-8", "none", "binary"])
async def test_a_page_that_names_no_compression_as_its_encoding_is_read(
    content_database: Database, store: ObjectStore, site: Site, encoding: str
) -> None:
    site.routes["/"] = Answer(b"<h1>Read me</h1>", headers={"Content-Encoding": encoding})
    report = await crawl_site(content_database, store, site.url)
    assert report.pages.fetched == 1


async def test_the_documentation_s_own_sitemap_is_read_beside_those_the_site_names(
    content_database: Database, store: ObjectStore, site: Site
) -> None:
    site.routes["/robots.txt"] = Answer(f"Sitemap: {site.url}/shop.xml".encode(), content_type="text/plain")
    for target, page in (("/shop.xml", "/shop/"), ("/docs/sitemap.xml", "/docs/hidden.html")):
        listed = f"<urlset><url><loc>{site.url}{page}</loc></url></urlset>"
        site.routes[target] = Answer(listed.encode(), content_type="application/xml")
    site.page("/docs/")
    site.page("/docs/hidden.html")

    report = await crawl_site(content_database, store, f"{site.url}/docs/")

    states = await states_of(content_database, site, report.crawl_id)
    assert states == {"/docs/": "fetched", "/docs/hidden.html": "fetched", "/shop/": "excluded"}
    assert site.hits["/sitemap.xml"] == 0


async def test_pages_that_ask_to_sign_in_elsewhere_have_one_reason(
    content_database: Database, store: ObjectStore, site: Site
) -> None:
    site.page("/", "a.html", "b.html")
    for name in ("a", "b"):
        site.redirect(f"/{name}.html", f"http://sign-in.test/login?next=/{name}.html")

    report = await crawl_site(content_database, store, site.url)

    rows = await rows_of(content_database, report.crawl_id)
    reasons = {rows[f"{site.url}/{name}.html"]["reason"] for name in ("a", "b")}
    assert reasons == {f"redirects to http://sign-in.test/login: on another site than {site.url}"}


async def test_a_source_that_became_one_page_misses_no_other(
    content_database: Database, store: ObjectStore, site: Site
) -> None:
    site.page("/", "a.html", "b.html", "c.html")
    for name in ("a", "b", "c"):
        site.page(f"/{name}.html")
    source = await add_source(content_database, site.url)
    first = await crawl(content_database, store, source)
    await complete(content_database, first.crawl_id)
    async with content_database.connection() as connection:
        await connection.execute("update sources set kind = 'page' where id = $1", source.id)

    second = await crawl(content_database, store, source)

    assert (second.status, second.reason) == ("crawled", None)
    assert await states_of(content_database, site, second.crawl_id) == {"/": "fetched"}
