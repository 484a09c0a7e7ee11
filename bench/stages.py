"""The steps from a page's bytes to its words in the vector store, each timed alone, in one process."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar
from uuid import UUID

from core.markup import is_parsable
from crawler.links import read_links
from indexer.duplicates import fingerprint_of
from indexer.extract import extract_page
from indexer.indexing import indexed_text
from indexer.preparing import LibraryName, chunk_rows
from indexer.queries.chunks import ChunkRow
from indexer.queries.versions import LibraryVersion
from indexer.vectors.edge import EdgeStore

GUARD, LINKS = "limits on markup", "links, by the crawler"
EXTRACTION, CHUNKING = "bytes to blocks, metadata and links", "blocks to chunks as they are stored"
FINGERPRINTS, WORDS = "fingerprints for finding duplicates", "chunks to words in the vector store"

_TYPE = "text/html"
_CHUNKS_PER_WRITE = 1024
_VERSION = LibraryVersion(UUID(int=1), "/bench/docs", "docs", "1", True, 1, None)  # noqa: FBT003 - it is the latest
_NAME = LibraryName(_VERSION.id, _VERSION.library_name, _VERSION.version)

Result = TypeVar("Result")


@dataclass
class Stages:
    """Seconds of processor time of each step over all pages; `writing_seconds` are those a clock shows for words."""

    pages: int
    chunks: int = 0
    cpu_seconds: dict[str, float] = field(default_factory=dict[str, float])
    writing_seconds: float = 0.0

    @property
    def chunks_per_second(self) -> float:
        """Chunks made of blocks and written, words and all, in a second of processor time."""
        return self.chunks / (self.cpu_seconds[CHUNKING] + self.cpu_seconds[WORDS])

    def note(self, name: str, step: Callable[[], Result]) -> Result:
        """Does a step and notes how long it took."""
        started = time.process_time()
        result = step()
        self.cpu_seconds[name] = time.process_time() - started
        return result


async def measure_stages(pages: Sequence[tuple[str, bytes]]) -> Stages:
    """Times each step over all pages, each an address and its bytes."""
    # What is loaded once in the life of a process does not count.
    chunk_rows(_NAME, extract_page(pages[0][1], _TYPE, pages[0][0]))
    stages = Stages(len(pages))
    stages.note(GUARD, lambda: [is_parsable(body.decode("latin-1")) for _, body in pages])
    stages.note(LINKS, lambda: [read_links(body, address, _TYPE) for address, body in pages])
    extracted = stages.note(EXTRACTION, lambda: [extract_page(body, _TYPE, address) for address, body in pages])
    stages.note(FINGERPRINTS, lambda: [fingerprint_of(page) for page in extracted])
    rows = stages.note(CHUNKING, lambda: [row for page in extracted for row in chunk_rows(_NAME, page)])
    stages.chunks = len(rows)
    await _write_words(stages, rows)
    return stages


async def _write_words(stages: Stages, rows: Sequence[ChunkRow]) -> None:
    today = datetime.now(UTC).date()
    with TemporaryDirectory(prefix="lectern-bench-") as folder:
        store = await EdgeStore.open(Path(folder))
        started, cpu = time.perf_counter(), time.process_time()
        for start in range(0, len(rows), _CHUNKS_PER_WRITE):
            part = rows[start : start + _CHUNKS_PER_WRITE]
            await store.put_words([indexed_text(_VERSION, row, today) for row in part])
        stages.cpu_seconds[WORDS] = time.process_time() - cpu
        stages.writing_seconds = time.perf_counter() - started
        await store.close()
