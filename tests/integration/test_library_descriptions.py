"""What a library is described by: the first words of its front page, in whatever order its pages come."""

from pathlib import Path

import pytest

from core.database import Database
from indexer.catalogue import catalogue
from indexer.extraction_processes import ExtractionProcesses
from indexer.queries import libraries as library_queries
from tests.workshop import LIBRARY as WORKSHOP_LIBRARY
from tests.workshop import open_workshop

LIBRARY = "/acme/notes"


async def described_by(database: Database, pages: list[str]) -> str:
    """Has each page describe the library by its own address; gives whose words are kept."""
    async with database.transaction() as connection:
        await catalogue.add_version(connection, LIBRARY, "1.0")
        for page in pages:
            await library_queries.describe_library(connection, LIBRARY, {page: page})
        return (await library_queries.libraries(connection, [LIBRARY]))[0].description


@pytest.mark.parametrize("order", [1, -1], ids=["first", "last"])
@pytest.mark.parametrize(
    ("front", "other"),
    [
        ("folder://docs/README.md", "folder://docs/cost.md"),
        ("folder://docs/index.rst", "folder://docs/faq.rst"),
        ("https://docs.example.org/index.html", "https://docs.example.org/a.html"),
        ("https://docs.example.org/", "https://docs.example.org/a"),
        ("folder://docs/a.md", "folder://docs/guides/README.md"),
        ("folder://docs/guide.md", "folder://docs/reindex.md.rst"),
    ],
)
async def test_a_library_is_described_by_its_index_or_readme_else_by_its_shortest_address(
    content_database: Database, front: str, other: str, order: int
) -> None:
    assert await described_by(content_database, [front, other][::order]) == front


async def test_the_readme_is_the_front_of_pages_that_are_indexed_together(
    content_database: Database, tmp_path: Path
) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "README.md").write_text("# Widgets\n\nWidgets draw what there is to see.\n")
    (tmp_path / "docs" / "faq.md").write_text("# Questions\n\nWhat is asked again and again.\n")
    (tmp_path / "docs" / "a.md").write_text("# Empty\n")
    async with ExtractionProcesses(1) as processes, open_workshop(content_database, tmp_path, processes) as workshop:
        await workshop.work(await workshop.add(str(tmp_path / "docs")))
    async with content_database.connection() as connection:
        (library,) = await library_queries.libraries(connection, [WORKSHOP_LIBRARY])
    assert library.description == "Widgets draw what there is to see."
