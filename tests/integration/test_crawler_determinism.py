"""Which address of a page is kept must not depend on what came first, nor on how many runners there are."""

import asyncio
import itertools

import pytest

from core.database import Database
from core.objects import ObjectStore
from crawler import service
from crawler.crawl import run_crawl
from crawler.rules import CrawlRules
from tests.crawl_runs import SETTINGS, add_source, complete, crawl, rows_of, states_of
from tests.crawl_site import Answer, Request, Site

TWINS = ("/a", "/a/", "/a/index.html")


def serve_in_order(site: Site, order: tuple[str, ...]) -> None:
    """Serves the same page under several addresses, asked at once and answered in the order given."""
    turns = {target: asyncio.Event() for target in order}
    turns[order[0]].set()

    async def answer(request: Request) -> Answer:
        async with asyncio.timeout(10):
            await turns[request.target].wait()
        for target, following in itertools.pairwise(order):
            if target == request.target:
                asyncio.get_running_loop().call_later(0.005, turns[following].set)
        return Answer(b"<h1>The same page</h1>")

    site.page("/", *order)
    site.routes |= dict.fromkeys(order, answer)


@pytest.mark.parametrize("order", list(itertools.permutations(TWINS)))
async def test_the_shortest_address_of_a_page_is_kept_whatever_is_answered_first(
    content_database: Database, store: ObjectStore, site: Site, order: tuple[str, ...]
) -> None:
    serve_in_order(site, order)
    source = await add_source(content_database, site.url)
    report = await crawl(content_database, store, source)

    rows = await rows_of(content_database, report.crawl_id)
    assert {target: rows[site.url + target]["state"] for target in TWINS} == {
        "/a": "fetched",
        "/a/": "redirected",
        "/a/index.html": "redirected",
    }
    assert {rows[site.url + target]["final_url"] for target in TWINS} == {f"{site.url}/a"}
    assert report.pages.fetched == 2


async def test_a_page_found_first_under_its_longest_address_gives_way_to_the_shortest_found_later(
    content_database: Database, store: ObjectStore, site: Site
) -> None:
    site.page("/", "/a/index.html", "/b.html")
    site.page("/b.html", "/c.html")
    site.page("/c.html", "/a/")
    site.routes |= dict.fromkeys(("/a/", "/a/index.html"), Answer(b"<h1>The same page</h1>"))

    source = await add_source(content_database, site.url, CrawlRules(connections=1))
    report = await crawl(content_database, store, source)

    states = await states_of(content_database, site, report.crawl_id)
    assert (states["/a/"], states["/a/index.html"]) == ("fetched", "redirected")


async def test_another_address_of_a_page_costs_one_conditional_request_in_the_next_crawl(
    content_database: Database, store: ObjectStore, site: Site
) -> None:
    async def page(request: Request) -> Answer:
        is_known = request.headers.get("if-none-match") == '"v1"'
        return Answer(b"" if is_known else b"<h1>One</h1>", 304 if is_known else 200, headers={"ETag": '"v1"'})

    site.page("/", "/a/", "/a/index.html")
    site.routes |= {"/a/": page, "/a/index.html": page}
    source = await add_source(content_database, site.url)
    first = await crawl(content_database, store, source)
    await complete(content_database, first.crawl_id)
    site.requests.clear()

    second = await crawl(content_database, store, source)

    conditional = {request.target for request in site.requests if "if-none-match" in request.headers}
    assert conditional == {"/a/", "/a/index.html"}
    assert (second.pages.fetched, second.pages.redirected, second.pages.unchanged) == (2, 1, 2)


async def test_every_redirect_points_to_the_next_hop_however_many_runners_follow_it(
    content_database: Database, store: ObjectStore, site: Site
) -> None:
    hops = ["/h0", "/h1", "/h2", "/h3"]
    site.page("/", *hops, "/end.html")
    site.page("/end.html")
    for hop, target in itertools.pairwise([*hops, "/end.html"]):
        site.redirect(hop, target)
    seen: list[dict[str, tuple[str, str]]] = []
    for runners in (1, 3):
        source = await add_source(content_database, site.url)
        started = await service.start_crawl(content_database, source.id)
        async with asyncio.timeout(30):
            await asyncio.gather(*(run_crawl(content_database, store, SETTINGS, started.id) for _ in range(runners)))
        rows = await rows_of(content_database, started.id)
        seen.append({url: (row["state"], row["final_url"]) for url, row in rows.items()})

    assert seen[0] == seen[1]
    assert seen[0][f"{site.url}/h1"] == ("redirected", f"{site.url}/h2")


async def test_a_page_reached_by_a_redirect_is_asked_conditionally_as_any_other(
    content_database: Database, store: ObjectStore, site: Site
) -> None:
    async def page(request: Request) -> Answer:
        is_known = request.headers.get("if-none-match") == '"v1"'
        return Answer(b"" if is_known else b"<h1>One</h1>", 304 if is_known else 200, headers={"ETag": '"v1"'})

    site.page("/", "/old.html")
    site.redirect("/old.html", "/new.html")
    site.routes["/new.html"] = page
    source = await add_source(content_database, site.url)
    first = await crawl(content_database, store, source)
    await complete(content_database, first.crawl_id)

    second = await crawl(content_database, store, source)

    rows = await rows_of(content_database, second.crawl_id)
    assert rows[f"{site.url}/new.html"]["is_unchanged"]
    assert rows[f"{site.url}/new.html"]["http_status"] == 304


async def test_a_start_page_whose_redirect_another_runner_died_in_leads_to_the_same_crawl(
    content_database: Database, store: ObjectStore, site: Site
) -> None:
    site.redirect("/docs/", "/moved/")
    site.redirect("/moved/", "/en/stable/")
    site.page("/en/stable/", "guide.html")
    site.page("/en/stable/guide.html")
    source = await add_source(content_database, f"{site.url}/docs/")
    started = await service.start_crawl(content_database, source.id)
    async with content_database.connection() as connection:
        # As a runner leaves it that was killed after its first hop.
        await connection.execute(
            """
            insert into crawl_pages (crawl_id, url, depth, state, leased_by, leased_until)
            values ($1, $2, 0, 'leased', gen_random_uuid(), now() + interval '1 second')
            """,
            started.id,
            f"{site.url}/moved/",
        )

    report = await crawl(content_database, store, source)

    assert await states_of(content_database, site, report.crawl_id) == {
        "/docs/": "redirected",
        "/moved/": "redirected",
        "/en/stable/": "fetched",
        "/en/stable/guide.html": "fetched",
    }
