"""How many elements are open at once is never taken for less than a parser makes of the page."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser, LexborNode

from core.nesting import open_at_once

TAG = re.compile(r"</?[a-zA-Z][^\s/>]*")
UNNESTED = frozenset(["p", "li", "td", "tr", "a", "img", "br", "html", "head", "body"])
FORMATTING = frozenset({"b"})
BOTH = "div span b object table svg g math select template button ul h1 title style script textarea p li td a"
PIECES = [
    *(f"<{name}>" for name in BOTH.split()),
    *(f"</{name}>" for name in BOTH.split()),
    *('<div x="</div>">', "<div x='</div>'>", "<div x=</div>", "<div </div>", '<div x="', "<div y=", "<g/>", "<div/>"),
    *("<!--", "-->", "--!>", "<![CDATA[", "]]>", "</ ", "<?", "<!", '"', "'", ">", "=", " ", "/", "text", "</h2>"),
    *("<div\u00a0x=", "<div\x0bx=", "<mar\u212a>", "</mark>", "</\u212a", "\n"),
]


def bound(page: str) -> int:
    return open_at_once(page, TAG.findall(page), UNNESTED, FORMATTING).nested


def depth(node: LexborNode | None) -> int:
    """Gives how many elements that nest lie within each other, of those a parser does not open by itself."""
    most, waiting = 0, [(node, 0)]
    while waiting:
        at, above = waiting.pop()
        while at is not None:
            own = above + ((at.tag or "-").isidentifier() and at.tag not in UNNESTED | FORMATTING | {"tbody"})
            most = max(most, own)
            if at.child is not None:
                waiting.append((at.child, own))
            at = at.next
    return most


@given(st.lists(st.sampled_from(PIECES), max_size=60))
def test_no_page_is_deeper_than_its_bound(pieces: list[str]) -> None:
    page = "".join(pieces)
    assert depth(LexborHTMLParser(page).root) <= bound(page)


@pytest.mark.parametrize(
    "page",
    [
        "<div><span>x</span><p>y<p>z</div>" * 50,
        "<table><tr><td><b>x</b><td>y</table>" * 50,
        '<div title="a > b"><!-- </div> --></div>' * 50,
        "<div><img src=a/><br></div>" * 50,
    ],
    ids=["paragraphs", "table", "comments and values", "without content"],
)
def test_what_is_closed_again_does_not_add_up(page: str) -> None:
    assert bound(page) <= 4


def test_what_looks_like_a_tag_where_there_is_none_counts_as_open() -> None:
    found = open_at_once("<script>'<div><b>'</script>", ["<script", "<div", "<b", "</script"], UNNESTED, FORMATTING)
    assert (found.nested, found.formatting) == (3, 1)
