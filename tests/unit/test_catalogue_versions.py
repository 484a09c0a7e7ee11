import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.catalogue.versions import meant_version, newest_first


def test_numbers_are_compared_as_numbers() -> None:
    assert newest_first(["1.9", "1.10", "1.2"]) == ["1.10", "1.9", "1.2"]


def test_a_release_is_newer_than_its_candidates_and_names_that_move_come_last() -> None:
    assert newest_first(["latest", "2.0rc1", "2.0", "v1.5"]) == ["2.0", "v1.5", "2.0rc1", "latest"]


@pytest.mark.parametrize(
    ("asked", "expected"),
    [("5", "5.2"), ("v5.1", "5.1"), ("5.10", "5.10.1"), ("4", "v4.2"), ("LATEST", "latest"), ("6", None), ("5.", None)],
)
def test_a_partial_version_means_the_newest_it_begins(asked: str, expected: str | None) -> None:
    known = ["5.1", "5.2", "v4.2", "4.1", "latest"] + (["5.10.1"] if asked == "5.10" else [])
    assert meant_version(asked, known) == expected


@given(st.lists(st.text(max_size=20)))
def test_any_names_can_be_ordered(names: list[str]) -> None:
    assert sorted(newest_first(names)) == sorted(names)
