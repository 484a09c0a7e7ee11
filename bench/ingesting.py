"""`python -m bench.ingesting`: a first crawl from end to end, and where its time goes.

A site on loopback is crawled, chunked and indexed by words as after `lectern add`: the crawler and the indexer of the
product in this process, extraction and an embedded PostgreSQL in theirs, and the site in one of its own. Then each step
is timed alone over the same pages: those of Python's documentation, or of `LECTERN_BENCH_SOURCE` where that is a site.
"""

import statistics
from dataclasses import dataclass
from pathlib import Path

import uvloop

from bench import report
from bench.consumption import Consumption, consumption
from bench.crawling import Bench, Pass, documentation_folder, open_bench
from bench.stages import Stages, measure_stages
from bench.static_site import static_site
from core.memory import bound_arenas, collect_rarely

_ROUNDS = 3


@dataclass(frozen=True)
class Round:
    """One first crawl, into a library of its own."""

    crawl: Pass
    taken: Consumption

    @property
    def pages_per_second(self) -> float:
        """Pages that answer, over the time from the start of the crawl to its end."""
        return self.crawl.pages / self.crawl.seconds


async def main() -> None:
    """Measures everything and writes the section."""
    folder = documentation_folder()
    async with open_bench() as bench, static_site(folder) as site:
        rounds = [await measure_crawl(bench, f"{site}/", number) for number in range(_ROUNDS)]
    stages = await measure_stages(pages_of(folder))
    text = render(folder, rounds, stages)
    print(text)
    report.write_section("ingesting", text)


def pages_of(folder: Path) -> list[tuple[str, bytes]]:
    """Gives the HTML pages of a folder, each with an address."""
    paths = sorted(path for path in folder.rglob("*.html") if path.is_file())
    return [(f"https://docs.example/{path.relative_to(folder).as_posix()}", path.read_bytes()) for path in paths]


async def measure_crawl(bench: Bench, site: str, number: int) -> Round:
    """Crawls the site once, for the first time as far as that library is concerned."""
    async with consumption(bench.folder / "postgres") as taken:
        crawl = await bench.fetch_and_index("first crawl", f"/bench/first-{number}", site)
    return Round(crawl, taken)


def render(folder: Path, rounds: list[Round], stages: Stages) -> str:
    """Gives the section's text."""
    middle = sorted(rounds, key=lambda one: one.pages_per_second)[len(rounds) // 2]
    rates = ", ".join(f"{one.pages_per_second:.0f}" for one in rounds)
    totals = statistics.median(one.taken.total_cpu_seconds for one in rounds)
    rows = [
        ("pages", f"{middle.crawl.pages}"),
        ("fetched, chunked, indexed by words, end to end", f"{middle.pages_per_second:.0f} pages/s ({rates})"),
        *((f"processor time, {part}", f"{seconds:.2f} s") for part, seconds in middle.taken.cpu_seconds.items()),
        ("processor time a page, all of these", f"{1000 * totals / middle.crawl.pages:.1f} ms"),
        *((f"memory at the most, {part}", f"{max(_peaks(rounds, part)):.0f} MiB") for part in middle.taken.peak_mib),
    ]
    paced = [
        (name, f"{1000 * seconds / stages.pages:.2f} ms", f"{stages.pages / seconds:.0f} pages/s")
        for name, seconds in stages.cpu_seconds.items()
    ]
    return "\n\n".join(
        [
            report.circumstances("python -m bench.ingesting"),
            f"Crawled: `{folder.name}`, {len(rounds)} times, each time for the first time; shown is the middle one. "
            "The site is served by a process of its own on the same cores.",
            report.table(("what", "figure"), rows),
            f"Each step alone, on one core, over {stages.pages} pages:",
            report.table(("step", "processor time a page", "pace"), paced),
            f"From blocks to words in the vector store: {stages.chunks_per_second:.0f} chunks a second of processor "
            f"time. Writing the words of {stages.chunks} chunks to disk took {stages.writing_seconds:.1f} s.",
        ]
    )


def _peaks(rounds: list[Round], part: str) -> list[float]:
    return [one.taken.peak_mib.get(part, 0.0) for one in rounds]


if __name__ == "__main__":
    bound_arenas()
    collect_rarely()
    uvloop.run(main())
