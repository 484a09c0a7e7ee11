"""Tables of AsciiDoc to pipe tables."""

import csv
import re
from collections.abc import Callable, Sequence

from indexer.extract.composing import pipe_table

_CELL = re.compile(r"(?:(?:^|(?<=\s))(?:\d{1,3}(?:\.\d{1,3})?[+*]|\.\d{1,3}\+)?[<^>.]{0,4}[aehlmsdv]?|(?<!\\))\|")
_COLUMNS = re.compile(r"""cols\s*=\s*(?:"([^"]{1,500})"|'([^']{1,500})'|([\d*]{1,5}))""")
_REPEATED = re.compile(r"^(\d{1,2})\*")
_FORMAT = re.compile(r"format\s*=\s*\"?(csv|tsv|dsv)\b")
_SEPARATORS = {"csv": ",", "tsv": "\t", "dsv": ":"}
_MAX_LINES = 20_000
_MAX_COLUMNS = 40


def table_markdown(border: str, lines: Sequence[str], attributes: str, inline: Callable[[str], str]) -> str:
    """Gives the pipe table of the lines between the borders, an empty text if there are no cells."""
    lines = lines[:_MAX_LINES]
    filled = [line for line in lines if line.strip()]
    if not filled:
        return ""
    separated = _FORMAT.search(attributes)
    if separated or border.startswith(","):
        return _separated(filled, _SEPARATORS[separated[1] if separated else "csv"], attributes, inline)
    width = _declared_width(attributes) or max(len(_CELL.findall(filled[0])), 1)
    cells = [cell.strip().replace("\\|", "|") for cell in _CELL.split("\n".join(lines))[1:]]
    rows = [[inline(cell) for cell in cells[start : start + width]] for start in range(0, len(cells), width)]
    return pipe_table(rows, has_header=_has_header(lines, attributes))


def _separated(lines: Sequence[str], separator: str, attributes: str, inline: Callable[[str], str]) -> str:
    try:
        rows = list(csv.reader(lines, delimiter=separator, skipinitialspace=True))
    except csv.Error:
        return ""
    return pipe_table([[inline(cell) for cell in row] for row in rows], has_header="header" in attributes)


def _declared_width(attributes: str) -> int:
    """Gives the number of columns that `cols` names: `3*`, `1,2a,1`; 0 if it is not there."""
    found = _COLUMNS.search(attributes)
    if found is None:
        return 0
    names = re.split(r"[,;]", next(filter(None, found.groups())))
    repeated = (_REPEATED.match(name.strip()) for name in names)
    return min(sum(int(match[1]) if match else 1 for match in repeated), _MAX_COLUMNS)


def _has_header(lines: Sequence[str], attributes: str) -> bool:
    is_declared = "header" in attributes
    # A first line with a blank one after it is a header without being declared.
    return is_declared or (len(lines) > 1 and bool(lines[0].strip()) and not lines[1].strip())
