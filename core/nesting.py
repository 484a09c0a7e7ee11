"""How many elements of a page may be open at once, at most: closing tags count only where a parser surely obeys them.

A closing tag may stand in the value of an attribute or in a comment, or may be passed over as something else is open:
`<div x="</div>">`, `<div><!-- </div> -->` and `<div></span>` all leave a `div` open. So only those are believed that
directly follow their opening tag, but for what is closed in between in the same way.
Source of what ends where: HTML Standard, 13.2.5 (tokenization), 13.2.6.4.7 (an end tag of the current node pops it) and
13.2.6.5 (foreign content).
"""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from core.elements import (
    ANNOTATIONS,
    DEFINITIONS,
    DRAWN,
    ENDED_BY,
    FOREIGN,
    FORMATTING,
    GROUPS,
    ITEMS,
    UNNESTED,
    name_of,
)

_SPACE = r"[\t\n\f\r ]"
_VALUE = r"""(?:"[^"]*+"|'[^']*+'|[^\t\n\f\r >"'][^\t\n\f\r >]*+)"""
# Groups are atomic and not possessive: before Python 3.11.4 those go on where an alternative failed that had begun.
_ATTRIBUTE = rf"[^\t\n\f\r />][^\t\n\f\r />=]*+(?>(?:{_SPACE}*+={_SPACE}*+(?>{_VALUE}?))?)"
_TOKEN = re.compile(
    rf"""
    <(?:
        !--(?:-?>|.*?(?:--!?>|\Z))
        | !\[CDATA\[.*?(?:\]\]>|\Z)
        | (?:[!?]|/(?![a-zA-Z]))[^>]*+
        | (/?[a-zA-Z][^\t\n\f\r />]*+)(?>(?:{_SPACE}++|/(?!>)|{_ATTRIBUTE})*)(/?)
    )
    """,
    re.VERBOSE | re.DOTALL,
)
_KNOWN = UNNESTED | FORMATTING | FOREIGN | GROUPS
_MOST_NAMES = 96
"""Of elements that are told apart, beside those known here; real pages have up to 30 that nest."""

_MOST_ROUNDS = 64
"""Real pages are done in ten."""

_FIRST = 0x4E00
_OTHER, _DRAWN = chr(_FIRST - 1), chr(_FIRST - 2)
"""Letters of an element of too many names, and of a drawn one that closes itself."""


@dataclass(frozen=True, slots=True)
class OpenAtOnce:
    """Upper bounds of how many elements are open at once: of all, and of those for formatting alone."""

    elements: int
    formatting: int


_Tag = tuple[str, str]
"""`name` or `/name`, and a slash if it closes itself, where that counts."""


class _Tags:
    """The tags of a page in order."""

    def __init__(self, html: str, looks: Iterable[str]) -> None:
        found: list[_Tag] = _TOKEN.findall(html)
        self.seen = found
        # What looks like a tag where none is expected: in drawings a parser may see one there.
        hidden = Counter(looks)
        for (name, _), count in Counter(found).items():
            hidden[f"<{name}"] -= count
        self._hidden = {tag: count for tag, count in hidden.items() if count > 0 and not tag.startswith("</")}

    def hidden(self, names: frozenset[str], *, but_these: bool = False) -> int:
        """Counts those that open an element of these names, or of all others."""
        return sum(count for tag, count in self._hidden.items() if (name_of(tag) in names) != but_these)


def open_at_once(html: str, looks: Iterable[str]) -> OpenAtOnce:
    """Gives bounds for a page.

    Args:
        html: The page.
        looks: What looks like a tag in it, opening or closing, as `<name` or `</name`, also where it is none.
    """
    tags = _Tags(html, looks)
    nested = _Left(tags, UNNESTED)
    elements = nested.depth + nested.count() + tags.hidden(UNNESTED, but_these=True)
    return OpenAtOnce(
        elements + _items_at_once(tags) + _foreign_at_once(tags),
        nested.depth_of(FORMATTING) + nested.count(FORMATTING) + tags.hidden(FORMATTING),
    )


def _items_at_once(tags: _Tags) -> int:
    """Bounds the open elements that end by themselves only beside their like: items within definitions within items."""
    left = _Left(tags, UNNESTED - ITEMS - DEFINITIONS - ANNOTATIONS)
    items, definitions, annotations = (
        left.count(names) + tags.hidden(names) for names in (ITEMS, DEFINITIONS, ANNOTATIONS)
    )
    return left.depth + 2 * min(items, definitions) + annotations


def _foreign_at_once(tags: _Tags) -> int:
    """Bounds the open elements that nest only because a drawing or a formula around them is not closed."""
    left = _Left(tags, frozenset())
    is_closed = left.count(FOREIGN) == 0 and tags.hidden(FOREIGN) == 0
    return left.depth if is_closed else left.depth + left.count(UNNESTED) + tags.hidden(UNNESTED)


class _Left:
    """What is left of a page's tags when all that is surely closed was taken away, from the inside out.

    `depth` bounds how deep that was.
    """

    def __init__(self, tags: _Tags, passed_over: frozenset[str]) -> None:
        self._spelling = spelling = _Spelling(passed_over)
        letters = "".join(map(spelling.__getitem__, tags.seen))
        self._drawn = letters.count(_DRAWN)
        self.depth = min(self._drawn, 1)
        self._all_letters = letters
        for _ in range(_MOST_ROUNDS):
            shorter = self._without_innermost(letters)
            if len(shorter) == len(letters):
                break
            letters = shorter
        self._letters = letters

    def depth_of(self, names: frozenset[str]) -> int:
        """Gives how deep elements of these names lie in each other in what was taken away, where each is closed."""
        pairs = [pair for name, pair in self._spelling.pairs.items() if name in names]
        brackets = {ord(letter): None for pair in self._spelling.pairs.values() for letter in pair}
        brackets |= {ord(_DRAWN): None, ord(_OTHER): None}
        brackets |= {ord(letter): bracket for pair in pairs for letter, bracket in zip(pair, "()", strict=True)}
        left, depth = self._all_letters.translate(brackets), 0
        while "()" in left and depth < _MOST_ROUNDS:
            left, depth = left.replace("()", ""), depth + 1
        # What is left of one kind of bracket alone was never closed, and is counted as such.
        return depth + left.count("(") if "()" in left else depth

    def count(self, names: frozenset[str] | None = None) -> int:
        """Counts the elements that are left open, of these names or of all."""
        left = sum(
            self._letters.count(pair[0])
            for name, pair in self._spelling.pairs.items()
            if names is None or name in names
        )
        if names is not None:
            return left
        # Of drawn ones side by side only one was kept, as it makes no difference inside of a drawing.
        return left + self._letters.count(_OTHER) + (self._drawn if _DRAWN in self._letters else 0)

    def _without_innermost(self, letters: str) -> str:
        for name, pair in reversed(self._spelling.pairs.items()):
            shorter = letters.replace(pair, "")
            if self._drawn and name in GROUPS | FOREIGN:
                shorter = re.sub(f"{pair[0]}{_DRAWN}++{pair[1]}", "" if name in FOREIGN else _DRAWN, shorter)
            for kinds in ENDED_BY.get(name, ()):
                # Their closing tag ends what is open in them, which is one at most if all are of one kind.
                if inside := "".join(self._spelling.pairs[kind][0] for kind in kinds if kind in self._spelling.pairs):
                    shorter = re.sub(f"{pair[0]}[{inside}]++{pair[1]}", "", shorter)
            if len(shorter) < len(letters):  # it was as deep at least once
                self.depth += 1
            letters = shorter
        return letters


class _Spelling(dict[_Tag, str]):
    """Tag -> a letter, another for closing, none for names passed over; those of too many names are all alike."""

    def __init__(self, passed_over: frozenset[str]) -> None:
        super().__init__()
        self._passed_over = passed_over
        self.pairs: dict[str, str] = {}

    def __missing__(self, tag: _Tag) -> str:
        self[tag] = self._spell(*tag)
        return self[tag]

    def _spell(self, tag: str, slash: str) -> str:
        name, is_closing = name_of(tag), tag.startswith("/")
        if not name or name in self._passed_over:  # a comment has none
            return ""
        if slash and not is_closing and name in DRAWN:
            return _DRAWN
        if name not in self.pairs and name not in _KNOWN and len(self.pairs) >= _MOST_NAMES:
            return "" if is_closing else _OTHER
        first = _FIRST + 2 * len(self.pairs)
        return self.pairs.setdefault(name, chr(first) + chr(first + 1))[is_closing]
