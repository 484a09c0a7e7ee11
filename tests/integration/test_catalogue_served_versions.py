"""Which version answers where none is named, or a part of a number: always one that can."""

from pathlib import Path

import pytest

from core.errors import NotFound
from core.library_ids import LibraryId
from crawler.records import Crawl
from crawler.rules import CrawlRules
from crawler.service import recognise_source
from indexer.answers import LibraryMatch
from tests.workshop import LIBRARY, Workshop

QUESTION = "zebra widget"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "docs"
    folder.mkdir()
    (folder / "widget.md").write_text("# Widget\n\nThe zebra widget comes in many colours.\n")
    return folder


async def add(workshop: Workshop, folder: Path, version: str) -> Crawl:
    """Adds a version; its crawl waits."""
    _, crawl = await workshop.ingest.add(LIBRARY, version, recognise_source(str(folder)), CrawlRules())
    return crawl


async def version_read(workshop: Workshop, library: str = LIBRARY) -> str:
    return (await workshop.answers.query_docs(library, QUESTION, None)).version


async def resolved(workshop: Workshop) -> LibraryMatch:
    (library,) = (await workshop.answers.resolve("", "site")).libraries
    return library


async def marked(workshop: Workshop) -> tuple[str, str]:
    """The version marked as the latest, and the one the library names."""
    async with workshop.database.connection() as connection:
        row = await connection.fetchrow(
            "select version, default_version from library_versions v join libraries l on l.id = library_id "
            "where is_latest"
        )
    assert row is not None
    return row["version"], row["default_version"]


async def let_first_crawl_go_on(workshop: Workshop, crawl: Crawl) -> None:
    """Has a version stand as it does while its first crawl is under way: it answers, and nothing is published."""
    await workshop.work(crawl)
    async with workshop.database.connection() as connection:
        await connection.execute(
            "update library_versions set indexed_at = null, index_generation = 0 where id = $1",
            crawl.library_version_id,
        )


@pytest.mark.parametrize("asked", [LIBRARY, f"{LIBRARY}/latest", f"{LIBRARY}@stable", f"{LIBRARY}/9", f"{LIBRARY}/9.x"])
async def test_a_version_takes_over_when_it_is_published_and_not_when_it_is_added(
    workshop: Workshop, folder: Path, asked: str
) -> None:
    await workshop.work(await add(workshop, folder, "9.8"))
    crawl = await add(workshop, folder, "9.9")
    assert await version_read(workshop, asked) == "9.8"
    assert await marked(workshop) == ("9.8", "9.8")
    library = await resolved(workshop)
    assert (library.default_version, library.versions) == ("9.8", ("9.8",))

    await workshop.work(crawl)
    assert await version_read(workshop, asked) == "9.9"
    assert await marked(workshop) == ("9.9", "9.9")
    library = await resolved(workshop)
    assert (library.default_version, library.versions) == ("9.9", ("9.9", "9.8"))


async def test_an_older_version_that_is_published_later_takes_nothing_over(workshop: Workshop, folder: Path) -> None:
    await workshop.work(await add(workshop, folder, "9.9"))
    await workshop.work(await add(workshop, folder, "9.8"))
    assert await version_read(workshop) == "9.9"
    assert await marked(workshop) == ("9.9", "9.9")


@pytest.mark.parametrize("asked", ["9.9", "9"])
async def test_a_version_that_is_named_and_not_indexed_is_never_replaced(
    workshop: Workshop, folder: Path, asked: str
) -> None:
    await workshop.work(await add(workshop, folder, "8.0"))
    await add(workshop, folder, "9.9")
    with pytest.raises(NotFound, match=r"9\.9 is not indexed yet"):
        await version_read(workshop, f"{LIBRARY}/{asked}")


async def test_a_version_whose_only_crawl_was_cancelled_answers_nothing(workshop: Workshop, folder: Path) -> None:
    await workshop.work(await add(workshop, folder, "1.0"))
    crawl = await add(workshop, folder, "9.9")
    await workshop.ingest.cancel(crawl.id)
    assert await version_read(workshop) == "1.0"


async def test_a_first_crawl_answers_before_it_is_over(workshop: Workshop, folder: Path) -> None:
    await let_first_crawl_go_on(workshop, await add(workshop, folder, "1.0"))
    await add(workshop, folder, "9.9")
    assert await version_read(workshop) == "1.0"
    library = await resolved(workshop)
    assert (library.default_version, library.versions) == ("1.0", ("1.0",))


async def test_what_is_published_answers_rather_than_a_newer_first_crawl(workshop: Workshop, folder: Path) -> None:
    await workshop.work(await add(workshop, folder, "9.8"))
    await let_first_crawl_go_on(workshop, await add(workshop, folder, "9.9"))
    assert await version_read(workshop) == await version_read(workshop, f"{LIBRARY}/9") == "9.8"
    assert await version_read(workshop, f"{LIBRARY}/9.9") == "9.9"
    library = await resolved(workshop)
    assert (library.default_version, library.versions) == ("9.8", ("9.9", "9.8"))


async def test_a_library_of_which_nothing_is_indexed_offers_no_version(workshop: Workshop, folder: Path) -> None:
    await add(workshop, folder, "9.9")
    library = await resolved(workshop)
    assert (library.default_version, library.versions) == (None, ())
    with pytest.raises(NotFound, match=r"9\.9 is not indexed yet"):
        await version_read(workshop)


async def test_the_newest_of_those_left_that_answer_follows_one_that_is_removed(
    workshop: Workshop, folder: Path
) -> None:
    for version in ("1.0", "2.0", "3.0"):
        await workshop.work(await add(workshop, folder, version))
    await add(workshop, folder, "9.9")
    await workshop.ingest.remove(LibraryId(LIBRARY, "3.0"))
    assert await version_read(workshop) == "2.0"
    assert await marked(workshop) == ("2.0", "2.0")
