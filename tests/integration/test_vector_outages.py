"""A Qdrant server that is away, fails or breaks off, at any request of any call: it is named, and nothing is lost."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from inspect import iscoroutinefunction
from pathlib import Path
from uuid import UUID, uuid5

import numpy as np
import pytest

from core.database import Database
from core.errors import LibraryNotFound, Unavailable
from core.library_ids import LibraryId
from indexer.extraction_processes import ExtractionProcesses
from indexer.vectors import IndexedText, Meaning, VectorStore
from indexer.vectors.server import ServerStore
from indexer.vectors.store import DENSE
from server.crawl_job import CRAWL_JOB
from tests.crawl_site import Site
from tests.qdrant_double import Mood, QdrantDouble, running_qdrant
from tests.workshop import LIBRARY, Workshop, open_workshop, write_pages

VERSION = uuid5(UUID(int=0), "version")
POINT = uuid5(VERSION, "point")
MEANING: Meaning = np.asarray([0, 1, 0], np.float32)
TEXT = IndexedText(POINT, "open a file", "open", ("open",), {"version_id": str(VERSION), "chunk_text": "open a file"})
MOST_REQUESTS = 10

Call = Callable[[VectorStore], Awaitable[object]]
CALLS: dict[str, Call] = {
    "put_words": lambda store: store.put_words([TEXT]),
    "add_space": lambda store: store.add_space("new", 3),
    "drop_space": lambda store: store.drop_space("old"),
    "put_meanings": lambda store: store.put_meanings({POINT: MEANING}),
    "meanings": lambda store: store.meanings([POINT]),
    "delete": lambda store: store.delete([POINT]),
    "best_by_words": lambda store: store.best_by_words(VERSION, "how to open a file", 1),
    "candidates": lambda store: store.candidates(VERSION, "how to open a file", MEANING, 1),
    "payloads": lambda store: store.payloads([POINT]),
    "count": lambda store: store.count(VERSION),
}


@pytest.fixture
async def double() -> AsyncGenerator[QdrantDouble]:
    async with running_qdrant() as double:
        yield double


@pytest.fixture
async def workshop(
    content_database: Database, tmp_path: Path, processes: ExtractionProcesses, double: QdrantDouble
) -> AsyncGenerator[Workshop]:
    async with open_workshop(content_database, tmp_path, processes, double.url) as opened:
        yield opened


async def open_filled(double: QdrantDouble) -> ServerStore:
    store = await ServerStore.open(double.url, None, "lectern")
    await store.add_space(DENSE, 3)
    await store.add_space("old", 3)
    await store.put_words([TEXT])
    return store


def test_every_call_of_a_store_is_tried_below() -> None:
    calls = {name for name, member in vars(VectorStore).items() if iscoroutinefunction(member)}
    assert calls - {"optimize"} == set(CALLS), "a server optimises by itself"


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize("mood", [Mood.FAILING, Mood.RESETTING, Mood.BUSY, Mood.UNAUTHORIZED, Mood.GARBLED])
async def test_a_call_says_that_the_store_is_unavailable_at_whichever_request_it_fails(
    double: QdrantDouble, mood: Mood, name: str
) -> None:
    store = await open_filled(double)
    assert await count_failures(double, mood, lambda: CALLS[name](store)) > 0
    await store.close()


async def count_failures(double: QdrantDouble, mood: Mood, call: Callable[[], Awaitable[object]]) -> int:
    """Makes a call that fails at its first request, then at its second, and so on, until there is none to fail at."""
    for answered in range(MOST_REQUESTS):
        double.patience, double.mood = answered, mood
        try:
            await call()
        except Unavailable:
            continue
        return answered
    pytest.fail("It never came to an end.")


@pytest.mark.parametrize("name", CALLS)
async def test_a_server_that_is_gone_is_unavailable(name: str) -> None:
    async with running_qdrant() as double:
        store = await open_filled(double)
    with pytest.raises(Unavailable):
        await CALLS[name](store)
    await store.close()


async def test_a_collection_that_was_begun_when_the_server_failed_is_completed_when_it_is_opened_again(
    double: QdrantDouble,
) -> None:
    double.mood = Mood.RESETTING
    for answered in range(4):  # is it there, its creation, its layout, the first index
        double.patience = answered
        with pytest.raises(Unavailable, match="Check QDRANT_URL"):
            await ServerStore.open(double.url, None, "lectern")
    double.mood = Mood.WELL
    await (await ServerStore.open(double.url, None, "lectern")).close()
    assert set(double.indexes["lectern"]) == {"version_id", "library_id", "content_type", "code_language"}


async def test_a_crawl_whose_words_cannot_be_written_is_paused_and_goes_on(
    workshop: Workshop, double: QdrantDouble, site: Site
) -> None:
    write_pages(site, 3)
    crawl = await workshop.add(site.url)
    double.mood = Mood.RESETTING
    with pytest.raises(Unavailable) as outage:
        await workshop.work(crawl)
    await workshop.ingest.give_up(CRAWL_JOB, str(crawl.id), outage.value)
    assert (await workshop.crawl(crawl.id)).status == "paused"

    double.mood = Mood.WELL
    await workshop.ingest.resume(crawl.id)
    assert (await workshop.work(crawl)).status == "completed"
    assert "shade2" in await workshop.ask("colour of widget 2")
    assert len(double.payloads()) == await workshop.count()


async def remove_in_an_outage(workshop: Workshop, double: QdrantDouble, site: Site) -> None:
    """Crawls the library, and removes it while the store does not answer."""
    write_pages(site, 3)
    await workshop.work(await workshop.add(site.url))
    double.mood = Mood.FAILING
    await workshop.ingest.remove(LibraryId(LIBRARY))


async def test_a_library_that_is_removed_while_the_store_is_away_leaves_it_later(
    workshop: Workshop, double: QdrantDouble, site: Site
) -> None:
    await remove_in_an_outage(workshop, double, site)
    with pytest.raises(LibraryNotFound):
        await workshop.ingest.remove(LibraryId(LIBRARY))
    assert len(double.payloads()) == 4

    double.mood = Mood.WELL
    await workshop.indexer.sync_removed()
    assert double.payloads() == []


async def test_what_was_to_be_removed_while_the_store_was_away_and_is_added_again_stays(
    workshop: Workshop, double: QdrantDouble, site: Site
) -> None:
    await remove_in_an_outage(workshop, double, site)
    double.mood = Mood.WELL
    assert (await workshop.work(await workshop.add(site.url))).status == "completed"

    await workshop.indexer.sync_removed()
    assert len(double.payloads()) == await workshop.count() == 4
    assert "shade2" in await workshop.ask("colour of widget 2")
