"""An index of a folder that is asked through a cache, for tests of what is answered again and what is not."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import LiteralString
from uuid import UUID

from core.cache import Cache
from core.database import Database
from core.library_ids import LibraryId
from crawler.rules import CrawlRules
from crawler.service import recognise_source
from indexer.answers import DocsAnswer, Resolution
from indexer.embedding.embedders import Embedders
from indexer.extraction_processes import ExtractionProcesses
from indexer.queries.versions import LibraryVersion
from indexer.search.caching import KNOWN_FOR, CachedAnswers
from indexer.search.service import AnswerService, DocsRequest
from server.ingest import CRAWL_JOB
from tests.cached_reader import RECIPE
from tests.workshop import LIBRARY, WITHOUT_EMBEDDER, Workshop, open_workshop

REMOVED_WITHIN_SECONDS = 5
"""How long an answer may hold what was removed."""


@dataclass
class Clock:
    """Seconds that pass when told to."""

    now: float = 1000.0

    def __call__(self) -> float:
        return self.now

    def pass_(self, seconds: float) -> None:
        self.now += seconds


class CountedAnswers(AnswerService):
    """The answer service, counting what it is asked; `released` holds answers back, `found` what an id means."""

    made = 0
    resolved = 0
    is_comparing = False
    released: asyncio.Event | None = None
    found: asyncio.Event | None = None

    @property
    def compares_meanings(self) -> bool:
        return self.is_comparing or super().compares_meanings

    async def answer(self, version: LibraryVersion, request: DocsRequest) -> DocsAnswer:
        self.made += 1
        if self.released is not None:
            await self.released.wait()
        return await super().answer(version, request)

    async def version(self, wanted: LibraryId, viewer: UUID | None = None) -> LibraryVersion:
        if self.found is not None:
            await self.found.wait()
        return await super().version(wanted, viewer)

    async def resolve(self, query: str, library_name: str, *, viewer: UUID | None = None) -> Resolution:
        self.resolved += 1
        return await super().resolve(query, library_name, viewer=viewer)


@dataclass
class Desk:
    """An index of a folder, asked through a cache."""

    workshop: Workshop
    folder: Path
    answers: CountedAnswers
    cached: CachedAnswers
    clock: Clock
    cache: Cache
    versions: dict[str, UUID] = field(default_factory=dict[str, UUID])

    async def crawl(self, version: str = "1.0", **notes: str) -> None:
        """Has the folder hold these notes and nothing else, and indexes it."""
        self.folder.mkdir(exist_ok=True)
        for file in self.folder.iterdir():
            file.unlink()
        for name, text in notes.items():
            (self.folder / f"{name}.md").write_text(f"# About {name}\n\n{text}\n")
        ingest = self.workshop.ingest
        added, crawl = await ingest.add(LIBRARY, version, recognise_source(str(self.folder)), CrawlRules())
        await ingest.handlers[CRAWL_JOB](str(crawl.id))
        self.versions[version] = added.id

    async def ask(self, question: str = "colour", library: str = LIBRARY, *, page: int = 1) -> str:
        return (await self.cached.query_docs(library, question, None, page)).text

    async def execute(self, statement: LiteralString) -> None:
        async with self.workshop.database.connection() as connection:
            await connection.execute(statement)

    def later(self) -> None:
        """Lets as much time pass as a version may be remembered."""
        self.clock.pass_(KNOWN_FOR.total_seconds())


@asynccontextmanager
async def open_desk(
    database: Database, folder: Path, processes: ExtractionProcesses, cache: Cache, clock: Clock
) -> AsyncGenerator[Desk]:
    async with open_workshop(database, folder, processes) as workshop:
        answers = CountedAnswers(database, workshop.store, Embedders(WITHOUT_EMBEDDER, database), WITHOUT_EMBEDDER)
        cached = CachedAnswers(answers, database, cache, RECIPE, monotonic=clock)
        yield Desk(workshop, folder / "notes", answers, cached, clock, cache)
