"""`make eval`: how often the right passage is found, on a file of questions whose answers are known.

Questions are lines of JSON: `{"id", "query", "masked"?, "gold": [{"path", "anchor"}]}`. A returned passage is right
when its page is the gold page and its address carries the gold anchor; an empty gold anchor means the whole page. A
question counts as answered when any of its gold places is found; passages of one section count once. Measured on the
ranking itself, before packing.
"""

import asyncio
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urldefrag

import orjson
from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict
from rich.console import Console

from bench import report
from core.library_ids import LibraryId
from core.logging import configure_logging
from core.settings import CoreSettings
from crawler.rules import rules_from_json
from crawler.service import recognise_source
from indexer.catalogue import catalogue
from indexer.search.fusion import Ranked, Weights, fuse, weights_for
from indexer.search.question import Question, read_question
from indexer.vectors import Candidate
from server.configuration import Configuration
from server.runtime import Runtime, open_runtime
from server.serving import working

LIBRARY = LibraryId("/eval/library")
_CANDIDATES = 100
_POLL_SECONDS = 1.0


class QualitySettings(BaseSettings):
    """Which questions to ask of which documentation."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", populate_by_name=True)

    questions: Path = Field(validation_alias="LECTERN_EVAL_QUESTIONS")
    source: str = Field(validation_alias="LECTERN_EVAL_SOURCE")
    excludes: str = Field(default="", validation_alias="LECTERN_EVAL_EXCLUDES")
    folder: Path = Field(default=Path("var/eval"), validation_alias="LECTERN_EVAL_FOLDER")


@dataclass(frozen=True)
class Gold:
    """Where an answer is: a page's path, and an anchor in it or nothing."""

    path: str
    anchor: str


@dataclass(frozen=True)
class Asked:
    """A question with the candidates for it, and the sections that answer it."""

    question: Question
    candidates: tuple[Candidate, ...]
    gold: tuple[Gold, ...]


@dataclass(frozen=True)
class Scores:
    """Means over the questions, 0 to 1."""

    page_recall_5: float
    section_recall_10: float
    mrr_10: float


Ranking = Callable[[Asked], list[Ranked]]


def by(weights: Weights) -> Ranking:
    """Gives the ranking that weighs every question alike."""
    return lambda asked: fuse(asked.candidates, weights)


def without(field: str) -> Ranking:
    """Gives the ranking as served, but for one field."""

    def ranking(asked: Asked) -> list[Ranked]:
        return fuse(asked.candidates, replace(weights_for(asked.question), **{field: 0.0}))

    return ranking


RANKINGS: dict[str, Ranking] = {
    "words: body": by(Weights(head=0, dense=0, symbols=0)),
    "words: body and head": by(Weights(head=0.5, dense=0, symbols=0)),
    "meaning": by(Weights(head=0, dense=1000, symbols=0)),
    "as served, without head": without("head"),
    "as served, without meaning": without("dense"),
    "as served, without symbols": without("symbols"),
    "as served": lambda asked: fuse(asked.candidates, weights_for(asked.question)),
}


async def main() -> None:
    """Builds the index if it is not there, asks everything, prints the tables."""
    settings = QualitySettings()  # pyright: ignore[reportCallIssue] - its fields come from the environment
    configure_logging("pretty", "warning")
    rows = [orjson.loads(line) for line in settings.questions.read_bytes().splitlines() if line.strip()]
    core = CoreSettings(LECTERN_DATA_DIR=settings.folder)  # pyright: ignore[reportCallIssue] - by its alias
    async with open_runtime(Configuration(core=core), may_migrate=True) as runtime, working(runtime):
        await build_index(runtime, settings)
        await runtime.embedder.until_ready()
        tables: list[str] = []
        for variant in ("query", "masked"):
            if all(variant in row for row in rows):
                asked = [await ask(runtime, row, variant) for row in rows]
                urls = await addresses(runtime, asked)
                title = f"{settings.questions.stem}, {variant}, {len(asked)} questions"
                tables.append(f"{title}:\n\n{table_of(asked, urls)}")
    text = "\n\n".join((report.circumstances(f"make eval, {settings.questions.stem}"), *tables))
    report.write_section(f"quality-{settings.questions.stem}", text)
    print(text)


async def build_index(runtime: Runtime, settings: QualitySettings) -> None:
    """Indexes the documentation, or finds that it is indexed already; waits for words and meanings."""
    rules = rules_from_json({"excludes": settings.excludes.split(), "allow_private": True})
    version, crawl = await runtime.ingest.add(LIBRARY.library, "eval", recognise_source(settings.source), rules)
    console = Console(stderr=True)
    with console.status("") as status:
        while True:
            async with runtime.content.connection() as connection:
                state = await connection.fetchrow("select status, reason from crawls where id = $1", crawl.id)
            counts = await runtime.indexer.counts(version.id)
            status.update(f"{counts.chunks} passages, {counts.with_meaning} with meaning")
            if state is not None and state["status"] == "failed":
                sys.exit(f"The source cannot be indexed: {state['reason']}")
            if state is not None and state["status"] == "completed" and counts.with_meaning == counts.chunks:
                return
            await asyncio.sleep(_POLL_SECONDS)


async def ask(runtime: Runtime, row: dict[str, Any], variant: str) -> Asked:
    """Takes the candidates for one question."""
    question = read_question(row[variant], runtime.configuration.indexer.max_question_chars)
    async with runtime.content.connection() as connection:
        version = await catalogue.select_version(connection, LIBRARY)
    meaning = await runtime.embedder.embed_question(question.text)
    candidates = await runtime.store.candidates(version.id, question.text, meaning, _CANDIDATES)
    return Asked(question, candidates, tuple(Gold(gold["path"], gold["anchor"]) for gold in row["gold"]))


async def addresses(runtime: Runtime, asked: Iterable[Asked]) -> dict[Any, str]:
    """Gives the address of every candidate of every question."""
    ids = {candidate.id for one in asked for candidate in one.candidates}
    payloads = await runtime.store.payloads(list(ids))
    return {id_: payload["source_url"] for id_, payload in payloads.items()}


def score(asked: Sequence[Asked], ranking: Ranking, urls: dict[Any, str]) -> Scores:
    """Gives the means of one ranking over all questions."""
    pages, sections, ranks = 0.0, 0.0, 0.0
    for one in asked:
        found = list(dict.fromkeys(urls[candidate.id] for candidate in ranking(one) if candidate.id in urls))
        page_order = list(dict.fromkeys(urldefrag(url).url for url in found))
        pages += any(_is_page(url, gold) for url in page_order[:5] for gold in one.gold)
        sections += any(_is_section(url, gold) for url in found[:10] for gold in one.gold)
        ranks += _first_rank(found[:10], one.gold)
    return Scores(pages / len(asked), sections / len(asked), ranks / len(asked))


def table_of(asked: Sequence[Asked], urls: dict[Any, str]) -> str:
    """Gives a table with a row for each ranking."""
    rows: list[tuple[str, ...]] = []
    for name, ranking in RANKINGS.items():
        scores = score(asked, ranking, urls)
        means = (scores.page_recall_5, scores.section_recall_10, scores.mrr_10)
        rows.append((name, *(f"{mean:.3f}" for mean in means)))
    return report.table(("ranking", "page recall@5", "section recall@10", "MRR@10"), rows)


def _is_page(url: str, gold: Gold) -> bool:
    return urldefrag(url).url.endswith(f"/{gold.path}")


def _is_section(url: str, gold: Gold) -> bool:
    return _is_page(url, gold) and (not gold.anchor or urldefrag(url).fragment == gold.anchor)


def _first_rank(urls: Sequence[str], gold: Sequence[Gold]) -> float:
    for place, url in enumerate(urls, start=1):
        if any(_is_section(url, one) for one in gold):
            return 1 / place
    return 0.0


if __name__ == "__main__":
    asyncio.run(main())
