"""What libraries are about: found where no name is near, and kept as the libraries are."""

from collections.abc import AsyncGenerator, Sequence
from pathlib import Path
from uuid import uuid4

import pytest

from core.database import Database
from core.library_ids import LibraryId
from crawler.rules import CrawlRules
from crawler.service import recognise_source
from indexer.answers import LibraryMatch
from indexer.catalogue.topics import TOPICS, Topics
from indexer.embedding.embedders import Embedders
from indexer.extraction_processes import ExtractionProcesses
from indexer.vectors import IndexedText
from server.ingest import CRAWL_JOB
from server.mcp.rendering import render_libraries
from tests.workshop import WITHOUT_EMBEDDER, Workshop, open_workshop

PAINT = "# Widget paint\n\nMixes crimson pigments for widgets, and dries them quickly.\n"
KNIT = "# Yarn\n\nKnits socks and mittens from wool.\n"


class Shop:
    """Libraries made of one page each, with their topics brought up to date after every change."""

    def __init__(self, workshop: Workshop, folder: Path) -> None:
        self.workshop = workshop
        self.topics = Topics(workshop.database, workshop.store, Embedders(WITHOUT_EMBEDDER, workshop.database))
        self._folder = folder

    async def add(self, library: str, text: str) -> None:
        folder = self._folder / library.strip("/").replace("/", "-")
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "index.md").write_text(text)
        _, crawl = await self.workshop.ingest.add(library, "1.0", recognise_source(str(folder)), CrawlRules())
        await self.workshop.ingest.handlers[CRAWL_JOB](str(crawl.id))
        await self.topics.sync()

    async def resolve(self, wanted: str, query: str = "") -> list[LibraryMatch]:
        return list((await self.workshop.answers.resolve(query or wanted, wanted)).libraries)

    async def points(self) -> int:
        return await self.workshop.store.count(TOPICS)


@pytest.fixture
async def shop(content_database: Database, tmp_path: Path, processes: ExtractionProcesses) -> AsyncGenerator[Shop]:
    async with open_workshop(content_database, tmp_path, processes) as workshop:
        opened = Shop(workshop, tmp_path / "sources")
        await opened.add("/acme/alpha", PAINT)
        await opened.add("/acme/omega", KNIT)
        yield opened


async def test_a_library_no_name_is_near_to_is_found_by_what_it_is_about_and_said_to_be_a_guess(shop: Shop) -> None:
    found = await shop.resolve("crimson pigments for widgets")
    assert [(one.id, one.match) for one in found] == [("/acme/alpha", "topic")]
    text = render_libraries(await shop.workshop.answers.resolve("paint", "crimson pigments for widgets"))
    assert text.startswith("No library has this name. What follows is a guess by topic")


async def test_a_topic_no_library_has_is_honestly_not_found(shop: Shop) -> None:
    for wanted in ("quantum computing simulator", "crimson sunset photography", "pigments", "the of and"):
        assert await shop.resolve(wanted) == []


async def test_a_name_comes_before_any_topic(shop: Shop) -> None:
    await shop.add("/acme/crimson-pigments", "# Ledger\n\nBooks and balances.\n")
    found = await shop.resolve("crimson pigments")
    assert [(one.id, one.match) for one in found] == [("/acme/crimson-pigments", "name")]


async def test_a_topic_follows_its_library(shop: Shop) -> None:
    async with shop.workshop.database.transaction() as connection:
        await connection.execute(
            'update libraries set metadata = metadata || \'{"description": "Weighs parcels in warehouses."}\''
            " where id = '/acme/alpha'"
        )
    await shop.topics.sync()
    assert [one.id for one in await shop.resolve("weighs parcels warehouses")] == ["/acme/alpha"]
    assert await shop.points() == 2, "the point is written over"

    await shop.workshop.ingest.remove(LibraryId("/acme/alpha"))
    assert await shop.resolve("weighs parcels warehouses") == []
    await shop.workshop.indexer.sync_removed()
    assert await shop.points() == 1


async def test_a_library_that_is_removed_while_its_topic_is_written_leaves_no_point(shop: Shop) -> None:
    workshop = shop.workshop

    put_words = workshop.store.put_words

    async def remove_then_put(texts: Sequence[IndexedText]) -> None:
        await workshop.ingest.remove(LibraryId("/acme/alpha"))
        await put_words(texts)

    async with workshop.database.transaction() as connection:
        await connection.execute("update library_topics set revision = revision + 1")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(workshop.store, "put_words", remove_then_put)
        await shop.topics.sync()
    await workshop.indexer.sync_removed()
    assert await shop.points() == 1


async def test_topics_are_no_passages_and_passages_no_topics(shop: Shop) -> None:
    assert await shop.points() == 2
    answer = await shop.workshop.answers.query_docs("/acme/alpha", "crimson pigments", None)
    assert {snippet.source_url for snippet in answer.snippets} == {answer.snippets[0].source_url}
    assert answer.snippets[0].source_url.startswith("folder:")


async def test_private_libraries_have_no_topic(shop: Shop) -> None:
    owner = uuid4()
    async with shop.workshop.database.transaction() as connection:
        await connection.execute(
            "insert into libraries (id, name, owner_id, metadata) values ($1, 'Secret', $2, $3)",
            f"/me/secret~{owner.hex}",
            owner,
            {"description": "Weighs parcels in warehouses."},
        )
    await shop.topics.sync()
    assert await shop.resolve("weighs parcels warehouses") == []
    assert await shop.points() == 2


async def test_libraries_of_one_name_are_ordered_by_what_they_are_wanted_for_then_by_popularity(shop: Shop) -> None:
    await shop.add("/web/ship", "# Ship\n\nServer components and routes for web pages.\n")
    await shop.add("/sea/ship", "# Ship\n\nSails, anchors and cargo of vessels.\n")
    async with shop.workshop.database.transaction() as connection:
        await connection.execute("update libraries set popularity_score = 9 where id = '/sea/ship'")

    async def order(query: str) -> list[str]:
        return [one.id for one in await shop.resolve("ship", query)]

    assert await order("add server components to a page") == ["/web/ship", "/sea/ship"]
    assert await order("load cargo on vessels") == ["/sea/ship", "/web/ship"]
    assert await order("ship") == ["/sea/ship", "/web/ship"], "nothing else tells"
    assert await order("what is it good at") == ["/sea/ship", "/web/ship"]


async def test_a_match_says_how_it_was_found(shop: Shop) -> None:
    assert [(one.id, one.match) for one in await shop.resolve("alpah")] == [("/acme/alpha", "spelling")]
    assert [one.match for one in await shop.resolve("acme")] == ["owner", "owner"]
