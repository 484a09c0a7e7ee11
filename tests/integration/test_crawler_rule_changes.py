"""What the operator leaves out of a source is not missed by the gate that keeps an index from being lost."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from core.database import Database
from crawler.rules import CrawlRules
from indexer.extraction_processes import ExtractionProcesses
from tests.crawl_site import Answer, Site
from tests.ingest_runs import Library, open_library

_GATE_PERCENT = 70
_KEPT = [f"guide/{number}.html" for number in range(4)]
_DROPPED = [f"changelog/{number}.html" for number in range(8)]
_RULES = CrawlRules(excludes=("changelog/**",))


@pytest.fixture
async def library(
    content_database: Database, tmp_path: Path, processes: ExtractionProcesses, site: Site
) -> AsyncGenerator[Library]:
    write_pages(site, *_KEPT, *_DROPPED)
    opening = open_library(content_database, tmp_path, processes, site.url, gate_percent=_GATE_PERCENT)
    async with opening as library:
        yield library


def write_pages(site: Site, *names: str) -> None:
    site.page("/", *names, text="<p>The front page of the documentation of everything there is.</p>")
    for name in names:
        site.page(f"/{name}", text=f"<p>What is to be known about {name} stands on this page.</p>")


async def forget_rules(library: Library) -> None:
    """Has the crawls look like those of a release that noted no rules."""
    async with library.database.connection() as connection:
        await connection.execute("update crawls set facts = facts - 'followed'")


async def coverage_of_last_crawl(library: Library) -> dict[str, object]:
    async with library.database.connection() as connection:
        return await connection.fetchval("select coverage from crawls order by created_at desc limit 1")


async def test_rules_that_leave_most_pages_out_are_followed(library: Library) -> None:
    assert await library.crawl() == ("completed", None)

    assert await library.crawl(_RULES) == ("completed", None)
    assert await library.pages() == {"/", *(f"/{name}" for name in _KEPT)}
    coverage = await coverage_of_last_crawl(library)
    assert (coverage["before"], coverage["found"], coverage["removed"]) == (5, 5, 8)


async def test_new_rules_do_not_excuse_pages_that_say_nothing_any_more(library: Library, site: Site) -> None:
    await library.crawl()
    before = await library.chunks()
    for name in _KEPT:
        site.page(f"/{name}", text="")

    status, reason = await library.crawl(_RULES)
    assert status == "failed"
    assert reason is not None
    assert reason.startswith("This crawl found 1 passages where 5 answer now, less than 70 %.")
    assert await library.chunks() == before


async def test_the_crawl_after_a_change_of_rules_is_measured_by_everything_again(library: Library, site: Site) -> None:
    await library.crawl()
    await library.crawl(_RULES)
    write_pages(site, *_KEPT, *_DROPPED)
    for name in _KEPT:
        site.page(f"/{name}", text="")

    status, _ = await library.crawl(_RULES)
    assert status == "failed"
    assert (await coverage_of_last_crawl(library))["before"] == 5


async def test_what_a_new_release_leaves_out_is_no_loss(library: Library) -> None:
    await library.crawl()
    await forget_rules(library)
    assert await library.crawl(_RULES) == ("completed", None)


async def test_what_a_rule_leaves_out_is_no_loss_where_no_page_names_it_any_more(library: Library, site: Site) -> None:
    await library.crawl()
    write_pages(site, *_KEPT)
    assert await library.crawl(_RULES) == ("completed", None)
    assert await library.pages() == {"/", *(f"/{name}" for name in _KEPT)}


async def test_fewer_pages_are_followed_as_well(library: Library) -> None:
    await library.crawl()
    status, _ = await library.crawl(CrawlRules(max_pages=3))
    assert (status, len(await library.pages())) == ("completed", 3)


@pytest.mark.parametrize("broken", ["signs in", "forbids robots", "gives no documents"])
async def test_new_rules_do_not_excuse_a_site_that_is_broken(library: Library, site: Site, broken: str) -> None:
    await library.crawl()
    before = await library.chunks()
    await forget_rules(library)
    for name in (*_KEPT, *_DROPPED):
        if broken == "signs in":
            site.redirect(f"/{name}", "https://sign-in.example.org/")
        elif broken == "gives no documents":
            site.routes[f"/{name}"] = Answer(b"?", content_type="application/octet-stream")
    if broken == "forbids robots":
        site.routes["/robots.txt"] = Answer(b"User-agent: *\nDisallow: /guide\nDisallow: /changelog\n")

    status, _ = await library.crawl()
    assert status == "failed"
    assert await library.chunks() == before


def write_folder(folder: Path) -> None:
    folder.mkdir()
    for number in range(4):
        (folder / f"{number}.md").write_text(f"# Part {number}\n\nWhat is to be known about it stands here.\n")


async def test_rules_that_leave_most_of_a_folder_out_are_followed_however_much_that_is(
    content_database: Database, tmp_path: Path, processes: ExtractionProcesses, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crawler.frontier._MAX_EXCLUDED", 1)
    folder = tmp_path / "docs"
    write_folder(folder)
    opening = open_library(content_database, tmp_path, processes, str(folder), gate_percent=_GATE_PERCENT)
    async with opening as library:
        await library.crawl()
        assert await library.crawl(CrawlRules(excludes=("1.md", "2.md", "3.md"))) == ("completed", None)


async def test_new_rules_do_not_excuse_a_folder_that_is_half_there(
    content_database: Database, tmp_path: Path, processes: ExtractionProcesses
) -> None:
    folder = tmp_path / "docs"
    write_folder(folder)
    opening = open_library(content_database, tmp_path, processes, str(folder), gate_percent=_GATE_PERCENT)
    async with opening as library:
        await library.crawl()
        await forget_rules(library)
        for number in range(3):
            (folder / f"{number}.md").unlink()
        status, _ = await library.crawl()
    assert status == "failed"


async def test_another_address_is_measured_by_everything_that_answers(library: Library) -> None:
    await library.crawl()
    library.address += "/guide/0.html"

    status, reason = await library.crawl()
    assert status == "failed"
    assert reason is not None
    assert reason.startswith("This crawl found ")
