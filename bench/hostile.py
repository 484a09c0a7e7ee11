"""`python -m bench.hostile`: what a site that means harm costs a worker, in seconds and in memory.

The site and the database are in this process and its children, the worker is a process of its own: what is measured is
what crawls and indexes. It goes through all cases of `tests/hostile` one after the other.
"""

import argparse
import asyncio
import json
import sys
import tempfile
from asyncio.subprocess import PIPE, Process
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from bench import report
from core.database import Database
from core.embedded_postgres import embedded_postgres
from core.memory import bound_arenas
from migrations.runner import migrate
from tests.hostile.case import Case
from tests.hostile.judging import complaints
from tests.hostile.runs import CASE_SECONDS, Worker, open_worker
from tests.hostile.table import CASES
from tests.hostile.wire import HostileSite, serve_hostile

_LOOK_SECONDS = 0.02
_TARGET_MIB = 300


@dataclass
class Memory:
    """The most resident memory seen, in MiB; `own` is what of the worker's is not mapped from files."""

    worker: float = 0.0
    own: float = 0.0
    extraction: float = 0.0
    together: float = 0.0

    def look(self, pid: int) -> None:
        """Looks once at a worker and the extraction processes below it."""
        try:
            process = psutil.Process(pid)
            memory = process.memory_info()
            children = sum(child.memory_info().rss for child in process.children(recursive=True)) / 2**20
        except psutil.NoSuchProcess:
            return
        worker, self.own = memory.rss / 2**20, max(self.own, (memory.rss - memory.shared) / 2**20)
        self.worker, self.extraction = max(self.worker, worker), max(self.extraction, children)
        self.together = max(self.together, worker + children)


@dataclass
class Measured:
    """What was seen."""

    before: Memory = field(default_factory=Memory)
    """With nothing crawled yet."""
    peaks: dict[str, Memory] = field(default_factory=dict[str, Memory])
    seconds: dict[str, float] = field(default_factory=dict[str, float])
    broken: dict[str, str] = field(default_factory=dict[str, str])
    """Cases that did not end as their table says, with what was said instead."""


async def main() -> None:
    """Measures the cases named, or all, and writes the section."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--worker", nargs=2, metavar=("DATABASE", "FOLDER"), help=argparse.SUPPRESS)
    parser.add_argument("names", nargs="*", help="cases; all if none is named")
    arguments = parser.parse_args()
    if arguments.worker:
        bound_arenas()
        await work(*arguments.worker)
        return
    chosen = [case for case in CASES if not arguments.names or case.name in arguments.names]
    measured = await measure(chosen)
    for name, peak in measured.peaks.items():
        print(
            f"{name:34} {measured.seconds[name]:6.1f} s {peak.worker:7.0f} {peak.extraction:7.0f} {peak.together:7.0f}"
        )
    print(render(measured))
    if not arguments.names:
        report.write_section("hostile", render(measured))


async def measure(cases: Sequence[Case]) -> Measured:
    """Serves the cases and has a worker go through them."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="lectern-hostile-")))
        url = stack.enter_context(embedded_postgres(folder / "postgres"))
        database = await Database.connect(url, pool_size=2)
        await migrate(database, "content")
        await database.close()
        sites = {case.name: await stack.enter_async_context(serve_hostile(case.routes)) for case in cases}
        worker = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bench.hostile", "--worker", url, str(folder), stdin=PIPE, stdout=PIPE
        )
        try:
            return await _drive(worker, {name: site.url for name, site in sites.items()})
        finally:
            if worker.returncode is None:
                worker.kill()
                await worker.wait()


async def _drive(worker: Process, sites: dict[str, str]) -> Measured:
    """Names one case after the other to the worker and watches its memory meanwhile."""
    measured = Measured()
    await _answer(worker, measured.before)
    for name, url in sites.items():
        peak = measured.peaks[name] = Memory()
        said = await _answer(worker, peak, f"{json.dumps([name, url])}\n")
        measured.seconds[name] = float(said["seconds"] or 0)
        if said["problem"]:
            measured.broken[name] = str(said["problem"])
    return measured


async def _answer(worker: Process, memory: Memory, question: str = "") -> dict[str, float | str | None]:
    assert worker.stdin is not None
    assert worker.stdout is not None
    worker.stdin.write(question.encode())
    answer = asyncio.ensure_future(worker.stdout.readline())
    while not (await asyncio.wait([answer], timeout=_LOOK_SECONDS))[0]:
        memory.look(worker.pid)
    memory.look(worker.pid)
    return json.loads(await answer or '{"seconds": 0, "problem": "the worker died"}')


async def work(url: str, folder: str) -> None:
    """Crawls and indexes what it is told to on standard input."""
    cases = {case.name: case for case in CASES}
    # The log goes elsewhere than the answers.
    answers, sys.stdout = sys.stdout, sys.stderr
    database = await Database.connect(url, pool_size=5, schema="content")
    async with open_worker(database, Path(folder)) as worker:
        print(json.dumps({"seconds": 0.0, "problem": None}), file=answers, flush=True)
        while line := await asyncio.to_thread(sys.stdin.readline):
            name, address = json.loads(line)
            judged = await _judged(worker, cases[name], HostileSite(cases[name].routes, address))
            print(json.dumps(judged), file=answers, flush=True)
    await database.close()


async def _judged(worker: Worker, case: Case, site: HostileSite) -> dict[str, float | str | None]:
    try:
        ran = await worker.run_on(case, site)
    except Exception as error:
        return {"seconds": CASE_SECONDS, "problem": f"{type(error).__name__}: {error}"}
    return {"seconds": ran.seconds, "problem": "; ".join(complaints(case, ran)) or None}


def render(measured: Measured) -> str:
    """Gives the section's text."""
    peaks = measured.peaks
    slowest = max(measured.seconds, key=lambda name: measured.seconds[name])
    rows = [
        ("cases, ended as they should", f"{len(peaks)}, {len(peaks) - len(measured.broken)}"),
        ("all cases, one after the other", f"{sum(measured.seconds.values()):.0f} s"),
        (f"the longest, `{slowest}`", f"{measured.seconds[slowest]:.1f} s"),
        ("worker before the first case, of it its own", f"{measured.before.worker:.0f}, {measured.before.own:.0f} MiB"),
        *(_peak_row("worker", peaks, {name: peak.worker for name, peak in peaks.items()})),
        *(_peak_row("its own of the worker", peaks, {name: peak.own for name, peak in peaks.items()})),
        *(_peak_row("extraction process", peaks, {name: peak.extraction for name, peak in peaks.items()})),
        *(_peak_row("both together", peaks, {name: peak.together for name, peak in peaks.items()})),
    ]
    problems = "".join(f"\n- `{name}`: {problem}" for name, problem in measured.broken.items())
    circumstances = report.circumstances("python -m bench.hostile")
    above = (
        f"{circumstances}\n\nMemory is resident memory, read fifty times a second; "
        "a worker's own is what is not mapped from files, which the system takes back when it needs room."
    )
    return f"{above} The target is {_TARGET_MIB} MiB for the worker.\n\n{report.table(('what', 'figure'), rows)}" + (
        f"\n\nNot as they should:\n{problems}" if problems else ""
    )


def _peak_row(what: str, peaks: dict[str, Memory], figures: dict[str, float]) -> list[tuple[str, str]]:
    most = max(figures, key=lambda name: figures[name])
    assert most in peaks
    return [(f"{what} at the most, in `{most}`", f"{figures[most]:.0f} MiB")]


if __name__ == "__main__":
    asyncio.run(main())
