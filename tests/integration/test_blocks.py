"""Pages, sections and passages that an operator takes out of the answers."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from core.cache import MemoryCache
from core.database import Database
from core.errors import InvalidInput, LibraryNotFound, NotFound
from crawler.rules import CrawlRules
from crawler.service import recognise_source
from indexer import blocking
from indexer.answers import DocsAnswer
from indexer.extraction_processes import ExtractionProcesses
from indexer.queries import libraries as library_queries
from indexer.queries import versions as version_queries
from indexer.search.caching import CachedAnswers
from server.ingest import CRAWL_JOB
from tests.workshop import LIBRARY, Workshop, open_workshop

OPERATOR = uuid4()
FILLER = "It is mixed from pigments that are named in the order in which they were found by their makers. " * 12
GUIDE = f"""# Guide

Widgets are painted here. {FILLER}

## Crimson

The colour of the first widget is crimson, as it always was. {FILLER}

## Teal

The colour of the second widget is teal, which few people like. {FILLER}
"""
NOTES = "# Notes\n\nThe colour of the third widget is ochre.\n"


@dataclass
class Desk:
    """An index of a folder, asked through a cache that forgets what a version is at once."""

    workshop: Workshop
    folder: Path
    cached: CachedAnswers
    seconds: list[float]

    async def crawl(self, version: str = "1.0", **pages: str) -> None:
        self.folder.mkdir(exist_ok=True)
        for file in self.folder.iterdir():
            file.unlink()
        for name, text in (pages or {"guide": GUIDE, "notes": NOTES}).items():
            (self.folder / f"{name}.md").write_text(text)
        _, crawl = await self.workshop.ingest.add(LIBRARY, version, recognise_source(str(self.folder)), CrawlRules())
        await self.workshop.ingest.handlers[CRAWL_JOB](str(crawl.id))

    async def answer(self, tokens: int | None = None, page: int = 1) -> DocsAnswer:
        self.seconds[0] += 1
        return await self.cached.query_docs(LIBRARY, "the colour of widgets", tokens, page)

    async def text(self) -> str:
        return (await self.answer()).text

    async def address(self, word: str) -> str:
        """Where an answer says that it has the word from."""
        return str((await self._snippet(word))["source_url"])

    async def passage(self, word: str) -> UUID:
        return UUID(str((await self._snippet(word))["id"]))

    async def _snippet(self, word: str) -> dict[str, object]:
        async with self.workshop.database.connection() as connection:
            row = await connection.fetchrow(
                "select id, source_url from documentation_chunks where strpos(content, $1) > 0", word
            )
        assert row is not None
        return dict(row)

    async def block(self, place: str, reason: str = "It is wrong.") -> blocking.Block:
        return await blocking.block_place(self.workshop.database, LIBRARY, blocking.read_place(place), reason, OPERATOR)


@pytest.fixture
async def desk(content_database: Database, tmp_path: Path, processes: ExtractionProcesses) -> AsyncGenerator[Desk]:
    async with open_workshop(content_database, tmp_path, processes) as workshop:
        seconds = [1000.0]
        cached = CachedAnswers(workshop.answers, content_database, MemoryCache(), "tests", monotonic=lambda: seconds[0])
        opened = Desk(workshop, tmp_path / "notes", cached, seconds)
        await opened.crawl()
        yield opened


async def test_a_blocked_page_leaves_text_snippets_and_links_and_comes_back_when_lifted(desk: Desk) -> None:
    page = (await desk.address("crimson")).partition("#")[0]
    before = await desk.text()
    assert "crimson" in before

    block = await desk.block(page)
    assert block.passages >= 2
    answer = await desk.answer()
    assert "crimson" not in answer.text
    assert "teal" not in answer.text
    assert "ochre" in answer.text
    assert page not in answer.text, "nor is it linked to"
    assert not [link for link in answer.links if link.source_url.startswith(page)]

    await blocking.lift_block(desk.workshop.database, LIBRARY, block.id)
    assert await desk.text() == before


async def test_a_page_is_blocked_by_each_address_under_which_servers_show_it(desk: Desk) -> None:
    start = (await desk.address("crimson")).partition("#")[0].removesuffix("guide.md")
    await desk.crawl(index=GUIDE)
    await _move(desk, f"{start}index.md", start)
    by_file = await desk.block(f"{start}index.html#crimson")
    assert (by_file.passages, blocking.show_place(by_file.place)) == (1, f"{start}#crimson")

    await _move(desk, start, f"{start}index.html")
    for place in (start, start.removesuffix("/"), f"{start}index.html"):
        block = await desk.block(place)
        assert (block.passages >= 2, block.place.page_url) == (True, f"{start}index.html")


async def _move(desk: Desk, page_url: str, new: str) -> None:
    async with desk.workshop.database.transaction() as connection:
        await connection.execute(
            "update documentation_chunks set page_url = $2::text, source_url = replace(source_url, $1::text, $2::text) "
            "where page_url = $1::text",
            page_url,
            new,
        )


async def test_a_link_to_a_blocked_place_is_not_given_either(desk: Desk) -> None:
    words = {number: " ".join(f"part{number}x{place}" for place in range(80)) for number in range(8)}
    await desk.crawl(
        **{f"n{number}": f"# N{number}\n\nThe colour of widgets. {text}" for number, text in words.items()}
    )
    linked = (await desk.answer(1500)).links[0].source_url
    await desk.block(linked)
    answer = await desk.answer(1500)
    assert linked not in [link.source_url for link in answer.links]
    assert linked not in answer.text


async def test_of_a_page_one_section_can_be_blocked_and_a_passage_by_its_id(desk: Desk) -> None:
    await desk.block(await desk.address("crimson"))
    text = await desk.text()
    assert "crimson" not in text
    assert "teal" in text

    await desk.block(str(await desk.passage("ochre")))
    text = await desk.text()
    assert "ochre" not in text
    assert "teal" in text


async def test_a_block_outlives_crawls_and_indexing_anew(desk: Desk) -> None:
    await desk.block(await desk.address("crimson"))
    await desk.crawl(guide=GUIDE.replace("always was", "shall be for ever"), notes=NOTES)
    assert "crimson" not in await desk.text()

    async with desk.workshop.database.connection() as connection:
        version = await version_queries.find_version(connection, LIBRARY, "1.0")
    assert version is not None
    crawl = await desk.workshop.ingest.reindex(version)
    await desk.workshop.ingest.handlers[CRAWL_JOB](str(crawl.id))
    text = await desk.text()
    assert "crimson" not in text
    assert "teal" in text


async def test_a_block_holds_for_versions_that_come_later(desk: Desk) -> None:
    await desk.block((await desk.address("ochre")).partition("#")[0])
    await desk.crawl("2.0", guide=GUIDE, notes=NOTES)
    answer = await desk.answer()
    assert answer.version == "2.0"
    assert "ochre" not in answer.text


async def test_what_is_behind_many_blocked_passages_is_found_all_the_same(desk: Desk) -> None:
    many = "\n".join(f"## Widget {number}\n\nThe colour of widgets {number}.\n" for number in range(300))
    await desk.crawl(many=f"# Widget colours\n\n{many}", notes="# Notes\n\nOchre is no widget colour of the many.\n")
    await desk.block((await desk.address("colour of widgets 7.")).partition("#")[0])
    assert "Ochre" in await desk.text()


async def test_blocks_are_listed_with_who_when_and_why(desk: Desk) -> None:
    await desk.block("https://elsewhere.example/page.html", "Not yet there.")
    await desk.block(await desk.address("crimson"))
    await desk.block(await desk.address("crimson"), "It leaks a name.")
    listed = await blocking.blocks_of(desk.workshop.database, LIBRARY)
    assert [(block.reason, block.passages > 0, block.blocked_by) for block in listed] == [
        ("It leaks a name.", True, OPERATOR),
        ("Not yet there.", False, OPERATOR),
    ]


async def test_a_library_is_not_described_by_a_blocked_page(desk: Desk) -> None:
    async def description() -> str:
        async with desk.workshop.database.connection() as connection:
            return (await library_queries.libraries(connection, [LIBRARY]))[0].description

    page = (await desk.address("crimson" if "painted" in await description() else "ochre")).partition("#")[0]
    assert await description()
    await desk.block(page)
    assert await description() == ""
    await desk.crawl()
    assert "crimson" not in await desk.text()
    assert (await description() or "Notes")[:5] in {"Notes", "The c", "Widge"}


async def test_what_cannot_be_blocked_is_refused(desk: Desk) -> None:
    for nonsense in ("", "#anchor", "x" * 3000, "page\nof two lines"):
        with pytest.raises(InvalidInput):
            blocking.read_place(nonsense)
    with pytest.raises(NotFound):
        await desk.block(str(uuid4()))
    with pytest.raises(NotFound):
        await blocking.lift_block(desk.workshop.database, LIBRARY, uuid4())
    with pytest.raises(LibraryNotFound):
        await blocking.blocks_of(desk.workshop.database, "/no/such")


async def test_blocks_go_with_their_library(desk: Desk) -> None:
    await desk.block(await desk.address("crimson"))
    async with desk.workshop.database.transaction() as connection:
        await library_queries.delete_library(connection, LIBRARY)
        assert await connection.fetchval("select count(*) from blocks") == 0
