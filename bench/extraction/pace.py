"""How fast pages are read: processor time of one process, over the same number of pages of each set."""

import time
from collections.abc import Iterable
from dataclasses import dataclass

from crawler.links import read_links
from indexer.chunking import chunk_page
from indexer.extract import ExtractedPage, extract_page

_TYPE = "text/html"
_ROUNDS = 2


@dataclass(frozen=True)
class Pace:
    """Seconds of processor time over all pages.

    `extracting` is bytes to blocks, metadata and links, the better of two rounds; `chunking` is what comes after it,
    of one round, since texts seen before are counted faster.
    """

    pages: int = 0
    size_bytes: int = 0
    extracting: float = 0
    chunking: float = 0
    chunks: int = 0


def measure_pace(pages: Iterable[tuple[str, bytes]]) -> Pace:
    """Gives the pace over pages, each an address and its bytes."""
    known = list(pages)
    extracting = min(_seconds_to_extract(known) for _ in range(_ROUNDS))
    extracted = [extract_page(body, _TYPE, address) for address, body in known]
    chunks, chunking = _seconds_to_chunk(extracted)
    return Pace(len(known), sum(len(body) for _, body in known), extracting, chunking, chunks)


def _seconds_to_extract(pages: Iterable[tuple[str, bytes]]) -> float:
    start = time.process_time()
    for address, body in pages:
        extract_page(body, _TYPE, address)
        read_links(body, address, _TYPE)
    return time.process_time() - start


def _seconds_to_chunk(pages: Iterable[ExtractedPage]) -> tuple[int, float]:
    start = time.process_time()
    chunks = sum(len(chunk_page(page)) for page in pages)
    return chunks, time.process_time() - start
