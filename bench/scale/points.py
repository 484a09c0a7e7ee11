"""The points measured so far, as a table of docs/benchmarks.md and as a picture of docs/cost.md."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson

from bench import report
from bench.scale.measuring import Point
from bench.scale.picture import Panel, draw

Cell = Callable[[dict[str, Any]], str]
"""What a row of the table shows of a point."""

FILE = Path(__file__).with_name("points.json")
PICTURE = report.PAGE.with_name("cost.svg")
_STEPS = (
    ("embedding the question", "embed_question"),
    ("words, meanwhile", "best_by_words"),
    ("candidates of all fields", "candidates"),
    ("payloads", "payloads"),
    ("ranking, packing, which version", "the rest"),
)


def write(point: Point) -> None:
    """Keeps a point in place of an earlier one of the same size, and writes table and picture anew."""
    known: list[dict[str, Any]] = orjson.loads(FILE.read_bytes()) if FILE.exists() else []
    new: dict[str, Any] = orjson.loads(orjson.dumps(point))
    size = (point.chunks, point.libraries)
    kept = [one for one in known if (one["chunks"], one["libraries"]) != size]
    points = sorted([*kept, new], key=lambda one: one["chunks"])
    FILE.write_bytes(orjson.dumps(points, option=orjson.OPT_INDENT_2) + b"\n")
    PICTURE.write_text(draw(panels(points)))
    report.write_section("scale", render(points))


def render(points: list[dict[str, Any]]) -> str:
    """Gives the section's text."""
    columns = ("", *(f"{one['chunks']:,} passages" for one in points))
    rows = [(name, *(cell(one) for one in points)) for name, cell in _ROWS]
    return "\n\n".join((*dict.fromkeys(one["circumstances"] for one in points), report.table(columns, rows)))


def panels(points: list[dict[str, Any]]) -> list[Panel]:
    """Gives what the picture shows."""
    return [
        Panel("disk, MiB", {"vectors": _series(points, "vectors_mib"), "PostgreSQL": _series(points, "postgres_mib")}),
        Panel(
            "memory of the server, MiB",
            {
                "its own": [(one["chunks"], _server(one)["own"]) for one in points],
                "mapped files": [(one["chunks"], _server(one)["mapped"]) for one in points],
            },
        ),
        Panel(
            "an answer by words alone, ms",
            {"p50": _milliseconds(points, "words", "p50"), "p99": _milliseconds(points, "words", "p99")},
        ),
        Panel(
            "words and meaning, ms",
            {"p50": _milliseconds(points, "meaning", "p50"), "p99": _milliseconds(points, "meaning", "p99")},
        ),
    ]


def _series(points: list[dict[str, Any]], name: str) -> list[tuple[float, float]]:
    return [(one["chunks"], one[name]) for one in points]


def _milliseconds(points: list[dict[str, Any]], kind: str, quantile: str) -> list[tuple[float, float]]:
    return [(one["chunks"], one[kind]["uncached"][quantile]) for one in points]


def _times(kind: str, name: str) -> Cell:
    def cell(one: dict[str, Any]) -> str:
        found = one[kind].get(name)
        return f"{found['p50']:.2f}, {found['p99']:.2f} ms" if found else "none"

    return cell


def _server(one: dict[str, Any]) -> dict[str, float]:
    return one["running_words"]["memory"]["server"]


def _cpu(kind: str) -> Cell:
    def cell(one: dict[str, Any]) -> str:
        return ", ".join(f"{part} {value:.1f} ms" for part, value in sorted(one[kind]["cpu"].items()) if value)

    return cell


_ROWS: tuple[tuple[str, Cell], ...] = (
    ("libraries, passages of the largest", lambda one: f"{one['libraries']}, {one['largest_library']:,}"),
    ("building: rows into PostgreSQL", lambda one: f"{one['build_seconds']['rows']:.0f} s"),
    ("building: words into the index", lambda one: f"{one['build_seconds']['words']:.0f} s"),
    ("building: vectors into the index", lambda one: f"{one['build_seconds']['meanings']:.0f} s"),
    ("building: segments, graphs, bytes", lambda one: f"{one['build_seconds']['optimizing']:.0f} s"),
    ("disk: vector store", lambda one: f"{one['vectors_mib']:,.0f} MiB"),
    ("disk: PostgreSQL, without its journal", lambda one: f"{one['postgres_mib']:,.0f} MiB"),
    ("start, until up", lambda one: f"{one['running_words']['start_seconds']:.1f} s"),
    ("memory of the server: its own", lambda one: f"{_server(one)['own']:,.0f} MiB"),
    ("memory of the server: mapped files", lambda one: f"{_server(one)['mapped']:,.0f} MiB"),
    ("**words alone**: p50, p99", _times("words", "uncached")),
    *((f"words alone, {title}", _times("words", name)) for title, name in _STEPS[2:]),
    ("**words and meaning**: p50, p99", _times("meaning", "uncached")),
    *((f"words and meaning, {title}", _times("meaning", name)) for title, name in _STEPS),
    ("**from the cache**: p50, p99", _times("meaning", "cached")),
    ("processor a question, over HTTP, words alone", _cpu("running_words")),
    ("processor a question, over HTTP, words and meaning", _cpu("running_meaning")),
)
