"""Where a long signature may end or be cut: between two parameters."""

import re
from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple

MAX_SIGNATURE_CHARS = 20_000

_PAIRS = {"(": ")", "[": "]", "{": "}", "<": ">"}
_CLOSING = frozenset(_PAIRS.values())
_BETWEEN = frozenset([",", ";"])
_PART = re.compile(
    # Text in quotes; the mark before a lifetime of Rust, or an apostrophe, begins none.
    r'"(?:\\.|[^"\\\n]){0,500}"'
    r"|(?<=[\s(\[{=,:])'(?:\\.|[^'\\\n]){0,500}'(?=\s*(?:[,)\]}=:]|$))"
    # Angle brackets that enclose nothing: arrows, shifts, comparisons, names of operators.
    r"|[-=]>|<<|[<>]=|(?<=\s)[<>](?=\s)|operator[^\w\s(]{1,3}"
    # A remark behind a comma is about what stands before it.
    r"|([,;])(?:[ \t]*(?:#+ |//)[^\n]*)?"
    r"|([()\[\]{}<>\n])"
)


class Parameters(NamedTuple):
    """Where a list of parameters begins, -1 without brackets, and the offsets behind the commas in it."""

    opening: int
    ends: list[int]


def find_parameters(signature: str) -> Parameters:
    """Gives the longest list of parameters; of equally long ones the first."""
    lists: defaultdict[int, list[int]] = defaultdict(list)
    for sign, end, opening in _signs(signature):
        if sign in _BETWEEN:
            lists[opening].append(end)
    opening = max(lists, key=lambda one: (one >= 0, len(lists[one])), default=-1)
    return Parameters(opening, lists[opening])


def line_ends(signature: str) -> list[int]:
    """Gives the ends of the signatures that stand one below the other; a line of one may hold just its type."""
    ends: list[int] = []
    is_whole = False
    for sign, end, opening in _signs(signature):
        is_whole = is_whole or sign in _CLOSING
        if sign == "\n" and opening < 0 and is_whole:
            ends.append(end)
            is_whole = False
    return ends


def closing_of(bracket: str) -> str:
    """Gives the bracket that ends what another one begins, nothing for what is none."""
    return _PAIRS.get(bracket, "")


def shortened(signature: str) -> str:
    """Gives a signature up to the last parameter that fits, with an ellipsis for what follows."""
    if len(signature) <= MAX_SIGNATURE_CHARS:
        return signature
    start = signature[: MAX_SIGNATURE_CHARS - 2]
    ends = [*find_parameters(start).ends[-1:], start.rfind(" ") + 1]
    end = next((end for end in ends if end > len(start) // 2), len(start))
    return f"{start[:end].rstrip()} \u2026"


def _signs(signature: str) -> Iterator[tuple[str, int, int]]:
    """Yields what parts parameters and lines and what closes a bracket, each with two offsets.

    They are that of what follows, and that of the bracket around both, which is -1 without one.
    """
    openings: list[int] = []
    for part in _PART.finditer(signature):
        sign = part[1] or part[2]
        if not sign:
            continue
        if sign in _PAIRS:
            openings.append(part.start())
            continue
        if sign in _CLOSING:
            _close(openings, signature, sign)
        yield sign, part.end(), openings[-1] if openings else -1


def _close(openings: list[int], signature: str, sign: str) -> None:
    """Forgets the bracket that is closed, and angles in it that turn out to be none."""
    while openings and signature[openings[-1]] == "<" and sign != ">":
        openings.pop()
    if openings and _PAIRS[signature[openings[-1]]] == sign:
        openings.pop()
