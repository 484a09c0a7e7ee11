"""What an evaluation came to: figures with their intervals, differences, and what was required of them."""

from collections.abc import Mapping, Sequence
from typing import Any

import typer

from indexer.evaluation.comparison import Interval, differences_of, figures_of
from indexer.evaluation.measures import MEASURES
from indexer.evaluation.questions import KnownQuestion
from server.cli.evaluate import Measured
from server.cli.output import print_table

_MOST_FOUND = 10

Figures = Mapping[str, Interval]


def figures_by_setup(measured: Sequence[Measured]) -> list[Figures]:
    """Gives every measure of each setup with its interval."""
    return [figures_of(one.rows) for one in measured]


def unmet_requirements(figures: Figures, required: Mapping[str, float]) -> list[str]:
    """Gives a line for each requirement that is not met; of what had better be small, at most so much is required."""
    unmet: list[str] = []
    for name, bound in required.items():
        value = figures[name].value
        is_met = value <= bound if MEASURES[name].is_less_better else value >= bound
        if not is_met:
            limit = "at most" if MEASURES[name].is_less_better else "at least"
            unmet.append(f"{name} is {value:.4g}, {limit} {bound:.4g} is required.")
    return unmet


def print_figures(
    questions: Sequence[KnownQuestion], measured: Sequence[Measured], figures: Sequence[Figures], *, is_masked: bool
) -> None:
    """Prints a row for each setup and measure, and how the first differs from each of the others."""
    typer.echo(f"{len(questions)} questions{', masked' if is_masked else ''}; intervals of 95 %.")
    for one in measured:
        lost = f"; {_lost(one)} have no answer in this index" if _lost(one) else ""
        typer.echo(f"  {one.setup.name}: {one.library} {one.version}, answers of at most {one.tokens} tokens{lost}")
        if one.notice:
            typer.secho(f"lectern: {one.setup.name}: {one.notice}", fg="yellow", err=True)
    typer.echo()
    rows = [
        (one.setup.name, measure.title, *_shown(name, figures_of_one[name]))
        for one, figures_of_one in zip(measured, figures, strict=True)
        for name, measure in MEASURES.items()
    ]
    print_table(["configuration", "measure", "value", "95 %"], rows)
    for other in measured[1:]:
        _print_differences(measured[0], other)
    typer.secho(
        "\nLatency is the server's own, from the question to the packed answer: nothing cached, no HTTP, no metering.",
        dim=True,
    )


def as_json(
    questions: Sequence[KnownQuestion], measured: Sequence[Measured], figures: Sequence[Figures]
) -> dict[str, Any]:
    """Gives everything, with what came of each question."""
    return {
        "questions": len(questions),
        "configurations": [
            {
                "name": one.setup.name,
                "library": one.library,
                "version": one.version,
                "tokens": one.tokens,
                "notice": one.notice,
                "withoutAnswer": _lost(one),
                "measures": {name: _body(interval) for name, interval in figures_of_one.items()},
                "answers": _answers(questions, one),
            }
            for one, figures_of_one in zip(measured, figures, strict=True)
        ],
        "differences": [
            {
                "of": measured[0].setup.name,
                "against": other.setup.name,
                "measures": {
                    name: _body(interval) | {"isDistinguishable": interval.is_distinguishable}
                    for name, interval in differences_of(measured[0].rows, other.rows).items()
                },
            }
            for other in measured[1:]
        ],
    }


def _print_differences(one: Measured, other: Measured) -> None:
    typer.echo(f"\n{one.setup.name} against {other.setup.name}, question by question:\n")
    rows = [
        (MEASURES[name].title, *_shown(name, interval, sign="+"), _verdict(name, interval))
        for name, interval in differences_of(one.rows, other.rows).items()
    ]
    print_table(["measure", "difference", "95 %", "verdict"], rows)


def _verdict(name: str, difference: Interval) -> str:
    if not difference.is_distinguishable:
        return "not distinguishable from nothing"
    return "better" if (difference.value < 0) == MEASURES[name].is_less_better else "worse"


def _shown(name: str, interval: Interval, sign: str = "") -> tuple[str, str]:
    digits = 1 if MEASURES[name].is_less_better else 3
    # Without the addition, what is rounded to nothing may be shown as -0.
    value, low, high = (
        f"{round(number, digits) + 0.0:{sign}.{digits}f}" for number in (interval.value, interval.low, interval.high)
    )
    return value, f"{low} to {high}"


def _lost(one: Measured) -> int:
    """Counts the questions whose answers are on no page of the index."""
    return sum(not any(place.pages for place in outcome.gold) for outcome in one.outcomes)


def _body(interval: Interval) -> dict[str, Any]:
    return {"value": interval.value, "low": interval.low, "high": interval.high}


def _answers(questions: Sequence[KnownQuestion], one: Measured) -> list[dict[str, Any]]:
    return [
        {"id": question.id, **values, "found": list(outcome.found[:_MOST_FOUND]), "answered": list(outcome.answered)}
        for question, outcome, values in zip(questions, one.outcomes, one.rows, strict=True)
    ]
