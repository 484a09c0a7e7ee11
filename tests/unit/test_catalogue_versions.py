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
    assert meant_version(asked, newest_first(known)) == expected


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
        ("6.0", "6.0-beta.2"),
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
    assert meant_version(asked, newest_first(PUBLISHED)) == expected


def test_the_latest_is_a_candidate_where_there_is_no_release_and_the_stable_one_is_none() -> None:
    assert meant_version("latest", ["2.0rc1", "2.0a1"]) == "2.0rc1"
    assert meant_version("stable", ["2.0rc1", "2.0a1"]) is None


def test_a_version_called_latest_is_that_one() -> None:
    assert meant_version("latest", ["5.2", "latest"]) == "latest"


@pytest.mark.parametrize(
    "version",
    [
        *("4.0.0-SNAPSHOT", "4.0.0.M1", "4.0-m2", "4.0-milestone-1", "4.0.0.CR1", "22-ea+7", "4.0a1", "4.0.b2"),
        *("9.0.0-preview.7.24405.7", "19.0.0-canary-33a32441-20240418", "4.0-rc.1+build5", "4.0_beta", "1.96-insiders"),
        *("v20.0.0-nightly20240101abcdef", "next", "nightly"),
    ],
)
def test_what_comes_before_a_release_is_never_the_stable_version(version: str) -> None:
    assert meant_version("stable", newest_first(["1.0", version])) == "1.0"
    assert meant_version("stable", [version]) is None


@pytest.mark.parametrize(
    "version",
    ["3.2-jakarta", "3.2-scala", "3.2-java", "3.2.0.Final", "3.2.post1", "3.2b", "3.2-lts", "3.2-idea", "3.2-arch"],
)
def test_a_release_for_something_is_a_release(version: str) -> None:
    assert meant_version("stable", newest_first(["3.1", version])) == version


def test_letters_behind_a_year_tell_releases_apart() -> None:
    assert meant_version("stable", newest_first(["2023c", "2024a", "2023d"])) == "2024a"


@pytest.mark.parametrize(
    ("asked", "version"),
    [
        *(
            ("3.2", "3.2-jakarta"),
            ("5", "release-5.2"),
            ("5.2", "release-5.2"),
            ("release-5", "5.2"),
            ("2024", "2024-lts"),
        ),
        *(("16", "REL_16_3"), ("22", "22+36"), ("v5", "version 5.2")),
    ],
)
def test_a_part_of_a_number_ends_at_any_border(asked: str, version: str) -> None:
    assert meant_version(asked, ["51", version]) == version


@pytest.mark.parametrize("asked", ["main", "release", "jakarta", "3.2-jak"])
def test_a_part_of_a_word_means_nothing(asked: str) -> None:
    assert meant_version(asked, ["3.2-jakarta", "release-5.2", "main-docs"]) is None


def test_the_version_called_exactly_so_comes_before_others_of_its_number() -> None:
    known = ["5.2", "v5.2", "R1", "r1", "1"]
    assert [meant_version(asked, known) for asked in known] == known


def test_of_equal_numbers_the_plain_one_is_first_and_of_moving_names_the_one_that_promises_most() -> None:
    assert newest_first(["3.2-jakarta", "3.2"])[0] == "3.2"
    assert newest_first(["main", "docs", "stable", "latest"]) == ["stable", "latest", "main", "docs"]


RELEASES = st.lists(st.tuples(*[st.integers(0, 2100)] * 3), min_size=1, unique=True)


@given(RELEASES, st.sampled_from(["", "v", "release-"]), st.sampled_from(["", "-jakarta", ".Final", "+build"]))
def test_the_latest_of_plain_releases_is_the_one_of_the_highest_number(
    numbers: list[tuple[int, ...]], before: str, behind: str
) -> None:
    called = {number: before + ".".join(map(str, number)) + behind for number in numbers}
    ordered = newest_first(called.values())
    newest = called[max(numbers)]
    assert [meant_version(asked, ordered) for asked in ("latest", "stable", "current")] == [newest] * 3
    major = max(numbers)[0]
    assert meant_version(f"{major}.x", ordered) == newest


@given(st.lists(st.text(max_size=20)))
def test_any_names_can_be_ordered(names: list[str]) -> None:
    assert sorted(newest_first(names)) == sorted(names)
