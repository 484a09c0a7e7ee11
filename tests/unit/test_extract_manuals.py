"""Manuals as older generators write them: Texinfo, DocBook, Scaladoc, MediaWiki, and bars of links at both ends."""

from indexer.extract import ExtractedPage, extract_page

WORDS = "The pier holds four boats in summer and two in winter, and a watchman looks after all of them at night. " * 2
LINKS = '<a href="a.html">← prev</a> <a href="up.html">up</a> <a href="b.html">next →</a>'


def read(body: str, head: str = "") -> ExtractedPage:
    page = f"<!DOCTYPE html><html><head>{head}</head><body>{body}</body></html>"
    return extract_page(page.encode(), "text/html", "https://docs.example/page.html")


def texts(page: ExtractedPage) -> list[str]:
    return [block.text for block in page.blocks]


def read_texinfo(body: str) -> ExtractedPage:
    return read(body, '<meta name="Generator" content="makeinfo"><title>Piers (Harbour 2.1 Manual)</title>')


def test_a_table_of_contents_is_not_taken_for_the_content_of_a_manual() -> None:
    contents = "".join(f"<li><a href=#p{number}>A pier of the number {number}</a></li>" for number in range(40))
    page = read(f"<h1>Piers</h1><p>{WORDS}</p><div class=contents><ul>{contents}</ul></div><h2>Use</h2><p>{WORDS}</p>")
    assert texts(page)[:2] == ["Piers", WORDS.strip()]
    assert "Use" in texts(page)


def test_of_many_articles_the_first_is_not_the_whole_page() -> None:
    articles = "".join(f"<article><h2>pier{number}</h2><p>{WORDS}</p></article>" for number in range(4))
    page = read(f"<div id=content><h1>piers</h1><p>{WORDS}</p>{articles}</div>")
    assert [block.text for block in page.blocks if block.kind == "heading"] == [
        "piers",
        *(f"pier{number}" for number in range(4)),
    ]


def test_a_chapter_of_docbook_with_its_sections_on_one_page_is_read_whole() -> None:
    sections = "".join(f"<div class=sect1><h2>Part {number}</h2><p>{WORDS}</p></div>" for number in (1, 2))
    page = read(
        f"<div class=navheader>Prev</div><div class=chapter><h1>Piers</h1><p>{WORDS}</p>{sections}</div>",
        '<meta name="generator" content="DocBook XSL Stylesheets V1.79">',
    )
    assert texts(page) == ["Piers", WORDS.strip(), "Part 1", WORDS.strip(), "Part 2", WORDS.strip()]


def test_texinfo_is_read_without_its_menus_and_by_its_own_title() -> None:
    header = f"<div class=header><p>Next: {LINKS}, Up: <a href=u.html>Harbour</a></p></div>"
    menu = "<table class=menu><tr><td><a href=b.html>Boats</a></td><td>What lies there</td></tr></table>"
    page = read_texinfo(f"{header}<h3 class=section>1.2 Piers</h3><p>{WORDS}</p>{menu}<hr>{header}")
    assert texts(page) == ["1.2 Piers", WORDS.strip()]
    assert page.title == "1.2 Piers"


def test_definitions_of_texinfo_are_signatures_with_the_name_they_define() -> None:
    term = (
        "<dt id=index-{name}><span class=category>{kind}: </span><span><em>z =</em> <strong>{name}</strong>"
        "<em>(<var>x</var>)</em></span></dt>"
    )
    octave, maxima = term.format(name="dock", kind=""), term.format(name="moor", kind="Function")
    page = read_texinfo(
        f"<h3>Piers</h3><p>{WORDS}</p><dl class=def>{octave}<dd><p>Docks.</p></dd>{maxima}<dd>Moors.</dd></dl>"
    )
    signatures = [(block.text, block.title, block.anchor) for block in page.blocks if block.kind == "signature"]
    assert signatures == [
        ("z = dock(x)", "dock", "index-dock"),
        ("Function: z = moor(x)", "moor", "index-moor"),
    ]


def test_lines_that_only_lead_to_the_pages_around_are_no_content() -> None:
    images = '<div><a href=a.html><img alt="Previous"></a><a href=b.html><img alt=Next></a></div>'
    page = read(f"<div id=content><div>top {LINKS}</div><h1>Piers</h1><p>{WORDS}</p>{images}</div>")
    assert texts(page) == ["Piers", WORDS.strip()]


def test_a_list_of_members_with_names_of_ways_stays() -> None:
    members = "<p><code><a href=#next>next</a>, <a href=#previous>previous</a></code></p>"
    linked = '<ul><li><a href="#next">next</a></li><li><a href="#prev">prev</a></li></ul>'
    page = read(f"<div id=content><h1>Iterator</h1><p>{WORDS}</p>{members}{linked}</div>")
    assert texts(page)[2:] == ["`next, previous`", "- next\n- prev"]


def test_a_sentence_with_a_link_to_the_next_page_stays() -> None:
    page = read(f"<div id=content><h1>Piers</h1><p>{WORDS}</p><p>Boats come <a href=b.html>next</a>.</p></div>")
    assert texts(page)[-1] == "Boats come next."


def test_terms_that_are_headings_are_headings() -> None:
    page = read(f"<h1>Questions</h1><dl><dt><h2 id=why>Why piers?</h2></dt><dd><p>{WORDS}</p></dd></dl>")
    assert [(block.kind, block.text) for block in page.blocks[1:]] == [
        ("heading", "Why piers?"),
        ("paragraph", WORDS.strip()),
    ]


def test_a_box_in_a_heading_does_not_touch_the_words_before_it() -> None:
    page = read(f"<h1>piers</h1><h4>moor(x) -&gt; ok<div class=since>2.1</div></h4><p>{WORDS}</p>")
    assert texts(page)[1] == "moor(x) -> ok 2.1"


def test_code_that_is_only_a_space_parts_the_number_of_a_heading_from_its_words() -> None:
    page = read(f"<h4>4.5<tt>&nbsp;</tt><a name=x></a>Piers</h4><p>{WORDS}</p>")
    assert texts(page)[0] == "4.5 Piers"


def test_a_pointer_to_a_function_is_named_by_what_it_declares() -> None:
    page = read(
        "<div class=contents><h2>Fields</h2><div class=memitem><div class=memproto>int(* pier::moor) (void *boat)</div>"
        f"<div class=memdoc><p>{WORDS}</p></div></div></div>",
        '<meta name="generator" content="Doxygen 1.9.4">',
    )
    assert [block.title for block in page.blocks if block.kind == "signature"] == ["pier::moor"]


def test_a_page_of_a_wiki_is_read_without_its_frame() -> None:
    page = read(
        f"<div id=content><h1 id=firstHeading>Piers</h1><div id=bodyContent><div id=siteSub>From the harbour</div>"
        f"<div class=t-navbar>Harbours and boats</div><h2>Use</h2><p>{WORDS}</p>"
        "<div class=printfooter>Retrieved from the harbour</div></div></div>",
        '<meta name="generator" content="MediaWiki 1.39.4">',
    )
    assert page.title == "Piers"
    assert texts(page) == ["Use", WORDS.strip()]


def test_members_of_scaladoc_are_read_without_the_filter_of_the_page_and_what_is_said_twice() -> None:
    member = (
        "<li><h4 class=signature>def moor(boat: Boat): Unit</h4><p class='shortcomment cmt'>Moors.</p>"
        "<div class=fullcomment><p>Moors. It takes long.</p></div></li>"
    )
    page = read(
        f'<div id=definition><h1>Pier</h1></div><p>{WORDS}</p><div id="mbrsel"><ol><li>Alphabetic</li></ol></div>'
        f"<div id=template><ol>{member}</ol></div>"
    )
    assert texts(page) == ["Pier", WORDS.strip(), "def moor(boat: Boat): Unit", "Moors. It takes long."]


def test_a_container_in_a_container_of_its_kind_is_no_other_part_of_the_page() -> None:
    site = "<div class=header>Harbour works and what they do for boats of all kinds, big and small</div>"
    page = read(f"{site}<div class=content><div class='content main'><h1>Piers</h1><p>{WORDS}</p></div></div>")
    assert texts(page) == ["Piers", WORDS.strip()]
