"""Misspellings: the keys by which a misspelt form is found, and how alike two forms are."""

from collections.abc import Sequence
from itertools import pairwise
from math import inf
from zlib import crc32

MIN_CHARS = 4
"""Forms shorter than this are too close to one another to be taken for misspellings."""

MIN_SIMILARITY = 0.8
"""At most one letter in five may be wrong."""

_TWO_EDITS_FROM_CHARS = 7
_KEYED_CHARS = 5
_MOST_EDITS = 2

_TRANSPOSED, _DOUBLED, _SLIPPED = 0.7, 0.5, 0.8
_LEFT_OUT, _LEFT_OUT_AT_END, _ADDED, _REPLACED, _OTHER_END = 0.9, 1.1, 1.0, 1.4, 2.0
_VOWELS = frozenset("aeiouy")
_KEYBOARD = ("qwertyuiop", "asdfghjkl", "zxcvbnm")


def typo_keys(form: str) -> list[int]:
    """Gives signed 32-bit keys; forms at most two edits apart (one, when shorter than seven letters) share some.

    Of a long form both ends are looked at, five letters each: thousands begin alike, such as `react native`.

    Source: symmetric deletes, W. Garbe, SymSpell, https://github.com/wolfgarbe/SymSpell, on text of limited length: at
    most 56 keys a form.
    """
    if len(form) < MIN_CHARS:
        return []
    shortened = {form if len(form) <= 2 * _KEYED_CHARS else form[:_KEYED_CHARS] + form[-_KEYED_CHARS:]}
    last = shortened
    for _ in range(_MOST_EDITS if len(form) >= _TWO_EDITS_FROM_CHARS else 1):
        last = {text[:place] + text[place + 1 :] for text in last for place in range(len(text))}
        shortened = shortened | last
    return sorted({_signed(crc32(text.encode())) for text in shortened})


def similarity(wanted: str, known: str) -> float:
    """Gives 0..1 for how likely `wanted` is `known` misspelt: 1 less the cost of the edits for each letter.

    Slips of the fingers (neighbours swapped, doubled, missed) cost less than a letter replaced; another ending mostly
    makes another name, and two more letters always do; people get the first letter right. Below `MIN_SIMILARITY` it
    is 0.
    """
    # Each edit takes at most one letter away and brings one; this drops most candidates at little cost.
    if len(set(wanted) ^ set(known)) > 2 * _MOST_EDITS:
        return 0.0
    longest, more = max(len(wanted), len(known)), abs(len(wanted) - len(known))
    if more > _MOST_EDITS or not _begin_alike(wanted, known):
        return 0.0
    if more > 1 and (known.startswith(wanted) or wanted.startswith(known)):
        return 0.0
    alike = 1.0 - _edit_cost(wanted, known, (1.0 - MIN_SIMILARITY) * longest) / longest
    return alike if alike > MIN_SIMILARITY else 0.0


def is_misspelt_within(words: Sequence[str], known: str) -> bool:
    """Tells whether the word that is not as in `known` begins as what stands there: `flask login` is no flaskplugin.

    Words that are written alike are taken off both ends, in either order: `postgres sql` shares a letter of both.
    """
    return any(
        not wanted or not rest or _begin_alike(wanted, rest)
        for wanted, rest in (_without_ends(words, known, is_end_first=order) for order in (False, True))
    )


def _without_ends(words: Sequence[str], known: str, *, is_end_first: bool) -> tuple[str, str]:
    left, rest = list(words), known
    for is_end in (is_end_first, not is_end_first):
        while left and (rest.endswith(left[-1]) if is_end else rest.startswith(left[0])):
            rest = rest[: -len(left[-1])] if is_end else rest[len(left[0]) :]
            left.pop(-1 if is_end else 0)
    return "".join(left), rest


def _edit_cost(wanted: str, known: str, limit: float) -> float:
    """Gives the cheapest edits from `known` to `wanted` (optimal string alignment, weighted), infinity above `limit`.

    Only cells near the diagonal are looked at: farther off are more edits than are allowed.
    """
    before: list[float] = []
    row = [_LEFT_OUT * k if k <= _MOST_EDITS else inf for k in range(len(known) + 1)]
    for w, letter in enumerate(wanted):
        above, row = row, [row[0] + _ADDED] + [inf] * len(known)
        for k in range(max(0, w - _MOST_EDITS), min(len(known), w + _MOST_EDITS + 1)):
            other = known[k]
            cost = min(
                above[k] + (0.0 if letter == other else _replaced(wanted, w, known, k)),
                above[k + 1] + _added(wanted, w, known, k),
                row[k] + _left_out(known, k),
            )
            if w and k and letter == known[k - 1] and other == wanted[w - 1]:
                cost = min(cost, before[k - 1] + _TRANSPOSED)
            row[k + 1] = cost
        if min(row) > limit and min(above) > limit:
            return inf
        before = above
    return row[-1]


def _added(wanted: str, w: int, known: str, k: int) -> float:
    if w and wanted[w] == wanted[w - 1]:
        return _DOUBLED
    return _OTHER_END if k == len(known) - 1 else _ADDED


def _left_out(known: str, k: int) -> float:
    if k and known[k] == known[k - 1]:
        return _DOUBLED
    return _LEFT_OUT_AT_END if k == len(known) - 1 else _LEFT_OUT


def _replaced(wanted: str, w: int, known: str, k: int) -> float:
    pair = wanted[w] + known[k]
    if pair in _NEIGHBOURS or (wanted[w] in _VOWELS and known[k] in _VOWELS):
        return _SLIPPED
    return _OTHER_END if k == len(known) - 1 and w == len(wanted) - 1 else _REPLACED


def _begin_alike(wanted: str, known: str) -> bool:
    return wanted[:1] == known[:1] or wanted[:2] == known[1::-1]


def _signed(number: int) -> int:
    return number - (1 << 32) if number >= 1 << 31 else number


def _neighbours() -> frozenset[str]:
    beside = {pair for line in _KEYBOARD for pair in pairwise(line)}
    below = {
        pair
        for upper, lower in pairwise(_KEYBOARD)
        for pair in (*zip(upper, lower, strict=False), *zip(upper[1:], lower, strict=False))
    }
    return frozenset(text for one, other in beside | below for text in (one + other, other + one))


_NEIGHBOURS = _neighbours()
