"""Where redirects of a website lead the crawler, and where they do not."""

from core.database import Database
from core.objects import ObjectStore
from tests.crawl_runs import add_source, complete, crawl, crawl_site, rows_of, states_of
from tests.crawl_site import Answer, Request, Site


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


async def test_a_page_that_has_become_a_stub_makes_way_for_the_page_it_leads_to(
    content_database: Database, store: ObjectStore, site: Site
) -> None:
    site.page("/", "old.html")
    site.page("/old.html", text="Long ago")
    source = await add_source(content_database, site.url)
    first = await crawl(content_database, store, source)
    await complete(content_database, first.crawl_id)
    site.routes["/old.html"] = Answer(b'<meta http-equiv="refresh" content="0; url=new.html#part"><p>Moved</p>')
    site.page("/new.html")
    second = await crawl(content_database, store, source)

    assert await states_of(content_database, site, second.crawl_id) == {
        "/": "fetched",
        "/old.html": "redirected",
        "/new.html": "fetched",
    }
    row = (await rows_of(content_database, second.crawl_id))[f"{site.url}/old.html"]
    assert row["final_url"] == f"{site.url}/new.html"


async def test_a_redirect_to_a_metadata_address_is_cut(
    content_database: Database, store: ObjectStore, site: Site
) -> None:
    site.redirect("/", "http://169.254.169.254/latest/meta-data/")

    report = await crawl_site(content_database, store, site.url)

    assert report.status == "failed"
    assert report.reason is not None
    assert "never crawled" in report.reason


async def test_endless_redirects_fail_that_page_only(
    content_database: Database, store: ObjectStore, site: Site
) -> None:
    async def further(request: Request) -> Answer:
        number = int(request.target.partition("n=")[2] or 0)
        return Answer(status=302, headers={"Location": f"/loop?n={number + 1}"})

    site.page("/", "loop", "self.html")
    site.routes |= {"/loop": further} | {f"/loop?n={number}": further for number in range(1, 10)}
    site.redirect("/self.html", "/self.html")

    report = await crawl_site(content_database, store, site.url)

    rows = await rows_of(content_database, report.crawl_id)
    assert report.status == "crawled"
    assert rows[f"{site.url}/loop?n=5"]["reason"] == "more than 5 redirects"
    assert rows[f"{site.url}/self.html"]["reason"] == "redirects in a circle"
    assert site.hits["/loop?n=5"] == 1
    assert site.hits["/loop?n=6"] == 0
