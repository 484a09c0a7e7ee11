"""Pages and sections that others link to come first among equals, for as long as they are linked to."""

from pathlib import Path

import pytest

from core.database import Database
from core.library_ids import LibraryId
from indexer.catalogue.catalogue import version_by_id
from indexer.queries.prominence import update_prominence
from indexer.search.question import read_question
from tests.crawl_site import Site
from tests.workshop import LIBRARY, Workshop

BASE = "folder://docs/"
EQUAL = "# Widget {name}\n\nThe zebra widget comes in many colours.\n"
NOTE = "# Note {number}\n\nThe colour of note {number} is shade{number}.\n\n{link}\n"


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    folder = tmp_path / "docs"
    folder.mkdir()
    for name in ("one", "two"):
        (folder / f"{name}.md").write_text(EQUAL.format(name=name))
    return folder


def write_notes(folder: Path, link: str, count: int = 6) -> None:
    for number in range(count):
        (folder / f"note{number}.md").write_text(NOTE.format(number=number, link=link))


async def prominence(database: Database) -> dict[str, float]:
    async with database.connection() as connection:
        rows = await connection.fetch("select source_url, prominence from documentation_chunks")
    return {row["source_url"].removeprefix(BASE): round(row["prominence"], 2) for row in rows}


async def first_of(workshop: Workshop, question: str) -> str:
    text = await workshop.ask(question)
    return text.partition("Source: ")[2].split("\n")[0].partition("#")[0].removeprefix(BASE)


@pytest.mark.parametrize("name", ["one", "two"])
async def test_the_page_that_many_link_to_comes_first_among_equals(workshop: Workshop, docs: Path, name: str) -> None:
    write_notes(docs, f"See [this]({name}.md).")
    await workshop.work(await workshop.add(str(docs)))
    assert await first_of(workshop, "zebra widget colours") == f"{name}.md"


async def test_half_is_of_the_page_and_half_of_the_section(workshop: Workshop, docs: Path) -> None:
    write_notes(docs, "See [this](one.md) and [that](two.md#widget-two); [self](note0.md).", count=7)
    await workshop.work(await workshop.add(str(docs)))
    found = await prominence(workshop.database)
    assert found["one.md#widget-one"] == 0.5
    assert found["two.md#widget-two"] == 1.0
    # The six others link to it, the seventh is itself: log 7 of log 8.
    assert found["note0.md#note-0"] == 0.47
    assert found["note1.md#note-1"] == 0.0


async def test_a_refresh_in_which_the_links_moved_moves_what_comes_first(workshop: Workshop, docs: Path) -> None:
    write_notes(docs, "See [this](one.md).")
    await workshop.work(await workshop.add(str(docs)))
    assert await first_of(workshop, "zebra widget colours") == "one.md"
    write_notes(docs, "See [this](two.md).")
    await workshop.work(await workshop.add(str(docs)))
    assert await first_of(workshop, "zebra widget colours") == "two.md"
    assert (await prominence(workshop.database))["one.md#widget-one"] == 0.0


async def test_pages_that_did_not_change_keep_their_links_and_what_is_linked_its_words(
    workshop: Workshop, docs: Path
) -> None:
    write_notes(docs, "See [this](one.md).")
    await workshop.work(await workshop.add(str(docs)))
    before = await states(workshop.database)
    (docs / "note0.md").write_text(NOTE.format(number=0, link="See [this](two.md)."))
    await workshop.work(await workshop.add(str(docs)))
    after = await states(workshop.database)
    found = await prominence(workshop.database)
    assert found["one.md#widget-one"] == 0.5
    assert found["two.md#widget-two"] == 0.19
    changed = {url for url in before if before[url] != after[url]}
    assert changed == {"folder://docs/note0.md#note-0"}
    assert {url: words for url, (words, *_) in before.items()} == {url: words for url, (words, *_) in after.items()}


async def states(database: Database) -> dict[str, tuple[object, ...]]:
    """When each passage was written, and its words; pages extracted again would have a later day."""
    async with database.connection() as connection:
        rows = await connection.fetch(
            """
            select c.source_url, c.words_indexed_at, i.indexed_at, i.links from documentation_chunks c
            join indexed_pages i on i.page_url = c.page_url
            """
        )
    return {row["source_url"]: tuple(row)[1:] for row in rows}


async def test_what_does_not_change_is_not_written_again(workshop: Workshop, docs: Path) -> None:
    write_notes(docs, "See [this](one.md).")
    crawl = await workshop.work(await workshop.add(str(docs)))
    async with workshop.database.transaction() as connection:
        assert await update_prominence(connection, crawl.library_version_id, crawl.id) == 0


async def test_a_crawl_that_brings_the_same_again_does_not_count_again(workshop: Workshop, docs: Path) -> None:
    write_notes(docs, "See [this](one.md).")
    await workshop.work(await workshop.add(str(docs)))
    async with workshop.database.connection() as connection:
        await connection.execute("update documentation_chunks set prominence = 0.25, mentions = 'as it was'")
    await workshop.work(await workshop.add(str(docs)))
    assert set((await prominence(workshop.database)).values()) == {0.25}
    (docs / "note0.md").unlink()
    for _ in range(2):  # a page that is gone stays for one more crawl
        await workshop.work(await workshop.add(str(docs)))
    assert (await prominence(workshop.database))["one.md#widget-one"] == 0.5


async def test_a_redirect_that_leads_elsewhere_counts_anew(workshop: Workshop, site: Site) -> None:
    names = [f"page{number}.html" for number in range(4)]
    site.page("/", *names, "old.html", "one.html", "two.html", text="<p>Widgets come in many colours, listed here.</p>")
    for name in ("one", "two"):
        site.page(f"/{name}.html", text=f"<p>What the other pages are about if it is {name}, in many more words.</p>")
    for number, name in enumerate(names):
        site.page(f"/{name}", "old.html", text=f"<p>The colour of widget {number} is shade{number}, no other.</p>")
    found = list[tuple[float, ...]]()
    for target in ("one", "two"):
        site.redirect("/old.html", f"/{target}.html")
        await workshop.work(await workshop.add(f"{site.url}/"))
        values = await prominence(workshop.database)
        found.append(tuple(values[url] for url in sorted(values) if "/one.html" in url or "/two.html" in url))
    assert found[0] == found[1][::-1]
    assert found[0][0] > found[0][1]


async def test_links_to_a_page_that_repeats_another_count_for_the_one_that_answers(
    workshop: Workshop, docs: Path
) -> None:
    text = "# Guide\n\n" + " ".join(f"word{number % 97} about{number % 31}" for number in range(120)) + "\n"
    for name in ("guide", "guide-copy"):
        (docs / f"{name}.md").write_text(text)
    for number in range(6):
        link = f"See [this]({('guide', 'guide-copy')[number % 2]}.md) and [that](one.md)."
        (docs / f"note{number}.md").write_text(NOTE.format(number=number, link=link))
    await workshop.work(await workshop.add(str(docs)))
    found = await prominence(workshop.database)
    assert found["one.md#widget-one"] == 0.5
    assert [value for url, value in found.items() if url.startswith("guide")] == [0.5]


async def test_links_count_where_they_are_redirected_to(workshop: Workshop, site: Site) -> None:
    names = [f"page{number}.html" for number in range(4)]
    both = ("old.html", names[0])
    site.page("/", *names, *both, text="<p>Widgets come in many colours, which are listed here.</p>")
    site.page(
        "/target.html", *both, text="<p>What all of the other pages are about, in many more words than these.</p>"
    )
    site.redirect("/old.html", "/target.html")
    for number, name in enumerate(names):
        site.page(f"/{name}", *both, text=f"<p>The colour of widget {number} is shade{number}, no other.</p>")
    await workshop.work(await workshop.add(f"{site.url}/"))
    found = {
        url.partition("#")[0].rpartition("/")[2]: value for url, value in (await prominence(workshop.database)).items()
    }
    # Five others link to each; what leads back to a page from itself does not count.
    assert (found["target.html"], found[names[0]]) == (0.5, 0.5)


async def test_candidates_know_their_prominence(workshop: Workshop, docs: Path) -> None:
    write_notes(docs, "See [this](one.md).")
    crawl = await workshop.work(await workshop.add(str(docs)))
    async with workshop.database.connection() as connection:
        version = await version_by_id(connection, crawl.library_version_id)
    found, _ = await workshop.answers.candidates(version, read_question("zebra widget", 100))
    assert sorted(one.prominence for one in found) == [0.0, 0.5]


async def test_a_library_that_is_removed_and_added_again_has_its_new_links(workshop: Workshop, docs: Path) -> None:
    write_notes(docs, "See [this](one.md).")
    await workshop.work(await workshop.add(str(docs)))
    assert await first_of(workshop, "zebra widget colours") == "one.md"
    await workshop.ingest.remove(LibraryId(LIBRARY))
    write_notes(docs, "See [this](two.md).")
    await workshop.work(await workshop.add(str(docs)))
    assert await first_of(workshop, "zebra widget colours") == "two.md"
