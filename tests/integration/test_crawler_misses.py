"""What becomes of pages that a refresh does not find: kept once, dropped the second time, and never most of them."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from core.database import Database
from crawler.rules import CrawlRules
from indexer.extraction_processes import ExtractionProcesses
from tests.crawl_site import Answer, Site
from tests.ingest_runs import Library, open_library

NAMES = [f"p{number}.html" for number in range(10)]


@pytest.fixture
async def library(
    content_database: Database, tmp_path: Path, processes: ExtractionProcesses, site: Site
) -> AsyncGenerator[Library]:
    async with open_library(content_database, tmp_path, processes, site.url) as library:
        yield library


def write_pages(site: Site, *names: str) -> None:
    """Adds a start page and the pages it links to, each with a text of its own."""
    site.page("/", *names, text="<p>The front page of the documentation of everything there is.</p>")
    for name in names:
        site.page(f"/{name}", text=f"<p>What is to be known about {name} stands on this page.</p>")


@pytest.mark.parametrize("failure", [404, 410, 403, 500, 503])
async def test_a_page_that_is_not_there_answers_until_the_second_crawl_that_misses_it(
    library: Library, site: Site, failure: int
) -> None:
    write_pages(site, *NAMES)
    assert await library.crawl() == ("completed", None)
    before = await library.chunks()

    site.routes["/p3.html"] = Answer(status=failure)
    assert await library.crawl() == ("completed", None)
    assert await library.chunks() == before
    assert await library.crawl() == ("completed", None)
    assert await library.pages() == {page for page, _ in before.values()} - {"/p3.html"}


async def test_a_page_that_nothing_links_to_any_more_answers_for_one_crawl_longer(library: Library, site: Site) -> None:
    write_pages(site, *NAMES)
    await library.crawl()
    before = await library.pages()
    write_pages(site, *NAMES[:8])

    await library.crawl()
    assert await library.pages() == before
    await library.crawl()
    assert await library.pages() == before - {"/p8.html", "/p9.html"}


async def test_a_page_that_comes_back_is_as_it_was_and_may_be_missed_once_more(library: Library, site: Site) -> None:
    write_pages(site, *NAMES)
    page = site.routes["/p3.html"]
    await library.crawl()
    before = await library.chunks()
    for answer in (Answer(status=404), page, Answer(status=404)):
        site.routes["/p3.html"] = answer
        assert await library.crawl() == ("completed", None)
        assert await library.chunks() == before


async def test_a_missed_page_that_comes_back_costs_one_conditional_request(
    library: Library, site: Site, content_database: Database
) -> None:
    write_pages(site, *NAMES)
    page = site.routes["/p3.html"]
    await library.crawl()
    site.routes["/p3.html"] = Answer(status=404)
    await library.crawl()
    site.routes["/p3.html"] = page
    await library.crawl()

    async with content_database.connection() as connection:
        rows = await connection.fetch(
            """
            select p.state, p.misses, p.is_unchanged from crawl_pages p join crawls c on c.id = p.crawl_id
            where p.url like '%/p3.html' order by c.created_at
            """
        )
    assert [tuple(row) for row in rows] == [("fetched", 0, False), ("missing", 1, False), ("fetched", 0, True)]


async def test_a_page_the_rules_leave_out_now_goes_at_once(library: Library, site: Site) -> None:
    write_pages(site, *NAMES)
    await library.crawl()
    before = await library.pages()

    await library.crawl(CrawlRules(excludes=("p3.html",)))
    assert await library.pages() == before - {"/p3.html"}

    write_pages(site, *NAMES[:8])
    await library.crawl(CrawlRules(excludes=("p3.html", "p9.html")))
    assert await library.pages() == before - {"/p3.html", "/p9.html"}


async def test_a_page_that_has_moved_goes_at_once(library: Library, site: Site) -> None:
    write_pages(site, *NAMES)
    await library.crawl()
    before = await library.pages()
    site.routes["/moved.html"] = site.routes["/p3.html"]
    site.redirect("/p3.html", "/moved.html", 301)

    await library.crawl()
    assert await library.pages() == before - {"/p3.html"} | {"/moved.html"}


@pytest.mark.parametrize("failure", [404, 503, None])
async def test_a_crawl_that_misses_too_many_pages_changes_nothing_and_says_so(
    library: Library, site: Site, failure: int | None
) -> None:
    write_pages(site, *NAMES)
    await library.crawl()
    before = await library.chunks()
    if failure is None:
        write_pages(site, *NAMES[:5])
    for name in NAMES[5:]:
        site.routes[f"/{name}"] = Answer(status=failure or 404)

    for _ in range(2):
        status, reason = await library.crawl()
        assert status == "failed"
        assert reason is not None
        assert "5 of the 11 pages that were there before were not found, more than 30 %" in reason
        assert "LECTERN_CRAWL_MAX_MISSED_PERCENT" in reason
        assert await library.chunks() == before

    write_pages(site, *NAMES)
    assert await library.crawl() == ("completed", None)
    assert await library.chunks() == before


async def test_a_lower_limit_of_pages_drops_what_is_over_it_at_once(library: Library, site: Site) -> None:
    write_pages(site, *NAMES)
    await library.crawl()
    status, reason = await library.crawl(CrawlRules(max_pages=4))
    assert (status, reason) == ("completed", "stopped at the limit of 4 pages")
    assert len(await library.pages()) == 4
