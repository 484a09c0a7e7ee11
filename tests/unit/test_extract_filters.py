import pytest
from selectolax.lexbor import LexborHTMLParser, LexborNode

from indexer.extract.html import filters
from indexer.extract.html.filters import FILTERS, Filter
from indexer.extract.html.subtree import Subtree


def body(html: str) -> LexborNode:
    node = LexborHTMLParser(html).body
    assert node is not None
    return node


def text_after(apply: Filter, html: str) -> str:
    node = body(html)
    apply(Subtree(node))
    return node.text_lexbor()


@pytest.mark.parametrize(
    "markup",
    [
        "<script>gone</script>",
        "<style>gone</style>",
        "<template>gone</template>",
        "<noscript>gone</noscript>",
        "<svg><text>gone</text></svg>",
        "<textarea>gone</textarea>",
        "<iframe>gone</iframe>",
        "<xmp>gone</xmp>",
    ],
)
def test_scripts_and_embedded_things_are_dropped(markup: str) -> None:
    assert text_after(filters.drop_scripts, f"<p>kept</p>{markup}") == "kept"


@pytest.mark.parametrize(
    "attributes",
    [
        'style="display:none"',
        'style="color: red; DISPLAY : none !important"',
        'style="visibility: hidden"',
        'style="opacity:0"',
        'style="font-size:0px"',
        'style="position:absolute; left:-9999px"',
        "hidden",
        'hidden="until-found"',
    ],
)
def test_hidden_elements_are_dropped(attributes: str) -> None:
    assert text_after(filters.drop_hidden, f"<p>kept</p><p {attributes}>gone</p>") == "kept"


@pytest.mark.parametrize(
    "markup",
    ["<div role=tabpanel hidden>kept</div>", '<p style="opacity:0.5">kept</p>', '<p style="text-indent:-2em">kept</p>'],
)
def test_what_a_reader_can_see_or_open_stays(markup: str) -> None:
    assert text_after(filters.drop_hidden, markup) == "kept"


def test_hidden_icons_are_dropped_but_no_hidden_blocks() -> None:
    html = "<p>kept <i aria-hidden=true>gone</i></p><pre aria-hidden=true>code</pre>"
    assert text_after(filters.drop_icons, html) == "kept code"


def test_copy_buttons_are_dropped_but_no_tab_labels() -> None:
    html = "<button>gone</button><span class=sr-only>gone</span><button role=tab>npm</button>"
    assert text_after(filters.drop_buttons, html) == "npm"


def test_line_numbers_are_dropped() -> None:
    html = "<table><tr><td class=linenos>1</td><td><pre><span class=lineno>1</span>code</pre></td></tr></table>"
    assert text_after(filters.drop_line_numbers, html) == "code"


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<h2>Title<a class=headerlink href=#t>¶</a></h2>", "Title"),
        ("<h2><a class=header-anchor href=#t>Title</a></h2>", "Title"),
        ("<h2><a class=anchor id=t></a>Title</h2>", "Title"),
    ],
)
def test_permalinks_are_dropped_unless_they_hold_the_heading(html: str, text: str) -> None:
    assert text_after(filters.drop_permalinks, html) == text


def test_an_anchor_that_is_a_target_keeps_its_id() -> None:
    node = body("<h2><a class=anchor id=t></a>Title</h2>")
    filters.drop_permalinks(Subtree(node))
    assert node.css_first("#t") is not None


def test_navigation_is_dropped() -> None:
    html = "<nav>gone</nav><div class=toctree-wrapper>gone</div><p>This text is the page.</p>"
    assert text_after(filters.drop_navigation, html) == "This text is the page."


def test_a_page_that_is_all_navigation_is_left_as_it_is() -> None:
    assert text_after(filters.drop_navigation, "<div class=toc>Everything stands in here</div>") == (
        "Everything stands in here"
    )


@pytest.mark.parametrize(
    "html",
    [
        "<pre>a<br>b</pre>",
        "<pre><code><span class=token-line>a</span><br><span class=token-line>b</span></code></pre>",
        "<pre><code><div class=ec-line>a</div><div class=ec-line>b</div></code></pre>",
        "<pre><code><span class=line>a</span>\n<span class=line>b</span></code></pre>",
    ],
)
def test_code_lines_end_with_one_line_break(html: str) -> None:
    assert text_after(filters.break_code_lines, html) == "a\nb"


def test_formulas_are_spelled_in_tex() -> None:
    html = "<p>so <math><mi>x</mi><annotation encoding='application/x-tex'>x^2</annotation></math></p>"
    assert text_after(filters.spell_formulas, html) == "so $x^2$"


def test_all_filters_leave_plain_text_alone() -> None:
    node = body("<h1>Title</h1><p>Text</p><pre>code</pre>")
    for apply in FILTERS:
        apply(Subtree(node))
    assert node.text_lexbor() == "TitleTextcode"
