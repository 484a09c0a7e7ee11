"""A passage is found by what other pages say when they link to it."""

from pathlib import Path

import pytest

from core.database import Database
from tests.workshop import Workshop

BASE = "folder://docs/"
TARGET = "# Widget\n\nThe widget is made of wood.\n\n## Care\n\nIt needs oil once a year, and nothing more than that.\n"


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    folder = tmp_path / "docs"
    folder.mkdir()
    (folder / "widget.md").write_text(TARGET)
    (folder / "decoy.md").write_text("# Decoy\n\nA zebra is an animal with stripes.\n")
    return folder


def write_note(folder: Path, text: str, name: str = "note") -> None:
    (folder / f"{name}.md").write_text(f"# Note\n\n{text}\n")


async def mentioned(database: Database) -> dict[str, str]:
    async with database.connection() as connection:
        rows = await connection.fetch("select source_url, mentions from documentation_chunks where mentions <> ''")
    return {row["source_url"].removeprefix(BASE): row["mentions"] for row in rows}


async def sources(workshop: Workshop, question: str) -> list[str]:
    text = await workshop.ask(question)
    return [part.split("\n")[0].removeprefix(BASE) for part in text.split("Source: ")[1:]]


async def test_a_section_is_found_by_the_words_of_a_sentence_that_links_to_it(workshop: Workshop, docs: Path) -> None:
    write_note(docs, "Polishing brass handles is told [over there](widget.md#care), as ever.")
    await workshop.work(await workshop.add(str(docs)))
    assert await mentioned(workshop.database) == {
        "widget.md#care": "Polishing brass handles is told over there, as ever."
    }
    assert "widget.md#care" in await sources(workshop, "polishing brass handles")


async def test_a_link_without_fragment_is_about_the_beginning_of_the_page(workshop: Workshop, docs: Path) -> None:
    write_note(docs, "Polishing brass handles is told [over there](widget.md), as ever.")
    await workshop.work(await workshop.add(str(docs)))
    assert list(await mentioned(workshop.database)) == ["widget.md#widget"]


async def test_a_sentence_that_is_gone_no_longer_finds_anything(workshop: Workshop, docs: Path) -> None:
    write_note(docs, "Polishing brass handles is told [over there](widget.md#care), as ever.")
    await workshop.work(await workshop.add(str(docs)))
    write_note(docs, "Nothing is said of it.")
    await workshop.work(await workshop.add(str(docs)))
    assert await mentioned(workshop.database) == {}
    async with workshop.database.connection() as connection:
        assert (
            await connection.fetchval("select count(*) from documentation_chunks where words_indexed_at is null") == 0
        )
    assert "widget.md#care" not in await sources(workshop, "zebra polishing brass handles")


async def test_of_many_sentences_ten_count_and_equal_ones_once(workshop: Workshop, docs: Path) -> None:
    for number in range(15):
        write_note(docs, f"The shade{number} of oil is for [such a care](widget.md#care).", f"note{number}")
        write_note(docs, "All the same words about [such a care](widget.md#care).", f"same{number}")
    await workshop.work(await workshop.add(str(docs)))
    lines = (await mentioned(workshop.database))["widget.md#care"].split("\n")
    assert len(lines) == len(set(lines)) == 10


async def test_a_page_does_not_mention_itself(workshop: Workshop, docs: Path) -> None:
    (docs / "widget.md").write_text(f"{TARGET}\nMore about it is said [further up here](widget.md#care).\n")
    await workshop.work(await workshop.add(str(docs)))
    assert await mentioned(workshop.database) == {}


async def test_release_notes_mention_nothing(workshop: Workshop, docs: Path) -> None:
    write_note(docs, "Polishing brass handles is told [over there](widget.md#care), as ever.", "changelog")
    await workshop.work(await workshop.add(str(docs)))
    assert await mentioned(workshop.database) == {}
