"""What is blocked is in no evaluation either."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pytest

from core.database import Database
from core.objects import open_object_store
from crawler.rules import CrawlRules
from crawler.service import recognise_source
from indexer import blocking
from indexer.embedding.embedders import Embedders
from indexer.evaluation.questions import KnownQuestion
from indexer.evaluation.service import EvaluationService, Trial
from indexer.extraction_processes import ExtractionProcesses
from server.ingest import CRAWL_JOB
from tests.workshop import LIBRARY, WITHOUT_EMBEDDER, open_workshop

PAGES = {
    "a.md": "# Widgets\n\nThe colour of the widget is vermilion. Whoever wants to change it looks at "
    "[the kinds of paint](b.md#paint) before painting anything in the house.\n",
    "b.md": "# Colours\n\n## Paint\n\nThe widget takes paint of every colour.\n",
}
QUESTION = KnownQuestion.model_validate(
    {"id": "1", "query": "colour of the widget", "gold": [{"path": "b", "anchor": "paint"}]}
)


@dataclass
class Bench:
    """An evaluation of a library, and what may be blocked of it."""

    database: Database
    evaluation: EvaluationService

    async def block(self, place: str) -> None:
        await blocking.block_place(self.database, LIBRARY, blocking.read_place(place), "It is wrong.", uuid4())

    async def found(self) -> set[str]:
        """What the question finds, and what its answer is made of."""
        outcome = (await self.evaluation.ask(Trial(LIBRARY), [QUESTION])).outcomes[0]
        return {*outcome.found, *outcome.answered}


@pytest.fixture
async def bench(content_database: Database, tmp_path: Path) -> AsyncGenerator[Bench]:
    source = recognise_source(write_pages(tmp_path / "docs"))
    async with ExtractionProcesses(1) as processes, open_workshop(content_database, tmp_path, processes) as workshop:
        _, crawl = await workshop.ingest.add(LIBRARY, "1.0", source, CrawlRules())
        await workshop.ingest.handlers[CRAWL_JOB](str(crawl.id))
        yield Bench(
            content_database,
            EvaluationService(
                content_database,
                open_object_store(str(tmp_path / "snapshots")),
                workshop.store,
                Embedders(WITHOUT_EMBEDDER, content_database),
                workshop.answers,
                processes,
                WITHOUT_EMBEDDER,
            ),
        )


async def test_a_blocked_page_is_found_by_no_question_and_makes_none(bench: Bench) -> None:
    assert "folder://docs/a.md#widgets" in await bench.found()
    assert (await bench.evaluation.make(LIBRARY, 10)).questions
    await bench.block("folder://docs/a.md")
    assert await bench.found() == {"folder://docs/b.md#paint"}
    assert not (await bench.evaluation.make(LIBRARY, 10)).questions


async def test_a_blocked_section_is_found_by_no_question(bench: Bench) -> None:
    await bench.block("folder://docs/b.md#paint")
    assert await bench.found() == {"folder://docs/a.md#widgets"}


def write_pages(folder: Path) -> str:
    folder.mkdir()
    for name, text in PAGES.items():
        (folder / name).write_text(text)
    return str(folder)
