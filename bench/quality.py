"""`make eval`: how often the right passage is found, on a file of questions whose answers are known.

The questions, the measures and the ranking are the product's own; see docs/evaluation.md. Measured on the ranking
itself, before packing, and once on what is answered.
"""

import asyncio
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict
from rich.console import Console

from bench import report
from core.library_ids import LibraryId
from core.logging import configure_logging
from core.settings import CoreSettings
from crawler.rules import rules_from_json
from crawler.service import recognise_source
from indexer.evaluation.comparison import Interval, figures_of
from indexer.evaluation.measures import MEASURES, Outcome, values_of
from indexer.evaluation.questions import KnownQuestion, masked_questions, read_questions
from indexer.evaluation.service import Trial
from server.configuration import Configuration
from server.runtime import Runtime, open_runtime
from server.serving import working

LIBRARY = LibraryId("/eval/library")
_POLL_SECONDS = 1.0
_SERVED = "as served"
_CONFIGURATIONS = {
    "words: body": "body",
    "words: body and head": "words",
    "meaning": "meaning",
    "as served, without head": "without-head",
    "as served, without meaning": "without-meaning",
    "as served, without symbols": "without-symbols",
    "as served, without prominence": "without-prominence",
    "as served, with a quarter of the vectors": "partly-embedded",
    _SERVED: "served",
}
_SHOWN = ("page_recall_5", "section_recall_10", "mrr_10", "ndcg_10")


class QualitySettings(BaseSettings):
    """Which questions to ask of which documentation."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", populate_by_name=True)

    questions: Path = Field(validation_alias="LECTERN_EVAL_QUESTIONS")
    source: str = Field(validation_alias="LECTERN_EVAL_SOURCE")
    excludes: str = Field(default="", validation_alias="LECTERN_EVAL_EXCLUDES")
    folder: Path = Field(default=Path("var/eval"), validation_alias="LECTERN_EVAL_FOLDER")


async def main() -> None:
    """Builds the index if it is not there, asks everything, prints the tables."""
    settings = QualitySettings()  # pyright: ignore[reportCallIssue] - its fields come from the environment
    configure_logging("pretty", "warning")
    questions = read_questions(settings.questions.read_bytes().splitlines())
    variants = {"query": questions}
    if all(question.masked for question in questions):
        variants["masked"] = masked_questions(questions)
    core = CoreSettings(LECTERN_DATA_DIR=settings.folder)  # pyright: ignore[reportCallIssue] - by its alias
    async with (
        open_runtime(Configuration(core=core), may_migrate=True) as runtime,
        working(runtime),
        runtime.reranker.running(),
    ):
        await build_index(runtime, settings)
        await runtime.embedder.until_ready()
        if runtime.reranker.is_enabled:
            await runtime.reranker.until_ready()
        tables = [
            f"{settings.questions.stem}, {variant}, {len(asked)} questions:\n\n{await table_of(runtime, asked)}"
            for variant, asked in variants.items()
        ]
    text = "\n\n".join((report.circumstances(f"make eval, {settings.questions.stem}"), *tables))
    print(text)
    try:
        report.write_section(f"quality-{settings.questions.stem}", text)
    except LookupError as error:  # questions of the operator's own
        print(f"Nothing was written: {error}.", file=sys.stderr)


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


async def table_of(runtime: Runtime, questions: Sequence[KnownQuestion]) -> str:
    """Gives a table with a row for each ranking, one for what was answered, and how long that took."""
    rows: list[tuple[str, ...]] = []
    outcomes: Sequence[Outcome] = ()
    reranker = {"as served, without reranker": "without-reranker"} if runtime.reranker.is_enabled else {}
    for name, configuration in (reranker | _CONFIGURATIONS).items():
        evaluation = await runtime.evaluation.ask(Trial(LIBRARY.library, configuration), questions)
        if evaluation.notice:
            print(f"{name}: {evaluation.notice}", file=sys.stderr)
        outcomes = evaluation.outcomes
        rows.append(_row(name, figures_of([values_of(outcome) for outcome in outcomes])))
    served = figures_of([values_of(outcome) for outcome in outcomes])
    answered = [values_of(replace(outcome, found=outcome.answered)) for outcome in outcomes]
    rows.append(_row(f"answered, in {served['tokens'].value:.0f} tokens", figures_of(answered)))
    table = report.table(("ranking", *(MEASURES[name].title for name in _SHOWN)), rows)
    # Its vector is known by then: the rankings above asked the same questions.
    return f"{table}\n\nAs served, a question took {_milliseconds(served)}, without its embedding."


def _row(name: str, figures: dict[str, Interval]) -> tuple[str, ...]:
    return (name, *(f"{figures[measure].value:.3f}" for measure in _SHOWN))


def _milliseconds(figures: dict[str, Interval]) -> str:
    return f"{figures['ms_p50'].value:.1f} ms (p50), {figures['ms_p99'].value:.1f} ms (p99), up to the packed answer"


if __name__ == "__main__":
    asyncio.run(main())
