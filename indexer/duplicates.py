"""Pages that say the same: what of each page is compared, and which page answers for the others.

Two pages are one if they have the same blocks; or if they have the same name, begin with the same prose, have nearly
the same text, and the one that stays has every word of the other's code. So the re-export of a type is merged with the
type, and two functions that differ by their name alone, or one guide for two languages, never are.

Source: Broder, On the resemblance and containment of documents, 1997.
"""

import hashlib
import re
import zlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

import numpy as np
from numpy.typing import NDArray

from indexer.extract.blocks import Block, ExtractedPage

MIN_SHARED: Final = 0.8
"""How much of their text two pages must share at least, as the share of hashes that are equal."""

_SHINGLE_WORDS = 5
_HASHES = 64
_BANDS = 16
_MIN_SHINGLES = 60
_MIN_OPENING_WORDS = 3
_MAX_OPENING_BLOCKS = 8
_PROSE = frozenset({"paragraph", "list", "definition"})
_SHINGLES_AT_ONCE = 1024
_MAX_CODE_WORDS = 4096
_MAX_COMPARED = 32
_WORD = re.compile(r"\w+")
_INDEX_NAMES = frozenset({"", "index", "readme", "default"})

_random = np.random.default_rng(20261121)
_FACTORS = _random.integers(1, 2**63, _HASHES, dtype=np.uint64) | np.uint64(1)
_OFFSETS = _random.integers(0, 2**63, _HASHES, dtype=np.uint64)
_PLACES = _random.integers(1, 2**63, _SHINGLE_WORDS, dtype=np.uint64) | np.uint64(1)


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What is compared of a page; bytes, as the database keeps them."""

    content: bytes
    """SHA-256 of its blocks."""
    opening: bytes
    """SHA-256 of the prose before its second heading; none if there is none."""
    signature: bytes
    """uint32, 64 of them; none for a page too short to be told from another that is like it."""
    code_words: bytes
    """uint32, ascending: the words of its code and signatures."""


@dataclass(frozen=True, slots=True)
class ComparedPage:
    """A page of a version and its fingerprint."""

    url: str
    fingerprint: Fingerprint


def fingerprint_of(page: ExtractedPage) -> Fingerprint:
    """Gives what is compared of a page."""
    digest = hashlib.sha256(page.title.encode())
    words: list[str] = []
    for block in page.blocks:
        own = block.text.split()
        digest.update(f"\x1e{block.kind}\x1f{block.language or ''}\x1f{block.title or ''}\x1f".encode())
        digest.update(" ".join(own).encode())
        words += own
    return Fingerprint(digest.digest(), _opening(page.blocks), _signature(words), _code_words(page.blocks))


def duplicates_among(pages: Iterable[ComparedPage]) -> dict[str, str]:
    """Gives the address of each page that another one answers for, and that one's; never a chain.

    The pages alone decide, not their order: of those that are alike the one with the fewest folders, then the shortest
    address stays.
    """
    ranked = sorted(pages, key=lambda page: _rank(page.url))
    primaries: dict[bytes, str] = {}
    found: dict[str, str] = {}
    named: defaultdict[tuple[str, bytes], list[ComparedPage]] = defaultdict(list)
    for page in ranked:
        primary = primaries.setdefault(page.fingerprint.content, page.url)
        if primary != page.url:
            found[page.url] = primary
        elif page.fingerprint.signature and page.fingerprint.opening:
            named[_name_of(page.url), page.fingerprint.opening].append(page)
    for group in named.values():
        found.update(_near_duplicates(group))
    return {url: found.get(primary, primary) for url, primary in found.items()}


def _near_duplicates(pages: Sequence[ComparedPage]) -> Iterator[tuple[str, str]]:
    """Yields those of some pages with one name, the best first, that an earlier one answers for."""
    buckets: defaultdict[tuple[int, bytes], list[ComparedPage]] = defaultdict(list)
    for page in pages:
        signature = np.frombuffer(page.fingerprint.signature, np.uint32)
        keys = [(band, rows.tobytes()) for band, rows in enumerate(np.split(signature, _BANDS))]
        candidates = {other.url: other for key in keys for other in buckets[key]}
        compared = sorted(candidates.values(), key=lambda other: _rank(other.url))[:_MAX_COMPARED]
        primary = next((other for other in compared if _answers_for(other.fingerprint, page.fingerprint)), None)
        if primary is not None:
            yield page.url, primary.url
            continue
        for key in keys:
            if len(buckets[key]) < _MAX_COMPARED:
                buckets[key].append(page)


def _answers_for(one: Fingerprint, other: Fingerprint) -> bool:
    shared = np.frombuffer(one.signature, np.uint32) == np.frombuffer(other.signature, np.uint32)
    if shared.mean() < MIN_SHARED:
        return False
    words, others = np.frombuffer(one.code_words, np.uint32), np.frombuffer(other.code_words, np.uint32)
    return bool(np.isin(others, words, assume_unique=True).all())


def _rank(url: str) -> tuple[bool, int, int, str]:
    path, mark, _ = url.partition("?")
    return bool(mark), path.count("/"), len(url), url


def _name_of(url: str) -> str:
    """Gives what a page is called in its address: its file without the ending, with the folder if that is an index."""
    folders, _, name = urlsplit(url).path.rstrip("/").rpartition("/")
    stem = name.rpartition(".")[0] or name
    return f"{folders.rpartition('/')[2]}/" if stem.lower() in _INDEX_NAMES else stem


def _opening(blocks: Sequence[Block]) -> bytes:
    headings = [at for at, block in enumerate(blocks) if block.kind == "heading" and at]
    prose = [" ".join(block.text.split()) for block in blocks[: min(headings, default=None)] if block.kind in _PROSE]
    text = "\n".join(prose[:_MAX_OPENING_BLOCKS])
    return hashlib.sha256(text.encode()).digest() if text.count(" ") + 1 >= _MIN_OPENING_WORDS else b""


def _signature(words: Sequence[str]) -> bytes:
    if len(words) < _MIN_SHINGLES + _SHINGLE_WORDS - 1:
        return b""
    hashes = np.array([zlib.crc32(word.encode()) for word in words], np.uint64)
    count = len(words) - _SHINGLE_WORDS + 1
    shingles = np.zeros(count, np.uint64)
    for place, factor in enumerate(_PLACES):
        shingles += (hashes[place : place + count] + np.uint64(place + 1)) * factor
    shingles ^= shingles >> np.uint64(31)
    return _least_hashes(shingles)


def _least_hashes(shingles: NDArray[np.uint64]) -> bytes:
    """Gives the least of each of the 64 hashes over all shingles, some thousand at a time to bound memory."""
    least = np.full(_HASHES, 2**64 - 1, np.uint64)
    for start in range(0, len(shingles), _SHINGLES_AT_ONCE):
        hashed = _FACTORS[:, None] * shingles[start : start + _SHINGLES_AT_ONCE]
        hashed += _OFFSETS[:, None]
        np.minimum(least, hashed.min(axis=1), out=least)
    return (least >> np.uint64(32)).astype(np.uint32).tobytes()


def _code_words(blocks: Sequence[Block]) -> bytes:
    code = (block.text for block in blocks if block.kind in {"code", "signature"})
    words = {zlib.crc32(word.encode()) for word in {word for text in code for word in _WORD.findall(text)}}
    return np.array(sorted(words)[:_MAX_CODE_WORDS], np.uint32).tobytes()
