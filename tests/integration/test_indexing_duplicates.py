"""Pages that say the same: one of them answers, also after it is gone, and whatever a crawl was interrupted by."""

from pathlib import Path

import pytest

from core.database import Database
from tests.workshop import Workshop

OPENING = "A mutable memory location that can be changed through a shared reference."
PROSE = " ".join(f"word{number % 97} about{number % 31} thing{number % 53}" for number in range(120))
CODE = "```rust\nuse std::cell::Cell;\nlet cell = Cell::new(5);\n```"
BASE = "folder://docs/"


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    for crate in ("std", "core"):
        write(tmp_path / "docs", f"{crate}/cell.md", reexport(crate))
    for number in range(5):
        write(
            tmp_path / "docs", f"note{number}.md", f"# Note {number}\n\nThe colour of note {number} is shade{number}.\n"
        )
    return tmp_path / "docs"


def reexport(crate: str) -> str:
    return f"# Struct {crate}::cell::Cell\n\n{OPENING}\n\n## Details\n\n{PROSE} zebra\n\n{CODE}\n"


def write(folder: Path, name: str, text: str) -> None:
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text)


def rewrite(folder: Path, text: str) -> None:
    for page in folder.rglob("*.md"):
        page.write_text(text)


async def outcomes(database: Database) -> dict[str, tuple[str, str | None, int]]:
    async with database.connection() as connection:
        rows = await connection.fetch(
            """
            select page_url, outcome, duplicate_of,
                (select count(*) from documentation_chunks c where c.page_url = i.page_url and c.is_published) as chunks
            from indexed_pages i
            """
        )
    pages = {row["page_url"].removeprefix(BASE): row for row in rows}
    return {
        name: (row["outcome"], row["duplicate_of"] and row["duplicate_of"].removeprefix(BASE), row["chunks"])
        for name, row in pages.items()
    }


async def test_a_page_that_says_what_another_says_gives_no_passages(workshop: Workshop, docs: Path) -> None:
    crawl = await workshop.work(await workshop.add(str(docs)))
    assert crawl.status == "completed"

    found = await outcomes(workshop.database)
    assert found["core/cell.md"] == ("duplicate", "std/cell.md", 0)
    assert found["std/cell.md"][:2] == ("indexed", None)
    answer = await workshop.ask("mutable memory location zebra")
    assert "std/cell.md" in answer
    assert "core/cell.md" not in answer
    assert await workshop.store.count(crawl.library_version_id) == sum(chunks for *_, chunks in found.values())


async def test_what_was_found_out_about_a_page_is_kept_with_it(workshop: Workshop, docs: Path) -> None:
    markup = (
        '<html lang="en-US"><head><meta name="docsearch:version" content="2.1"></head><body class="wy-body-for-nav">'
    )
    write(
        docs, "theme.html", f"{markup}<div role=main><h1>Theme</h1><p>{PROSE}</p><pre>a = 1</pre></div></body></html>"
    )
    await workshop.work(await workshop.add(str(docs)))
    async with workshop.database.connection() as connection:
        row = await connection.fetchrow(
            """
            select generator, language, version, code_blocks, tokens from indexed_pages
            where page_url like '%theme.html'
            """
        )
    assert row is not None
    assert tuple(row)[:4] == ("sphinx-rtd", "en-us", "2.1", 1)
    assert row["tokens"] > 100


async def test_when_the_page_that_answers_is_gone_the_other_one_answers(workshop: Workshop, docs: Path) -> None:
    await workshop.work(await workshop.add(str(docs)))
    (docs / "std" / "cell.md").unlink()
    crawl = await workshop.work(await workshop.add(str(docs)))
    assert crawl.status == "completed"

    assert (await outcomes(workshop.database))["core/cell.md"][:2] == ("indexed", None)
    assert "core/cell.md" in await workshop.ask("mutable memory location zebra")


async def test_pages_that_grow_apart_answer_both_although_one_has_not_changed(workshop: Workshop, docs: Path) -> None:
    await workshop.work(await workshop.add(str(docs)))
    write(docs, "std/cell.md", "# Struct std::cell::Cell\n\nThis was moved to another place entirely.\n")
    await workshop.work(await workshop.add(str(docs)))
    found = await outcomes(workshop.database)
    assert {name: found[name][1] for name in ("std/cell.md", "core/cell.md")} == {
        "std/cell.md": None,
        "core/cell.md": None,
    }
    assert found["core/cell.md"][2] > 0


async def test_a_page_that_becomes_a_duplicate_leaves_the_index(workshop: Workshop, docs: Path) -> None:
    write(docs, "core/cell.md", "# Something else\n\nThis is told in other words.\n")
    await workshop.work(await workshop.add(str(docs)))
    write(docs, "core/cell.md", reexport("core"))
    crawl = await workshop.work(await workshop.add(str(docs)))
    found = await outcomes(workshop.database)
    assert found["core/cell.md"] == ("duplicate", "std/cell.md", 0)
    assert await workshop.store.count(crawl.library_version_id) == sum(chunks for *_, chunks in found.values())


async def test_an_unchanged_duplicate_stays_one_and_is_not_read_again(workshop: Workshop, docs: Path) -> None:
    await workshop.work(await workshop.add(str(docs)))
    async with workshop.database.connection() as connection:
        before = await connection.fetchval("select indexed_at from indexed_pages where outcome = 'duplicate'")
    await workshop.work(await workshop.add(str(docs)))
    async with workshop.database.connection() as connection:
        assert await connection.fetchval("select indexed_at from indexed_pages where outcome = 'duplicate'") == before


async def test_a_site_whose_pages_all_became_the_same_does_not_replace_what_answers(
    workshop: Workshop, docs: Path
) -> None:
    await workshop.work(await workshop.add(str(docs)))
    rewrite(docs, "# Down\n\nWe are down for maintenance, please come back later.\n")
    crawl = await workshop.work(await workshop.add(str(docs)))
    assert crawl.status == "failed"
    assert "shade3" in await workshop.ask("shade3")


async def test_a_page_brought_back_by_a_refused_crawl_is_brought_back_by_the_next(
    workshop: Workshop, docs: Path
) -> None:
    await workshop.work(await workshop.add(str(docs)))
    notes = {docs / f"note{number}.md": (docs / f"note{number}.md").read_text() for number in range(4)}
    for gone in (*notes, docs / "std" / "cell.md"):
        gone.unlink()
    assert (await workshop.work(await workshop.add(str(docs)))).status == "failed"

    for note, text in notes.items():
        note.write_text(text)
    assert (await workshop.work(await workshop.add(str(docs)))).status == "completed"
    outcome, primary, chunks = (await outcomes(workshop.database))["core/cell.md"]
    assert (outcome, primary) == ("indexed", None)
    assert chunks > 0


async def test_publishing_twice_changes_nothing(workshop: Workshop, docs: Path) -> None:
    crawl = await workshop.work(await workshop.add(str(docs)))
    before = await outcomes(workshop.database)
    await workshop.indexer.publish(crawl.library_version_id, crawl.id)
    assert await outcomes(workshop.database) == before
