import pytest

from crawler.signs import PageSigns
from crawler.versions import Versions, detected_version, is_same_version, linked_version, mismatch

SITE = "https://docs.example"


def begun(start: str, declared: str | None = None) -> Versions:
    versions = Versions()
    versions.begin(SITE + start, PageSigns(version=declared))
    return versions


def reason(versions: Versions, path: str) -> str | None:
    return versions.exclusion(SITE + path)


def test_a_version_in_the_place_of_the_start_pages_own_is_another_one() -> None:
    versions = begun("/en/stable/")
    assert reason(versions, "/en/5.0/intro") == "another version of the documentation (5.0)"
    assert reason(versions, "/en/latest/") == "another version of the documentation (latest)"
    assert reason(versions, "/en/stable/5.0/notes") is None
    assert reason(versions, "/en/about/") is None
    assert reason(versions, "/5.0/") is None


def test_a_number_alone_is_a_version_only_if_the_page_says_so() -> None:
    assert reason(begun("/book/2/"), "/book/3/") is None
    assert reason(begun("/docs/15/", "15.4"), "/docs/16/") == "another version of the documentation (16)"


def test_a_folder_with_the_same_pages_as_beside_it_is_another_version() -> None:
    versions = begun("/docs/")
    pages = ("intro", "install", "usage")
    versions.learn_addresses([f"{SITE}/docs/{page}" for page in pages])
    versions.learn_addresses([f"{SITE}/docs/next/{page}" for page in pages[:2]])
    assert reason(versions, "/docs/next/api") is None
    versions.learn_addresses([f"{SITE}/docs/next/{pages[2]}"])
    assert reason(versions, "/docs/next/api") == "another version of the documentation (next)"
    assert reason(versions, "/docs/api") is None


def test_the_versions_of_an_interface_are_topics() -> None:
    versions = begun("/docs/", "3.1")
    versions.learn_addresses(
        [f"{SITE}/docs/api/v{number}/{page}" for number in (1, 2) for page in ("a", "b", "c", "d")]
    )
    versions.learn(f"{SITE}/docs/api/v2/a", PageSigns(version="3.1"))
    assert reason(versions, "/docs/api/v2/e") is None


def test_a_page_that_declares_another_version_shows_that_its_folder_is_one() -> None:
    versions = begun("/docs/", "3.1.0")
    other = PageSigns(version="current")
    assert versions.verdict(f"{SITE}/docs/next/intro", other) == "another version of the documentation (current)"
    versions.learn(f"{SITE}/docs/next/intro", other)
    assert reason(versions, "/docs/next/api") == "another version of the documentation (next)"


def test_a_page_without_a_version_in_its_address_is_never_left_out_for_what_it_declares() -> None:
    versions = begun("/docs/", "3.1.0")
    assert versions.verdict(f"{SITE}/docs/intro", PageSigns(version="2.0")) is None
    assert begun("/docs/").verdict(f"{SITE}/docs/2.0/intro", PageSigns(version="2.0")) is None


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ("5.2", "5.2.1", True),
        ("v5.2", "5.2", True),
        ("5.x", "5.4", True),
        ("5.1", "5.2", False),
        ("latest", "5.2", False),
    ],
)
def test_labels_of_one_version_are_recognised(one: str, other: str, *, is_same: bool) -> None:
    assert is_same_version(one, other) is is_same


def test_the_version_comes_from_the_best_source_that_gives_a_number() -> None:
    assert detected_version(inventory="3.11", declared="3.12", label="3", title="3.9") == "3.11"
    assert detected_version(declared="current", label="latest", title="2.4") == "2.4"
    assert detected_version(label="v2.1") == "2.1"
    assert detected_version(declared="latest") == "latest"
    assert detected_version() is None


def test_a_number_that_does_not_fit_is_warned_about() -> None:
    assert mismatch("5.1", "5.2") == "It was added as version 5.1, and the documentation says that it is of 5.2."
    assert mismatch("v5.1", "5.2") is not None
    fitting = [("5.2", "5.2.1"), ("latest", "5.2"), ("5.2", "stable"), ("5.2", None)]
    assert [mismatch(label, found) for label, found in fitting] == [None] * 4


@pytest.mark.parametrize(
    ("directory", "paths", "declared", "folder"),
    [
        ("/", ("/stable/b", "/latest/b", "/v1.2/b"), None, "/stable/"),
        ("/docs/", ("/docs/17/", "/docs/16/", "/docs/current/", "/docs/licence"), None, "/docs/current/"),
        ("/", ("/en/2.1/", "/en/2.0/", "/en/dev/"), None, "/en/2.1/"),
        ("/", ("/3.1/", "/3.0/", "/dev/"), "3.0.2", "/3.0/"),
        ("/", ("/3.1/", "/3.0/", "/dev/"), "2.9", None),
        ("/", ("/latest/", "/latest/a", "/latest/b", "/v0.1/"), None, "/latest/"),
        ("/", ("/latest/", "/v0.1/", "/a", "/b", "/c"), None, None),
        ("/", ("/1.1/", "/1.2/", "/2.1/"), None, None),
        ("/", ("/v1/", "/v2/"), None, None),
        ("/docs/", tuple(f"/docs/api/v{n}/{page}" for n in (1, 2) for page in "abcd"), None, None),
        ("/", ("/stable/a", "/latest/b"), None, None),
    ],
)
def test_of_versions_a_page_links_to_one_is_chosen(
    directory: str, paths: tuple[str, ...], declared: str | None, folder: str | None
) -> None:
    found = linked_version(directory, paths, declared)
    assert (found.folder if found else None) == folder


def test_a_version_that_was_chosen_is_taken_up_by_the_next_run() -> None:
    first, second = begun("/"), begun("/")
    first.choose_linked("/", [f"{SITE}/{label}/" for label in ("stable", "latest", "v1.2")])
    second.resume(first.chosen_folder or "")
    for versions in (first, second):
        assert reason(versions, "/v1.2/a") == "another version of the documentation (v1.2)"
        assert reason(versions, "/stable/a") is None
    second.resume("/nothing/")
    assert second.chosen_folder is None
