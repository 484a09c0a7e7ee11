"""Tables drawn as grids to rows of cells. Source: docutils, reStructuredText Markup Specification, grid tables."""

import re
from collections.abc import Sequence
from itertools import pairwise

_BORDER_PART = re.compile(r"\+[-=]+(?=\+)")
_HEADER_BORDER = re.compile(r"^\+(?:=+\+)+$")
_EDGES = frozenset("|+")
_MAX_COLUMNS = 100


def grid_rows(lines: Sequence[str]) -> tuple[list[list[str]], bool]:
    """Gives the cells of a grid, and whether its first row is a header.

    A cell over several columns or rows stands in the first of them, the others are empty.

    Raises:
        ValueError: The lines are no grid.
    """
    lines = [line.rstrip() for line in lines]
    columns = _columns(lines)
    rows: list[list[list[str]]] = []
    cells: list[list[str]] = [[] for _ in columns]
    for line in lines:
        cuts = _cuts(line, columns)
        if any(cuts):
            row: list[list[str]] = [[] for _ in columns]
            cells = [new if is_cut else old for new, old, is_cut in zip(row, cells, cuts, strict=True)]
            rows.append(row)
        for at, text in _texts(line, columns, cuts):
            cells[at].append(text)
    has_header = any(_HEADER_BORDER.match(line) for line in lines)
    return [[" ".join(filter(None, cell)) for cell in row] for row in rows], has_header


def _columns(lines: Sequence[str]) -> list[tuple[int, int]]:
    """Gives where each column begins and ends."""
    width = len(lines[0])
    if any(len(line) != width or line[0] not in _EDGES or line[-1] not in _EDGES for line in lines):
        raise ValueError("A line is not as wide as the border.")
    parts = (part for line in lines for part in _BORDER_PART.finditer(line))
    edges = sorted({edge for part in parts for edge in (part.start(), part.end())})
    if not lines[-1].startswith("+") or len(edges) > _MAX_COLUMNS:
        raise ValueError("This is no grid.")
    return list(pairwise(edges))


def _cuts(line: str, columns: Sequence[tuple[int, int]]) -> list[bool]:
    """Gives of each column whether the line is a border there."""
    if "--" not in line and "==" not in line:
        return [False] * len(columns)
    return [line[start] in _EDGES and set(line[start + 1 : end]) in ({"-"}, {"="}) for start, end in columns]


def _texts(line: str, columns: Sequence[tuple[int, int]], cuts: Sequence[bool]) -> list[tuple[int, str]]:
    """Gives what the line says in each cell, with the number of the cell's first column."""
    starts = [at for at, (start, _) in enumerate(columns) if line[start] in _EDGES]
    spans = pairwise([*starts, len(columns)])
    return [(at, line[columns[at][0] + 1 : columns[end - 1][1]].strip()) for at, end in spans if not cuts[at]]
