"""`python -m bench.scale --chunks 100000 --libraries 20`: what an index of that size costs, and how fast it answers.

The index is built once, in a folder that later runs use again, of Debian's documentation sets, which are fetched. Each
run writes its point into `points.json`, and all points into docs/benchmarks.md and the picture of docs/cost.md.
"""

import argparse
import asyncio
import tempfile
from pathlib import Path

import orjson

from bench import report
from bench.scale import points
from bench.scale.asking import Asked
from bench.scale.building import build
from bench.scale.measuring import measure
from core.logging import configure_logging
from indexer.evaluation.questions import KnownQuestion, read_questions

_DEFAULT = Path(tempfile.gettempdir()) / "lectern-bench" / "scale"


async def main() -> None:
    """Builds, measures, writes."""
    options = _options()
    configure_logging("pretty", "warning")
    sets, folder = options.folder / "sets", options.folder / f"{options.chunks}-{options.libraries}"
    sets.mkdir(parents=True, exist_ok=True)
    built = await build(folder, sets, options.chunks, options.libraries)
    given = [Asked(options.library, one.query) for one in _questions(options.questions)]
    command = f"python -m bench.scale --chunks {options.chunks} --libraries {options.libraries}"
    point = await measure(folder, built, options.count, given, report.circumstances(command))
    print(orjson.dumps(point, option=orjson.OPT_INDENT_2).decode())
    if not given:
        points.write(point)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.scale", description=__doc__)
    parser.add_argument("--chunks", type=int, default=100_000)
    parser.add_argument("--libraries", type=int, default=20)
    parser.add_argument("--folder", type=Path, default=_DEFAULT, help="where sets and indexes are kept")
    parser.add_argument("--count", type=int, default=400, help="how many questions are timed")
    parser.add_argument("--questions", type=Path, help="a file of questions instead, as docs/evaluation.md says")
    parser.add_argument("--library", default="/python3-11-doc/v0", help="what those are about")
    return parser.parse_args()


def _questions(path: Path | None) -> tuple[KnownQuestion, ...]:
    return () if path is None else tuple(read_questions(path.read_bytes().splitlines()))


if __name__ == "__main__":
    asyncio.run(main())
