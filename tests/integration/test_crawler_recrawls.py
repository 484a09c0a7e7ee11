"""What a second crawl of a website asks for and keeps."""

import zlib

from core.database import Database
from core.objects import ObjectStore
from crawler.links import unpacked
from tests.crawl_runs import add_source, complete, crawl, rows_of
from tests.crawl_site import Answer, Request, Site


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


async def dated_index(request: Request) -> Answer:
    """Gives a page with a link, and to whoever has it already, that it has not changed."""
    is_known = "if-modified-since" in request.headers
    body = b"" if is_known else b'<a href="a.html">a</a>'
    return Answer(body, 304 if is_known else 200, headers={"Last-Modified": "Mon, 01 Jun 2026 10:00:00 GMT"})


async def test_a_page_whose_old_copy_is_lost_is_fetched_again(
    content_database: Database, store: ObjectStore, site: Site
) -> None:
    site.routes["/"] = dated_index
    site.page("/a.html")
    source = await add_source(content_database, site.url)
    first = await crawl(content_database, store, source)
    await complete(content_database, first.crawl_id)
    for key in await store.list(f"crawls/{first.crawl_id}"):
        await store.delete(key)

    second = await crawl(content_database, store, source)

    assert second.pages.fetched == 2


async def test_links_that_an_earlier_release_missed_are_found_on_pages_that_have_not_changed(
    content_database: Database, store: ObjectStore, site: Site
) -> None:
    site.routes["/"] = dated_index
    source = await add_source(content_database, site.url)
    first = await crawl(content_database, store, source)
    await complete(content_database, first.crawl_id)
    without_links = zlib.compress(b"{}")
    async with content_database.connection() as connection:
        await connection.execute("update crawl_pages set links = $1 where state = 'fetched'", without_links)
        await connection.execute("delete from crawl_pages where state = 'missing'")
    site.page("/a.html")

    second = await crawl(content_database, store, source)

    assert (second.pages.fetched, second.pages.unchanged) == (2, 1)
    async with content_database.connection() as connection:
        kept = await connection.fetchval(
            "select links from crawl_pages where crawl_id = $1 and url = $2", second.crawl_id, f"{site.url}/"
        )
    assert unpacked(kept).links == (f"{site.url}/a.html",)
