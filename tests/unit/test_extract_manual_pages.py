"""What pages of older tools have: footnotes at their marks, empty anchors before headings, menus inside of code."""

import pytest

from indexer.extract import Block, extract_page

_TEXT = "<p>The server reads its settings when it starts, and again whenever it is told to by a signal.</p>"


def _blocks(body: str, head: str = "") -> list[Block]:
    page = f"<html><head><title>Manual</title>{head}</head><body><h1>Manual</h1>{_TEXT}{body}</body></html>"
    return [*extract_page(page.encode(), "text/html", "https://docs.example/a.html").blocks]


def _after_text(body: str, head: str = "") -> list[Block]:
    return _blocks(body, head)[2:]


_ON_HOVER = "<style>.note, .other { display: none } sup:hover span.note { display: block }</style>"


def test_a_footnote_that_shows_at_its_mark_stays_in_parentheses() -> None:
    (block,) = _after_text(
        "<p>A list.<sup class='fn'>7<span class='note'>Or a pair.</span></sup> It ends.</p>", _ON_HOVER
    )

    assert block.text == "A list.7 (Or a pair.) It ends."


@pytest.mark.parametrize(
    "style",
    [
        "<style>.note { display: none }</style>",
        "<style>.note { display: none } p:hover .note { display: block }</style>",
        "<style>.note { display: none; font-size: 0 } sup:hover span.note { display: block }</style>",
    ],
)
def test_text_that_no_mark_of_a_footnote_shows_stays_out(style: str) -> None:
    (block,) = _after_text("<p>A list.<sup>7<span class='note'>Or a pair.</span></sup> It ends.</p>", style)

    assert "pair" not in block.text


def test_an_empty_anchor_at_the_end_of_a_text_leads_to_the_heading_after_it() -> None:
    text, heading = _after_text("cat - joins files\n<a name='lbAC'>&nbsp;</a>\n<h2>SYNOPSIS</h2>")

    assert (text.names, heading.anchor) == ((), "lbAC")


def test_an_empty_anchor_at_the_end_of_a_paragraph_leads_to_the_heading_after_it() -> None:
    text, heading = _after_text("<p>Joins <a name='files'></a>files. <a name='lbAC'>&nbsp;</a>\n</p><h2>SYNOPSIS</h2>")

    assert (text.names, heading.anchor) == (("files",), "lbAC")


def test_a_heading_with_an_id_of_its_own_leaves_that_of_the_text_before() -> None:
    text, heading = _after_text("<p>Joins files.<a name='files'></a></p><h2 id='use'>SYNOPSIS</h2>")

    assert (text.names, heading.names) == (("files",), ("use",))


def test_an_id_with_a_space_is_kept() -> None:
    (heading,) = _after_text("<a name='get(String, int)'></a><h2>get</h2>")

    assert heading.anchor == "get(String, int)"


def test_a_mark_of_a_heading_that_says_something_stays() -> None:
    (heading,) = _after_text("<h2 id='bind'>bind <a href='#destructive'>!</a></h2>")

    assert heading.text == "bind !"


def test_a_cell_whose_class_speaks_of_pagination_is_kept() -> None:
    rows = "<tr><td>acl</td><td class='pagination-centered'>yes</td></tr><tr><td>bind</td><td>no</td></tr>"

    (table,) = _after_text(f"<table><tr><th>keyword</th><th>backend</th></tr>{rows}</table>")

    assert "| acl | yes |" in table.text


def test_the_menu_of_a_word_in_code_is_no_code() -> None:
    menu = "<ul class='dropdown-menu'><li>Bind options</li></ul>"

    (code,) = _after_text(f"<pre>used with <span class='dropdown'><a href='#'>crt</a>{menu}</span> here</pre>")

    assert code.text == "used with crt here"


def test_the_panel_that_leads_to_other_pages_is_no_text() -> None:
    links = "<b>Next:</b> <a href='b.html' id='tex2html1'>Strings</a> <b>Up:</b> <a href='c.html'>Types</a>"

    assert _after_text(f"<p>End.</p><div class='navigation'>{links}</div>")[-1].text == "End."


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("as <tt>malloc\n</tt>or free", "as `malloc` or free"),
        ("the<code> INTEGER</code>, type", "the `INTEGER`, type"),
        ("call <code>f </code>.", "call `f`."),
    ],
)
def test_a_space_inside_of_code_still_parts_words(html: str, text: str) -> None:
    assert _after_text(f"<p>{html}</p>")[0].text == text


def test_a_value_in_a_page_of_ocamldoc_is_a_signature_with_its_name_and_place() -> None:
    name = "<span id='VALfold_left'><span class='keyword'>val</span> fold_left</span>"
    code = f"<pre>{name} : <code class='type'>('a -&gt; 'b)<br>  -&gt; 'a</code></pre>"

    signature, text = _after_text(f"{code}<div class='info'><p>Folds.</p></div>")

    assert (signature.kind, signature.title, signature.anchor) == ("signature", "fold_left", "VALfold_left")
    assert (signature.text, signature.language) == ("val fold_left : ('a -> 'b)\n  -> 'a", "ocaml")
    assert text.text == "Folds."


def test_code_that_begins_with_a_place_is_still_code() -> None:
    (code,) = _after_text("<pre><span id='VALUE'>x = 1</span>\ny = 2</pre>")

    assert (code.kind, code.text) == ("code", "x = 1\ny = 2")


@pytest.mark.parametrize(
    ("head", "heading", "title"),
    [
        ("Apache Tomcat 10 (10.1.60) - Manager How-To", "Manager How-To", "Manager How-To"),
        ("Apache Tomcat 10 (10.1.60) - Manager How-To", "Other", "Apache Tomcat 10"),
        ("Manager How-To - Apache Tomcat 10", "Manager How-To", "Manager How-To"),
    ],
)
def test_the_title_is_the_heading_it_names_and_not_the_banner_of_the_site(head: str, heading: str, title: str) -> None:
    banner = "<div id='header'><h1>Apache Tomcat 10</h1></div>"
    main = f"<div id='content'><h2>{heading}</h2>{_TEXT * 3}</div>"
    page = f"<html><head><title>{head}</title></head><body>{banner}{main}</body></html>"

    assert extract_page(page.encode(), "text/html", "https://docs.example/a.html").title == title


def test_a_member_in_a_page_of_scaladoc_is_a_signature_and_links_to_types_mark_no_place() -> None:
    result = "<span class='result'>: <a href='' class='extype' name='scala.Option'>Option</a></span>"
    symbol = f"<span class='symbol'><span class='name'>map</span>(f: A){result}</span>"
    member = f"<li name='scala.Option#map'><a id='map(f:A):Option'></a><h4 class='signature'>def {symbol}</h4>"
    page = f"<div id='definition'><a id='mbrsel'></a></div>{_TEXT}<ol>{member}<p class='cmt'>Maps it.</p></li></ol>"
    html = f"<html><head><title>Option</title></head><body>{page}</body></html>"

    found = extract_page(html.replace("'", '"').encode(), "text/html", "https://docs.example/Option.html")

    signature, text = found.blocks[-2:]
    assert (found.generator, signature.kind, signature.title) == ("scaladoc", "signature", "map")
    assert (signature.text, signature.names) == ("def map(f: A): Option", ("map(f:A):Option",))
    assert (text.text, text.depth) == ("Maps it.", 1)
