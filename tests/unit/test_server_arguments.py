"""Arguments as models send them."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import InvalidInput
from server.mcp.arguments import MAX_TOKENS, MIN_TOKENS, QueryArguments, read_query, read_resolve

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
names = st.sampled_from(
    ["query", "libraryId", "libraryName", "tokens", "page", "userQuery", "question", "libraryID", "x"]
)


@given(st.dictionaries(names, json_values))
def test_whatever_comes_is_read_or_refused_in_short_words(arguments: dict[str, Any]) -> None:
    for read in (read_query, read_resolve):
        refusal = refusal_of(read, arguments)
        assert refusal is None or len(refusal) < 200


def refusal_of(read: Callable[[dict[str, Any]], object], arguments: dict[str, Any]) -> str | None:
    try:
        read(arguments)
    except InvalidInput as error:
        return error.message
    return None


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        (None, None),
        (3000, 3000),
        ("3000", 3000),
        (3000.0, 3000),
        (1, MIN_TOKENS),
        (10**400, MAX_TOKENS),
        ("9" * 5000, MAX_TOKENS),
        (float("inf"), MAX_TOKENS),
    ],
)
def test_a_budget_is_read_however_it_is_written_and_kept_in_bounds(sent: object, read: int | None) -> None:
    assert read_query({"libraryId": "/a/b", "query": "q", "tokens": sent}) == QueryArguments("/a/b", "q", read)


@pytest.mark.parametrize("sent", [0, -1, 250.5, "250.5", "many", "-5", True, [], float("nan"), "٣"])
def test_a_budget_that_is_no_number_is_refused(sent: object) -> None:
    with pytest.raises(InvalidInput, match="tokens"):
        read_query({"libraryId": "/a/b", "query": "q", "tokens": sent})


@pytest.mark.parametrize(("sent", "read"), [(None, 1), (1, 1), ("10", 10), (3.0, 3)])
def test_a_page_is_read_however_it_is_written(sent: object, read: int) -> None:
    assert read_query({"libraryId": "/a/b", "query": "q", "page": sent}).page == read


@pytest.mark.parametrize("sent", [0, -1, 11, 1.5, "two", True, [], float("nan"), float("inf"), "9" * 5000])
def test_a_page_out_of_bounds_is_refused(sent: object) -> None:
    with pytest.raises(InvalidInput, match="page"):
        read_query({"libraryId": "/a/b", "query": "q", "page": sent})


def test_the_documented_name_wins_over_its_aliases() -> None:
    arguments = read_query({"libraryID": "/x/y", "libraryId": "/a/b", "question": "no", "query": "yes"})
    assert (arguments.library_id, arguments.query) == ("/a/b", "yes")


def test_text_no_database_takes_is_cleaned_or_refused() -> None:
    assert read_resolve({"query": "a\x00b\ud800", "libraryName": " x "}).query == "a b?"
    with pytest.raises(InvalidInput, match="query"):
        read_resolve({"query": "\x00 ", "libraryName": "x"})
