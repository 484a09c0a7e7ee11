"""`python -m bench.fuzz --seconds N`: looks for documents that break a reader or take it long, and keeps them.

Each input follows from a number, which is printed: `--seed` makes it again. With `--atheris` the inputs are found by
coverage of the code instead, where that library is installed; the targets are the same.
"""

import argparse
import importlib
import random
import sys
import time
import traceback
from collections import Counter
from pathlib import Path
from typing import Any

from tests.hostile.fuzzing import TARGETS, Target, allowed_seconds, mutate, seconds_of


def main() -> None:
    """Runs the targets in turn until the time is over; ends with status 1 if anything was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=None, help="the first number; random if not given")
    parser.add_argument("--target", action="append", choices=[target.name for target in TARGETS])
    parser.add_argument("--keep", type=Path, default=Path("fuzz-findings"), help="where what is found is put")
    parser.add_argument("--atheris", action="store_true")
    arguments = parser.parse_args()
    targets = [target for target in TARGETS if not arguments.target or target.name in arguments.target]
    if arguments.atheris:
        _run_atheris(targets[0], arguments.seconds)
        return
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


def _run_atheris(target: Target, seconds: float) -> None:
    # An extra that is not of the project.
    atheris: Any = importlib.import_module("atheris")
    atheris.instrument_all()
    arguments = [sys.argv[0], f"-max_total_time={seconds:.0f}", "-max_len=65536", "-timeout=5", "-rss_limit_mb=2048"]
    atheris.Setup(arguments, target.read)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
