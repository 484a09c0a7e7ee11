"""From a folder to an index that answers, on the real database and the real engine; without the embedding process."""

import os
import signal
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import numpy as np
import pytest

from core.database import Database
from core.errors import LibraryNotFound, VersionNotFound
from core.library_ids import LibraryId
from crawler.rules import CrawlRules
from crawler.service import recognise_source
from indexer import indexing
from indexer.embedding.embedders import Embedders
from indexer.extraction_processes import ExtractionProcesses
from indexer.search.service import AnswerService
from indexer.settings import IndexerSettings
from server.ingest import CRAWL_JOB
from tests.workshop import LIBRARY, Workshop, open_workshop


@dataclass
class Notes(Workshop):
    """An index of a folder of notes."""

    folder: Path

    def write(self, name: str, text: str) -> None:
        self.folder.mkdir(exist_ok=True)
        (self.folder / name).write_text(text)

    def write_notes(self, count: int) -> None:
        for number in range(count):
            self.write(f"note{number}.md", f"# Note {number}\n\nThe colour of note {number} is shade{number}.\n")

    async def refresh(self, version: str = "1.0") -> UUID:
        """Adds or refreshes the library and does the job at once; gives the version's id."""
        source = recognise_source(str(self.folder))
        added, crawl = await self.ingest.add(LIBRARY, version, source, CrawlRules())
        await self.ingest.handlers[CRAWL_JOB](str(crawl.id))
        return added.id

    async def last_crawl(self) -> tuple[str, str | None]:
        async with self.database.connection() as connection:
            row = await connection.fetchrow("select status, reason from crawls order by created_at desc limit 1")
        assert row is not None
        return row["status"], row["reason"]

    async def ask(self, question: str, library: str = LIBRARY) -> str:
        return (await self.answers.query_docs(library, question, None)).text


@pytest.fixture
async def workshop(content_database: Database, tmp_path: Path, processes: ExtractionProcesses) -> AsyncGenerator[Notes]:
    async with open_workshop(content_database, tmp_path, processes) as opened:
        yield Notes(**vars(opened), folder=tmp_path / "notes")


async def test_a_folder_is_answered_from_with_its_sources(workshop: Notes) -> None:
    workshop.write_notes(3)
    await workshop.refresh()
    text = await workshop.ask("shade2")
    assert "Source: folder://notes/note2.md#note-2" in text.split("\n\n---")[0]
    assert await workshop.last_crawl() == ("completed", None)


async def test_an_unchanged_passage_keeps_its_vector_and_a_changed_one_does_not(workshop: Notes) -> None:
    workshop.write_notes(4)
    version_id = await workshop.refresh()
    async with workshop.database.connection() as connection:
        rows = await connection.fetch("select id from documentation_chunks")
        await workshop.store.put_meanings({row["id"]: np.ones(384, np.float32) / 384**0.5 for row in rows})
        await connection.execute("update documentation_chunks set embedded_at = now()")

    workshop.write("note1.md", "# Note 1\n\nThe colour of note 1 is crimson now.\n")
    assert await workshop.refresh() == version_id

    counts = await workshop.indexer.counts(version_id)
    assert (counts.chunks, counts.with_words, counts.with_meaning) == (4, 4, 3)
    assert "crimson" in await workshop.ask("colour of note 1")
    assert "shade1." not in await workshop.ask("shade1 colour")
    assert await workshop.store.count(version_id) == 4


async def test_a_passage_that_moves_within_its_page_says_where_it_is_now_and_keeps_its_vector(
    workshop: Notes,
) -> None:
    section = "## {0}\n\n" + "Of {0} there is much to say, and each word of it is here to make this a section. " * 9
    workshop.write("note.md", "# Note\n\n" + section.format("Ochre"))
    version_id = await workshop.refresh()
    (ochre,) = await places(workshop)
    await workshop.store.put_meanings({ochre: np.ones(384, np.float32) / 384**0.5})
    async with workshop.database.connection() as connection:
        await connection.execute("update documentation_chunks set embedded_at = now()")

    workshop.write("note.md", "# Note\n\n" + "\n\n".join(section.format(word) for word in ("Umber", "Ochre")))
    await workshop.refresh()
    assert (await places(workshop))[ochre] == 1
    counts = await workshop.indexer.counts(version_id)
    assert (counts.chunks, counts.with_words, counts.with_meaning) == (2, 2, 1)


async def places(workshop: Notes) -> dict[UUID, int]:
    """Gives which passage of its page each is, as the vector store has it."""
    async with workshop.database.connection() as connection:
        rows = await connection.fetch("select id from documentation_chunks")
    payloads = await workshop.store.payloads([row["id"] for row in rows])
    return {id_: payload["chunk_index"] for id_, payload in payloads.items()}


async def test_a_crawl_that_lost_most_of_the_pages_does_not_replace_the_one_before(workshop: Notes) -> None:
    workshop.write_notes(10)
    await workshop.refresh()
    for number in range(2, 10):
        (workshop.folder / f"note{number}.md").unlink()

    await workshop.refresh()
    status, reason = await workshop.last_crawl()
    assert status == "failed"
    assert reason is not None
    assert "2 passages where 10 answer now" in reason
    assert "shade9" in await workshop.ask("shade9")


async def test_pages_that_are_gone_answer_no_more(workshop: Notes) -> None:
    workshop.write_notes(10)
    version_id = await workshop.refresh()
    (workshop.folder / "note9.md").unlink()
    await workshop.refresh()
    assert await workshop.store.count(version_id) == 9
    assert "shade9" not in await workshop.ask("the colour of a note")


async def test_a_page_that_is_another_one_byte_for_byte_is_indexed_once(workshop: Notes) -> None:
    workshop.write_notes(3)
    workshop.write("a-copy-of-note1.md", (workshop.folder / "note1.md").read_text())
    version_id = await workshop.refresh()
    assert (await workshop.indexer.counts(version_id)).chunks == 3
    assert "note1.md#" in await workshop.ask("shade1")


async def test_what_the_vector_store_missed_is_made_good_at_the_next_start(workshop: Notes) -> None:
    workshop.write_notes(3)
    version_id = await workshop.refresh()
    async with workshop.database.connection() as connection:
        # As if killed between the commit of the chunks and the writing of their points.
        await connection.execute("update documentation_chunks set words_indexed_at = null")
        lost = await connection.fetchval("select id from documentation_chunks order by id limit 1")
        await connection.execute("insert into removed_points (point_id) values ($1)", UUID(int=7))
    await workshop.store.delete([lost])

    await workshop.ingest.recover()
    assert await workshop.store.count(version_id) == 3
    async with workshop.database.connection() as connection:
        assert await connection.fetchval("select count(*) from removed_points") == 0


async def test_a_killed_extraction_process_is_replaced(workshop: Notes, processes: ExtractionProcesses) -> None:
    os.kill(await processes.run(os.getpid), signal.SIGKILL)
    workshop.write_notes(2)
    await workshop.refresh()
    assert "shade1" in await workshop.ask("shade1")


async def test_versions_are_not_mixed_and_a_partial_one_means_its_newest(workshop: Notes) -> None:
    for version, shade in (("1.9", "old"), ("1.10", "new"), ("2.0", "newest")):
        workshop.write("note.md", f"# Note\n\nThe colour is {shade}shade.\n")
        await workshop.refresh(version)
    assert "newshade" in await workshop.ask("colour", f"{LIBRARY}/1")
    assert "oldshade" in await workshop.ask("colour", f"{LIBRARY}@1.9")
    assert "newestshade" in await workshop.ask("colour")
    with pytest.raises(VersionNotFound) as failure:
        await workshop.ask("colour", f"{LIBRARY}/3")
    assert failure.value.versions == ("2.0", "1.10", "1.9")


async def test_an_id_in_other_letters_finds_the_library_and_an_unknown_one_names_its_like(workshop: Notes) -> None:
    workshop.write_notes(1)
    await workshop.refresh()
    assert "shade0" in await workshop.ask("colour", "/Acme/Site")
    with pytest.raises(LibraryNotFound) as failure:
        await workshop.ask("colour", "/acme/sit")
    assert failure.value.similar == (LIBRARY,)


async def test_a_removed_library_leaves_nothing_in_the_store(workshop: Notes) -> None:
    workshop.write_notes(2)
    version_id = await workshop.refresh()
    await workshop.ingest.remove(LibraryId(LIBRARY))
    assert await workshop.store.count(version_id) == 0
    with pytest.raises(LibraryNotFound):
        await workshop.ask("colour")


async def test_pages_without_any_text_fail_the_crawl_with_what_was_seen(workshop: Notes) -> None:
    workshop.write("empty.html", "<html><body><script>render()</script><div id='root'></div></body></html>")
    await workshop.refresh()
    status, reason = await workshop.last_crawl()
    assert status == "failed"
    assert reason is not None
    assert reason.startswith("No documentation was found on any page")


async def test_while_the_embedder_is_away_the_answer_says_that_it_compares_words(workshop: Notes) -> None:
    workshop.write_notes(1)
    await workshop.refresh()
    away = Embedders(IndexerSettings(), workshop.database)
    answers = AnswerService(workshop.database, workshop.store, away, IndexerSettings())
    answer = await answers.query_docs(LIBRARY, "colour", None)
    assert not answer.uses_meaning
    assert answer.notice is not None
    assert "words only" in answer.notice
    assert "words only" not in answer.text


async def test_the_budget_holds_for_the_whole_answer(workshop: Notes) -> None:
    workshop.write_notes(30)
    await workshop.refresh()
    answer = await workshop.answers.query_docs(LIBRARY, "the colour of a note", 150)
    assert 0 < answer.token_count <= 150
    assert len(answer.snippets) > 1


async def test_what_a_large_crawl_writes_is_put_away_before_it_ends(
    workshop: Notes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(indexing, "_PASSAGES_PER_OPTIMIZATION", 2)
    publishing_then: list[int] = []
    optimize = workshop.store.optimize

    async def note() -> None:
        async with workshop.database.connection() as connection:
            count = "select count(*) from crawls where status = 'completed' or publishing_at is not null"
            publishing_then.append(await connection.fetchval(count))
        await optimize()

    monkeypatch.setattr(workshop.store, "optimize", note)
    workshop.write_notes(3)
    await workshop.refresh()
    assert publishing_then == [0, 1]
