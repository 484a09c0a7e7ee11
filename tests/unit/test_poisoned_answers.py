"""What a passage becomes on its way to a model: bounded, in its frame, and free of what only machines read."""

from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.chunking import chunk_page
from indexer.extract import extract_page
from indexer.search.packing import SEPARATOR, Passage, pack, render
from tests.hostile.poison import POISONS, Poison

FRAME_LINES = 4
ANYTHING = st.text(st.characters(), max_size=400)
LINES = st.lists(
    st.one_of(ANYTHING, st.sampled_from([SEPARATOR, f" {SEPARATOR}\u3000", f"{SEPARATOR}\r", f"\x1b{SEPARATOR}"]))
)


def passage(content: str = "x", title: str = "T", source: str = "https://x.org/", version: str = "1") -> Passage:
    day = datetime(2026, 1, 2, tzinfo=UTC)
    return Passage(UUID(int=1), title, content, "guide", source, version, 1, day)


@pytest.mark.parametrize("poison", POISONS, ids=lambda poison: poison.name)
def test_a_payload_is_read_exactly_if_a_reader_sees_it(poison: Poison) -> None:
    page = extract_page(poison.body.encode(), poison.kind, f"https://x.org/{poison.file}")
    chunks = chunk_page(page)
    text = "\n".join(
        [page.title, *(" ".join([chunk.content, chunk.title or "", *chunk.section_path]) for chunk in chunks)]
    )
    assert poison.topic in text
    assert (poison.payload in text) == poison.is_visible


@given(ANYTHING, ANYTHING, ANYTHING)
def test_what_a_site_names_itself_stays_on_the_line_of_its_frame(title: str, source: str, version: str) -> None:
    rendered = render(passage("content", title, source, version))
    lines = rendered.split("\n")
    assert len(lines) == len(rendered.splitlines()) == FRAME_LINES + 1
    assert [line[:4] for line in lines[:4]] == ["### "[: len(lines[0][:4])], "", "Sour", ""]
    assert lines[-1] == "content"


@given(LINES.map("\n".join))
def test_no_content_can_end_its_passage(content: str) -> None:
    body = render(passage(content)).split("\n")[FRAME_LINES:]
    assert all(line.strip() != SEPARATOR for line in body)
    assert not set("\x00\x07\x08\x1b\x7f\x9b\x85\u2028") & set("\n".join(body))


def test_a_passage_of_ten_megabytes_is_cut() -> None:
    packed = pack([passage("\x00\x1b[2J word" * 1_000_000), passage("x" * 10_000_000)], 3000)
    assert len(packed.text) < 50_000
    assert "\x1b" not in packed.text
    assert len(packed.snippets) == 1
