"""HTML tables to pipe tables."""

from collections.abc import Iterable, Iterator

from selectolax.lexbor import LexborNode

from indexer.extract.inline import cell_markdown

_LAYOUT = "pre,table,h1,h2,h3,h4,h5,h6,dl.py,div.fragment,td.src"
_LAYOUT_BELOW_HEADER = "pre,h1,h2,h3,h4,h5,h6,dl.py,div.fragment,td.src"
_MAX_COLUMNS = 40
_MAX_ROWS = 999
_MAX_REPEATED_CHARS = 100
"""What heads a group of rows is short; a longer text is said in the first of them only."""

_MAX_REPEATED_ROW_CHARS = 200
_CELLS = ("td", "th")

_Spans = dict[int, tuple[int, str]]
"""Column -> in how many more rows a cell stands there, and what it says."""


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
    rows = list(_filled_rows(_own_rows(table)))
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


def _filled_rows(rows: Iterable[LexborNode]) -> Iterator[list[str]]:
    """Yields the texts of rows that say anything themselves; cells that span rows end with their group of rows."""
    spans: _Spans = {}
    group = 0
    for row in rows:
        parent = row.parent.mem_id if row.parent is not None else 0
        if parent != group:
            spans, group = {}, parent
        texts = _row(row, spans)
        if texts:
            yield texts


def _row(row: LexborNode, spans: _Spans) -> list[str]:
    """Gives the texts of a row, each in its column, or none; blanks follow a cell that spans columns."""
    above = _take_row(spans) if spans else {}
    texts: list[str] = []
    own = ""
    for cell in _cells(row):
        while len(texts) in above:
            texts.append(above[len(texts)])
        if len(texts) >= _MAX_COLUMNS:
            break
        text, attributes = cell_markdown(cell.inner_html or ""), cell.attributes
        width = _span(attributes.get("colspan"), _MAX_COLUMNS - len(texts))
        rows_below = _span(attributes.get("rowspan"), _MAX_ROWS) - 1
        if rows_below:
            repeated = _repeated(text, spans)
            spans |= {len(texts) + at: (rows_below, "" if at else repeated) for at in range(width)}
        texts += [text, *[""] * (width - 1)]
        own = own or text
    for column in range(len(texts), max(above, default=-1) + 1):
        texts.append(above.get(column, ""))
    return texts if own else []


def _repeated(text: str, spans: _Spans) -> str:
    """Gives what the rows below say of a text: nothing of a long one, or if they repeat much already."""
    row_chars = sum(len(said) for _, said in spans.values()) + len(text)
    return text if len(text) <= _MAX_REPEATED_CHARS and row_chars <= _MAX_REPEATED_ROW_CHARS else ""


def _take_row(spans: _Spans) -> dict[int, str]:
    """Gives what stands in the columns of the next row because of cells above, which then span one row less."""
    above = {column: text for column, (_, text) in spans.items()}
    left = {column: (rows - 1, text) for column, (rows, text) in spans.items() if rows > 1}
    spans.clear()
    spans.update(left)
    return above


def _span(value: str | None, most: int) -> int:
    if value is None or not value.isascii() or not value.isdigit() or len(value) > len(str(_MAX_ROWS)):
        return 1
    return min(max(int(value), 1), most)


def _line(cells: list[str], width: int) -> str:
    return "| " + " | ".join(cells + [""] * (width - len(cells))) + " |"
