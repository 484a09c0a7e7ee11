"""Tables whose cells span rows or columns: each text stands in its column."""

from indexer.extract import extract_page

WORDS = "<p>" + "word " * 60 + "</p>"


def rows(markup: str) -> list[list[str]]:
    page = f"<html><body><main>{WORDS}<table>{markup}</table></main></body></html>"
    (table,) = (
        block
        for block in extract_page(page.encode(), "text/html", "https://docs.example/").blocks
        if block.kind == "table"
    )
    return [
        [cell.strip() for cell in line.strip("|").split("|")] for line in table.text.split("\n") if "---" not in line
    ]


def test_a_cell_that_spans_rows_is_said_in_each_of_them() -> None:
    assert rows(
        "<thead><tr><th rowspan=2>Name</th><th colspan=2>Types</th></tr><tr><th>A</th><th>B</th></tr></thead>"
        "<tbody><tr><td rowspan=2>one</td><td>1</td><td>2</td></tr><tr><td>3</td><td>4</td></tr>"
        "<tr><td>two</td><td>5</td><td>6</td></tr></tbody>"
    ) == [
        ["Name", "Types", ""],
        ["Name", "A", "B"],
        ["one", "1", "2"],
        ["one", "3", "4"],
        ["two", "5", "6"],
    ]


def test_cells_that_span_rows_in_the_middle_and_at_the_end_keep_their_columns() -> None:
    assert rows(
        "<tr><th>a</th><th>b</th><th>c</th></tr>"
        "<tr><td>1</td><td rowspan=2>mid</td><td rowspan=3>end</td></tr><tr><td>2</td></tr><tr><td>3</td></tr>"
        "<tr><td>4</td><td>5</td><td>6</td></tr>"
    )[1:] == [["1", "mid", "end"], ["2", "mid", "end"], ["3", "", "end"], ["4", "5", "6"]]


def test_a_cell_that_spans_both_covers_its_columns_in_each_row() -> None:
    found = rows(
        "<tr><th>a<th>b<th>c</tr><tr><td rowspan=2 colspan=2>both<td>1</tr><tr><td>2</tr><tr><td>x<td>y<td>z</tr>"
    )
    assert found[1:] == [["both", "", "1"], ["both", "", "2"], ["x", "y", "z"]]


def test_a_cell_spans_no_rows_of_the_next_group() -> None:
    found = rows("<tr><th>a<th>b</tr><tbody><tr><td rowspan=9>k<td>1</tr></tbody><tbody><tr><td>l<td>2</tr></tbody>")
    assert found[1:] == [["k", "1"], ["l", "2"]]


def test_a_long_text_that_spans_rows_is_said_once() -> None:
    long = "long words " * 20
    found = rows(f"<tr><th>a<th>b</tr><tr><td rowspan=2>{long}<td>1</tr><tr><td>2</tr>")
    assert found[1:] == [[long.strip(), "1"], ["", "2"]]


def test_what_rows_repeat_of_those_above_is_bounded() -> None:
    cells = f"<td rowspan=999 colspan=2>{'k' * 40}" * 15
    found = rows(f"<tr><th>a<th>b</tr><tr>{cells}</tr>" + "<tr><td>l</tr>" * 50)
    assert len(found) == 52
    assert max(len("".join(row)) for row in found[2:]) == 200 + len("l")


def test_cells_beyond_the_last_column_are_left_out() -> None:
    found = rows("<tr><th>a</tr>" + f"<tr>{'<td rowspan=999>k' * 30}</tr>" * 50)
    assert max(map(len, found)) == 40
