"""What the parts of the product take while something runs: processor time, and memory at its highest."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil

WORKER, EXTRACTION, DATABASE = "crawler and indexer", "extraction", "PostgreSQL"
_LOOK_SECONDS = 0.2


@dataclass
class Consumption:
    """Seconds of processor time, and MiB of resident memory at the most, by part; that of PostgreSQL is not counted."""

    cpu_seconds: dict[str, float] = field(default_factory=dict[str, float])
    peak_mib: dict[str, float] = field(default_factory=dict[str, float])

    @property
    def total_cpu_seconds(self) -> float:
        """The processor time of all parts."""
        return sum(self.cpu_seconds.values())


@asynccontextmanager
async def consumption(postgres: Path) -> AsyncGenerator[Consumption]:
    """Measures this process and those it started, and the PostgreSQL whose data is in `postgres`."""
    measured = Consumption()
    before = _cpu_seconds(postgres)
    looking = asyncio.create_task(_watch_memory(measured))
    try:
        yield measured
    finally:
        looking.cancel()
        measured.cpu_seconds = {part: now - before.get(part, 0.0) for part, now in _cpu_seconds(postgres).items()}


async def _watch_memory(measured: Consumption) -> None:
    while True:
        sizes = Counter[str]()
        for part, process in _parts():
            with suppress(psutil.Error):
                sizes[part] += process.memory_info().rss
        for part, size in sizes.items():
            measured.peak_mib[part] = max(measured.peak_mib.get(part, 0.0), size / 2**20)
        await asyncio.sleep(_LOOK_SECONDS)


def _parts() -> Iterator[tuple[str, psutil.Process]]:
    own = psutil.Process()
    yield WORKER, own
    for child in own.children(recursive=True):
        with suppress(psutil.Error):
            if "spawn_main" in " ".join(child.cmdline()):
                yield EXTRACTION, child


def _cpu_seconds(postgres: Path) -> dict[str, float]:
    found: defaultdict[str, float] = defaultdict(float)
    server = psutil.Process(int((postgres / "postmaster.pid").read_text().split("\n", 1)[0]))
    ended = server.cpu_times()
    found[DATABASE] += ended.children_user + ended.children_system
    parts = [*_parts(), *((DATABASE, one) for one in (server, *server.children(recursive=True)))]
    for part, process in parts:
        with suppress(psutil.Error):
            times = process.cpu_times()
            found[part] += times.user + times.system
    return found
