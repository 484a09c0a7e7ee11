"""Tables of reStructuredText to pipe tables; what is drawn like one and is none stays as it stands."""

import csv
import re
from collections.abc import Callable, Sequence
from itertools import pairwise

from indexer.extract.blocks import Block
from indexer.extract.composing import pipe_table
from indexer.extract.cursor import Cursor
from indexer.extract.rst.grids import grid_rows

_SIMPLE_BORDER = re.compile(r"^=+(?: +=+)+ *$")
_GRID_BORDER = re.compile(r"^\+(?:[-=]{2,}\+)+ *$")
_SPAN = re.compile(r"^[-= ]+$")
_MAX_ROWS = 5000
_MAX_LINE_CHARS = 2000
_LIST_ROW = re.compile(r"^\* - ?")
_LIST_CELL = re.compile(r"^  - ?")

Inline = Callable[[str], str]


def begins_table(line: str) -> bool:
    """Whether a line is the upper border of a table."""
    return bool(line[:2] in {"==", "+-", "= "} and (_SIMPLE_BORDER.match(line) or _GRID_BORDER.match(line)))


def read_drawn_table(cursor: Cursor, inline: Inline) -> Block:
    """Takes a table drawn with lines."""
    if cursor.peek().startswith("+"):
        lines = [line.rstrip() for line in cursor.take_while(lambda line: line[:1] in {"+", "|"})]
        rows, has_header = _grid(lines)
    else:
        lines = _take_simple(cursor)
        rows = _simple_rows(lines)
        has_header = sum(bool(_SIMPLE_BORDER.match(line)) for line in lines) > 2  # noqa: PLR2004 - above and below the rows
    table = pipe_table([[inline(cell) for cell in row] for row in rows], has_header=has_header)
    return Block("table", table) if table else Block("code", "\n".join(lines))


def list_table(lines: Sequence[str], inline: Inline, *, has_header: bool) -> str:
    """Gives the pipe table of a list of lists, an empty text if it is no such list."""
    rows: list[list[str]] = []
    for line in lines[:_MAX_ROWS]:
        if _LIST_ROW.match(line):
            rows.append([_LIST_ROW.sub("", line)])
        elif rows and _LIST_CELL.match(line):
            rows[-1].append(_LIST_CELL.sub("", line))
        elif rows:
            rows[-1][-1] = f"{rows[-1][-1]} {line.strip()}"
    return pipe_table([[inline(cell) for cell in row] for row in rows], has_header=has_header)


def csv_table(lines: Sequence[str], header: str, inline: Inline) -> str:
    """Gives the pipe table of comma-separated values; `header` is a line of them or empty.

    Raises:
        ValueError: They are broken.
    """
    try:
        rows = list(csv.reader([*([header] if header else []), *lines[:_MAX_ROWS]], skipinitialspace=True))
    except csv.Error as error:
        raise ValueError("These are no comma-separated values.") from error
    return pipe_table([[inline(cell) for cell in row] for row in rows], has_header=bool(header))


def _grid(lines: Sequence[str]) -> tuple[list[list[str]], bool]:
    try:
        return grid_rows(lines[:_MAX_ROWS])
    except ValueError:
        return [], False


def _take_simple(cursor: Cursor) -> list[str]:
    """Takes the lines up to the last border before a blank line or the end."""
    lines = cursor.take()
    while cursor and len(lines) < _MAX_ROWS:
        line = cursor.peek()
        lines += cursor.take()
        if _SIMPLE_BORDER.match(line) and not cursor.peek().strip():
            break
    return lines


def _simple_rows(lines: Sequence[str]) -> list[list[str]]:
    starts = [match.start() for match in re.finditer(r"=+", lines[0])]
    spans = list(pairwise([*starts, _MAX_LINE_CHARS]))
    rows: list[list[str]] = []
    for line in lines:
        if _SPAN.match(line) or not line.strip():
            continue
        cells = [line[start:end].strip() for start, end in spans]
        if rows and not cells[0]:
            rows[-1] = [f"{above} {cell}".strip() for above, cell in zip(rows[-1], cells, strict=True)]
        else:
            rows.append(cells)
    return rows
