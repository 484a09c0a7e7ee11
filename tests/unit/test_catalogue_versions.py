import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.catalogue.versions import meant_version, newest_first


def test_numbers_are_compared_as_numbers() -> None:
    assert newest_first(["1.9", "1.10", "1.2"]) == ["1.10", "1.9", "1.2"]


def test_a_release_is_newer_than_its_candidates_and_names_that_move_come_last() -> None:
    assert newest_first(["latest", "2.0rc1", "2.0", "v1.5"]) == ["2.0", "v1.5", "2.0rc1", "latest"]


def test_candidates_are_ordered_by_how_near_they_are_to_the_release() -> None:
    ordered = ["2.0rc1", "2.0-beta.10", "2.0-beta.2", "2.0a3", "2.0.dev9"]
    assert newest_first(reversed(ordered)) == ordered


@pytest.mark.parametrize(
    ("asked", "expected"),
    [("5", "5.2"), ("v5.1", "5.1"), ("5.10", "5.10.1"), ("4", "v4.2"), ("LATEST", "latest"), ("6", None), ("5.", None)],
)
def test_a_partial_version_means_the_newest_it_begins(asked: str, expected: str | None) -> None:
    known = ["5.1", "5.2", "v4.2", "4.1", "latest"] + (["5.10.1"] if asked == "5.10" else [])
    assert meant_version(asked, known) == expected


PUBLISHED = ("v4.2", "5.1", "5.2", "5.3rc1", "6.0-beta.2", "6.0.dev1", "main")


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("V5.2", "5.2"),
        ("4.2", "v4.2"),
        ("v4", "v4.2"),
        ("5.x", "5.2"),
        ("5.x.x", "5.2"),
        ("v5.*", "5.2"),
        ("5.3rc1", "5.3rc1"),
        ("5.3", None),
        ("6", "6.0-beta.2"),
        ("6.0", "6.0.dev1"),
        ("6.0.dev", None),
        ("6.0-BETA.2", "6.0-beta.2"),
        ("latest", "5.2"),
        ("stable", "5.2"),
        ("current", "5.2"),
        ("main", "main"),
        ("5.2.0", None),
        ("52", None),
        ("x", None),
    ],
)
def test_a_version_is_met_as_it_is_written_by_its_beginning_or_by_what_it_is_now(
    asked: str, expected: str | None
) -> None:
    assert meant_version(asked, PUBLISHED) == expected


def test_the_latest_is_a_candidate_where_there_is_no_release_and_the_stable_one_is_none() -> None:
    assert meant_version("latest", ["2.0rc1", "2.0a1"]) == "2.0rc1"
    assert meant_version("stable", ["2.0rc1", "2.0a1"]) is None


def test_a_version_called_latest_is_that_one() -> None:
    assert meant_version("latest", ["latest", "5.2"]) == "latest"


@given(st.lists(st.text(max_size=20)))
def test_any_names_can_be_ordered(names: list[str]) -> None:
    assert sorted(newest_first(names)) == sorted(names)
