"""How good answers are, from the command line: ask known questions, compare configurations, make such questions."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import orjson
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from core.errors import InvalidInput
from core.library_ids import parse_library_id
from indexer.evaluation.measures import MEASURES, Outcome, Place, values_of
from indexer.evaluation.questions import MAX_LINE_BYTES, KnownQuestion, masked_questions, read_questions
from server.cli.ask import Json
from server.cli.connection import Api, open_api
from server.cli.crawls import CrawlGroup
from server.cli.output import print_json, run

_MOST_AT_ONCE = 10
_WARM_UP = 3
_MOST_BYTES_AT_ONCE = 120_000

Library = Annotated[str, typer.Option("--library", metavar="ID", help="/org/project or /org/project/version")]
Patterns = list[str] | None


class EvalGroup(CrawlGroup):
    """Commands about questions with known answers; what begins with none of them is a file of questions."""

    default = "ask"


@dataclass(frozen=True, slots=True)
class Setup:
    """What is measured: a configuration of the ranking, a budget and a library."""

    name: str
    library: str
    configuration: str
    tokens: int | None


@dataclass(frozen=True, slots=True)
class Measured:
    """What came of the questions under a setup: an outcome and its values for each question, in their order."""

    setup: Setup
    library: str
    version: str
    tokens: int
    outcomes: tuple[Outcome, ...]
    rows: tuple[dict[str, float], ...]
    notice: str | None


def evaluate(
    file: Annotated[typer.FileBinaryRead, typer.Argument(help="Questions as lines of JSON; - for standard input.")],
    library: Library,
    *,
    config: Annotated[
        str, typer.Option(help="A configuration of the ranking, with `,tokens=N` or `,/other/id` if wanted.")
    ] = "served",
    against: Annotated[Patterns, typer.Option(help="Another one to compare with; several times.")] = None,
    masked: Annotated[bool, typer.Option("--masked", help="Ask without the names of what is asked about.")] = False,
    tokens: Annotated[int | None, typer.Option(help="The most tokens of an answer.")] = None,
    exclude: Annotated[Patterns, typer.Option(help="A pattern of pages that count as not indexed.")] = None,
    require: Annotated[Patterns, typer.Option(help="NAME=NUMBER, such as section_recall_10=.9; or status 1.")] = None,
    json: Json = False,
) -> None:
    """Measure how good answers are on questions whose answers are known."""
    given = read_questions(iter(lambda: file.readline(MAX_LINE_BYTES + 1), b""))
    questions = masked_questions(given) if masked else given
    names: list[str] = [config, *(against or [])]
    setups = [read_setup(name, library, tokens) for name in dict.fromkeys(names)]
    required = dict(read_requirement(text) for text in require or [])
    measured = run(_measure_all(setups, questions, exclude or []))
    # Imported late: no other command should pay for the arithmetic.
    from server.cli import evaluation_report as report  # noqa: PLC0415 - other commands start sooner

    figures = report.figures_by_setup(measured)
    if json:
        print_json(report.as_json(questions, measured, figures))
    else:
        report.print_figures(questions, measured, figures, is_masked=masked)
    unmet = report.unmet_requirements(figures[0], required)
    for line in unmet:
        typer.secho(f"lectern: {line}", fg="red", err=True)
    if unmet:
        raise typer.Exit(1)


def make(
    library: Annotated[str, typer.Argument(metavar="ID", help="/org/project or /org/project/version")],
    *,
    pages: Annotated[
        Patterns, typer.Option(help="A pattern of pages to make them of; by default release notes.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="The most questions.")] = 250,
) -> None:
    """Make questions of a library's own links, as lines of JSON; asks nobody but what was stored."""
    run(_make(library, pages or [], limit))


def read_setup(text: str, library: str, tokens: int | None) -> Setup:
    """Reads `words`, `/other/id`, `tokens=1000` or several of them with commas.

    Raises:
        InvalidInput, InvalidLibraryId: A part is none of them.
    """
    configuration, target = "served", library
    for part in (part.strip() for part in text.split(",")):
        if part.startswith("/"):
            target = part
        elif part.startswith("tokens="):
            tokens = _number_of_tokens(part.removeprefix("tokens="))
        else:
            configuration = part
    return Setup(text, str(parse_library_id(target)), configuration, tokens)


def read_requirement(text: str) -> tuple[str, float]:
    """Reads `section_recall_10=.9`.

    Raises:
        InvalidInput: It names no measure or no number.
    """
    name, _, number = text.partition("=")
    try:
        bound = float(number)
    except ValueError as error:
        raise InvalidInput(f"{text!r} is no requirement. They look like section_recall_10=.9.") from error
    if name not in MEASURES or math.isnan(bound):
        raise InvalidInput(f"There is no measure {name!r}. There are: {', '.join(MEASURES)}.")
    return name, bound


def _number_of_tokens(text: str) -> int:
    try:
        return int(text)
    except ValueError as error:
        raise InvalidInput(f"{text!r} is no number of tokens.") from error


async def _measure_all(
    setups: Sequence[Setup], questions: Sequence[KnownQuestion], excludes: Sequence[str]
) -> list[Measured]:
    """Asks everything under each setup, by turns, so that a machine that is busy for a while is so for all of them."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    answers: dict[str, list[dict[str, Any]]] = {setup.name: [] for setup in setups}
    async with open_api() as api:
        with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
            bar = progress.add_task("questions", total=len(questions) * len(setups))
            for setup in setups:
                await _ask(api, setup, [_body(question) for question in questions[:_WARM_UP]], excludes)
            for turn, batch in enumerate(_batches(questions)):
                first = turn % len(setups)
                for setup in (*setups[first:], *setups[:first]):
                    answers[setup.name].append(await _ask(api, setup, batch, excludes))
                    progress.advance(bar, len(batch))
    return [_measured(setup, answers[setup.name]) for setup in setups]


async def _ask(api: Api, setup: Setup, batch: list[dict[str, Any]], excludes: Sequence[str]) -> dict[str, Any]:
    body = {
        "library": setup.library,
        "configuration": setup.configuration,
        "tokens": setup.tokens,
        "excludes": list(excludes),
        "questions": batch,
    }
    return await api.post("/evaluations", body)


def _measured(setup: Setup, answers: Sequence[dict[str, Any]]) -> Measured:
    last = answers[-1]
    outcomes = tuple(_outcome(found) for answer in answers for found in answer["outcomes"])
    rows = tuple(values_of(outcome) for outcome in outcomes)
    notice = next((answer["notice"] for answer in answers if answer["notice"]), None)
    return Measured(setup, last["library"], last["version"], last["tokens"], outcomes, rows, notice)


def _batches(questions: Sequence[KnownQuestion]) -> Iterator[list[dict[str, Any]]]:
    """Gives the questions in parts that a request may carry."""
    batch: list[dict[str, Any]] = []
    size = 0
    for question in questions:
        body = _body(question)
        length = len(orjson.dumps(body))
        if batch and (len(batch) >= _MOST_AT_ONCE or size + length > _MOST_BYTES_AT_ONCE):
            yield batch
            batch, size = [], 0
        batch.append(body)
        size += length
    yield batch


def _body(question: KnownQuestion) -> dict[str, Any]:
    return question.model_dump(by_alias=True, exclude={"masked"}, exclude_none=True)


def _outcome(found: dict[str, Any]) -> Outcome:
    gold = tuple(
        Place(tuple(place["pages"]), None if place["sections"] is None else tuple(place["sections"]))
        for place in found["gold"]
    )
    return Outcome(found["found"], found["answered"], gold, found["tokens"], found["milliseconds"])


async def _make(library: str, pages: list[str], limit: int) -> None:
    async with open_api() as api:
        made = await api.post("/evaluations/questions", {"library": library, "pages": pages, "limit": limit})
    for question in made["questions"]:
        typer.echo(orjson.dumps({name: value for name, value in question.items() if value is not None}).decode())
    dropped = "".join(f", {count} {reason}" for reason, count in sorted(made["dropped"].items()))
    typer.secho(
        f"{len(made['questions'])} questions of {made['sentences']} sentences that link to another page{dropped}.",
        dim=True,
        err=True,
    )
    if not made["questions"]:
        typer.echo(f"No sentence of {library} makes a question: none links to a section of another page.", err=True)
        raise typer.Exit(1)
