"""Pages through the product, each against its truth."""

import hashlib
import inspect
import pickle
import re
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import repeat
from pathlib import Path
from types import ModuleType
from urllib.parse import quote

from bench.extraction.comparison import Differences, Tally, compare
from bench.extraction.corpora import Corpus
from bench.extraction.truth import Truth, TruthFunction, find_truth_function
from crawler.addresses import normalise_address
from indexer.chunking import chunk_page
from indexer.extract import extract_page

_PACKAGE = "bench.extraction."
_MIN_WORDS = 4
_PROCESSES = 2


@dataclass(frozen=True)
class PageResult:
    """One page of a set."""

    path: str
    tally: Tally
    differences: Differences


def measure_corpus(corpus: Corpus, cache: Path, count: int) -> list[PageResult]:
    """Gives the results of a set's sample, several pages at a time.

    Raises:
        LookupError: The set cannot be had.
    """
    pages = list(corpus.sample(cache, count))
    always = (repeat(corpus.generator), repeat(cache), repeat(corpus.name))
    with ProcessPoolExecutor(_PROCESSES) as pool:
        results = pool.map(_measure_page, *always, pages, chunksize=4)
        return [result for result in results if result is not None]


def page_address(name: str, path: str) -> str:
    """Gives the address under which a page of a set is read."""
    return f"https://{re.sub('[^a-z0-9-]', '-', name.lower())}.example/{quote(path)}"


def _measure_page(generator: str, cache: Path, name: str, page: tuple[str, bytes]) -> PageResult | None:
    path, body = page
    truth = _cached_truth(generator, body, cache / "truths")
    if len(truth.words) < _MIN_WORDS:
        return None
    extracted = extract_page(body, "text/html", page_address(name, path))
    return PageResult(path, *compare(truth, extracted, chunk_page(extracted)))


def _cached_truth(generator: str, body: bytes, folder: Path) -> Truth:
    """Gives a page's truth; html5lib is slow, so it is kept until the page or what computes it changes."""
    function = find_truth_function(generator)
    sources = (inspect.getsource(module) for module in _modules_of(function))
    key = hashlib.sha256(b"\0".join([generator.encode(), *(source.encode() for source in sources), body])).hexdigest()
    kept = folder / key
    if kept.exists():
        known: Truth = pickle.loads(kept.read_bytes())  # noqa: S301 - we wrote it
        return known
    truth = function(body)
    folder.mkdir(parents=True, exist_ok=True)
    unfinished = kept.with_suffix(".part")
    unfinished.write_bytes(pickle.dumps(truth))
    unfinished.replace(kept)
    return truth


def _modules_of(function: TruthFunction) -> list[ModuleType]:
    """Gives the module of a truth function and those of this package it builds on, always in the same order."""
    found: dict[str, ModuleType] = {}
    waiting = [inspect.getmodule(function)]
    while waiting:
        module = waiting.pop()
        if module is None or module.__name__ in found or not module.__name__.startswith(_PACKAGE):
            continue
        found[module.__name__] = module
        waiting += [inspect.getmodule(value) for value in vars(module).values() if callable(value)]
    return [found[name] for name in sorted(found)]


def count_twins(corpus: Corpus, cache: Path) -> tuple[int, int]:
    """Gives how many pages differ from another by case only, and how many of those have no address of their own."""
    root = corpus.root(cache)
    groups: dict[str, list[str]] = {}
    for path in corpus.paths(cache):
        relative = path.relative_to(root).as_posix()
        groups.setdefault(relative.lower(), []).append(relative)
    twins = [path for group in groups.values() if len(group) > 1 for path in group]
    addresses = {normalise_address(page_address(corpus.name, path)) for path in twins}
    return len(twins), len(twins) - len(addresses)
