"""The files of version switchers, and which folders of a site they make another version's."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from crawler.signs import read_signs
from crawler.switchers import MAX_VERSIONS, Switcher, VersionTree, find_switchers, parse_switcher
from crawler.version_trees import VersionTrees
from crawler.versions import main_version

PAGE = "https://x.org/docs/2.1/guide/page.html"
PYDATA = """<script src="../_static/documentation_options.js?v=1"></script><script>
DOCUMENTATION_OPTIONS.theme_switcher_json_url = '{}';
DOCUMENTATION_OPTIONS.theme_switcher_version_match = '2.1';</script>"""
MATERIAL = (
    '<script id="__config" type="application/json">{"base": "..", "version": {"provider": "%s"}, "tags": null}</script>'
)
HOSTED = (
    '<meta name="readthedocs-project-slug" content="tool" /><meta name="readthedocs-version-slug" content="stable" />'
)


@pytest.mark.parametrize(
    ("markup", "found"),
    [
        (PYDATA.format("_static/switcher.json"), [Switcher("https://x.org/docs/2.1/_static/switcher.json", "2.1")]),
        (PYDATA.format("https://y.org/s.json"), [Switcher("https://y.org/s.json", "2.1")]),
        (PYDATA.format("javascript:alert(1)"), []),
        (PYDATA.format("file:///etc/passwd"), []),
        (MATERIAL % "mike", [Switcher("https://x.org/docs/versions.json")]),
        (MATERIAL % "another", []),
        (
            '<script>var base_url = "../..";</script><script src="../../js/version-select.js"></script>',
            [Switcher("https://x.org/versions.json")],
        ),
        ('<script src="../js/version-select.js"></script>', []),
        (
            HOSTED,
            [
                Switcher(
                    "https://x.org/_/addons/?client-version=0.23.0&api-version=1&project-slug=tool&version-slug=stable",
                    "stable",
                )
            ],
        ),
        ('<script id="__config" type="application/json">{"base": 7, "version": [1]}</script>', []),
        ("<html></html>", []),
    ],
)
def test_a_page_names_its_switcher_as_its_generator_does(markup: str, found: list[Switcher]) -> None:
    assert find_switchers(PAGE, markup.encode()) == found


def test_the_version_a_switcher_is_told_to_match_is_the_one_a_page_declares() -> None:
    source = PYDATA.format("a.json").encode()
    assert read_signs(LexborHTMLParser(source), PAGE, source.lower()).version == "2.1"


def trees_of(value: object) -> list[tuple[str, str, str]]:
    found = parse_switcher(json.dumps(value).encode(), "https://x.org/docs/versions.json")
    return [(tree.address, tree.label, tree.version) for tree in found]


def test_entries_are_read_as_the_pydata_theme_writes_them() -> None:
    assert trees_of(
        [
            {"name": "2.1 (stable)", "version": "stable", "url": "https://x.org/docs/", "preferred": True},
            {"version": "v2.0", "url": "2.0"},
            {"name": "dev", "version": "dev", "url": "/docs/dev/index.html"},
            {"name": "older", "version": "older", "url": "/docs/older.html"},
            {"version": "q", "url": "/docs/?version=q"},
            {"name": "1.9", "url": "/docs/1.9/"},
        ]
    ) == [
        ("https://x.org/docs/", "stable", "2.1"),
        ("https://x.org/docs/2.0/", "v2.0", "2.0"),
        ("https://x.org/docs/dev/", "dev", "dev"),
        ("https://x.org/docs/1.9/", "1.9", "1.9"),
    ]


def test_entries_are_read_as_mike_writes_them_and_stay_below_the_folder_of_their_file() -> None:
    listed: list[dict[str, object]] = [
        {"version": "2.1", "title": "2.1", "aliases": ["latest", "a/b", "..", "//y.org"]},
        {"version": "2.0", "title": "2.0", "aliases": []},
    ]
    assert trees_of(listed) == [
        ("https://x.org/docs/2.1/", "2.1", "2.1"),
        ("https://x.org/docs/latest/", "latest", "2.1"),
        ("https://x.org/docs/2.0/", "2.0", "2.0"),
    ]


def test_no_more_versions_are_taken_than_any_site_has() -> None:
    many = [{"version": f"1.{number}", "url": f"/{number}/"} for number in range(100_000)]
    assert len(trees_of(many)) == MAX_VERSIONS
    assert len(trees_of([{"version": "1", "aliases": [f"a{number}" for number in range(100_000)]}])) == MAX_VERSIONS


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=30),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                ["version", "versions", "active", "url", "urls", "documentation", "aliases", "slug", "name"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=20,
)


@given(value=json_values)
def test_any_json_gives_only_folders_on_the_web(value: object) -> None:
    for tree in parse_switcher(json.dumps(value).encode(), "https://x.org/versions.json"):
        assert tree.address.startswith(("https://", "http://"))
        assert tree.address.endswith("/")


def reason(trees: VersionTrees, path: str) -> str | None:
    return trees.exclusion(f"https://x.org{path}")


LISTED = [
    VersionTree("https://x.org/docs/", "2.1", "2.1"),
    VersionTree("https://x.org/docs/stable/", "stable", "2.1"),
    VersionTree("https://x.org/docs/a/1.0/", "1.0", "1.0"),
    VersionTree("https://y.org/docs/topics/", "0.9", "0.9"),
]


def test_the_innermost_folder_counts_and_those_of_other_sites_do_not() -> None:
    trees = VersionTrees("https://x.org/docs/index.html", LISTED)
    assert reason(trees, "/docs/a/1.0/x.html") == "another version of the documentation (1.0)"
    assert reason(trees, "/docs/a/1.0") == "another version of the documentation (1.0)"
    assert reason(trees, "/docs/stable/") == "the same version of the documentation under another address (stable)"
    assert [reason(trees, path) for path in ("/docs/a/", "/docs/topics/x", "/docs/a/1.01/", "/about", "/")] == [
        None
    ] * 5
    assert trees.version == "2.1"


def test_what_lies_around_the_folder_of_the_start_stays() -> None:
    trees = VersionTrees("https://x.org/docs/a/1.0/", LISTED)
    assert reason(trees, "/docs/a/1.0/x") is None
    assert reason(trees, "/docs/x") is None
    assert reason(trees, "/docs/stable/x") == "another version of the documentation (stable)"


def test_above_all_versions_only_the_one_the_start_page_is_of_stays() -> None:
    listed = [VersionTree(f"https://x.org/{label}/", label, label) for label in ("new", "old")]
    assert reason(VersionTrees("https://x.org/", listed, "new"), "/new/a") is None
    assert (
        reason(VersionTrees("https://x.org/", listed, "new"), "/old/a") == "another version of the documentation (old)"
    )
    assert reason(VersionTrees("https://x.org/", listed), "/old/a") is None


def pages(*folders: str) -> list[str]:
    return [f"/{folder}/{name}" for folder in folders for name in ("a", "b", "c")]


@pytest.mark.parametrize(
    ("paths", "label"),
    [
        (pages("1.0", "1.10", "1.9"), "1.10"),
        (pages("1.0", "stable", "latest"), "stable"),
        (pages("1.0", "2.0rc1", "latest"), "1.0"),
        (pages("latest", "next"), "latest"),
        (pages("1.0"), None),
        (["/1.0/a", "/2.0/b", "/3.0/c"], None),
        (pages("api/v1", "api/v2") + [f"/guide/{number}" for number in range(6)], None),
        ([], None),
    ],
)
def test_of_a_list_of_several_versions_the_one_in_use_is_meant(paths: list[str], label: str | None) -> None:
    own = main_version(paths)
    assert (own.label if own else None) == label
