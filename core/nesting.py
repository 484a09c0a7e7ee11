"""How many elements of a page may be open at once, at most: closing tags count only where a parser surely obeys them.

A closing tag may stand in the value of an attribute or in a comment, or may be passed over as something else is open:
`<div x="</div>">`, `<div><!-- </div> -->` and `<div></span>` all leave a `div` open. So only those are believed that
directly follow their opening tag, but for what is closed in between in the same way.
Source of what ends where: HTML Standard, 13.2.5 (tokenization) and 13.2.6.4.7 (an end tag of the current node pops it).
"""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

_SPACE = r"[\t\n\f\r ]"
_VALUE = r"""(?:"[^"]*+"|'[^']*+'|[^\t\n\f\r >"'][^\t\n\f\r >]*+)"""
_ATTRIBUTE = rf"[^\t\n\f\r />][^\t\n\f\r />=]*+(?:{_SPACE}*+={_SPACE}*+{_VALUE}?+)?+"
_TOKEN = re.compile(
    rf"""
    <(?:
        !--(?:-?>|.*?(?:--!?>|\Z))
        | !\[CDATA\[.*?(?:\]\]>|\Z)
        | (?:[!?]|/(?![a-zA-Z]))[^>]*+
        | (/?[a-zA-Z][^\t\n\f\r />]*+)(?:[\t\n\f\r /]++|{_ATTRIBUTE})*+
    )
    """,
    re.VERBOSE | re.DOTALL,
)
_MOST_NAMES = 64
_MOST_ROUNDS = 64
"""Real pages have up to 30 names that nest, and are done in ten rounds."""

_FIRST = 0x4E00


@dataclass(frozen=True, slots=True)
class OpenAtOnce:
    """Upper bounds of how many elements are open at once: of all that nest, and of those for formatting alone."""

    nested: int
    formatting: int


def open_at_once(html: str, names: Iterable[str], unnested: frozenset[str], formatting: frozenset[str]) -> OpenAtOnce:
    """Gives bounds for a page.

    Args:
        html: The page.
        names: What looks like a tag in it, opening or closing, as `<name` or `</name`, also where it is none.
        unnested: Names of elements that end by themselves where the next one begins.
        formatting: Names of elements that a parser opens again.
    """
    tags = [f"<{name}" for name in _TOKEN.findall(html) if name]
    spelled = _Spelling(unnested)
    left = "".join(map(spelled.__getitem__, tags))
    nested, formatted = _hidden(names, tags, spelled, formatting)
    for _ in range(_MOST_ROUNDS):
        before = len(left)
        for name, pair in reversed(spelled.pairs.items()):
            shorter = left.replace(pair, "")
            if len(shorter) < len(left):  # it was as deep at least once
                nested, formatted = nested + 1, formatted + (name in formatting)
            left = shorter
        if len(left) == before:
            break
    open_still = {name: left.count(pair[0]) for name, pair in spelled.pairs.items()}
    return OpenAtOnce(
        nested + sum(open_still.values()) + left.count(spelled.other),
        formatted + sum(count for name, count in open_still.items() if name in formatting),
    )


class _Spelling(dict[str, str]):
    """Tag -> a character, another for closing, none for what does not nest; those of too many names are all alike."""

    def __init__(self, unnested: frozenset[str]) -> None:
        super().__init__()
        self._unnested = unnested
        self.pairs: dict[str, str] = {}
        self.other = chr(_FIRST - 1)

    def __missing__(self, tag: str) -> str:
        self[tag] = self._spell(tag)
        return self[tag]

    def _spell(self, tag: str) -> str:
        name, is_closing = name_of(tag), tag.startswith("</")
        if name in self._unnested:
            return ""
        if name not in self.pairs and len(self.pairs) == _MOST_NAMES:
            return "" if is_closing else self.other
        first = _FIRST + 2 * len(self.pairs)
        return self.pairs.setdefault(name, chr(first) + chr(first + 1))[is_closing]


def name_of(tag: str) -> str:
    """Gives the name of `<name` or `</name` in small letters, where a parser would make them small."""
    name = tag.lstrip("</")
    return name.lower() if name.isascii() else name


def _hidden(
    names: Iterable[str], tags: Iterable[str], spelled: _Spelling, formatting: frozenset[str]
) -> tuple[int, int]:
    """Counts what looks like an opening tag where none is expected: in drawings a parser may see one there."""
    hidden = Counter(names) - Counter(tags)
    opening = {tag: count for tag, count in hidden.items() if not tag.startswith("</") and spelled[tag]}
    return sum(opening.values()), sum(count for tag, count in opening.items() if name_of(tag) in formatting)
