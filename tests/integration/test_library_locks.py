"""Who writes one library at the same time: nobody waits for one who waits for him, and askers wait for nobody."""

import asyncio
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from core.clock import utc_now
from core.database import Database
from core.errors import Unavailable
from crawler.records import Crawl
from indexer.catalogue import catalogue
from indexer.extraction_processes import ExtractionProcesses
from indexer.queries import chunks as chunk_queries
from indexer.queries import embedding_models, embedding_queue
from indexer.queries import libraries as library_queries
from indexer.queries.embedding_queue import WaitingChunk
from indexer.queries.versions import LibraryVersion
from indexer.search.askings import Askings
from tests.embedding_rig import chunk_row
from tests.waiting import eventually
from tests.workshop import Workshop, open_workshop

LIBRARY = "/acme/site"
TEXTS = ("The first passage.", "The second passage.")


async def test_noting_what_is_asked_waits_for_nobody(content_database: Database) -> None:
    version = await add(content_database)
    askings = Askings(content_database)
    askings.note(version.id)
    async with content_database.transaction() as connection:
        await library_queries.lock_library(connection, LIBRARY)
        async with asyncio.timeout(10):
            await askings.write()
    assert await value(content_database, "select popularity_score from libraries") == 0


async def test_a_library_can_be_removed_while_it_is_embedded(content_database: Database) -> None:
    version = await add(content_database)
    first, second = await passages(content_database, version)
    async with content_database.transaction() as connection:
        # The second first: whoever removes them begins with the first.
        await embedding_queue.mark_embedded(connection, 1, [second])
        removing = asyncio.create_task(remove(content_database))
        await eventually(lambda: is_somebody_waiting(content_database))
        await embedding_queue.mark_embedded(connection, 1, [first])
    await removing
    assert await value(content_database, "select count(*) from documentation_chunks") == 0
    assert await value(content_database, "select count(*) from removed_points where pod_owner_id is null") >= len(TEXTS)


async def test_a_passage_added_while_its_library_is_removed_leaves_no_point(content_database: Database) -> None:
    version = await add(content_database)
    row = chunk_row(version.id, 0, TEXTS[0])
    async with content_database.transaction() as connection:
        await chunk_queries.insert_chunks(connection, version.id, uuid4(), [row], is_published=True)
        removing = asyncio.create_task(remove(content_database))
        await eventually(lambda: is_somebody_waiting(content_database))
    await removing
    assert await value(content_database, "select count(*) from removed_points where point_id = $1", row.id) == 1


async def test_a_library_can_be_removed_while_a_crawl_writes_its_first_pages(
    content_database: Database, tmp_path: Path
) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "a.md").write_text("# Widgets\n\nWidgets draw what there is to see.\n")
    async with ExtractionProcesses(1) as processes, open_workshop(content_database, tmp_path, processes) as workshop:
        crawl = await workshop.add(str(tmp_path / "docs"))
        async with content_database.transaction() as connection:
            await library_queries.lock_library(connection, LIBRARY)
            working = workshop.start(crawl)
            await eventually(lambda: is_somebody_waiting(content_database))
            await library_queries.delete_library(connection, LIBRARY)
        (ending,) = await asyncio.gather(working, return_exceptions=True)
        assert not isinstance(ending, Unavailable)
    assert await value(content_database, "select count(*) from documentation_chunks") == 0


@pytest.mark.parametrize("begins_with", [0, 1], ids=["first", "second"])
async def test_a_crawl_takes_over_while_its_passages_are_embedded(
    content_database: Database, workshop: Workshop, tmp_path: Path, begins_with: int
) -> None:
    crawl = await crawled(workshop, tmp_path)
    chunks = await waiting(content_database, crawl.library_version_id)
    async with content_database.transaction() as connection:
        # As where the links of a page have changed.
        await connection.execute("update documentation_chunks set prominence = 0.9")
        await connection.execute("update library_versions set links_digest = null")
    async with content_database.transaction() as connection:
        await embedding_queue.mark_embedded(connection, 1, [chunks[begins_with]])
        publishing = asyncio.create_task(workshop.indexer.publish(crawl.library_version_id, crawl.id))
        await eventually(lambda: is_somebody_waiting(content_database))
        await embedding_queue.mark_embedded(connection, 1, [chunks[1 - begins_with]])
    assert (await publishing).chunks == len(chunks)


@pytest.mark.parametrize("begins_with", [0, 1], ids=["first", "second"])
async def test_passages_are_seen_again_while_they_are_embedded(
    content_database: Database, workshop: Workshop, tmp_path: Path, begins_with: int
) -> None:
    crawl = await crawled(workshop, tmp_path)
    chunks = await waiting(content_database, crawl.library_version_id)
    async with content_database.connection() as connection:
        version = await catalogue.version_by_id(connection, crawl.library_version_id)
    again = await workshop.ingest.reindex(version)
    async with content_database.transaction() as connection:
        await embedding_queue.mark_embedded(connection, 1, [chunks[begins_with]])
        working = workshop.start(again)
        await eventually(lambda: is_somebody_waiting(content_database))
        await embedding_queue.mark_embedded(connection, 1, [chunks[1 - begins_with]])
    await working
    assert (await workshop.crawl(again.id)).status == "completed"


async def crawled(workshop: Workshop, folder: Path) -> Crawl:
    """A library of one page with two passages, which answers by words."""
    (folder / "docs").mkdir()
    (folder / "docs" / "a.md").write_text(
        f"# Widgets\n\n{'Widgets draw. ' * 90}\n\n## Sails\n\n{'Sails pull. ' * 90}\n"
    )
    return await workshop.work(await workshop.add(str(folder / "docs")))


async def waiting(database: Database, version_id: UUID) -> list[WaitingChunk]:
    """What is to be embedded, as it is claimed."""
    async with database.transaction() as connection:
        await embedding_models.insert_model(connection, "hashes", "", 8, "dense")
        await connection.execute("update library_versions set embedding_model = 1")
        chunks = await embedding_queue.claim_chunks(connection, 1, uuid4(), 10, timedelta(seconds=60))
    assert len(chunks) == len(TEXTS), version_id
    return sorted(chunks, key=lambda chunk: chunk.id)


async def add(database: Database) -> LibraryVersion:
    async with database.transaction() as connection:
        return await catalogue.add_version(connection, LIBRARY, "1")


async def passages(database: Database, version: LibraryVersion) -> list[WaitingChunk]:
    """Passages of a version that answers by meaning already, as they are claimed."""
    rows, now = [chunk_row(version.id, number, text) for number, text in enumerate(TEXTS)], utc_now()
    async with database.transaction() as connection:
        await embedding_models.insert_model(connection, "hashes", "", 8, "dense")
        await chunk_queries.insert_chunks(connection, version.id, uuid4(), rows, is_published=True)
        await chunk_queries.mark_words_indexed(connection, [row.id for row in rows], now)
        await connection.execute("update library_versions set embedding_model = 1")
    return [WaitingChunk(row.id, version.id, row.id, row.content, row.metadata, now) for row in rows]


async def remove(database: Database) -> None:
    async with database.transaction() as connection:
        await library_queries.delete_library(connection, LIBRARY)


async def is_somebody_waiting(database: Database) -> bool:
    waiting = "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
    return await value(database, waiting) > 0


async def value(database: Database, statement: str, *arguments: object) -> int:
    async with database.connection() as connection:
        return await connection.fetchval(statement, *arguments)  # pyright: ignore[reportArgumentType] - a literal above
