from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import InvalidLibraryId
from core.library_ids import LibraryId, parse_library_id


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("/python/docs", LibraryId("/python/docs")),
        ("python/docs", LibraryId("/python/docs")),
        ("/python/docs/3.11", LibraryId("/python/docs", "3.11")),
        ("/python/docs@3.11", LibraryId("/python/docs", "3.11")),
        (" /vercel/next.js/ ", LibraryId("/vercel/next.js")),
        ("/Org/C++", LibraryId("/Org/C++")),
    ],
)
def test_an_id_names_a_library_and_perhaps_a_version(text: str, expected: LibraryId) -> None:
    assert parse_library_id(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "/",
        "python",
        "/python",
        "/a/b/c/d",
        "/a b/c",
        "/../etc",
        "/a/b@",
        "/a/\x00",
        "/a/b/1\udcff",
        "/a/" + "b" * 200,
    ],
)
def test_anything_else_is_refused_with_the_form_that_is_wanted(text: str) -> None:
    with pytest.raises(InvalidLibraryId, match="/org/project"):
        parse_library_id(text)


@given(st.text(max_size=300))
def test_any_text_is_an_id_that_reads_back_the_same_or_is_refused(text: str) -> None:
    with suppress(InvalidLibraryId):
        parsed = parse_library_id(text)
        assert parse_library_id(str(parsed)) == parsed
