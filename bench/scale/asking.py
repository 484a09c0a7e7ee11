"""Questions about a large index, and how long each step of answering them takes."""

import inspect
import statistics
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import chain, zip_longest
from typing import Any, cast
from uuid import UUID

from core.database import Connection, Database
from indexer.search.service import AnswerService
from server.runtime import Runtime

_TEMPLATES = (
    "How do I use {title}?",
    "What does {title} do when it fails",
    "example of {section} in {page}",
    "Why is {section} needed and how does it work with {title}?",
)
_MOST_HEADING_CHARS = 80
_STEPS = {"embed_question", "best_by_words", "candidates", "payloads"}
_PERCENT = 99


@dataclass(frozen=True)
class Asked:
    """A question and the library it is about."""

    library: str
    text: str


@dataclass
class Times:
    """Milliseconds: of whole answers, of the same from the cache, and of the steps of each answer by their names."""

    questions: Sequence[Asked] = ()
    uncached: list[float] = field(default_factory=list[float])
    cached: list[float] = field(default_factory=list[float])
    steps: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))

    def summary(self) -> dict[str, dict[str, float]]:
        """Gives p50 and p99 of everything."""
        return {name: _summary(values) for name, values in self._all().items() if values}

    def _all(self) -> dict[str, list[float]]:
        return {"uncached": self.uncached, "cached": self.cached, **self.steps}


async def questions_from_headings(database: Database, count: int) -> list[Asked]:
    """Gives questions made of headings, as many of each library as of the others, every time the same."""
    async with database.connection() as connection:
        versions = await connection.fetch("select id, library_id from library_versions order by library_id")
        each = -(-count // len(versions))
        by_library = [
            [Asked(row["library_id"], text) for text in await _texts(connection, row["id"], each)] for row in versions
        ]
    mixed = chain.from_iterable(zip_longest(*by_library))
    return [asked for asked in mixed if asked is not None][:count]


async def time_answers(runtime: Runtime, questions: Sequence[Asked]) -> Times:
    """Asks half of the questions as the product does and once more from its cache, the others step by step."""
    whole, apart = questions[::2], questions[1::2]
    times = Times(questions)
    times.uncached = [await _time(runtime.answers, asked) for asked in whole]
    times.cached = [await _time(runtime.answers, asked) for asked in whole]
    spent: dict[str, float] = defaultdict(float)
    store, embedder = cast("Any", Timed(runtime.store, spent)), cast("Any", Timed(runtime.embedder, spent))
    answers = AnswerService(runtime.content, store, embedder, runtime.configuration.indexer)
    for asked in {asked.library: asked for asked in whole}.values():
        await _time(answers, asked)
    for asked in apart:
        spent.clear()
        milliseconds = await _time(answers, asked)
        # Words are looked up while the question is embedded.
        together = sum(spent.values()) - min(spent.get("embed_question", 0), spent.get("best_by_words", 0))
        for name in _STEPS & spent.keys():
            times.steps[name].append(spent[name])
        times.steps["the rest"].append(milliseconds - together)
    return times


class Timed:
    """Something whose asynchronous methods are timed, in milliseconds by their names."""

    def __init__(self, inner: object, spent: dict[str, float]) -> None:
        self._inner = inner
        self._spent = spent

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the inner one has
        value = getattr(self._inner, name)
        if not inspect.iscoroutinefunction(value):
            return value

        async def timed(*arguments: object, **keywords: object) -> object:
            started = time.perf_counter()
            try:
                return await value(*arguments, **keywords)
            finally:
                self._spent[name] += (time.perf_counter() - started) * 1000

        return timed


async def _texts(connection: Connection, version_id: UUID, count: int) -> list[str]:
    rows = await connection.fetch(
        """
        select metadata ->> 'title' as title, metadata ->> 'page_title' as page,
            metadata -> 'section' ->> -1 as section
        from documentation_chunks where library_version_id = $1 order by md5(id::text) limit $2
        """,
        version_id,
        count,
    )
    return [
        _TEMPLATES[number % len(_TEMPLATES)].format(
            **{
                name: (row[name] or row["page"] or row["title"] or "it")[:_MOST_HEADING_CHARS]
                for name in ("title", "page", "section")
            }
        )
        for number, row in enumerate(rows)
    ]


def _summary(values: Sequence[float]) -> dict[str, float]:
    quantiles = statistics.quantiles(values, n=100)
    return {"p50": round(statistics.median(values), 3), "p99": round(quantiles[_PERCENT - 1], 3)}


async def _time(answers: Any, asked: Asked) -> float:  # noqa: ANN401 - with or without a cache
    started = time.perf_counter()
    await answers.query_docs(asked.library, asked.text, None)
    return (time.perf_counter() - started) * 1000
