"""HTML tables to pipe tables."""

from selectolax.lexbor import LexborNode

from indexer.extract.inline import cell_markdown

_LAYOUT = "pre,table,h1,h2,h3,h4,h5,h6,dl.py,div.fragment,td.src"
_LAYOUT_BELOW_HEADER = "pre,h1,h2,h3,h4,h5,h6,dl.py,div.fragment,td.src"
_MAX_COLUMNS = 40
_CELLS = ("td", "th")


def is_layout(table: LexborNode) -> bool:
    """Whether a table only places things on the page: it holds code, headings or tables, or has one plain column."""
    row = table.css_first("tr")
    # Below a line of headers even a cell that holds a table of its own is data.
    layout = _LAYOUT_BELOW_HEADER if row is not None and len(row.css("th")) > 1 else _LAYOUT
    if any(node.mem_id != table.mem_id for node in table.css(layout)):
        return True
    if "hlist" in (table.attributes.get("class") or "").split():
        return True
    return row is None or (len(_cells(row)) == 1 and table.css_first("th") is None)


def table_markdown(table: LexborNode) -> str:
    """Gives the pipe table: header line, rule, rows, all of one width; an empty text if it has no filled cell."""
    rows = [_row(row) for row in _own_rows(table)]
    rows = [row for row in rows if any(row)]
    if not rows:
        return ""
    first = table.css_first("tr")
    has_header = table.css_first("thead th,thead td") is not None or (
        first is not None and all(cell.tag == "th" for cell in _cells(first))
    )
    width = max(map(len, rows))
    header = rows.pop(0) if has_header else []
    return "\n".join([_line(header, width), "|" + " --- |" * width, *(_line(row, width) for row in rows)])


def grid_markdown(node: LexborNode) -> str:
    """Gives the pipe table of javadoc's grid, whose header and rows are all children in one row."""
    cells = [(cell_markdown(cell.inner_html or ""), cell.attributes.get("class") or "") for cell in node.iter()]
    width = sum("table-header" in classes for _, classes in cells)
    if not 0 < width <= _MAX_COLUMNS:
        return ""
    texts = [text for text, _ in cells]
    rows = [texts[start : start + width] for start in range(0, len(texts), width)]
    return "\n".join([_line(rows[0], width), "|" + " --- |" * width, *(_line(row, width) for row in rows[1:])])


def header_texts(table: LexborNode) -> list[str]:
    """Gives the texts of the header cells of a table, an empty list if it has no header."""
    row = table.css_first("tr")
    cells = _cells(row) if row is not None else []
    return [cell_markdown(cell.inner_html or "") for cell in cells] if all(cell.tag == "th" for cell in cells) else []


def row_text(row: LexborNode) -> str:
    """Gives the cells of a layout row as one line."""
    cells = (cell_markdown(cell.inner_html or "") for cell in _cells(row))
    return " ".join(cell for cell in cells if cell).replace("\\|", "|")


def _own_rows(table: LexborNode) -> list[LexborNode]:
    rows = table.css("tr")
    if table.css_first("td table,th table") is None:
        return rows
    own = {table.mem_id, *(part.mem_id for part in table.iter() if part.tag in {"thead", "tbody", "tfoot"})}
    return [row for row in rows if row.parent is not None and row.parent.mem_id in own]


def _cells(row: LexborNode) -> list[LexborNode]:
    return [cell for cell in row.iter() if cell.tag in _CELLS]


def _row(row: LexborNode) -> list[str]:
    texts: list[str] = []
    for cell in _cells(row):
        texts.append(cell_markdown(cell.inner_html or ""))
        texts += [""] * (_span(cell) - 1)
    return texts[:_MAX_COLUMNS]


def _span(cell: LexborNode) -> int:
    span = cell.attributes.get("colspan") or ""
    return min(int(span), _MAX_COLUMNS) if span.isascii() and span.isdigit() and len(span) < 4 and int(span) else 1  # noqa: PLR2004 - three digits are more than any table has


def _line(cells: list[str], width: int) -> str:
    return "| " + " | ".join(cells + [""] * (width - len(cells))) + " |"
