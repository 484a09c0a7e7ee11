"""Generators whose pages say what they are in ways of their own, and what has to be read from them."""

import pytest

from indexer.extract import Block, ExtractedPage, extract_page

WORDS = "The pier holds four boats in summer and two in winter, and a watchman looks after all of them at night. "


def read(body: str, head: str = "") -> ExtractedPage:
    page = f"<!DOCTYPE html><html><head>{head}</head><body>{body}</body></html>"
    return extract_page(page.encode(), "text/html; charset=utf-8", "https://docs.example/page.html")


def shown(page: ExtractedPage) -> list[tuple[str, str, str | None]]:
    return [(block.kind, block.text, block.anchor) for block in page.blocks]


def signatures(page: ExtractedPage) -> list[tuple[str, str | None, str | None, int]]:
    return [(block.text, block.title, block.anchor, block.depth) for block in page.blocks if block.kind == "signature"]


def code(page: ExtractedPage) -> list[Block]:
    return [block for block in page.blocks if block.kind == "code"]


@pytest.mark.parametrize("generator", ["Hugo 0.130.0", "Pelican", "phpDocumentor"])
def test_what_a_page_says_of_itself_comes_before_marks_that_many_generators_have(generator: str) -> None:
    body = f'<main><h1 id="pier">Pier<a class="headerlink" href="#pier">¶</a></h1><p>{WORDS}</p></main>'
    assert read(body, f'<meta name="generator" content="{generator}">').generator == generator
    assert read(body).generator == "sphinx"


def test_pdoc_gives_signatures_and_no_source() -> None:
    page = read(
        """<nav class="pdoc"><h2>API Documentation</h2></nav><main class="pdoc"><section class="module-info">
        <h1 class="modulename">harbour    </h1>
        <div class="docstring"><p>Boats.</p><div class="pdoc-code codehilite"><pre><code>import harbour
</code></pre></div></div>
        <input id="mod-view-source" class="view-source-toggle-state" type="checkbox">
        <label class="view-source-button" for="mod-view-source"><span>View Source</span></label>
        <div class="pdoc-code codehilite"><pre><span id="L-1"><a href="#L-1"><span class="linenos">1</span></a>import os
</span></pre></div></section>
        <section id="Pier"><div class="attr class">
            <span class="def">class</span>
            <span class="name">Pier</span>:
            <label class="view-source-button" for="x"><span>View Source</span></label></div>
        <a class="headerlink" href="#Pier"></a><div class="pdoc-code codehilite"><pre>class Pier: ...</pre></div>
        <div class="docstring"><p>A pier.</p></div>
        <div id="Pier.moor" class="classattr"><div class="attr function">
            <span class="def">def</span>
            <span class="name">moor</span><span class="signature pdoc-code">(<span class="param">boat</span>)</span>
        </div><div class="pdoc-code codehilite"><pre>def moor(boat): ...</pre></div>
        <div class="docstring"><p>Moors it.</p></div></div></section></main>""",
        '<meta name="generator" content="pdoc 16.0.0">',
    )
    assert page.generator == "pdoc"
    assert [block.text for block in code(page)] == ["import harbour"]
    assert signatures(page) == [("class Pier:", "Pier", "Pier", 0), ("def moor(boat)", "moor", "Pier.moor", 1)]
    assert [block.text for block in page.blocks if block.depth] == ["A pier.", "def moor(boat)", "Moors it."]


_TYPEDOC_START = """<header class="tsd-page-toolbar">x</header><div class="col-content"><div class="tsd-page-title">
<ul class="tsd-breadcrumb"><li><a href="../modules.html">Harbour</a></li></ul><h1>Class Pier&lt;T&gt;</h1></div>
<section class="tsd-panel-group tsd-index-group"><section class="tsd-panel tsd-index-panel"><h5>Index</h5>
<a href="#moor">moor</a></section></section><section class="tsd-panel tsd-member">
<h3 class="tsd-anchor-link" id="moor"><span>moor</span><a href="#moor" class="tsd-anchor-icon"><svg></svg></a></h3>
<ul class="tsd-signatures">"""
_TYPEDOC_SIGNATURE = """<span class="tsd-kind-call-signature">moor</span>(<span class="tsd-kind-parameter">boat</span>:
<span class="tsd-signature-type">Boat</span>): <span class="tsd-signature-type">void</span>"""
_TYPEDOC_TEXT = """<p>Moors it.</p><h4>Parameters</h4><ul class="tsd-parameter-list"><li><span>boat: Boat</span><div
class="tsd-comment"><p>which one</p></div></li></ul><aside class="tsd-sources"><p>Defined in pier.ts:10</p></aside>"""
_TYPEDOC_END = """</ul></section></div><div class="col-sidebar"><h3>Settings</h3></div>
<div class="tsd-generator"><p>Generated using TypeDoc</p></div>"""


@pytest.mark.parametrize(
    "member",
    [
        f'<li><div class="tsd-signature tsd-anchor-link" id="moor-1">{_TYPEDOC_SIGNATURE}</div>'
        f'<div class="tsd-description">{_TYPEDOC_TEXT}</div></li>',
        f'<li class="tsd-signature tsd-anchor-link" id="moor-1">{_TYPEDOC_SIGNATURE}</li>\n'
        f'<li class="tsd-description">{_TYPEDOC_TEXT}</li>',
    ],
    ids=["since 0.26", "up to 0.25"],
)
def test_typedoc_gives_signatures_with_what_describes_them(member: str) -> None:
    page = read(f"{_TYPEDOC_START}{member}{_TYPEDOC_END}")
    assert (page.generator, page.title) == ("typedoc", "Class Pier<T>")
    assert signatures(page) == [("moor(boat: Boat): void", "moor", "moor-1", 0)]
    assert [block.text for block in page.blocks] == [
        "Class Pier<T>",
        "moor",
        "moor(boat: Boat): void",
        "Moors it.",
        "Parameters",
        "- boat: Boat which one",
    ]


def test_the_declaration_of_a_type_is_code() -> None:
    page = read(
        '<div class="tsd-page-title"></div><div class="col-content"><h1>Interface Boat</h1>'
        '<div class="tsd-signature">interface Boat {<br>  length: number;<br>}</div></div>'
    )
    assert [(block.text, block.language) for block in code(page)] == [
        ("interface Boat {\n  length: number;\n}", "typescript")
    ]


def test_examples_that_can_be_edited_are_code() -> None:
    page = read(
        '<main><div class="Documentation-content"><details id="example-Moor"><summary'
        ' class="Documentation-exampleDetailsHeader">Example <a href="#example-Moor">¶</a></summary>'
        '<textarea class="Documentation-exampleCode">package main\n\nfunc main() { if a &lt; b {} }\n'
        "</textarea></details></div></main>"
    )
    assert shown(page) == [
        ("paragraph", "**Example**", "example-Moor"),
        ("code", "package main\n\nfunc main() { if a < b {} }", None),
    ]
    assert code(page)[0].language == "go"


def test_what_readers_type_is_no_example() -> None:
    assert "secret" not in str(read(f"<main><p>{WORDS}</p><textarea name=q>secret</textarea></main>").blocks)


def test_godoc_shows_what_its_folds_hold_once() -> None:
    page = read(
        f"""<div id="page" class="wide"><div class="container"><h1> Package piers <span></span></h1><div id="nav"></div>
        <div id="short-nav"><dl><dd><code>import "piers"</code></dd></dl><dl>
        <dd><a href="#pkg-overview">Overview</a></dd></dl></div>
        <div id="pkg-overview" class="toggleVisible"><div class="collapsed"><h2>Overview ▹</h2></div>
        <div class="expanded"><h2 class="toggleButton">Overview ▾</h2><p>{WORDS}</p></div></div>
        <h2 id="Moor">func Moor<a class="permalink" href="#Moor">¶</a></h2><pre>func Moor(b Boat)</pre>
        <div id="footer">Build version go1.19.</div></div></div>""",
        '<link rel="stylesheet" href="/lib/godoc/style.css">',
    )
    assert (page.generator, code(page)[0].language) == ("godoc", "go")
    assert [block.text for block in page.blocks] == [
        "Package piers",
        '`import "piers"`',
        "Overview",
        WORDS.strip(),
        "func Moor",
        "func Moor(b Boat)",
    ]


_RUSTDOC = '<a id="rustdoc-vars"></a><main id="main-content">'


@pytest.mark.parametrize(
    ("generator", "before", "chrome", "after"),
    [
        ("mdn", '<main><article class="main-page-content">', '<div class="example-header"><span>js</span></div>', ""),
        ("docsy", '<div class="td-content">', '<p class="feedback--question">Was this page helpful?</p>', "</div>"),
        ("docsy", '<div class="td-content">', '<div class="text-muted border-top">Last modified</div>', "</div>"),
        ("hugo-book", '<div><article class="markdown book-article">', "", "</article><footer>Edit</footer></div>"),
        ("geekdoc", '<div><article class="gdoc-markdown">', '<a class="gdoc-page__anchor">#</a>', "</article>x</div>"),
        ("fumadocs", '<div id="nd-page"><article>', "<footer>Next: Boats</footer>", "</article>toc</div>"),
        ("rustdoc", _RUSTDOC, '<span class="rustdoc-breadcrumbs">pier</span>', ""),
        ("rustdoc", _RUSTDOC, '<div class="example-wrap"><a class="tooltip">ⓘ</a></div>', ""),
        ("gitbook", "<main>", "<p>Last updated <time datetime=2026-01-01>1 month ago</time></p>", ""),
    ],
)
def test_what_a_generator_puts_around_the_text_is_left_out(
    generator: str, before: str, chrome: str, after: str
) -> None:
    head = '<meta name="generator" content="GitBook (28f7fba)">' if generator == "gitbook" else ""
    page = read(f"{before}<h1>Piers</h1>{chrome}<p>{WORDS}</p>{after}", head)
    assert page.generator == generator
    assert [block.text for block in page.blocks] == ["Piers", WORDS.strip()]


def test_the_condition_of_a_rust_signature_is_not_glued_to_it() -> None:
    page = read(
        '<section id="main-content"><h1>Pier</h1><details class="toggle"><summary><section id="method.moor">'
        '<h4 class="code-header">fn moor(&amp;self) -&gt; Result&lt;()&gt;<div class="where">where\n T: Boat,</div>'
        "</h4></section></summary><p>Moors.</p></details></section>",
        '<meta name="generator" content="rustdoc">',
    )
    assert signatures(page)[0][0] == "fn moor(&self) -> Result<()> where T: Boat,"


@pytest.mark.parametrize(
    ("box", "title"),
    [
        ('<div class="hint-container warning"><p class="hint-container-title">Mind</p><p>Tides.</p></div>', "Mind"),
        ('<div class="callout tip"><div class="callout-title-container">Mind</div><p>Tides.</p></div>', "Mind"),
        ('<div class="blockquote-tag"><p class="blockquote-tag-title">Important</p><p>Tides.</p></div>', "Important"),
        ('<blockquote class="book-hint info"><p>Tides.</p></blockquote>', "Info"),
        ('<div class="hint bg-warning"><p>Tides.</p></div>', "Warning"),
        ('<div class="admonition hint"><p>Tides.</p></div>', "Hint"),
    ],
)
def test_boxes_of_advice_have_their_title_or_their_kind(box: str, title: str) -> None:
    block = read(f"<main><p>{WORDS}</p>{box}</main>").blocks[-1]
    assert (block.kind, block.title, block.text) == ("admonition", title, "Tides.")


def test_an_id_that_stands_twice_names_the_first_place() -> None:
    page = read(f'<main><h1 id="a">One</h1><p>{WORDS}</p><h2 id="a">Two</h2><p>{WORDS}</p><h2 id="b">Three</h2></main>')
    assert [block.anchor for block in page.blocks if block.kind == "heading"] == ["a", None, "b"]
