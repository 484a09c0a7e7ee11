"""Small pieces in the manner of single generators, and what has to be read from them."""

import pytest

from indexer.extract import Block, ExtractedPage, extract_page

WORDS = "The pier holds four boats in summer and two in winter, and a watchman looks after all of them. " * 2


def read(main: str, head: str = "") -> ExtractedPage:
    page = f"<!DOCTYPE html><html><head>{head}</head><body><main><p>{WORDS}</p>{main}</main></body></html>"
    return extract_page(page.encode(), "text/html", "https://docs.example/page.html")


def blocks(main: str, head: str = "") -> list[Block]:
    return list(read(main, head).blocks[1:])


@pytest.mark.parametrize(
    "link", ['<a class=mark href="#c" id=c>#</a>', '<span><a href="#c" name=c>§</a></span>', '<a id=c href="#c">🔗</a>']
)
def test_a_heading_loses_a_link_to_itself_that_is_a_mere_mark_and_keeps_its_id(link: str) -> None:
    (heading, _) = blocks(f"<h2>C# and #tags{link}</h2><p>Text.</p>")
    assert (heading.text, heading.anchor) == ("C# and #tags", "c")


def test_links_to_the_source_of_a_symbol_are_left_out_at_the_end_of_a_line_only() -> None:
    (block,) = blocks('<p>Weighs. <a href="/src/tide.nim#L3">Source</a>\n<a href="/edit/tide.nim#L3">Edit</a></p>')
    assert block.text == "Weighs."
    (block,) = blocks('<p>Read the <a href="/src/tide.html">source</a> for more.</p>')
    assert block.text == "Read the source for more."


def test_a_linked_name_in_code_is_no_link_to_the_source() -> None:
    (block,) = blocks('<pre>val pull : tide -&gt; <a href="Tide.html#src">src</a></pre>')
    assert block.text == "val pull : tide -> src"


def test_terms_set_as_code_are_signatures_with_their_lines() -> None:
    kind = "<pre>Tide = enum\n  low,   ## ebb\n  high</pre>"
    both = blocks(
        f"<dl class=item><div id=Tide><dt>{kind}</dt><dd>Kinds.</dd></div>"
        "<div id='+,Tide'><dt><pre>proc `+`[T: Wave](a: T): T</pre></dt><dd>Adds.</dd></div></dl>"
    )
    assert [(block.kind, block.text, block.anchor, block.depth) for block in both] == [
        ("signature", "Tide = enum\n  low,   ## ebb\n  high", "Tide", 0),
        ("paragraph", "Kinds.", None, 1),
        ("signature", "proc `+`[T: Wave](a: T): T", "+,Tide", 0),
        ("paragraph", "Adds.", None, 1),
    ]
    assert [block.title for block in both if block.kind == "signature"] == ["Tide", "+"]


def test_declarations_of_haddock_are_signatures_named_by_what_they_define() -> None:
    both = blocks(
        '<div class=top><p class=src><a id="v:ebb" class=def>ebb</a> :: Tide -> Int '
        '<a href="src/Tide.html#ebb" class=link>Source</a> <a href="#v:ebb" class=selflink>#</a></p>'
        "<div class=doc><p>Falls.</p></div></div>"
    )
    assert [(block.kind, block.text, block.title) for block in both] == [
        ("signature", "ebb :: Tide -> Int", "ebb"),
        ("paragraph", "Falls.", None),
    ]


def test_tables_of_declarations_are_layout() -> None:
    table = "<table><tr><td class=src>Low :: Tide</td><td class=doc><p>Ebb.</p></td></tr></table>"
    assert "table" not in [block.kind for block in blocks(table)]


def test_what_stands_before_a_signature_is_read_before_it() -> None:
    (notes, signature, text) = blocks(
        "<section class=class-description id=class-description><dl><dt>All Implemented Interfaces:</dt>"
        "<dd>Floating</dd></dl><div class=type-signature>public class <span class=element-name>Boat</span></div>"
        "<div class=block>A boat.</div></section>"
    )
    assert notes.text == "**All Implemented Interfaces**: Floating"
    assert (signature.kind, signature.text, signature.anchor) == ("signature", "public class Boat", "class-description")
    assert (text.text, text.depth) == ("A boat.", 1)


def test_labels_of_doxygen_follow_the_signature_and_leave_its_name_alone() -> None:
    (signature, _) = blocks(
        "<div class=memitem><div class=memproto><table class=mlabels><tr><td>const int Boat::keel</td>"
        "<td class=mlabels-right><span class=mlabels><span class=mlabel>static</span><span class=mlabel>inline</span>"
        "</span></td></tr></table></div><div class=memdoc><p>Length.</p></div></div>"
    )
    assert (signature.text, signature.title) == ("const int Boat::keel static inline", "Boat::keel")


def test_the_notice_in_the_fold_of_a_method_belongs_to_the_method() -> None:
    (signature, notice, text) = blocks(
        "<details open><summary><section id=method.pull><h4 class=code-header>pub fn pull(self)</h4></section>"
        "<span class=item-info><div class=stab>Nightly only.</div></span></summary><div><p>Pulls.</p></div></details>"
    )
    assert (signature.anchor, notice.text, notice.depth, text.text) == ("method.pull", "Nightly only.", 1, "Pulls.")


def test_a_paragraph_that_is_code_in_a_box_for_examples_is_a_code_block() -> None:
    (block,) = blocks("<div class=example><p><code>\n  $ make   all<br />\n  $ make install\n</code></p></div>")
    assert (block.kind, block.text, block.language) == ("code", "$ make all\n$ make install", "bash")


def test_a_paragraph_of_one_name_in_code_stays_a_paragraph() -> None:
    (block,) = blocks("<p><code>make_all</code></p>")
    assert (block.kind, block.text) == ("paragraph", "`make_all`")


def test_code_of_several_lines_in_a_list_item_is_a_code_block() -> None:
    found = blocks("<ol><li><p>Link it:</p><p><code>ln -s a b<br>chmod +x b</code></p></li><li><p>Start.</p></li></ol>")
    assert [(block.kind, block.text) for block in found] == [
        ("paragraph", "1. Link it:"),
        ("code", "ln -s a b\nchmod +x b"),
        ("list", "2. Start."),
    ]


def test_text_after_a_nested_list_stays_after_it() -> None:
    (block,) = blocks("<ul><li>Kinds:<ul><li>ebb</li><li>flood</li></ul>and no more.</li><li>Times</li></ul>")
    assert block.text == "- Kinds:\n   - ebb\n   - flood\n   and no more.\n- Times"


@pytest.mark.parametrize("label", ["<h3>Warning</h3>", "<b>Warning:</b> ", "<p><strong>Warning</strong></p>"])
def test_advice_that_begins_with_its_kind_is_labelled_once(label: str) -> None:
    (block,) = blocks(f"<div class=warning>{label}<p>Mind the gap.</p></div>")
    assert (block.kind, block.title, block.text) == ("admonition", "Warning", "Mind the gap.")


def test_the_heading_of_advice_is_its_label() -> None:
    (block,) = blocks("<div class=note><h3>Tools and line ends</h3><p>Use both.</p></div>")
    assert (block.title, block.text) == ("Tools and line ends", "Use both.")


def test_the_language_of_code_is_named_by_its_classes_before_the_one_of_the_generator() -> None:
    page = (
        f'<html><body><div class="nav_wrap"></div><div id=content><p>{WORDS}</p>'
        '<pre class="code sh"><code class=sh>$ tide --now</code></pre><pre class=code>Tide.new</pre></div></body>'
    )
    found = extract_page(page.encode(), "text/html", "https://docs.example/tide.html").blocks
    assert [block.language for block in found if block.kind == "code"] == ["bash", "ruby"]


def test_a_table_below_a_line_of_headers_is_data_even_if_a_cell_holds_a_table() -> None:
    inner = "<table><tr><td>D: off</td></tr><tr><td>S: stopped</td></tr></table>"
    (table,) = blocks(
        "<table><tr><th>Name</th><th>Meaning</th></tr><tr><td>min</td><td>least</td></tr>"
        f"<tr><td>status</td><td>One of {inner}</td></tr></table>"
    )
    assert table.kind == "table"
    assert [line.count("|") for line in table.text.split("\n")] == [3, 3, 3, 3]
    assert "D: off" in table.text.split("\n")[-1]
