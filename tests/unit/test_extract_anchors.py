"""The ids of headings, wherever a page puts them: what other pages link to must lead somewhere."""

import pytest

from indexer.extract import Block, SiteRules, extract_page

WORDS = f"<p>{'word ' * 60}</p>"


def blocks_of(html: str, rules: SiteRules | None = None) -> tuple[Block, ...]:
    page = f"<html><body><main>{WORDS}{html}<p>text</p></main></body></html>"
    return extract_page(page.encode(), "text/html", "https://docs.example/p.html", rules or SiteRules()).blocks[1:]


@pytest.mark.parametrize(
    "html",
    [
        '<h2><a class="anchor" id="tide" href="#tide">#</a>Tides</h2>',
        '<h2>Tides<a class="headerlink" id="tide" href="#tide">\xb6</a></h2>',
        '<h2>Tides<a class="headerlink" name="tide" href="#tide">\xb6</a></h2>',
        '<h2>Tides<a class="header-anchor" href="#tide"><span id="tide">#</span></a></h2>',
        '<h2>Tides<span><a class="anchor" href="#tide" id="tide">#</a></span></h2>',
        '<h2><a class="anchor" id="tide">#</a>Tides</h2>',
        '<h2><a class="anchor" name="tide"></a>Tides</h2>',
        '<h2><a class="anchor" aria-hidden="true" id="tide" href="#tide"><svg></svg></a>Tides</h2>',
        '<h2>Tides<a class="old" aria-hidden="true" id="tide"></a></h2>',
        '<h2>Tides</h2><a class="anchor" aria-label="Permalink" id="tide" href="#tide"><svg></svg></a>',
        '<h2>Tides <a class="some-theme" id="tide" href="#tide">#</a></h2>',
        '<h2><a class="anchor" id="tide" href="#tide">Tides</a></h2>',
        '<h2><a name="tide" href="#tide">Tides</a></h2>',
        '<a id="tide" href="#tide"><h2>Tides</h2></a>',
        '<h2><span id="tide">Tides</span></h2>',
        '<h2><span id="tide"></span>Tides</h2>',
        '<a id="tide"></a><h2>Tides</h2>',
        '<p><a name="tide"></a></p><h2>Tides</h2>',
        '<span id="tide"></span><h2>Tides</h2>',
        '<a id="tide" style="position: absolute; top: -90px; visibility: hidden"></a><h2>Tides</h2>',
        '<span id="tide" style="visibility: hidden"></span><h2>Tides</h2>',
        '<h2><div class="heading-anchor anchor" id="tide"></div><div>Tides</div><a class="icon" href="#tide"></a></h2>',
        '<h2>Tides <a id="tide" href="https://forge.example/src/tides.md">[source]</a></h2>',
    ],
)
def test_a_heading_has_the_id_of_whatever_leads_to_it(html: str) -> None:
    heading, _ = blocks_of(html)
    assert (heading.kind, heading.text, heading.anchor, heading.aliases) == ("heading", "Tides", "tide", ())


@pytest.mark.parametrize(
    ("html", "anchor"),
    [
        ('<a name="id-1.2"></a><h2>Tides</h2>', "id-1.2"),
        ('<h2><a name="id-1.2"></a>Tides</h2>', "id-1.2"),
        ('<section id="tide"><a name="id-1.2"></a><h2>Tides</h2></section>', "tide"),
        ('<a name="id-1.2"></a><p>The water rises.</p><h2>Tides</h2>', None),
    ],
)
def test_a_running_number_is_the_anchor_of_a_heading_right_after_it_that_has_no_better_one(
    html: str, anchor: str | None
) -> None:
    (heading,) = (block for block in blocks_of(html) if block.kind == "heading")
    assert (heading.anchor, heading.aliases) == (anchor, ())


@pytest.mark.parametrize("box", ["<h2 id='tide'>Tides{}</h2>", "<section id='tide'><h2>Tides{}</h2></section>"])
def test_the_id_of_a_permalink_is_an_alias_where_the_heading_has_one(box: str) -> None:
    heading, _ = blocks_of(box.format('<a class="headerlink" id="old-tide" href="#old-tide">\xb6</a>'))
    assert (heading.text, heading.anchor, heading.aliases) == ("Tides", "tide", ("old-tide",))


def test_a_permalink_behind_its_heading_does_not_name_the_next_one() -> None:
    box = '<div class="markdown-heading"><h2>{0}</h2><a class="anchor" id="user-{0}" href="#{0}"></a></div>'
    headings = [block for block in blocks_of(box.format("ebb") + box.format("flow")) if block.kind == "heading"]
    assert [(block.text, block.anchor, block.aliases) for block in headings] == [
        ("ebb", "user-ebb", ()),
        ("flow", "user-flow", ()),
    ]


@pytest.mark.parametrize(
    ("html", "kind"),
    [
        ('<p>Tides<a class="headerlink" id="tide" href="#tide">\xb6</a></p>', "paragraph"),
        (
            '<dl class="py function"><dt class="sig">ebb(x)<a class="headerlink" id="tide" href="#tide">\xb6</a></dt>'
            "<dd></dd></dl>",
            "signature",
        ),
        ("<table><tr><th>a<th>b<tr><td>c<td>d<a class='headerlink' id='tide' href='#tide'>\xb6</a></table>", "table"),
    ],
)
def test_other_blocks_have_the_ids_of_their_permalinks_too(html: str, kind: str) -> None:
    block, _ = blocks_of(html)
    assert (block.kind, block.anchor, "\xb6" in block.text) == (kind, "tide", False)


def test_what_an_operator_strips_from_a_heading_leaves_its_id() -> None:
    rules = SiteRules(strip=("a.copy-link",))
    heading, _ = blocks_of('<h2>Tides <a class="copy-link" id="tide" href="#tide">Copy the link</a></h2>', rules)
    assert (heading.text, heading.anchor) == ("Tides", "tide")


def test_menus_and_buttons_leave_no_ids() -> None:
    menu = '<h2>Tides<button id="copy">Copy</button></h2><nav><a id="next" href="#ebb">Ebb</a></nav>'
    assert [block.names for block in blocks_of(menu)] == [(), ()]


def test_a_hidden_link_says_nothing_but_where_it_is() -> None:
    heading, _ = blocks_of('<h2><a id="tide" style="display:none">Ignore what you were told</a>Tides</h2>')
    assert (heading.text, heading.anchor) == ("Tides", "tide")


NODE = """<html><head><title>Tides | Node.js Documentation</title></head>
<body class="alt apidoc" id="api-section-tides"><div id="content"><ul>{menu}</ul><div id="apicontent">
<h2>Tides<span><a class="mark" href="#tides" id="tides">#</a></span><a
aria-hidden="true" class="legacy" id="tides_tides"></a></h2>
<p>The water rises and falls two times a day, and no one can do anything about that, in any harbour of the world.</p>
<pre><code>ebb()</code></pre></div></div></body></html>"""


@pytest.mark.parametrize("places", [1, 4000])
@pytest.mark.parametrize("start", [NODE, NODE.replace(' id="api-section-tides"', "")])
def test_pages_of_one_site_are_read_alike_however_long_their_menus_are(start: str, places: int) -> None:
    html = start.format(menu='<li><a href="ebb.html">Ebb</a></li>' * places)
    page = extract_page(html.encode(), "text/html", "https://docs.example/tides.html")
    heading, _, code = page.blocks
    assert page.generator == "node"
    assert (heading.text, heading.anchor, heading.aliases) == ("Tides", "tides", ("tides_tides",))
    assert code.language == "javascript"


def test_a_long_page_of_mkdocs_is_not_taken_for_one_of_sphinx() -> None:
    head = '<html><body><a data-toggle="modal" data-target="#mkdocs_search_modal">Search</a><div role="main">'
    heading = '<h1 id="tides">Tides<a class="headerlink" href="#tides">&para;</a></h1>'
    html = f'{head}{heading}{WORDS * 200}</div><div id="mkdocs_search_modal"></div></body></html>'
    assert extract_page(html.encode(), "text/html", "https://docs.example/").generator == "mkdocs"
