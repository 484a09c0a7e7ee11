"""Real passages for large indexes: Debian's documentation sets, extracted and chunked once, and variations of them.

A variation of a passage has the same number of words, some of them taken from other passages of its set, so that how
often each word occurs stays as it is in real documentation.
"""

import random
import re
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from uuid import UUID

import orjson

from bench.extraction.corpora import Corpus, cache_folder
from bench.extraction.debian import DEBIAN
from indexer.preparing import LibraryName, RawPage, prepare_page
from indexer.queries.chunks import ChunkRow

_NO_VERSION = UUID(int=0)
_MOST_PASSAGES = 60_000
_PARTS_OF_A_SET = frozenset({"rust-doc, std", "rust-doc, books"})
_EXCHANGED_SHARE = 0.3
_PIECES = re.compile(r"\w{3,}|\W+|\w{1,2}")
_POOL_WORDS = 200_000


def read_set(name: str, folder: Path) -> list[ChunkRow]:
    """Gives the passages of a set in the order of its pages; `extract_sets` has made the file."""
    return [ChunkRow(**orjson.loads(line)) for line in _file(folder, name).read_bytes().splitlines()]


def extract_sets(folder: Path, processes: int) -> dict[str, int]:
    """Extracts every set that is not there yet; gives the number of passages of each."""
    folder.mkdir(parents=True, exist_ok=True)
    missing = [corpus.name for corpus in _sets() if not _file(folder, corpus.name).exists()]
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        list(pool.map(_extract, missing, [folder] * len(missing)))
    counts = {corpus.name: _file(folder, corpus.name).read_bytes().count(b"\n") for corpus in _sets()}
    return {name: count for name, count in counts.items() if count}


def vary(rows: Sequence[ChunkRow], number: int) -> Iterator[ChunkRow]:
    """Gives variation `number` of passages of one set; 0 is the passages as they are."""
    if number == 0:
        yield from rows
        return
    chance = random.Random(number)  # noqa: S311 - the same variation every time
    words = _words_of(rows, chance)
    for row in rows:
        content = _exchanged(row.content, words, chance)
        metadata = {**row.metadata, "head": _exchanged(str(row.metadata.get("head", "")), words, chance)}
        yield replace(row, content=content, metadata=metadata)


def _sets() -> list[Corpus]:
    return [corpus for corpus in DEBIAN if corpus.name not in _PARTS_OF_A_SET]


def _extract(name: str, folder: Path) -> None:
    corpus = next(corpus for corpus in _sets() if corpus.name == name)
    unfinished = _file(folder, name).with_suffix(".part")
    with unfinished.open("wb") as file:
        for row in islice(_passages(corpus), _MOST_PASSAGES):
            file.write(orjson.dumps(row) + b"\n")
    unfinished.rename(_file(folder, name))


def _passages(corpus: Corpus) -> Iterator[ChunkRow]:
    root = corpus.root(cache_folder())
    for path in corpus.paths(cache_folder()):
        address = f"https://docs.example/{corpus.name}/{path.relative_to(root).as_posix()}"
        page = RawPage(address, "text/html", path.read_bytes())
        yield from prepare_page(LibraryName(_NO_VERSION, corpus.name, "1"), page).chunks


def _file(folder: Path, name: str) -> Path:
    return folder / f"{name}.jsonl"


def _words_of(rows: Sequence[ChunkRow], chance: random.Random) -> list[str]:
    words: list[str] = []
    for row in chance.sample(rows, len(rows)):
        words += (piece for piece in _PIECES.findall(row.content) if _is_word(piece))
        if len(words) > _POOL_WORDS:
            break
    return words


def _exchanged(text: str, words: Sequence[str], chance: random.Random) -> str:
    pieces = _PIECES.findall(text)
    return "".join(
        chance.choice(words) if _is_word(piece) and chance.random() < _EXCHANGED_SHARE else piece for piece in pieces
    )


def _is_word(piece: str) -> bool:
    return len(piece) > 2 and piece[0].isalnum()
