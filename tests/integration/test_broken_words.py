"""Bytes that are no text, where words are read: the command line and the search."""

import os
from pathlib import Path

import pytest

from core.errors import InvalidInput
from tests.commands import run
from tests.workshop import LIBRARY, Workshop

BROKEN = "\udcff"


@pytest.mark.parametrize(
    "command",
    [
        ("query", LIBRARY, f"{BROKEN} abc"),
        ("query", f"{LIBRARY}/1{BROKEN}", "abc"),
        ("resolve", f"n{BROKEN}"),
        ("remove", f"{LIBRARY}/{BROKEN}"),
        ("add", f"/{BROKEN}", "--id", LIBRARY),
        ("alias", LIBRARY, BROKEN),
    ],
)
async def test_a_command_with_broken_text_says_so(tmp_path: Path, command: tuple[str, ...]) -> None:
    ended = await run({**os.environ, "LECTERN_DATA_DIR": str(tmp_path / "data")}, *command)
    assert ended.status == 1
    assert "no text in UTF-8" in ended.text
    assert "Traceback" not in ended.text


async def test_a_broken_question_is_read_without_what_is_broken(workshop: Workshop, tmp_path: Path) -> None:
    folder = tmp_path / "docs"
    folder.mkdir()
    (folder / "widget.md").write_text("# Widget\n\nThe zebra widget comes in many colours.\n")
    await workshop.work(await workshop.add(str(folder)))
    assert "zebra" in await workshop.ask(f"{BROKEN}zebra widget{BROKEN}")
    for query, name in ((f"{BROKEN} colours", f"site{BROKEN}"), (f"si{BROKEN} te", f"{BROKEN}acme")):
        assert [library.id for library in (await workshop.answers.resolve(query, name)).libraries] == [LIBRARY]
    with pytest.raises(InvalidInput):
        await workshop.ask(BROKEN)
