"""How many elements are open at once is never taken for less than a parser makes of the page."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from core.elements import FORMATTING, UNNESTED
from core.nesting import open_at_once

TAG = re.compile(r"</?[a-zA-Z][^\s/>]*")
NESTING = (
    "div span b object table svg g path math mi desc foreignobject select template button ul dl ruby h1 title style"
)
ENDING = "p li dd dt td tr a rt rp option optgroup input img html head body"
PIECES = [
    *(f"<{name}>" for name in [*NESTING.split(), *ENDING.split(), "script", "textarea"]),
    *(f"</{name}>" for name in [*NESTING.split(), *ENDING.split(), "script", "textarea"]),
    *('<div x="</div>">', "<div x='</div>'>", "<div x=</div>", "<div </div>", '<div x="', "<div y=", "<g/>", "<div/>"),
    *("<path/>", "<path x=/>", "<path / >", "<svg/>", "<a/>", "<use x='>'/>", "<text/>", "</g/>"),
    *("<!--", "-->", "--!>", "<![CDATA[", "]]>", "</ ", "<?", "<!", '"', "'", ">", "=", " ", "/", "text", "</h2>"),
    *("<div\u00a0x=", "<div\x0bx=", "<mar\u212a>", "</mark>", "</\u212a", "\n"),
]
MOST_EACH = 6
"""Elements that come with one that nests: a table has a body, a row and a cell, and that a paragraph, and so on."""


def bound(page: str) -> int:
    return open_at_once(page, TAG.findall(page)).elements


def depth(page: str, passed_over: frozenset[str] = frozenset()) -> int:
    """Gives how many elements lie within each other, but for those of some names and some a parser opens by itself."""
    most, waiting = 0, [(LexborHTMLParser(page).root, 0)]
    while waiting:
        at, above = waiting.pop()
        while at is not None:
            own = above + ((at.tag or "-").isidentifier() and at.tag not in passed_over)
            most = max(most, own)
            if at.child is not None:
                waiting.append((at.child, own))
            at = at.next
    return most


@given(st.lists(st.sampled_from(PIECES), max_size=60))
def test_no_page_is_deeper_than_its_bound(pieces: list[str]) -> None:
    page = "".join(pieces)
    assert depth(page, UNNESTED | FORMATTING | {"tbody"}) <= bound(page)


@settings(max_examples=300)
@given(st.lists(st.sampled_from(PIECES), max_size=4), st.lists(st.sampled_from(PIECES), min_size=1, max_size=5))
def test_what_is_repeated_does_not_nest_unseen(before: list[str], repeated: list[str]) -> None:
    page = "".join([*before, *repeated * 30])
    assert depth(page) <= MOST_EACH * (bound(page) + 3)


@pytest.mark.parametrize(
    "page",
    [
        "<rt>" * 100,
        "<optgroup>" * 100,
        "<li><dd>" * 50,
        "<dt><option><li>" * 50,
        "<svg>" + "<a>" * 100,
        "<math>" + "<td>" * 100 + "</math>",
        "<svg><g/>" + "<input>" * 100 + "</svg>",
        "<svg><desc></desc>" + "<tr>" * 100,
        "<math></svg>" + "<rp>" * 100,
        "<!--<svg>-->" + "<svg x='<svg>'>" + "<wbr>" * 100,
    ],
)
def test_what_ends_by_itself_elsewhere_counts_where_it_nests(page: str) -> None:
    assert depth(page) >= 50
    assert bound(page) * 2 >= depth(page) - 2


@pytest.mark.parametrize(
    "page",
    [
        "<div><span>x</span><p>y<p>z</div>" * 50,
        "<table><tr><td><b>x</b><td>y</table>" * 50,
        '<div title="a > b"><!-- </div> --></div>' * 50,
        "<div><img src=a/><br></div>" * 50,
        '<svg viewbox="0 0 1 1"><title>x</title><g><path d="M0"/><path/></g><use href=#a /></svg><p>y' * 50,
        "<svg>" + "<g><path/><circle/></g>" * 50 + "</svg>",
        "<math><mi>x</mi><mspace/><mo>+</mo></math>" * 50,
        "<dl><dt>x<dd>y<ul><li>z<li>z</ul></dl>" * 50,
        "<dl><dt>x</dt><dd><ul><li>z</li><li><dl><dd>y</dd></dl></li></ul></dd></dl>" * 50,
        "<ruby>x<rt>y</rt></ruby>" * 50,
    ],
    ids=[
        "paragraphs",
        "table",
        "comments and values",
        "without content",
        "icons",
        "a drawing",
        "formulas",
        "items left open",
        "items within definitions",
        "annotations",
    ],
)
def test_what_is_closed_again_does_not_add_up(page: str) -> None:
    assert bound(page) <= 60


def test_what_looks_like_a_tag_where_there_is_none_counts_as_open() -> None:
    found = open_at_once("<script>'<div><b>'</script>", ["<script", "<div", "<b", "</script"])
    hidden = open_at_once("<!-- <div><b> -->", ["<div", "<b"])
    assert (hidden.elements, hidden.formatting) == (2, 1)
    assert (found.elements >= 3, found.formatting) == (True, 1)
