"""`python -m bench.memory`: the memory of a worker that crawls a large site for the first time, over the time it takes.

Rust's documentation is served on loopback by a process of its own. The worker is the product's, with the embedded
vector engine in it; extraction and PostgreSQL have processes of their own. What is mapped from files of the vector
store is told apart: the system takes that back when it needs room. Passages are not embedded.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from uuid import UUID

import psutil
import uvloop

from bench import report
from bench.crawling import Bench, open_bench
from bench.extraction.corpora import cache_folder
from bench.extraction.debian import DEBIAN
from bench.static_site import static_site
from core.memory import bound_arenas, collect_rarely
from crawler import service
from crawler.records import PageCounts
from crawler.rules import CrawlRules
from server.ingest import CRAWL_JOB

_SITE = "rust-doc"
_LOOK_SECONDS = 0.5
_SHOWN_LOOKS = 40
_MIB = 2**20


@dataclass
class Use:
    """Memory in MiB at its highest in one part of a crawl: of the worker all, its own, and that of extraction."""

    resident: float = 0.0
    own: float = 0.0
    extraction: float = 0.0

    def note(self, resident: float, own: float, extraction: float) -> None:
        """Takes one look into account."""
        self.resident, self.own = max(self.resident, resident), max(self.own, own)
        self.extraction = max(self.extraction, extraction)


@dataclass
class Course:
    """What was seen of a crawl: its use of memory by the state it was in, and how it went."""

    seconds: float = 0.0
    pages: PageCounts | None = None
    by_status: dict[str, Use] = field(default_factory=dict[str, Use])


async def main() -> None:
    """Measures one crawl and writes the section."""
    corpus = next(corpus for corpus in DEBIAN if corpus.name == _SITE)
    async with open_bench() as bench, static_site(corpus.root(cache_folder())) as site:
        course, passages = await measure(bench, f"{site}/")
    text = render(course, passages)
    print(text)
    report.write_section("memory", text)


async def measure(bench: Bench, site: str) -> tuple[Course, int]:
    """Crawls the site; gives the course of it, and how many passages answer."""
    source = service.recognise_source(site)
    version, crawl = await bench.ingest.add("/rust/docs", "1", source, CrawlRules(allow_private=True))
    loop = asyncio.get_running_loop()
    started = loop.time()
    async with _watched(bench, crawl.id) as course:
        await bench.ingest.handlers[CRAWL_JOB](str(crawl.id))
    course.seconds = loop.time() - started
    async with bench.database.connection() as connection:
        course.pages = (await service.crawl_progress(connection, crawl.id)).pages
    return course, (await bench.indexer.counts(version.id)).chunks


@asynccontextmanager
async def _watched(bench: Bench, crawl_id: UUID) -> AsyncGenerator[Course]:
    course = Course()
    watching = asyncio.create_task(_watch(bench, crawl_id, course))
    try:
        yield course
    finally:
        watching.cancel()


async def _watch(bench: Bench, crawl_id: UUID, course: Course) -> None:
    looks = 0
    while True:
        async with bench.database.connection() as connection:
            progress = await service.crawl_progress(connection, crawl_id)
        own = psutil.Process()
        memory, extraction = own.memory_info(), 0
        for child in own.children():
            extraction += child.memory_info().rss if "spawn_main" in " ".join(child.cmdline()) else 0
        sizes = memory.rss / _MIB, (memory.rss - memory.shared) / _MIB, extraction / _MIB
        course.by_status.setdefault(progress.status, Use()).note(*sizes)
        if looks % _SHOWN_LOOKS == 0:
            shown = ", ".join(f"{size:.0f}" for size in sizes)
            print(f"{progress.status}: {progress.pages.fetched} pages; MiB: {shown}", flush=True)
        looks += 1
        await asyncio.sleep(_LOOK_SECONDS)


def render(course: Course, passages: int) -> str:
    """Gives the section's text."""
    pages = course.pages.fetched if course.pages else 0
    rows = [
        (status, f"{use.resident:.0f} MiB", f"{use.own:.0f} MiB", f"{use.extraction:.0f} MiB")
        for status, use in course.by_status.items()
    ]
    return "\n\n".join(
        [
            report.circumstances("python -m bench.memory"),
            f"Crawled: `{_SITE}`, {pages} pages, {passages} passages, in {course.seconds:.0f} s: "
            f"{pages / course.seconds:.0f} pages/s from the first request to the last passage in its place.",
            report.table(("state of the crawl", "worker, resident", "of it its own", "extraction"), rows),
        ]
    )


if __name__ == "__main__":
    bound_arenas()
    collect_rarely()
    uvloop.run(main())
