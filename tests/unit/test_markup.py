"""The guard that stands before every parser of HTML."""

import pytest

from core.markup import MAX_TAG_CHARS, is_parsable

_FORMATTING = "".join(f"<b id={number}>" for number in range(2000))


@pytest.mark.parametrize(
    "markup",
    [
        "<div>" * 100_000,
        "<div>" * 100_000 + "</div>" * 100_000,
        "</div>" * 1000 + "<div>" * 1000,
        "<p>" + _FORMATTING + "</p>" + "<p>x</p>" * 3000,
        '<div x="</div>">' * 30_000,
        "<div><!--</div>-->" * 30_000,
        "<div></span>" * 30_000,
        "<div><object></div></object>" * 30_000,
        '<b x="</b>">' * 20_000 + "<p>" * 20_000,
        "<rt>" * 20_000 + "</x>" * 20_000,
        "<optgroup>" * 20_000,
        "<li><dd>" * 10_000 + "</x>" * 10_000,
        "<dt><option><li>" * 10_000,
        "<svg>" + "<a>" * 20_000,
        "<svg>" + "<a>" * 20_000 + "</svg>",
        "<math><mi/>" + "<td>" * 20_000,
        "<p>" + "".join(f"<b id={number}>" for number in range(300)) + "</p>" + "<p>x</p>" * 8000,
        "<p>" + "".join(f"<b x='>{number}'>" for number in range(300)) + "</p>" + "<p>x</p>" * 8000,
        "<p " + "a=b " * MAX_TAG_CHARS + ">",
        "<p>x</p>" * 20_000 + "<p " + "a=b " * MAX_TAG_CHARS + ">",
        "<p>x</p>" * 20_000 + "<p " + "a=b " * MAX_TAG_CHARS,
    ],
    ids=[
        "deep",
        "deep and closed",
        "deep after a rise",
        "formatting left open",
        "closed in a value",
        "closed in a comment",
        "closed by another",
        "closed while something else is open",
        "formatting closed in a value",
        "annotations of nothing",
        "groups of no choice",
        "items in definitions in items",
        "choices in items in definitions",
        "links in a drawing",
        "links in a drawing that is closed",
        "cells in a formula",
        "formatting that takes all memory",
        "formatting that is alike at first sight",
        "one endless tag",
        "an endless tag after many",
        "a tag without an end",
    ],
)
def test_markup_that_is_ruinous_to_parse_is_recognised(markup: str) -> None:
    assert not is_parsable(markup)


@pytest.mark.parametrize(
    "markup",
    [
        "<p>" * 400_000,
        "<table>" + "<tr><td><b>x</b><td>y" * 50_000,
        "<div>" * 20 + "<p><code>x</code>" * 50_000,
        "<div><span>x</span></div>" * 50_000,
        '<div title="a > b"><!-- </div> --><svg><path d="M0"/></svg></div>' * 1000,
        "<script>" + "'<div>'," * 2000 + "</script><p>x</p>",
        '<svg><path d="M0"/></svg>' * 50_000,
        "<svg>" + '<g><path d="M0"/></g>' * 50_000 + "</svg>",
        "<ul>" + "<li>x" * 50_000 + "</ul><dl>" + "<dt>x<dd>y" * 30_000 + "</dl>",
        "<p>" + "x " * MAX_TAG_CHARS + "</p>",
        "",
    ],
    ids=[
        "paragraphs",
        "table",
        "code",
        "closed",
        "comments and values",
        "script",
        "icons",
        "a drawing",
        "lists",
        "a long text",
        "empty",
    ],
)
def test_long_markup_that_is_cheap_to_parse_passes(markup: str) -> None:
    assert is_parsable(markup)
