"""`python -m bench.pauses`: how long all else stands still while the embedded vector store puts its files in order.

One store is filled with made-up passages of one version, each with a vector, and put in order at several sizes: by the
engine in place, and as the product does it, apart. Meanwhile questions are asked one after the other, passages are
written likewise, and a task that wants to run every millisecond tells for how long nothing else could.
"""

import asyncio
import statistics
import tempfile
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID, uuid5

import numpy as np

from bench import report
from core.memory import bound_arenas
from indexer.vectors import IndexedText, Meaning
from indexer.vectors.edge import EdgeStore
from indexer.vectors.store import DENSE

_DIMENSION = 384
_SIZES = (4096, 32_768, 65_536)
_AT_ONCE = 2048
_AT_ONCE_MEANWHILE = 64
_WORDS = 60
_VOCABULARY = 50_000
_TICK_SECONDS, _PAUSE_SECONDS = 0.001, 0.05
_VERSION = UUID(int=1)


@dataclass
class Seen:
    """What was seen while files were put in order; times are seconds."""

    is_over: bool = False
    took: float = 0.0
    longest_pause: float = 0.0
    questions: list[float] = field(default_factory=list[float])
    writes: list[float] = field(default_factory=list[float])

    @property
    def row(self) -> tuple[str, ...]:
        """The cells of a table."""
        asked = self.questions or [0.0]
        return (
            f"{self.took:.1f} s",
            f"{self.longest_pause:.2f} s",
            f"{len(self.questions)}",
            f"{1000 * statistics.median(asked):.1f} ms",
            f"{1000 * max(asked):.0f} ms",
            f"{_AT_ONCE_MEANWHILE * len(self.writes)}",
            f"{1000 * max(self.writes or [0.0]):.0f} ms",
        )


class InPlace(EdgeStore):
    """A store whose engine puts the files in order where they are."""

    async def optimize(self) -> None:
        """Does so in the thread that writes, which does not help: the engine keeps the interpreter."""
        await self._live.write(self._live.engine.optimize)


async def main() -> None:
    """Measures both ways and writes the section."""
    rows: list[tuple[str, ...]] = []
    for name, kind in (("in place", InPlace), ("apart", EdgeStore)):
        with tempfile.TemporaryDirectory(prefix="lectern-pauses-") as folder:
            store = await kind.open(Path(folder) / "vectors")
            seen = await measure(store)
            await store.close()
        rows += [(name, str(size), *one.row) for size, one in zip(_SIZES, seen, strict=True)]
    columns = ("in order", "passages", "it took", "longest pause", "questions meanwhile", "median", "slowest")
    columns += ("written meanwhile", "slowest")
    text = f"{report.circumstances('python -m bench.pauses')}\n\n{report.table(columns, rows)}"
    print(text)
    report.write_section("pauses", text)


async def measure(store: EdgeStore) -> list[Seen]:
    """Fills a store and has it put in order at each size."""
    chance, filled, seen = np.random.default_rng(1), 0, list[Seen]()
    await store.add_space(DENSE, _DIMENSION)
    for size in _SIZES:
        while filled < size:
            await _fill(store, chance, filled, _AT_ONCE)
            filled += _AT_ONCE
        async with _watched(store, chance) as one:
            await store.optimize()
            await store.in_order()
        seen.append(one)
    return seen


async def _fill(store: EdgeStore, chance: np.random.Generator, start: int, count: int) -> None:
    texts = [_passage(chance, number) for number in range(start, start + count)]
    await store.put_words(texts)
    await store.put_meanings({text.id: _meaning(chance) for text in texts})


def _passage(chance: np.random.Generator, number: int) -> IndexedText:
    words = " ".join(f"w{word % _VOCABULARY}" for word in chance.zipf(1.3, _WORDS))
    return IndexedText(uuid5(_VERSION, str(number)), words, f"w{number}", (), {"version_id": str(_VERSION)})


def _meaning(chance: np.random.Generator) -> Meaning:
    vector = chance.standard_normal(_DIMENSION).astype(np.float32)
    return vector / np.float32(np.linalg.norm(vector))


@asynccontextmanager
async def _watched(store: EdgeStore, chance: np.random.Generator) -> AsyncGenerator[Seen]:
    seen, started = Seen(), time.perf_counter()
    tasks = (_tick(seen), _ask(store, _meaning(chance), seen), _write(store, chance, seen))
    watching = [asyncio.create_task(task) for task in tasks]
    await asyncio.sleep(0)
    yield seen
    seen.took = time.perf_counter() - started
    seen.is_over = True
    await asyncio.gather(*watching)


async def _tick(seen: Seen) -> None:
    last = time.perf_counter()
    while not seen.is_over:
        await asyncio.sleep(_TICK_SECONDS)
        now = time.perf_counter()
        seen.longest_pause, last = max(seen.longest_pause, now - last), now


async def _ask(store: EdgeStore, meaning: Meaning, seen: Seen) -> None:
    while not seen.is_over:
        started = time.perf_counter()
        await store.candidates(_VERSION, "w7 w70", meaning, 50)
        seen.questions.append(time.perf_counter() - started)


async def _write(store: EdgeStore, chance: np.random.Generator, seen: Seen) -> None:
    """Writes some of the first passages anew, again and again."""
    while not seen.is_over:
        started = time.perf_counter()
        await _fill(store, chance, _AT_ONCE_MEANWHILE * len(seen.writes), _AT_ONCE_MEANWHILE)
        seen.writes.append(time.perf_counter() - started)
        await asyncio.sleep(_PAUSE_SECONDS)


if __name__ == "__main__":
    bound_arenas()
    asyncio.run(main())
