"""What a part of a page cannot hold is not searched for, and nothing it holds is missed."""

import pytest
from selectolax.lexbor import LexborHTMLParser, LexborNode

from indexer.extract.html import filters
from indexer.extract.html.profiles import PROFILES
from indexer.extract.html.subtree import Subtree

MARKUP = """
<div class="Outer copy"><nav class=toc></nav><p class='line\tdiff remove' data-line=3 hidden>a</p>
<SVG class="icon"></SVG><a href="/blob/x" role='navigation' class="headerlink other">b</a>
<ul><li class="x-toc">c</li></ul><pre><summary>d</summary><br></pre></div>
"""


def body(html: str) -> LexborNode:
    node = LexborHTMLParser(html).body
    assert node is not None
    return node


def found(nodes: list[LexborNode]) -> list[int]:
    return [node.mem_id for node in nodes]


@pytest.mark.parametrize(
    "selector",
    [
        ".headerlink",
        "nav,.line,.gone",
        ".toc,.outer",
        "svg",
        "[hidden]",
        "[role=navigation]",
        "p[data-line]",
        ".copy:not(:has(h1,h2,p))",
        ".copy:not(:has(h1,h2))",
        "a[href*='/blob/']",
        "[class$=toc]",
        "[class$=other]",
        "[class^=head]",
        "[role=search],[data-line='3']",
        "a[href*=blob],a[href*=src]",
        "pre summary",
        "pre > br",
        "div > .line.diff.remove",
        "table.navigation,td.gutter,.missing [role=tab]",
    ],
)
def test_a_search_finds_what_a_search_of_everything_finds(selector: str) -> None:
    root = body(MARKUP)
    assert found(Subtree(root).css(selector)) == found(root.css(selector))


def test_every_selector_of_filters_and_profiles_is_understood() -> None:
    own = [value for name, value in vars(filters).items() if name.isupper() and isinstance(value, str)]
    root = body(MARKUP)
    for selector in [*own, *(profile.strips for profile in PROFILES if profile.strips)]:
        assert found(Subtree(root).css(selector)) == found(root.css(selector)), selector


@pytest.mark.parametrize("selector", [".remove", "svg,.gone", "[hidden]"])
def test_what_may_be_there_is_worth_a_search(selector: str) -> None:
    assert Subtree(body(MARKUP)).can_hold(selector)


@pytest.mark.parametrize("selector", [".ec-line,td.gutter", "[aria-hidden=true]", ".diff.gone"])
def test_what_cannot_be_there_is_known_without_a_search(selector: str) -> None:
    assert not Subtree(body(MARKUP)).can_hold(selector)
