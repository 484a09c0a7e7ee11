"""Answers that were given before: when they are given again, and when not."""

import asyncio
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import LiteralString

import pytest

from core.cache import MemoryCache
from core.database import Database
from core.errors import InvalidInput, LibraryNotFound, NotFound, VersionNotFound
from core.library_ids import LibraryId
from indexer.embedding.embedders import Embedders
from indexer.extraction_processes import ExtractionProcesses
from indexer.search.caching import ANSWERS_LIVE, KNOWN_FOR, RESOLUTIONS_LIVE, CachedAnswers
from indexer.search.service import AnswerService
from indexer.settings import IndexerSettings
from tests.answer_desk import REMOVED_WITHIN_SECONDS, Clock, CountedAnswers, Desk, open_desk
from tests.waiting import eventually
from tests.workshop import LIBRARY, WITHOUT_EMBEDDER


@pytest.fixture
async def desk(content_database: Database, tmp_path: Path, processes: ExtractionProcesses) -> AsyncGenerator[Desk]:
    clock = Clock()
    cache = MemoryCache(monotonic=clock)
    async with open_desk(content_database, tmp_path, processes, cache, clock) as opened:
        yield opened


async def test_what_was_answered_is_given_again_without_asking_the_index(desk: Desk) -> None:
    await desk.crawl(a="The colour is crimson.", b="The colour is teal.")
    first = await desk.cached.query_docs(LIBRARY, "colour", None)
    again = await desk.cached.query_docs(LIBRARY.upper(), "  colour ", 3000)
    assert again == first
    assert desk.answers.made == 1


@pytest.mark.parametrize("other", [("colours", None, 1), ("colour", 2999, 1), ("colour", None, 2)])
async def test_another_question_budget_or_page_is_another_answer(
    desk: Desk, other: tuple[str, int | None, int]
) -> None:
    await desk.crawl(**{f"n{number}": f"The colours and the colour {number}. " * 60 for number in range(30)})
    question, tokens, page = other
    for _ in range(2):
        await desk.ask()
        await desk.cached.query_docs(LIBRARY, question, tokens, page)
    assert desk.answers.made == 2


async def test_an_answer_is_forgotten_after_an_hour(desk: Desk) -> None:
    await desk.crawl(a="The colour is crimson.")
    await desk.ask()
    desk.clock.pass_(ANSWERS_LIVE.total_seconds())
    await desk.ask()
    assert desk.answers.made == 2


async def test_a_page_that_is_gone_leaves_the_answers_with_the_crawl_that_missed_it(desk: Desk) -> None:
    await desk.crawl(a="The colour is crimson.", b="The colour is teal.", c="The colour is ochre.", d="A colour.")
    assert "crimson" in await desk.ask()
    await desk.crawl(b="The colour is teal.", c="The colour is ochre.", d="A colour.")
    desk.later()
    assert "crimson" not in await desk.ask()
    assert "teal" in await desk.ask()
    assert desk.answers.made == 2


async def test_a_library_or_version_that_is_removed_answers_no_more(desk: Desk) -> None:
    await desk.crawl("1.0", a="The colour is crimson.")
    await desk.crawl("2.0", a="The colour is teal.")
    old, new = f"{LIBRARY}/1.0", f"{LIBRARY}/2.0"
    assert "crimson" in await desk.ask(library=old)
    assert "teal" in await desk.ask()

    await desk.workshop.ingest.remove(LibraryId(LIBRARY, "2.0"))
    desk.later()
    with pytest.raises(VersionNotFound):
        await desk.ask(library=new)
    assert "crimson" in await desk.ask()

    await desk.workshop.ingest.remove(LibraryId(LIBRARY))
    desk.later()
    for library in (LIBRARY, old):
        with pytest.raises(LibraryNotFound):
            await desk.ask(library=library)


async def test_an_answer_is_made_while_it_is_asked_whether_its_version_is_still_what_it_was(desk: Desk) -> None:
    await desk.crawl(a="The colour is crimson.")
    await desk.ask()
    desk.later()
    desk.answers.found = asyncio.Event()
    asking = asyncio.create_task(desk.ask("which colour"))
    await eventually(lambda: asyncio.sleep(0, desk.answers.made == 2))
    assert not asking.done(), "it is not given before that is known"
    desk.answers.found.set()
    assert "crimson" in await asking


async def test_an_answer_made_of_what_is_gone_meanwhile_is_never_given(desk: Desk) -> None:
    await desk.crawl(a="The colour is crimson.")
    await desk.ask()
    await desk.workshop.ingest.remove(LibraryId(LIBRARY))
    desk.later()
    desk.answers.found, desk.answers.released = asyncio.Event(), asyncio.Event()
    asking = asyncio.create_task(desk.ask("which colour"))
    await eventually(lambda: asyncio.sleep(0, desk.answers.made == 2))
    desk.answers.found.set()
    with pytest.raises(LibraryNotFound):
        await asking


async def test_a_library_added_again_does_not_answer_as_the_one_before_it(desk: Desk) -> None:
    await desk.crawl(a="The colour is crimson.")
    assert "crimson" in await desk.ask()
    await desk.workshop.ingest.remove(LibraryId(LIBRARY))
    await desk.crawl(a="The colour is teal.")
    desk.later()
    assert "crimson" not in await desk.ask()


@pytest.mark.parametrize(
    "state",
    [
        "update library_versions set indexed_at = null",
        "update documentation_chunks set words_indexed_at = null",
        "insert into removed_points (point_id) values (gen_random_uuid())",
    ],
)
async def test_what_an_index_answers_while_it_is_being_changed_is_not_kept(desk: Desk, state: LiteralString) -> None:
    await desk.crawl(a="The colour is crimson.")
    await desk.execute(state)
    for _ in range(2):
        assert "crimson" in await desk.ask()
    assert desk.answers.made == 2


async def test_an_answer_without_all_meanings_is_not_kept(desk: Desk) -> None:
    await desk.crawl(a="The colour is crimson.")
    desk.answers.is_comparing = True
    for _ in range(2):
        await desk.ask()
    assert desk.answers.made == 2

    await desk.execute("update documentation_chunks set embedded_at = now()")
    for _ in range(2):
        await desk.ask()
    assert desk.answers.made == 3


async def test_an_answer_made_while_the_embedder_is_away_is_not_kept(desk: Desk) -> None:
    await desk.crawl(a="The colour is crimson.")
    await desk.execute("update documentation_chunks set embedded_at = now()")
    workshop, settings = desk.workshop, IndexerSettings()
    answers = CountedAnswers(workshop.database, workshop.store, Embedders(settings, workshop.database), settings)
    cached = CachedAnswers(answers, workshop.database, desk.cache, "away")
    for _ in range(2):
        assert (await cached.query_docs(LIBRARY, "colour", None)).notice is not None
    assert answers.made == 2


async def test_errors_are_not_kept(desk: Desk) -> None:
    with pytest.raises(LibraryNotFound):
        await desk.ask()
    await desk.crawl(a="The colour is crimson.")
    assert "crimson" in await desk.ask()
    for _ in range(2):
        with pytest.raises(NotFound, match="no page 7"):
            await desk.ask(page=7)
    assert desk.answers.made == 3
    with pytest.raises(InvalidInput):
        await desk.ask(" ")


async def test_equal_questions_at_once_are_answered_once(desk: Desk) -> None:
    await desk.crawl(a="The colour is crimson.")
    desk.answers.released = asyncio.Event()
    waiting = [asyncio.create_task(desk.ask()) for _ in range(20)]
    await eventually(lambda: asyncio.sleep(0, desk.answers.made))
    waiting[0].cancel()
    desk.answers.released.set()
    texts = await asyncio.gather(*waiting[1:])
    assert len(set(texts)) == desk.answers.made == 1


async def test_what_a_name_means_is_remembered_for_moments(desk: Desk) -> None:
    await desk.crawl(a="The colour is crimson.")
    for _ in range(3):
        assert [found.id for found in (await desk.cached.resolve("x", "site")).libraries] == [LIBRARY]
    assert desk.answers.resolved == 1
    await desk.workshop.ingest.remove(LibraryId(LIBRARY))
    desk.clock.pass_(RESOLUTIONS_LIVE.total_seconds())
    assert (await desk.cached.resolve("x", "site")).libraries == ()
    assert KNOWN_FOR.total_seconds() + RESOLUTIONS_LIVE.total_seconds() < REMOVED_WITHIN_SECONDS


async def test_the_same_index_gives_the_same_answer_to_the_same_question(desk: Desk) -> None:
    await desk.crawl(**{f"n{number}": f"The colour of note {number} is shade{number % 5}." for number in range(30)})
    workshop = desk.workshop
    given: set[tuple[str, ...]] = set()
    for _ in range(3):
        embedder = Embedders(WITHOUT_EMBEDDER, workshop.database)
        answers = AnswerService(workshop.database, workshop.store, embedder, WITHOUT_EMBEDDER)
        pages = [await answers.query_docs(LIBRARY, "colour shade3", 300, page) for page in (1, 2, 3)]
        given.add(tuple(page.text for page in pages))
        shown = [snippet.chunk_id for page in pages for snippet in page.snippets]
        assert len(set(shown)) == len(shown)
    assert len(given) == 1
