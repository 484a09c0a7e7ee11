"""Fuzzing by coverage: one reader in a process of its own, in which only our packages are instrumented.

This process follows it from outside: an input that hangs or kills the other one is found all the same.
"""

import argparse
import contextlib
import importlib
import json
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.hostile.fuzzing import Target

_OURS = ["core", "crawler", "indexer"]
_MAX_INPUT_BYTES = 2**15
_SEED_BYTES = 2048
_HANG_SECONDS = 30
_MEMORY_MIB = 3072
_NOTE_SECONDS = 0.5
_MAX_PROBLEMS = 20


@dataclass
class Fuzzed:
    """What came of a target."""

    target: str
    seconds: float = 0.0
    executions: int = 0
    slowest: float = 0.0
    """The longest an input took, as a share of what it may take: 1 s, as all are shorter than 64 KiB."""
    slowest_bytes: int = 0
    slowest_input: str | None = None
    problems: dict[str, str] = field(default_factory=dict[str, str])
    """What went wrong, each once, and the file that holds the input."""

    @property
    def per_second(self) -> float:
        """Inputs tried a second."""
        return self.executions / self.seconds if self.seconds else 0.0

    def __str__(self) -> str:
        """Gives a line for a person, and one for each problem."""
        figures = f"{self.executions:8} inputs, {self.per_second:6.0f}/s, slowest {1000 * self.slowest:.1f} ms"
        return "\n".join(
            [f"{self.target:24} {figures}", *(f"  {problem}: {file}" for problem, file in self.problems.items())]
        )


def fuzz_target(target: "Target", seconds: float, keep: Path) -> Fuzzed:
    """Fuzzes one target for some seconds; the inputs that are problems are put into a folder."""
    keep.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="lectern-fuzz-") as scratch:
        told, log = Path(scratch, "told.json"), Path(scratch, "log")
        command = [sys.executable, "-m", "bench.fuzz_by_coverage", target.name, str(seconds), str(keep), scratch]
        with log.open("wb") as output:
            status = _run(command, output, seconds + 4 * _HANG_SECONDS)
        fuzzed = Fuzzed(**json.loads(told.read_bytes())) if told.exists() else Fuzzed(target.name)
        _take_up_end(fuzzed, status, log, keep)
    _try_again(fuzzed, target)
    return fuzzed


def _run(command: list[str], output: IO[bytes], seconds: float) -> int:
    process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT)
    try:
        return process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        return process.wait()


def _take_up_end(fuzzed: Fuzzed, status: int, log: Path, keep: Path) -> None:
    """Adds what ended the process early: a hang, a lack of memory, a crash below Python."""
    left = [path for kind in ("timeout", "oom", "crash") for path in keep.glob(f"{_slug(fuzzed.target)}-{kind}-*")]
    for path in left:
        fuzzed.problems[f"{path.name.removeprefix(_slug(fuzzed.target)).split('-')[1]} (status {status})"] = str(path)
    if status and not left and not fuzzed.problems:
        kept = keep / f"{_slug(fuzzed.target)}-log"
        kept.write_bytes(log.read_bytes()[-20_000:])
        fuzzed.problems[f"ended with status {status}"] = str(kept)


def _try_again(fuzzed: Fuzzed, target: "Target") -> None:
    """Takes back what was too slow for being instrumented only, and measures the slowest as it is."""
    from tests.hostile.fuzzing import allowed_seconds, seconds_of  # noqa: PLC0415 - the other process instruments it

    if fuzzed.slowest_input:
        body = Path(fuzzed.slowest_input).read_bytes()
        with contextlib.suppress(Exception):  # what it raises is a problem of its own
            fuzzed.slowest = min(seconds_of(target, body) for _ in range(2)) / allowed_seconds(body)
    if fuzzed.slowest > 1:
        fuzzed.problems[f"took {fuzzed.slowest:.1f} times what it may"] = fuzzed.slowest_input or ""
    elif fuzzed.slowest_input:
        Path(fuzzed.slowest_input).unlink()
        fuzzed.slowest_input = None


class _Trials:
    """The inputs of one target, tried one after the other."""

    def __init__(self, target: "Target", keep: Path, told: Path) -> None:
        self._target = target
        self._keep = keep
        self._told = told
        self._fuzzed = Fuzzed(target.name)
        self._started = self._noted = time.monotonic()

    def take(self, body: bytes) -> None:
        """Tries an input."""
        started = time.process_time()
        try:
            self._target.read(body)
        except Exception as error:
            self._note_problem(_signature(error), body)
        self._note_time(time.process_time() - started, body)
        self._fuzzed.executions += 1
        now = time.monotonic()
        if now - self._noted > _NOTE_SECONDS:
            self._noted, self._fuzzed.seconds = now, now - self._started
            self._told.write_text(json.dumps(asdict(self._fuzzed)))

    def _note_problem(self, problem: str, body: bytes) -> None:
        problems = self._fuzzed.problems
        if problem not in problems and len(problems) < _MAX_PROBLEMS:
            path = self._keep / f"{_slug(self._target.name)}-{sha256(body).hexdigest()[:12]}"
            path.write_bytes(body)
            problems[problem] = str(path)

    def _note_time(self, seconds: float, body: bytes) -> None:
        if seconds > self._fuzzed.slowest:
            self._fuzzed.slowest, self._fuzzed.slowest_bytes = seconds, len(body)
            path = self._keep / f"{_slug(self._target.name)}-slowest"
            path.write_bytes(body)
            self._fuzzed.slowest_input = str(path)


def _signature(error: Exception) -> str:
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.line]
    place = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "?"
    return f"{type(error).__name__} at {place}"


def _slug(name: str) -> str:
    return name.replace(" ", "-")


def _corpus(target: "Target") -> Iterator[bytes]:
    """Yields pieces of the seeds: short ones are tried often."""
    for seed in target.seeds:
        yield from (
            seed[start : start + _SEED_BYTES] for start in range(0, min(len(seed), 4 * _SEED_BYTES), _SEED_BYTES)
        )


def _dictionary(target: "Target") -> str:
    quoted = ("".join(f"\\x{byte:02x}" for byte in piece) for piece in target.pieces)
    return "".join(f'"{piece}"\n' for piece in quoted)


def main() -> None:
    """Fuzzes in this process, which the fuzzer ends."""
    parser = argparse.ArgumentParser()
    parser.add_argument("target")
    parser.add_argument("seconds", type=float)
    parser.add_argument("keep", type=Path)
    parser.add_argument("scratch", type=Path)
    given = parser.parse_args()
    # A library that is not of the project.
    atheris: Any = importlib.import_module("atheris")
    with atheris.instrument_imports(include=_OURS):
        fuzzing = importlib.import_module("tests.hostile.fuzzing")
    target: Target = next(target for target in fuzzing.TARGETS if target.name == given.target)
    corpus, words = given.scratch / "corpus", given.scratch / "words"
    corpus.mkdir()
    for number, seed in enumerate(_corpus(target)):
        (corpus / str(number)).write_bytes(seed)
        # What is loaded or compiled at the first input is not the fault of that input.
        with contextlib.suppress(Exception):
            target.read(seed)
    words.write_text(_dictionary(target))
    bounds = {"max_total_time": int(given.seconds), "max_len": _MAX_INPUT_BYTES, "timeout": _HANG_SECONDS}
    places = {"rss_limit_mb": _MEMORY_MIB, "artifact_prefix": given.keep / f"{_slug(target.name)}-", "dict": words}
    flags = [f"-{name}={value}" for name, value in {**bounds, **places}.items()]
    trials = _Trials(target, given.keep, given.scratch / "told.json")
    atheris.Setup([sys.argv[0], *flags, str(corpus)], trials.take)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
