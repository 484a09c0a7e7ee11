"""`python -m bench.names`: how often a name finds its library, and how fast among a hundred thousand.

The names and the libraries they mean are in `tests/data`; the rules were tuned on the development half alone. With
`--million` only the times and sizes are measured again, among a million libraries.
"""

import asyncio
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

import orjson
import psutil

from bench import report
from core.database import Connection, Database
from core.embedded_postgres import embedded_postgres
from indexer.catalogue import catalogue
from indexer.catalogue.names import CONFIDENT, can_be_misspelt, library_forms, plain
from indexer.catalogue.typos import typo_keys
from migrations.runner import migrate

DATA = Path(__file__).resolve().parent.parent / "tests" / "data"
_LIBRARIES, _MANY_LIBRARIES = 100_000, 1_000_000
_BATCH = 2_000
_ROUNDS = 3
_SEED = 7


def _words(text: str) -> list[str]:
    return text.split()


_HEADS = _words("""
    react vue node py go rust django flask next kube fast open micro super hyper data cloud net web graph json http
    auth type test mock log cache queue stream event state form chart map table image video audio text crypto hash
    token mail chat bot task job flow pipe sync lite mini nano easy simple smart auto multi meta proto react-native
""")
_MIDDLES = _words("""
    admin agent batch beam block board bridge builder bundle canvas cell chain client cluster codec config connect
    core craft cron dash deploy dispatch draw edge engine export factory feed fetch field filter forge frame gate
    grid guard helper hook hub index inspect kernel layer ledger lens link loader logic loom match matrix menu mesh
    model monitor motion notify orbit panel parser path pixel planner player plugin pool portal probe profile proxy
    pulse query reader relay render report router runner schema script search select server shell shield signal
    sketch socket source spark stack storage store studio suite switch tracer track tree trigger tunnel vault vector
    view watch widget worker wrap zone
""")
_TAILS = ("", "", "", "-js", "-py", "-rs", "-go", "-kit", "-ui", "-cli", "-x", "-core", "-lite", "-next", "-plus", "2")


@dataclass(frozen=True, slots=True)
class Named:
    """A library of the catalogue file or a made-up one."""

    id: str
    title: str
    popularity: int
    aliases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """A name with the library it means, None for one that is in no catalogue."""

    name: str
    expected: str | None
    half: str


@dataclass(frozen=True, slots=True)
class Accuracy:
    """Shares of the names: first answer right (or rightly none), and wrong although the score says it is meant.

    `right_confident` is of those that are a library's: how many answers the score calls meant, rightly.
    """

    right: float
    wrong_confident: float
    right_confident: float
    misses: tuple[str, ...]


async def main() -> None:
    """Measures everything once and writes the section."""
    names, is_many = read_names(), "--million" in sys.argv
    with tempfile.TemporaryDirectory(prefix="lectern-bench-") as folder, embedded_postgres(Path(folder)) as url:
        database = await Database.connect(url, pool_size=2, schema="content")
        try:
            await migrate(database, "content")
            text = await (measure_many if is_many else measure)(database, names)
        finally:
            await database.close()
    report.write_section("names-million" if is_many else "names", text)
    print(text)


async def measure(database: Database, names: Sequence[Asked]) -> str:
    """Gives the section's text: accuracy in the small and the large catalogue, times and sizes in the large."""
    real = read_libraries()
    await add_libraries(database, real)
    small = {half: await accuracy(database, of_half(names, half)) for half in ("development", "held-out")}
    before, libraries = await grown(database, names, _LIBRARIES)
    large = {half: await accuracy(database, of_half(names, half)) for half in ("development", "held-out")}
    for miss in (*small["development"].misses, *large["development"].misses):
        print(miss, file=sys.stderr)
    rows = [
        (
            f"{half}, {count}",
            *(f"{share:.3f}" for share in (shares.right, shares.wrong_confident, shares.right_confident)),
        )
        for count, of_halves in ((f"{len(real):,} libraries", small), (f"{_LIBRARIES:,} libraries more", large))
        for half, shares in of_halves.items()
    ]
    return "\n\n".join(
        (
            report.circumstances("python -m bench.names"),
            f"{len(names)} names, {sum(asked.expected is None for asked in names)} of them in no catalogue:",
            report.table(
                ("names", "first answer right", "wrong and confident", "a library's: right and confident"), rows
            ),
            await costs(database, names, libraries, before),
        )
    )


async def measure_many(database: Database, names: Sequence[Asked]) -> str:
    """Gives times and sizes in a catalogue ten times as large."""
    await add_libraries(database, read_libraries())
    before, libraries = await grown(database, names, _MANY_LIBRARIES)
    circumstances = report.circumstances("python -m bench.names --million")
    return f"{circumstances}\n\n{await costs(database, names, libraries, before)}"


async def grown(database: Database, names: Sequence[Asked], count: int) -> tuple[int, list[Named]]:
    """Adds made-up libraries; gives the process's memory after it, in bytes, and the libraries."""
    unknown = frozenset(plain(asked.name) for asked in names if asked.expected is None)
    libraries = made_up(count, unknown)
    await add_many(database, libraries)
    return psutil.Process().memory_info().rss, libraries


async def costs(database: Database, names: Sequence[Asked], libraries: Sequence[Named], before: int) -> str:
    """Gives the table of times and sizes; `before` is the process's memory before the timed questions."""
    milliseconds = await times(database, [asked.name for asked in names])
    misspelt_milliseconds = await times(database, misspelt(libraries, len(names)))
    rows = [
        *speed_rows("resolve", milliseconds),
        *speed_rows("resolve, made-up names misspelt", misspelt_milliseconds),
        *await size_rows(database, before),
    ]
    return f"Among {len(libraries):,} libraries:\n\n{report.table(('what', 'value'), rows)}"


def of_half(names: Iterable[Asked], half: str) -> list[Asked]:
    """Gives the names of one half of the file."""
    return [asked for asked in names if asked.half == half]


def speed_rows(what: str, milliseconds: Sequence[float]) -> list[tuple[str, str]]:
    """Gives the table rows about time."""
    cuts = statistics.quantiles(milliseconds, n=100)
    return [
        (f"{what}, p50", f"{cuts[49]:.2f} ms"),
        (f"{what}, p99", f"{cuts[98]:.2f} ms"),
        (f"{what}, slowest", f"{max(milliseconds):.2f} ms"),
    ]


async def size_rows(database: Database, before: int) -> list[tuple[str, str]]:
    """Gives the table rows about memory and disk; `before` is the process's memory before the timed questions."""
    async with database.connection() as connection:
        names = await connection.fetchval("select count(*) from library_names")
        total = await connection.fetchval("select pg_total_relation_size('library_names')")
        typos = await connection.fetchval("select pg_relation_size('library_names_typos')")
        buffers = await connection.fetchval("show shared_buffers")
    process = psutil.Process().memory_info().rss
    return [
        ("names kept", f"{names:,}"),
        ("names on disk with all indexes", f"{total / 2**20:.0f} MiB"),
        ("of that the index of misspellings", f"{typos / 2**20:.0f} MiB"),
        ("memory PostgreSQL keeps pages in", str(buffers)),
        ("memory of the asking process", f"{process / 2**20:.0f} MiB ({before / 2**20:.0f} MiB before)"),
    ]


async def accuracy(database: Database, names: Sequence[Asked]) -> Accuracy:
    """Asks every name once."""
    right = wrong = meant = 0
    misses: list[str] = []
    for asked in names:
        found = (await catalogue.resolve(database, asked.name)).libraries
        first = found[0].id if found else None
        right += first == asked.expected
        meant += first is not None and first == asked.expected and found[0].score >= CONFIDENT
        if first != asked.expected:
            score = found[0].score if found else 0.0
            wrong += score >= CONFIDENT
            misses.append(f"{asked.name!r}: {first} ({score:.2f}) instead of {asked.expected}")
    known = sum(asked.expected is not None for asked in names)
    return Accuracy(right / len(names), wrong / len(names), meant / known, tuple(misses))


async def times(database: Database, names: Sequence[str]) -> list[float]:
    """Gives the milliseconds of single questions, one after the other, the first round not counted."""
    milliseconds: list[float] = []
    for turn in range(_ROUNDS + 1):
        for name in names:
            started = time.perf_counter()
            await catalogue.resolve(database, name)
            if turn:
                milliseconds.append((time.perf_counter() - started) * 1000)
    return milliseconds


def read_libraries() -> list[Named]:
    """Gives the real libraries."""
    rows = map(orjson.loads, (DATA / "catalogue.jsonl").read_bytes().splitlines())
    return [Named(row["id"], row["title"], row["popularity"], tuple(row["aliases"])) for row in rows]


def read_names() -> list[Asked]:
    """Gives the names with what they mean."""
    rows = map(orjson.loads, (DATA / "names.jsonl").read_bytes().splitlines())
    return [Asked(row["name"], row["expected"], row["half"]) for row in rows]


async def add_libraries(database: Database, libraries: Iterable[Named]) -> None:
    """Adds libraries as an operator does."""
    for library in libraries:
        async with database.transaction() as connection:
            await catalogue.add_version(connection, library.id, "latest", name=library.title)
            await catalogue.set_aliases(connection, library.id, library.aliases)
            await connection.execute(
                "update libraries set popularity_score = $2 where id = $1", library.id, library.popularity
            )
            await connection.execute("update library_versions set indexed_at = now() where library_id = $1", library.id)


def made_up(count: int, taken: frozenset[str]) -> list[Named]:
    """Gives libraries with names as package registries have them: many begin alike, and some are the same.

    None can be called by a plain name of `taken`, so that a name of no library stays one.
    """
    chance = random.Random(_SEED)  # noqa: S311 - the same libraries in every run
    libraries: dict[str, Named] = {}
    while len(libraries) < count:
        project = "-".join((chance.choice(_HEADS), *chance.sample(_MIDDLES, chance.choice((1, 2, 2)))))
        project += chance.choice(_TAILS)
        library_id = f"/{chance.choice(_MIDDLES)}{chance.randrange(10_000)}/{project}"
        title = project.replace("-", " ").title()
        if not taken.isdisjoint(library_forms(library_id, title, ())):
            continue
        popularity = int(chance.paretovariate(1.2)) - 1
        libraries[library_id] = Named(library_id, title, min(popularity, 50), ())
    return list(libraries.values())


def misspelt(libraries: Sequence[Named], count: int) -> list[str]:
    """Gives titles with one letter left out."""
    chance = random.Random(_SEED)  # noqa: S311 - the same names in every run
    titles = [library.title for library in chance.sample(libraries, count)]
    places = [chance.randrange(1, len(title)) for title in titles]
    return [title[:place] + title[place + 1 :] for title, place in zip(titles, places, strict=True)]


async def add_many(database: Database, libraries: Sequence[Named]) -> None:
    """Adds libraries in bulk, with the index of misspellings made afterwards, as a restored backup has it."""
    async with database.connection() as connection:
        await connection.execute("drop index library_names_typos")
    for start in range(0, len(libraries), _BATCH):
        async with database.transaction() as connection:
            await _insert(connection, libraries[start : start + _BATCH])
    async with database.connection() as connection:
        await connection.execute(
            "create index library_names_typos on library_names using gin (typo_keys) with (fastupdate = off) "
            "where owner_id is null"
        )
        await connection.execute("vacuum analyze libraries, library_versions, library_names")


async def _insert(connection: Connection, libraries: Sequence[Named]) -> None:
    await connection.executemany(
        "insert into libraries (id, name, popularity_score, default_version) values ($1, $2, $3, 'latest')",
        [(library.id, library.title, library.popularity) for library in libraries],
    )
    await connection.executemany(
        "insert into library_versions (id, library_id, version, is_latest, indexed_at) "
        "values ($1, $2, 'latest', true, now())",
        [(uuid5(NAMESPACE_URL, library.id), library.id) for library in libraries],
    )
    await connection.executemany(
        "insert into library_names (library_id, form, source, popularity, typo_keys) values ($1, $2, $3, $4, $5)",
        [
            (
                library.id,
                form,
                source.value,
                library.popularity,
                typo_keys(form) if can_be_misspelt(form, source) else None,
            )
            for library in libraries
            for form, source in library_forms(library.id, library.title, library.aliases).items()
        ],
    )


if __name__ == "__main__":
    asyncio.run(main())
