"""`python -m bench.topics`: how often a library is found by what it is about, and how often one is made up for a name.

The questions are in `tests/data`; weights and threshold were chosen on the development half alone.
"""

import asyncio
import statistics
import tempfile
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import NAMESPACE_URL, uuid4, uuid5

import orjson

from bench import report
from bench.names import DATA, add_libraries, read_libraries, read_names
from core.database import Connection, Database
from core.embedded_postgres import embedded_postgres
from indexer.answers import LibraryMatch
from indexer.catalogue import catalogue
from indexer.catalogue.topics import Topics
from indexer.embedding.choosing import choose_model
from indexer.embedding.embedders import Embedders
from indexer.settings import IndexerSettings
from indexer.vectors import open_vector_store
from migrations.runner import migrate

_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Question:
    """What somebody looks for, with the libraries that are right; none for what no library is about."""

    topic: str
    expected: frozenset[str]
    half: str


@dataclass(frozen=True, slots=True)
class Shares:
    """How many questions were answered how; `names` are names of no library that got a guess."""

    first: float
    shown: float
    wrong: float
    rightly_none: float
    names: float
    misses: tuple[str, ...]


async def main() -> None:
    """Measures with meanings and by words alone, and writes the section."""
    rows: list[tuple[str, ...]] = []
    milliseconds: list[float] = []
    for is_embedding in (True, False):
        async with opened(is_embedding=is_embedding) as (database, topics):
            for half in ("development", "held-out"):
                shares = await measure(database, topics, half, milliseconds)
                rows.append((f"{half}, {'words and meaning' if is_embedding else 'words alone'}", *_row(shares)))
                print(half, is_embedding, shares)
    columns = ("questions", "right first", "right in three", "wrong first", "rightly none", "names guessed at")
    cuts = statistics.quantiles(milliseconds, n=100)
    text = "\n\n".join(
        (
            report.circumstances("python -m bench.topics"),
            report.table(columns, rows),
            f"One question: {cuts[49]:.1f} ms in the median, {cuts[98]:.1f} ms at p99, embedding included.",
        )
    )
    report.write_section("topics", text)
    print(text)


@asynccontextmanager
async def opened(*, is_embedding: bool) -> AsyncGenerator[tuple[Database, Topics]]:
    """Lends a catalogue of the real libraries with their topics."""
    settings = IndexerSettings.model_validate({"embedding_enabled": is_embedding})
    with tempfile.TemporaryDirectory(prefix="lectern-bench-") as folder, embedded_postgres(Path(folder)) as url:
        database = await Database.connect(url, pool_size=2, schema="content")
        await migrate(database, "content")
        await add_libraries(database, read_libraries())
        await add_pages(database)
        async with (
            Embedders(settings, database).running() as embedder,
            open_vector_store(
                Path(folder) / "vectors",
                url=None,
                api_key=None,
                collection="unused",
            ) as store,
        ):
            topics = Topics(database, store, embedder)
            if is_embedding:
                await choose_model(database, store, await embedder.until_ready())
            await topics.sync()
            yield database, topics
        await database.close()


async def measure(database: Database, topics: Topics, half: str, milliseconds: list[float]) -> Shares:
    """Asks every question of one half, and every name of that half that is in no catalogue."""
    questions = [question for question in read_questions() if question.half == half]
    answered = [question for question in questions if question.expected]
    found = {question.topic: await _ask(database, topics, question.topic, milliseconds) for question in questions}
    firsts = {topic: matches[0].id if matches else None for topic, matches in found.items()}
    right = [question for question in answered if firsts[question.topic] in question.expected]
    shown = [
        question for question in answered if question.expected & {match.id for match in found[question.topic][:_SHOWN]}
    ]
    none = [firsts[question.topic] is None for question in questions if not question.expected]
    unknown = [asked.name for asked in read_names() if asked.half == half and asked.expected is None]
    guessed = [bool(await _ask(database, topics, name, [])) for name in unknown]
    return Shares(
        len(right) / len(answered),
        len(shown) / len(answered),
        sum(firsts[question.topic] is not None for question in answered if question not in right) / len(answered),
        sum(none) / len(none),
        sum(guessed) / len(guessed),
        tuple(f"{question.topic}: {firsts[question.topic]}" for question in answered if question not in right),
    )


def read_questions() -> list[Question]:
    """Gives the questions."""
    rows = map(orjson.loads, (DATA / "topics.jsonl").read_bytes().splitlines())
    return [Question(row["topic"], frozenset(row["expected"]), row["half"]) for row in rows]


async def add_pages(database: Database) -> None:
    """Gives the libraries what a crawl finds: a description, pages with their titles, and code."""
    crawl_id = uuid4()
    for line in (DATA / "catalogue.jsonl").read_bytes().splitlines():
        library = orjson.loads(line)
        async with database.transaction() as connection:
            await connection.execute(
                "update libraries set metadata = metadata || jsonb_build_object('description', $2::text) where id = $1",
                library["id"],
                library["description"],
            )
            for place, title in enumerate(library["pages"]):
                language = library["code"][place % len(library["code"])]
                await _add_page(connection, (library["id"], crawl_id, title, place, {"code_language": language}))


async def _add_page(connection: Connection, page: tuple[object, ...]) -> None:
    await connection.execute(
        """
        with version as (select id from library_versions where library_id = $1), page as (
            insert into indexed_pages (library_version_id, page_url, crawl_id, title, outcome)
            select id, 'https://docs.example/' || $4::integer, $2, $3, 'indexed' from version
        )
        insert into documentation_chunks (id, library_version_id, chunk_index, content, content_type, source_url,
            token_count, metadata, page_url, crawl_id, is_published, words_indexed_at)
        select $6, id, $4, $3, 'guide', 'https://docs.example/' || $4, 1, $5, 'https://docs.example/' || $4, $2, true,
            now() from version
        """,
        *page,
        uuid5(NAMESPACE_URL, f"{page[0]} {page[3]}"),
    )


async def _ask(database: Database, topics: Topics, wanted: str, milliseconds: list[float]) -> tuple[LibraryMatch, ...]:
    started = time.perf_counter()
    resolution = await catalogue.resolve(database, wanted, topics=topics)
    milliseconds.append((time.perf_counter() - started) * 1000)
    return resolution.libraries


def _row(shares: Shares) -> Sequence[str]:
    values = (shares.first, shares.shown, shares.wrong, shares.rightly_none, shares.names)
    return [f"{value:.3f}" for value in values]


if __name__ == "__main__":
    asyncio.run(main())
