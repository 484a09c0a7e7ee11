"""A vector store that is made anew, or is another one, fills itself from the database."""

import shutil
from pathlib import Path
from typing import LiteralString
from uuid import UUID

import pytest

from core.database import Database
from core.errors import Misconfigured, NotFound, Unavailable
from crawler.rules import CrawlRules
from crawler.service import recognise_source
from indexer.catalogue import catalogue
from indexer.catalogue.topics import TOPICS, Topics
from indexer.embedding.embedders import Embedders
from indexer.extraction_processes import ExtractionProcesses
from indexer.vectors import open_vector_store
from server.ingest import CRAWL_JOB
from tests.embedding_rig import ModelOfHashes, open_rig, working
from tests.qdrant_double import running_qdrant
from tests.workshop import LIBRARY, WITHOUT_EMBEDDER, Workshop, open_workshop

QUESTION = "which colour has the widget"
TEXTS = ["The first passage.", "The second passage.", "The third passage."]


async def test_a_store_that_was_made_anew_is_filled_when_the_product_starts(
    content_database: Database, tmp_path: Path
) -> None:
    async with ExtractionProcesses(1) as processes:
        async with open_workshop(content_database, tmp_path, processes) as workshop:
            await crawl(workshop, tmp_path / "docs")
            assert "vermilion" in await workshop.ask(QUESTION)
        shutil.rmtree(tmp_path / "vectors")
        async with open_workshop(content_database, tmp_path, processes) as workshop:
            with pytest.raises(NotFound):
                await workshop.ask(QUESTION)
            await workshop.ingest.restore_lost()
            assert "vermilion" in await workshop.ask(QUESTION)


async def test_what_could_not_be_written_is_when_the_store_answers_again(
    content_database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with ExtractionProcesses(1) as processes, open_workshop(content_database, tmp_path, processes) as workshop:
        await crawl(workshop, tmp_path / "docs")
        await workshop.store.delete(await passages(content_database))
        with monkeypatch.context() as patch:
            patch.setattr(workshop.store, "put_words", refuse)
            with pytest.raises(Unavailable):
                await workshop.ingest.restore_lost()
        await workshop.ingest.restore_lost()
        assert "vermilion" in await workshop.ask(QUESTION)


async def test_every_version_is_looked_at(
    content_database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.ingest._LOOKED_AT", 1)
    async with ExtractionProcesses(1) as processes, open_workshop(content_database, tmp_path, processes) as workshop:
        for library in ("/acme/first", "/acme/second", "/acme/third"):
            await crawl(workshop, tmp_path / "docs", library)
        versions = await values(content_database, "select id from library_versions order by id")
        lost = await values(
            content_database, "select id from documentation_chunks where library_version_id = $1", versions[-1]
        )
        await workshop.store.delete(lost)
        await workshop.ingest.restore_lost()
        assert await workshop.store.count(versions[-1]) == len(lost)


async def test_a_store_that_is_whole_is_asked_once_however_many_versions_it_has(
    content_database: Database, tmp_path: Path
) -> None:
    async with open_rig(content_database, tmp_path) as rig:
        first = await rig.add("/acme/first", TEXTS)
        await rig.add("/acme/second", TEXTS)
        assert await rig.store.count() == 2 * len(TEXTS)
        assert not await rig.indexer.may_have_lost()
        lost = await values(
            content_database, "select id from documentation_chunks where library_version_id = $1 limit 1", first.id
        )
        await rig.store.delete(lost)
        assert await rig.indexer.may_have_lost()


async def test_passages_removed_while_the_store_counts_are_not_lost(
    content_database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_rig(content_database, tmp_path) as rig:
        version = await rig.add("/acme/site", TEXTS)
        count = rig.store.count

        async def count_late(version_id: UUID) -> int:
            gone = await values(content_database, "delete from documentation_chunks where chunk_index = 0 returning id")
            await rig.store.delete(gone)
            return await count(version_id)

        monkeypatch.setattr(rig.store, "count", count_late)
        assert not await rig.indexer.restore_lost(version.id)


async def test_an_index_goes_on_answering_from_a_server_after_the_embedded_store(
    content_database: Database, tmp_path: Path
) -> None:
    async with ExtractionProcesses(1) as processes, running_qdrant() as qdrant:
        async with open_workshop(content_database, tmp_path, processes) as workshop:
            await crawl(workshop, tmp_path / "docs")
        async with open_workshop(content_database, tmp_path, processes, qdrant.url) as workshop:
            await workshop.ingest.restore_lost()
            assert "vermilion" in await workshop.ask(QUESTION)


async def test_a_refresh_brings_back_what_the_store_lost(content_database: Database, tmp_path: Path) -> None:
    async with ExtractionProcesses(1) as processes, open_workshop(content_database, tmp_path, processes) as workshop:
        await crawl(workshop, tmp_path / "docs")
        await workshop.store.delete(await passages(content_database))
        await crawl(workshop, tmp_path / "docs")
        assert "vermilion" in await workshop.ask(QUESTION)


async def test_nothing_is_written_anew_while_the_store_is_whole(content_database: Database, tmp_path: Path) -> None:
    async with open_rig(content_database, tmp_path) as rig:
        version = await rig.add("/acme/site", TEXTS)
        assert not await rig.indexer.restore_lost(version.id)


async def test_meanings_come_back_as_well(content_database: Database, tmp_path: Path) -> None:
    model = ModelOfHashes()
    async with open_rig(content_database, tmp_path) as rig:
        version = await rig.add("/acme/site", TEXTS)
        async with working(rig.worker(model)):
            await rig.until_settled()
    shutil.rmtree(tmp_path / "vectors")
    async with open_rig(content_database, tmp_path) as rig:
        assert await rig.indexer.restore_lost(version.id)
        async with working(rig.worker(model)):
            await rig.until_settled()
        assert (await rig.vectors(version.id)).keys() == set(TEXTS)


async def test_what_libraries_are_about_comes_back_as_well(content_database: Database, tmp_path: Path) -> None:
    async with content_database.transaction() as connection:
        await catalogue.add_version(connection, "/acme/paint", "1")
    embedder = Embedders(WITHOUT_EMBEDDER, content_database)
    for folder in ("before", "after"):
        async with open_vector_store(tmp_path / folder, url=None, api_key=None, collection="unused") as store:
            await Topics(content_database, store, embedder).sync()
            assert await store.count(TOPICS) == 1


async def test_a_broken_folder_is_named_with_the_way_out(tmp_path: Path) -> None:
    async with open_vector_store(tmp_path, dimension=8, url=None, api_key=None, collection="unused"):
        pass
    (tmp_path / "edge_config.json").write_bytes(b"")
    with pytest.raises(Misconfigured, match="remove that folder"):
        async with open_vector_store(tmp_path, url=None, api_key=None, collection="unused"):
            pass


def write_page(folder: Path) -> str:
    folder.mkdir(exist_ok=True)
    (folder / "a.md").write_text("# Widgets\n\nThe colour of the widget is vermilion.\n")
    return str(folder)


async def crawl(workshop: Workshop, folder: Path, library: str = LIBRARY) -> None:
    _, started = await workshop.ingest.add(library, "1.0", recognise_source(write_page(folder)), CrawlRules())
    await workshop.ingest.handlers[CRAWL_JOB](str(started.id))


async def refuse(_texts: object) -> None:
    raise Unavailable("The store does not answer.")


async def passages(database: Database) -> list[UUID]:
    return await values(database, "select id from documentation_chunks")


async def values(database: Database, statement: LiteralString, *arguments: object) -> list[UUID]:
    async with database.connection() as connection:
        rows = await connection.fetch(statement, *arguments)
    assert rows
    return [row["id"] for row in rows]
