"""Code and signatures that a page sets with tables, as Scribble does: cells hold lines, or tables of lines."""

from collections.abc import Iterator
from itertools import zip_longest

from selectolax.lexbor import LexborNode

from indexer.extract.code import code_language
from indexer.extract.html.definitions import emit_signature
from indexer.extract.html.members import signature_name
from indexer.extract.inline import ids_in, visible_text
from indexer.extract.parameters import shortened
from indexer.extract.walk import Walk

_SIGNATURES = "RBoxed"
_LANGUAGES = {"RktBlk": "racket", "SCodeFlow": "racket", "defmodule": "racket", "SVerbatim": None, "specgrammar": None}
"""Class of what is code by itself -> its language."""

INDENTED = frozenset(["SubFlow", "SVInsetFlow", "SCentered", "leftindent", "refcolumn", "refcontent"])
"""Classes of <blockquote> that only move text in."""

_KIND = ".RBackgroundLabel"
_DEFINED = ".RktValDef,.RktStxDef,.RktSymDef"
_BOXES = frozenset(["table", "p", "div", "blockquote"])
_ROW_GROUPS = frozenset(["thead", "tbody", "tfoot"])
_MAX_COLUMNS = 40
_MAX_NESTING = 12
"""Of tables and boxes; real ones have five."""

_MAX_OFFSET = 120
"""Behind which a column is no longer aligned, as few a line may be padded with."""


def read_typeset(walk: Walk, node: LexborNode) -> bool:
    """Emits a table or a quotation that sets a signature or code; False for any other."""
    words = (node.attributes.get("class") or "").split()
    if _SIGNATURES in words:
        _read_signatures(walk, node)
        return True
    found = next((word for word in words if word in _LANGUAGES), None)
    if found is None:
        return False
    ids = ids_in(node.html or "")
    text = "\n".join(typeset_lines(node)).strip("\n")
    if text:
        language = _LANGUAGES[found] or code_language(node, text, walk.page_language)
        walk.emit("code", text, ids, language=language, title=walk.take_caption())
    else:
        walk.targets += ids
    return True


def typeset_lines(node: LexborNode, depth: int = 0) -> list[str]:
    """Gives the lines of an element as they stand below each other; what is beside each other is aligned."""
    if node.tag == "table" and depth < _MAX_NESTING:
        return _table_lines(node, depth)
    lines: list[str] = []
    run = ""
    for child in node.iter(include_text=True):
        if child.tag not in _BOXES or depth >= _MAX_NESTING:
            run += child.text_lexbor()
            continue
        lines += [_line(run)] if run.strip() else []
        lines += typeset_lines(child, depth + 1)
        run = ""
    return [*lines, _line(run)] if run.strip() or not lines else lines


def _table_lines(table: LexborNode, depth: int) -> list[str]:
    rows = [[typeset_lines(cell, depth + 1) for cell in row] for row in _rows(table)]
    columns = zip_longest(*rows, fillvalue=())
    offsets = [0]
    for column in columns:
        offsets.append(offsets[-1] + max((len(line) for cell in column for line in cell), default=0))
    return [_aligned(pieces, offsets).rstrip() for row in rows for pieces in zip_longest(*row, fillvalue="")]


def _aligned(pieces: tuple[str, ...], offsets: list[int]) -> str:
    line = ""
    for piece, offset in zip(pieces, offsets, strict=False):
        line = line.ljust(min(offset, _MAX_OFFSET)) + piece if piece.strip() else line
    return line


def _rows(table: LexborNode) -> Iterator[list[LexborNode]]:
    """Yields the cells of each row of a table's own."""
    for part in table.iter():
        for row in part.iter() if part.tag in _ROW_GROUPS else [part]:
            yield [cell for cell in row.iter() if cell.tag in {"td", "th"}][:_MAX_COLUMNS]


def _line(text: str) -> str:
    return visible_text(text.replace("\xa0", " ").replace("\n", " "))


def _read_signatures(walk: Walk, box: LexborNode) -> None:
    """Emits the signatures of a box as one, each with the kind of thing it defines at the end of its first line."""
    ids = ids_in(box.html or "")
    names = [name for node in box.css(_DEFINED) if (name := visible_text(node.text_lexbor()))]
    lines: list[str] = []
    for cells in _rows(box):
        label = cells[0].css_first(_KIND) if cells else None
        kind = " ".join(label.text_lexbor().split()) if label is not None else ""
        if label is not None:
            label.decompose()
        own = [line.rstrip() for cell in cells for line in typeset_lines(cell) if line.strip()]
        lines += [f"{own[0]}  {kind}".rstrip(), *own[1:]] if own else []
    text = shortened("\n".join(lines))
    if text:
        name = ", ".join(dict.fromkeys(names)) or signature_name(box, text)
        emit_signature(walk, text, name, ids, "racket")
