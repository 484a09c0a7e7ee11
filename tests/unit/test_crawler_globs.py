"""Patterns of paths: what they match, and that none takes long."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.globs import first_match

_MEANINGS = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}


@pytest.mark.parametrize(
    ("glob", "path", "is_match"),
    [
        ("changelog/**", "changelog/", True),
        ("changelog/**", "changelog/1/a.html", True),
        ("changelog/**", "old/changelog/1.html", False),
        ("/changelog/**", "changelog/1.html", True),
        ("**/test/**", "test/a.html", True),
        ("**/test/**", "a/b/test/c/d.html", True),
        ("**/test/**", "a/latest/b.html", False),
        ("guide/**/draft-?.html", "guide/draft-1.html", True),
        ("guide/**/draft-?.html", "guide/a/b/draft-1.html", True),
        ("guide/**/draft-?.html", "guide/a/draft-10.html", False),
        ("*.html", "a.html", True),
        ("*.html", "a/b.html", False),
        ("a*b*c", "aXbYbc", True),
        ("v**/x", "v1/2/x", True),
        ("v**/x", "vx", False),
        ("a.c", "abc", False),
        ("*", "line\nbreak", True),
    ],
)
def test_a_pattern_matches_whole_paths(glob: str, path: str, is_match: bool) -> None:
    assert (first_match([glob], path) is not None) is is_match


@given(
    st.lists(st.sampled_from(["a", "b", "/", "*", "**", "?", "**/", "/**/"]), max_size=7).map("".join),
    st.text("ab/", max_size=8),
)
def test_a_pattern_means_the_same_as_its_plain_translation(glob: str, path: str) -> None:
    parts = re.split(r"((?<![^/])\*\*/|\*\*|\*|\?)", glob.removeprefix("/"))
    plain = "".join(_MEANINGS.get(part, re.escape(part)) for part in parts)
    assert bool(first_match([glob], path)) is bool(glob and re.fullmatch(plain, path))


@pytest.mark.parametrize(
    ("glob", "path"),
    [
        ("**/" * 60 + "z", "a/" * 1000),
        ("**a" * 60 + "b", "a" * 2000),
        ("*a" * 60 + "b", "a" * 2000),
        ("**/*a*a*a*a**b?c", "a/aa" * 500),
        ("?" * 250 + "**" + "?" * 250 + "*z", "a" * 2000),
    ],
)
def test_a_pattern_made_to_be_slow_is_answered_at_once(glob: str, path: str) -> None:
    assert first_match([glob], path) is None
