"""What a careful reader would take from a page, and who says so for which generator.

A truth is computed by another parser and by other rules than the product's: html5lib through BeautifulSoup, and
knowledge of each generator that is written by hand. Nothing here or in `truths` may import the product.
"""

import importlib
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Code:
    """A code block: exact text with its line breaks and indentation; `language` is None where the page names none."""

    text: str
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading inside the main content, level 1 to 6, its text without permalink.

    `ids` are those that lead to it: in it, or with no text between them and it.
    """

    level: int
    text: str
    ids: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Truth:
    """One page.

    `words` are those of the main content in reading order, code included. `tables` are data tables: rows of cell
    texts, header first. `ids` is every id and `a[name]` of the whole page.
    """

    words: tuple[str, ...]
    code: tuple[Code, ...]
    headings: tuple[Heading, ...]
    tables: tuple[tuple[tuple[str, ...], ...], ...]
    ids: frozenset[str]


TruthFunction = Callable[[bytes], Truth]
_FUNCTIONS: dict[str, TruthFunction] = {}


def register(generator: str) -> Callable[[TruthFunction], TruthFunction]:
    """Gives a decorator that makes a function the truth of a generator's pages."""

    def add(function: TruthFunction) -> TruthFunction:
        _FUNCTIONS[generator] = function
        return function

    return add


def find_truth_function(generator: str) -> TruthFunction:
    """Gives the truth function of a generator.

    Raises:
        LookupError: Nobody has written one.
    """
    # Importing the package registers what is in it, and what is in it imports this module.
    importlib.import_module("bench.extraction.truths")
    if generator not in _FUNCTIONS:
        raise LookupError(f"There is no truth for pages by {generator}.")
    return _FUNCTIONS[generator]
