"""What is removed or blocked while questions run, in several tasks and processes, is gone soon and stays away."""

import asyncio
import json
import sys
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from pydantic import SecretStr

from core.cache import open_cache
from core.database import Database
from core.errors import LecternError
from core.library_ids import LibraryId
from crawler.rules import CrawlRules
from crawler.service import recognise_source
from indexer import blocking
from indexer.extraction_processes import ExtractionProcesses
from indexer.search.caching import CachedAnswers
from server.ingest import CRAWL_JOB
from tests.cached_reader import RECIPE
from tests.redis_server import running_redis
from tests.waiting import MOST_SECONDS, eventually
from tests.workshop import LIBRARY, Workshop, open_workshop

REMOVED_WITHIN_SECONDS = 5
_PASSES_AFTER = 4
_TASKS = 4
_PROCESSES = 2
_QUESTIONS = (
    (LIBRARY, "which colour has the widget"),
    (LIBRARY, "colour"),
    (f"{LIBRARY}/1", "which colour has the widget"),
    (f"{LIBRARY}@2.0", "what paint is there"),
    ("?", "site"),
)
Ask = Callable[[str, str], Awaitable[str]]


@dataclass
class Asker:
    """One that asks all questions again and again; `passes` are the texts it was given, one for each turn."""

    ask: Ask
    passes: list[str] = field(default_factory=list[str])
    is_over: bool = False

    async def run(self) -> None:
        while not self.is_over:
            said = [await self.ask(library, question) for library, question in _QUESTIONS]
            self.passes.append("\n".join(said))
            await asyncio.sleep(0.02)


@dataclass
class Crowd:
    """Many askers of one index, which `workshop` fills and empties."""

    workshop: Workshop
    folder: Path
    askers: list[Asker]

    async def crawl(self, version: str, **pages: str) -> None:
        self.folder.mkdir(exist_ok=True)
        for file in self.folder.iterdir():
            file.unlink()
        for name, text in pages.items():
            (self.folder / f"{name}.md").write_text(f"# About {name}\n\n{text}\n")
        _, crawl = await self.workshop.ingest.add(LIBRARY, version, recognise_source(str(self.folder)), CrawlRules())
        await self.workshop.ingest.handlers[CRAWL_JOB](str(crawl.id))

    async def until(self, is_so: Callable[[str], bool], within_seconds: float = MOST_SECONDS) -> None:
        """Waits until every asker was told so in a turn that began after now."""
        begun = [len(asker.passes) + 1 for asker in self.askers]

        async def look() -> bool:
            return all(any(map(is_so, asker.passes[start:])) for asker, start in zip(self.askers, begun, strict=True))

        await eventually(look, within_seconds=within_seconds)

    async def hears_no_more(self, word: str) -> None:
        """Waits until nobody is told the word any more, which is soon, and checks that it does not come back."""
        await self.until(lambda text: word not in text, REMOVED_WITHIN_SECONDS)
        begun = [len(asker.passes) for asker in self.askers]

        async def have_asked() -> bool:
            return all(
                len(asker.passes) >= start + _PASSES_AFTER for asker, start in zip(self.askers, begun, strict=True)
            )

        await eventually(have_asked)
        after = [text for asker, start in zip(self.askers, begun, strict=True) for text in asker.passes[start:]]
        assert not [text for text in after if word in text]

    async def place(self, word: str) -> tuple[UUID, str]:
        async with self.workshop.database.connection() as connection:
            row = await connection.fetchrow(
                "select id, page_url from documentation_chunks where strpos(content, $1) > 0", word
            )
        assert row is not None
        return row["id"], row["page_url"]

    async def block(self, place: str) -> None:
        await blocking.block_place(self.workshop.database, LIBRARY, blocking.read_place(place), "It is wrong.", uuid4())


@asynccontextmanager
async def reader(database_url: str, redis_url: str) -> AsyncGenerator[Ask]:
    """Lends the questions of another process."""
    command = (sys.executable, "-m", "tests.cached_reader", database_url, redis_url)
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe)
    assert process.stdin is not None
    assert process.stdout is not None
    entry, out = process.stdin, process.stdout

    async def ask(library: str, question: str) -> str:
        entry.write(f"{library}\t{question}\n".encode())
        return json.loads(await asyncio.wait_for(out.readline(), 30))

    try:
        yield ask
    finally:
        entry.close()
        await asyncio.wait_for(process.wait(), 10)


@pytest.fixture
async def crowd(
    content_database: Database, database_url: str, tmp_path: Path, processes: ExtractionProcesses
) -> AsyncGenerator[Crowd]:
    async with AsyncExitStack() as stack:
        redis = stack.enter_context(running_redis())
        cache = await stack.enter_async_context(open_cache(SecretStr(redis.url)))
        workshop = await stack.enter_async_context(open_workshop(content_database, tmp_path, processes))
        cached = CachedAnswers(workshop.answers, content_database, cache, RECIPE)

        async def ask(library: str, question: str) -> str:
            if library == "?":
                return " ".join(match.id for match in (await cached.resolve(question, question)).libraries)
            try:
                return (await cached.query_docs(library, question, None)).text
            except LecternError as error:
                return error.code

        others = [await stack.enter_async_context(reader(database_url, redis.url)) for _ in range(_PROCESSES)]
        opened = Crowd(workshop, tmp_path / "notes", [Asker(ask) for _ in range(_TASKS)] + [Asker(a) for a in others])
        await opened.crawl(
            "1.0", a="The widget is crimson.", b="The widget is ochre.", c="Teal paint.", d="Umber paint."
        )
        await opened.crawl(
            "2.0", a="The widget is scarlet.", e="The widget is sienna.", c="Indigo paint.", d="Sepia paint."
        )
        tasks = [asyncio.create_task(asker.run()) for asker in opened.askers]
        try:
            yield opened
        finally:
            # Not cancelled: a wait that ends at that moment swallows it, before Python 3.12.
            for asker in opened.askers:
                asker.is_over = True
            async with asyncio.timeout(MOST_SECONDS):
                await asyncio.gather(*tasks)


async def test_what_is_removed_while_many_ask_is_gone_for_all_of_them_and_does_not_come_back(crowd: Crowd) -> None:
    for word in ("crimson", "ochre", "scarlet", "sienna", LIBRARY):
        await crowd.until(lambda text, word=word: word in text)

    passage, _ = await crowd.place("crimson")
    await crowd.block(str(passage))
    await crowd.hears_no_more("crimson")

    _, page = await crowd.place("sienna")
    await crowd.block(page)
    await crowd.hears_no_more("sienna")

    await crowd.crawl("2.0", e="The widget is sienna.", c="Indigo paint.", d="Sepia paint.")
    await crowd.hears_no_more("scarlet")
    await crowd.until(lambda text: "ochre" in text)

    await crowd.workshop.ingest.remove(LibraryId(LIBRARY, "1.0"))
    await crowd.hears_no_more("ochre")

    await crowd.workshop.ingest.remove(LibraryId(LIBRARY))
    await crowd.hears_no_more(LIBRARY)
    for word in ("Indigo", "sienna", "crimson"):
        await crowd.hears_no_more(word)


async def test_what_is_blocked_while_many_ask_answers_all_of_them_again_once_it_is_lifted(crowd: Crowd) -> None:
    _, page = await crowd.place("scarlet")
    await crowd.until(lambda text: "scarlet" in text)
    await crowd.block(page)
    await crowd.hears_no_more("scarlet")

    (block,) = await blocking.blocks_of(crowd.workshop.database, LIBRARY)
    await blocking.lift_block(crowd.workshop.database, LIBRARY, block.id)
    await crowd.until(lambda text: "scarlet" in text)
