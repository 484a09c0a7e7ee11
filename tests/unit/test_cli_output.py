"""Tables as people and programs read them."""

import pytest
from rich.console import Console

from server.cli import output

ID = "895c24cd-763e-4e70-a9c6-396b368987c7"
PLACE = "https://docs.example.org/[bold]guide[/bold].html"


def printed(capsys: pytest.CaptureFixture[str], width: int, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The lines of a table on a terminal of that width; 0 is no terminal."""
    monkeypatch.setattr(output, "console", Console(force_terminal=width > 0, width=width or None))
    output.print_table(["id", "place", "reason"], [(ID, PLACE, None), (ID, "other", 1)])
    return [line.rstrip() for line in capsys.readouterr().out.splitlines()]


@pytest.mark.parametrize("width", [0, 200])
def test_a_table_has_a_line_for_each_row_where_there_is_room(
    width: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = printed(capsys, width, monkeypatch)
    assert len(lines) == 3
    assert lines[1].split() == [ID, PLACE]


def test_on_a_narrow_terminal_each_value_has_a_line_and_stays_whole(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = printed(capsys, 40, monkeypatch)
    assert lines == [f"id: {ID}", f"place: {PLACE}", "", f"id: {ID}", "place: other", "reason: 1", ""]
