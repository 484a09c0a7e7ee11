"""`python -m bench.fuzz --seconds N`: looks for documents that break a reader or take it long, and keeps them.

Each input follows from a number, which is printed: `--seed` makes it again. With `--atheris` the same readers get what
is found by the coverage of our own code instead, for N seconds each and in a process of its own. That library is no
part of the project: `pip install atheris` gets it. What it finds too slow is tried again without it.
"""

import argparse
import json
import random
import sys
import time
import traceback
from collections import Counter
from dataclasses import asdict
from importlib.util import find_spec
from pathlib import Path

from bench import report
from bench.fuzz_by_coverage import Fuzzed, fuzz_target
from tests.hostile.fuzzing import TARGETS, Target, allowed_seconds, mutate, seconds_of


def main() -> None:
    """Runs the targets until the time is over; ends with status 1 if anything was found."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=60.0, help="altogether; with --atheris on each target")
    parser.add_argument("--seed", type=int, default=None, help="the first number; random if not given")
    parser.add_argument("--target", action="append", choices=[target.name for target in TARGETS])
    parser.add_argument("--keep", type=Path, default=Path("fuzz-findings"), help="where what is found is put")
    parser.add_argument("--atheris", action="store_true")
    parser.add_argument("--json", action="store_true", help="with --atheris: one line of JSON at the end")
    arguments = parser.parse_args()
    targets = [target for target in TARGETS if not arguments.target or target.name in arguments.target]
    if arguments.atheris:
        sys.exit(_search_by_coverage(targets, arguments))
    seed = random.SystemRandom().randrange(2**32) if arguments.seed is None else arguments.seed
    sys.exit(1 if search(targets, arguments.seconds, seed, arguments.keep) else 0)


def search(targets: list[Target], seconds: float, seed: int, keep: Path) -> int:
    """Gives how many inputs broke a reader or took it too long; each is put into the folder."""
    end = time.monotonic() + seconds
    tried: Counter[str] = Counter()
    slowest: dict[str, float] = {}
    found = 0
    while time.monotonic() < end:
        for target in targets:
            body = mutate(target, random.Random(seed))  # noqa: S311 - to be repeated, not to be secret
            took, problem = _tried(target, body)
            tried[target.name] += 1
            slowest[target.name] = max(slowest.get(target.name, 0.0), took / allowed_seconds(body))
            if problem:
                found += 1
                _keep(keep, f"{target.name}-{seed}", body, problem)
        seed += 1
    for name, count in tried.items():
        print(f"{name:24} {count:7} inputs, the slowest took {slowest[name]:.0%} of what it may")
    return found


def _tried(target: Target, body: bytes) -> tuple[float, str | None]:
    try:
        took = seconds_of(target, body)
    except Exception:
        return 0.0, traceback.format_exc()
    return took, f"{took:.1f} s for {len(body)} bytes" if took > allowed_seconds(body) else None


def _keep(folder: Path, name: str, body: bytes, problem: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name.replace(" ", "-")).write_bytes(body)
    print(f"{name}: {problem}")


def _search_by_coverage(targets: list[Target], arguments: argparse.Namespace) -> int:
    """Fuzzes each target and gives the exit status; all of them write the section of the benchmarks."""
    if find_spec("atheris") is None:
        print("--atheris needs the library of that name, which is not installed: pip install atheris", file=sys.stderr)
        return 2
    fuzzed: list[Fuzzed] = []
    for target in targets:
        fuzzed.append(fuzz_target(target, arguments.seconds, arguments.keep))
        print(f"{fuzzed[-1]}", file=sys.stderr, flush=True)
    if arguments.json:
        print(json.dumps([asdict(one) for one in fuzzed]))
    if len(targets) == len(TARGETS):
        report.write_section("fuzzing", render(fuzzed, arguments.seconds))
    return 1 if any(one.problems for one in fuzzed) else 0


def render(fuzzed: list[Fuzzed], seconds: float) -> str:
    """Gives the section's text."""
    rows = [
        (
            *(one.target, f"{one.seconds:.0f} s", f"{one.executions}", f"{one.per_second:.0f}"),
            *(f"{1000 * one.slowest:.2f} ms", f"{len(one.problems)}"),
        )
        for one in fuzzed
    ]
    circumstances = report.circumstances(f"python -m bench.fuzz --atheris --seconds {seconds:g}")
    columns = ("reader", "for", "inputs", "inputs/s", "slowest", "found")
    return f"{circumstances}\n\n{report.table(columns, rows)}"


if __name__ == "__main__":
    main()
