"""What a model reads before and after a call."""

import hashlib
import json
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from indexer.answers import LibraryMatch, Resolution
from server.mcp import wording
from server.mcp.rendering import NO_LIBRARIES, render_libraries, structure_libraries
from server.mcp.tools import TOOLS
from server.plain_text import one_line, storable

LIBRARY = LibraryMatch("/a/b", "B", "What B does", 3, 900, ("2", "1"), "2", None, 1.0)

WORDING_SHA256 = "74b11ab7e52f7e23280b6a07172de99ba35e4e3f05e3851a53919ee52dfed60b"


def test_two_libraries_are_set_apart_and_in_order() -> None:
    text = render_libraries(Resolution((LIBRARY, replace(LIBRARY, id="/c/d", versions=(), default_version=None))))
    assert text == (
        "Available Libraries:\n\n"
        "- Title: B\n- Context7-compatible library ID: /a/b\n- Description: What B does\n- Code Snippets: 3\n"
        "- Versions: 2, 1\n- Default version: 2\n"
        "----------\n"
        "- Title: B\n- Context7-compatible library ID: /c/d\n- Description: What B does\n- Code Snippets: 3"
    )


def test_a_library_that_is_not_called_so_is_introduced_as_what_it_is() -> None:
    introductions = {
        match: render_libraries(Resolution((replace(LIBRARY, match=match),))).partition("Available Libraries:")[0]
        for match in ("name", "spelling", "owner", "topic")
    }
    assert introductions["name"] == ""
    assert "spelled nearly so" in introductions["spelling"]
    assert "by an organisation" in introductions["owner"]
    assert "guess by topic" in introductions["topic"]
    assert structure_libraries(Resolution((replace(LIBRARY, match="topic"),)))["libraries"][0]["match"] == "topic"


def test_no_library_is_an_answer_too() -> None:
    assert render_libraries(Resolution(())) == NO_LIBRARIES
    assert structure_libraries(Resolution(())) == {"libraries": []}


@given(st.text(max_size=2000))
def test_a_stranger_s_words_stay_on_their_line(text: str) -> None:
    rendered = render_libraries(Resolution((replace(LIBRARY, title=text, description=text),)))
    assert len(rendered.splitlines()) == 8
    assert len(one_line(text)) <= 500


def test_invisible_text_is_taken_out() -> None:
    assert one_line("a\u200bb\u202ec\U000e0041\U000e0042d\x1b[31m") == "a b c d [31m"


@given(st.text(st.characters(), max_size=50))
def test_stored_text_can_be_encoded(text: str) -> None:
    assert "\x00" not in storable(text).encode().decode()


def test_what_a_model_is_told_about_us_changes_only_on_purpose() -> None:
    """An alarm: tool descriptions are instructions, so nothing but an edit of the wording may change them."""
    told = [wording.INSTRUCTIONS, *(tool.model_dump_json(by_alias=True) for tool in TOOLS)]
    assert hashlib.sha256(json.dumps(told).encode()).hexdigest() == WORDING_SHA256
