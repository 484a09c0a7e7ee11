"""An element with what is in it, searched only for what it can hold: most selectors name what a page has none of."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from selectolax.lexbor import LexborNode

_TAG = re.compile(r"<([a-z][^\s/>]*)")
_CLASSES = re.compile(r' class="([^"]*)"')
_INSIDE_PARENTHESES = re.compile(r"\([^()]*\)")
_COMBINATOR = re.compile(r"[\s>+~]+(?![^\[]*\])")
_ATTRIBUTE = re.compile(r"""\[([\w-]+)(?:([*^$~|]?=)["']?([^\]"']*)["']?)?\]""")
_OWN_TAG = re.compile(r"[a-z][\w-]*")
_OWN_CLASS = re.compile(r"\.([\w-]+)")


class Subtree:
    """The elements in a node, as they are when it is made; removing some of them later does no harm."""

    def __init__(self, root: LexborNode) -> None:
        self.root = root
        # What Lexbor serialises has lower-case tags, and attributes in double quotes.
        self._html = root.html or ""
        classes = " ".join(set(_CLASSES.findall(self._html))).lower().split()
        self.class_words = " ".join(classes)
        """The classes of all elements, in lower case, each once."""
        self._present = {*_TAG.findall(self._html), *(f".{name}" for name in classes)}
        self._marks: dict[str, bool] = {}

    def says(self, text: str) -> bool:
        """Whether a text stands in its HTML."""
        return self._holds(text)

    def shows_at_an_end(self, pattern: re.Pattern[str], chars: int) -> bool:
        """Whether a pattern is found in the first or the last so many characters of its HTML."""
        return any(pattern.search(part) for part in (self._html[:chars], self._html[chars:][-chars:]))

    def css(self, selector: str) -> list[LexborNode]:
        """Gives the elements a selector finds, in the order of the page."""
        narrowed = ",".join(one.text for one in _alternatives(selector) if self._can_match(one))
        return self.root.css(narrowed) if narrowed else []

    def can_hold(self, selector: str) -> bool:
        """Whether it is worth searching for a selector."""
        return any(map(self._can_match, _alternatives(selector)))

    def _can_match(self, one: "_Alternative") -> bool:
        return one.names <= self._present and all(map(self._holds, one.attributes))

    def _holds(self, mark: str) -> bool:
        if mark not in self._marks:
            self._marks[mark] = mark in self._html
        return self._marks[mark]


@dataclass(frozen=True, slots=True)
class _Alternative:
    """One of the selectors of a list, and what an element must have of itself to be found by it."""

    text: str
    names: frozenset[str]
    """Its tag, and its classes with a dot before each."""
    attributes: tuple[str, ...]
    """What its HTML must hold for its attributes."""


@lru_cache(maxsize=256)
def _alternatives(selectors: str) -> tuple[_Alternative, ...]:
    """Gives the selectors of a list; selectors here are the product's own, and not those of operators or pages."""
    return tuple(map(_alternative, _listed(selectors)))


def _alternative(selector: str) -> _Alternative:
    bare = selector
    while "(" in bare:
        bare = _INSIDE_PARENTHESES.sub("", bare)
    own = _COMBINATOR.split(bare)[-1]
    attributes = tuple(_mark_of(*attribute) for attribute in _ATTRIBUTE.findall(own))
    own = _ATTRIBUTE.sub("", own)
    tag = _OWN_TAG.match(own)
    classes = (f".{name.lower()}" for name in _OWN_CLASS.findall(own))
    return _Alternative(selector, frozenset([*classes, *([tag[0]] if tag else [])]), attributes)


def _mark_of(name: str, operator: str, value: str) -> str:
    if operator in {"", "="}:
        return f' {name}="{value}"' if operator else f" {name}"
    return f'{value}"' if operator == "$=" else value


def _listed(selectors: str) -> Iterator[str]:
    depth = start = 0
    for at, character in enumerate(selectors):
        depth += (character in "([") - (character in ")]")
        if character == "," and depth == 0:
            yield selectors[start:at].strip()
            start = at + 1
    yield selectors[start:].strip()
