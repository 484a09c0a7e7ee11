"""Pages as older tools and hands write them: text beside the items of lists, what was never closed, rows of links."""

import pytest

from indexer.extract import Block, ExtractedPage, extract_page

WORDS = "<p>" + "The guide says in some sentences what a queue of jobs is and how it is used. " * 4 + "</p>"


def extract(body: str, head: str = "", doctype: str = "<!DOCTYPE html>") -> ExtractedPage:
    html = f"{doctype}<html><head><title>Guide</title>{head}</head><body>{body}</body></html>"
    return extract_page(html.encode(), "text/html", "https://docs.example/guide.html")


def blocks(body: str, doctype: str = "<!DOCTYPE html>") -> list[tuple[str, str]]:
    return [(block.kind, block.text) for block in extract(WORDS + body, doctype=doctype).blocks[1:]]


def generated_by(name: str) -> str:
    return f'<meta name="generator" content="{name}">'


def signatures(page: ExtractedPage) -> list[Block]:
    return [block for block in page.blocks if block.kind == "signature"]


@pytest.mark.parametrize(
    ("markup", "read"),
    [
        ("<ul>Args: none<br>Returns: <b>a job</b></ul>", ("list", "- Args: none; Returns: a job")),
        ("<ol>\n <span class=types>table</span>\n A new queue\n</ol>", ("list", "1. table A new queue")),
        ("<ul>Jobs:<li>a<li>b</ul>", ("list", "- Jobs:\n- a\n- b")),
        ("<ul><li>a,<li>b</ul> <ul> | <li>c</ul>", ("list", "- a,\n- b")),
        ("<dl><dt>put</dt> puts a <code>Job</code></dl>", ("definition", "**put**: puts a `Job`")),
    ],
)
def test_text_that_stands_in_a_list_but_in_no_item_of_it_is_read(markup: str, read: tuple[str, str]) -> None:
    assert blocks(markup)[0] == read


def test_what_stands_in_a_list_beside_its_terms_is_what_it_is_elsewhere() -> None:
    assert blocks("<dl><dt>put<dd>Puts.</dd><pre>put(1)\nput(2)</pre><ul><li>a<li>b</ul></dl>") == [
        ("definition", "**put**: Puts."),
        ("code", "put(1)\nput(2)"),
        ("list", "- a\n- b"),
    ]


def test_a_term_that_was_not_closed_leaves_the_code_after_it_as_it_is() -> None:
    assert blocks("<dl><dt>put<dd>Puts.<dt>get<pre>get(1)\nget(2)</pre></dl>")[1:] == [
        ("paragraph", "get"),
        ("code", "get(1)\nget(2)"),
    ]


def test_a_term_of_several_listings_is_a_signature_of_all_of_them() -> None:
    assert blocks("<dl><dt><pre>int put(Job)</pre><pre>int put_all(Job[])</pre><dd>Puts.</dl>") == [
        ("signature", "int put(Job)\nint put_all(Job[])"),
        ("paragraph", "Puts."),
    ]


def test_a_table_that_a_paragraph_goes_on_around_is_read_as_such() -> None:
    table = "<table><tr><td><pre>put(1)\nput(2)</pre></td></tr></table>"
    assert blocks(f"<p id=x>So:{table}", doctype="<!DOCTYPE HTML PUBLIC '-//W3C//DTD HTML 4.01 Transitional//EN'>") == [
        ("paragraph", "So:"),
        ("code", "put(1)\nput(2)"),
    ]


def test_a_code_element_that_was_never_closed_does_not_make_the_rest_of_a_page_code() -> None:
    page = extract(f"{WORDS}<div>See <code>Queue<h3>put</h3><pre>put(1)</pre><p>Puts a job.</p></div>")
    assert [(block.kind, block.text) for block in page.blocks if block.kind in {"heading", "code"}] == [
        ("heading", "put"),
        ("code", "put(1)"),
    ]


def test_a_paragraph_of_typewriter_lines_is_code_with_its_indentation() -> None:
    assert blocks("<p><tt>(let&nbsp;([a&nbsp;1])<br>\n\n&nbsp;&nbsp;(put&nbsp;a))</tt>\n<p>and <tt>(get)</tt>") == [
        ("code", "(let ([a 1])\n  (put a))"),
        ("paragraph", "and `(get)`"),
    ]


_WAYS = (
    '<a href="p.html"><img src="p.gif" alt="Previous"></a>\n<a href="n.html"><img src="n.gif" alt="Next"></a>\n'
    '<a href="toc.html#t3"><img src="t.gif" alt="Contents"></a>\n'
)


def test_links_to_the_pages_around_are_left_out_where_a_rule_parts_them_from_the_page() -> None:
    page = extract(f"{_WAYS}<hr><h2>Symbols</h2>{WORDS}<hr>{_WAYS}")
    assert [block.kind for block in page.blocks] == ["heading", "paragraph"]
    between = extract(f"<h2>Symbols</h2>{WORDS}{_WAYS}<p>And more.</p>")
    assert "Previous Next Contents" in [block.text for block in between.blocks]


def test_a_panel_between_comments_that_name_it_is_left_out() -> None:
    panel = '<b>Next:</b> <a name=tex2html1 href="n.html">Table Editing</a><br>'
    marked = f"<!--Navigation Panel-->{panel}<!--End of Navigation Panel-->"
    page = extract(f"{marked}<h1>Trees</h1>{WORDS}<hr>{marked}")
    assert [block.kind for block in page.blocks] == ["heading", "paragraph"]
    open_panel = extract(f"<!--Navigation Panel-->{panel}<h1>Trees</h1>{WORDS}")
    assert [block.kind for block in open_panel.blocks] == ["paragraph", "heading", "paragraph"]


def test_a_book_of_docbook_in_upper_case_is_read_whole() -> None:
    chapters = "".join(f"<DIV CLASS=chapter><H1>Part {number}</H1>{WORDS}</DIV>" for number in (1, 2))
    toc = "<DIV CLASS=TOC><DL><DT>Table of Contents</DT><DT>Part 1</DT></DL></DIV>"
    page = extract(
        f"<DIV CLASS=BOOK><H1>Jobs</H1>{toc}{chapters}</DIV>",
        generated_by("Modular DocBook HTML Stylesheet Version 1.79"),
    )
    assert [block.text for block in page.blocks if block.kind == "heading"] == ["Jobs", "Part 1", "Part 2"]
    assert not any("Table of Contents" in block.text for block in page.blocks)


def test_javadoc_without_a_date_is_known_by_another_of_its_comments() -> None:
    head = "<head><title>Queue (Jobs 1.2)</title></head>"
    header = "<div class=header><div class=subTitle>jobs</div><h2 class=title>Class Queue</h2></div>"
    body = f"{header}<div class=contentContainer>{WORDS}<pre>class Queue</pre></div>"
    html = f"<!DOCTYPE HTML><!-- NewPage --><html>{head}<body>{body}</body></html>"
    page = extract_page(html.encode(), "text/html", "https://docs.example/Queue.html")
    assert (page.generator, page.title, page.blocks[-1].language) == ("javadoc", "Class Queue", "java")
    assert [block.kind for block in page.blocks] == ["heading", "paragraph", "code"]


_MEMBERS = {
    "crystal": (
        generated_by("Crystal Docs 1.6.0"),
        "<div class=main-content><div class=entry-detail id=put><div class=signature>def <b>put</b>(job) : Nil"
        " <a class=method-permalink href=#put>#</a></div><div class=doc><p>Puts a job.</p></div></div></div>",
        ("def put(job) : Nil", "put", "put", "crystal"),
    ),
    "valadoc": (
        "",
        "<div class=site_header>Jobs</div><div class=site_body><div class=site_content><h1>put</h1>"
        '<div class="main_code_definition"><span>public string</span> <b><span>put</span></b> { get; set; }</div>'
        "<div class=description><p>Puts a job.</p></div></div></div>",
        ("public string put { get; set; }", "put", None, "vala"),
    ),
    "gapdoc": (
        generated_by("GAPDoc2HTML"),
        "<div class=chlinktop>Goto Chapter</div><h5><a id=X1></a>1.1 put</h5><div class=func><table class=func><tr>"
        "<td class=tdleft><code class=func>&#8227; put</code>( <var>job</var> )</td>"
        "<td class=tdright>(&nbsp;operation&nbsp;)</td></tr></table></div><p>Puts a job.</p>",
        ("put( job ) ( operation )", "put", None, "gap"),
    ),
    "odoc": (
        generated_by("odoc 2.1.1"),
        "<header class=odoc-preamble><h1>Jobs</h1></header><div class=odoc-content><div class=odoc-spec>"
        "<div class=spec id=val-put><code>val put : job <span>-&gt;</span> unit</code>"
        "</div><div class=spec-doc><p>Puts a job.</p></div></div></div>",
        ("val put : job -> unit", "put", "val-put", "ocaml"),
    ),
    "naturaldocs": (
        "<!--  Generated by Natural Docs, version 1.4 -->",
        "<div id=Content><div class=CTopic><h3><a name=put></a>put</h3><div class=CBody><blockquote>"
        "<table class=Prototype><tr><td><table><tr><td>int put(</td><td>Job&nbsp;</td><td>job</td><td>)</td></tr>"
        "</table></td></tr></table></blockquote>Puts a job.</div></div></div>",
        ("int put( Job job )", "put", None, None),
    ),
    "ldoc": (
        '<link rel="stylesheet" href="ldoc.css">',
        '<div id=content><dl class="function"><dt><a name = "put"></a><strong>put (job)</strong></dt>'
        "<dd>Puts a job.</dd></dl></div>",
        ("put (job)", "put", "put", "lua"),
    ),
}


@pytest.mark.parametrize("generator", sorted(_MEMBERS))
def test_members_of_an_api_are_signatures_with_what_is_said_of_them(generator: str) -> None:
    head, body, expected = _MEMBERS[generator]
    page = extract(body, head)
    (signature,) = signatures(page)
    assert page.generator == generator
    assert (signature.text, signature.title, signature.anchor, signature.language) == expected
    assert page.blocks[-1].text == "Puts a job."


@pytest.mark.parametrize(
    ("code", "name"),
    [("method x : float prop", "x"), ('external f : int = "c"', "f"), ("exception Full of int", "Full")],
)
def test_declarations_of_ocaml_are_called_by_what_they_declare(code: str, name: str) -> None:
    spec = f"<div class=odoc-spec><div class=spec><code>{code}</code></div></div>"
    page = extract(f"<h1>Jobs</h1>{WORDS}{spec}", generated_by("odoc 2.4"))
    assert [block.title for block in signatures(page)] == [name]
