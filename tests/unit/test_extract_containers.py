"""Where the content of a page is, on pages no profile knows and on short ones."""

from indexer.extract import ExtractedPage, extract_page

WORDS = "The pier holds four boats in summer and two in winter, and a watchman looks after all of them at night. " * 2
MENU = "<ul><li><a href=/a>Harbours</a></li><li><a href=/b>Ferries</a></li><li><a href=/c>Tides</a></li></ul>"


def read(body: str, head: str = "") -> ExtractedPage:
    page = f"<!DOCTYPE html><html><head>{head}</head><body>{body}</body></html>"
    return extract_page(page.encode(), "text/html", "https://docs.example/page.html")


def texts(page: ExtractedPage) -> list[str]:
    return [block.text for block in page.blocks]


def test_menus_beside_the_content_are_left_out_although_no_element_says_what_it_is() -> None:
    page = read(
        f"<div id=wrap><div id=hd>{MENU}</div><div id=bd><div class=left>{MENU}</div>"
        f"<div class=yui><h1>Piers</h1><p>{WORDS}</p></div></div><div id=ft><a href=/x>next »</a></div></div>"
    )
    assert texts(page) == ["Piers", WORDS.strip()]


def test_the_header_and_footer_of_a_site_are_left_out_by_their_names() -> None:
    page = read(
        f"<div class=page-header>Harbour works, all about it</div><div><h1>Piers</h1><p>{WORDS}</p></div>"
        "<div class=footer>Copyright 2020 by the harbour office of the town</div>"
    )
    assert texts(page) == ["Piers", WORDS.strip()]


def test_sections_of_links_beside_longer_sections_stay() -> None:
    links = "".join(f"<dt><a href=#{name}>{name} boat</a></dt>" for name in ("long", "short", "small"))
    page = read(
        f"<div id=content><div class=section><h2>Types</h2><dl>{links}</dl></div>"
        f"<div class=section><h2>Use</h2><p>{WORDS}</p></div></div>"
    )
    assert texts(page)[0] == "Types"
    assert "Use" in texts(page)


def test_text_beside_the_longest_part_stays() -> None:
    page = read(f"<div><h1>Piers</h1><p>Short and plain.</p><div><p>{WORDS}</p><p>{WORDS}</p></div></div>")
    assert texts(page)[:2] == ["Piers", "Short and plain."]


def test_a_short_page_is_read_from_its_own_container_and_not_from_the_one_around() -> None:
    page = read(
        f"<div class=document><h1 class=title>tides</h1><div class=side>{MENU}Switch to dark colours</div>"
        "<div id=content><p>This module was removed.</p></div><p>Made with care on a day in May of last year</p></div>"
    )
    assert texts(page) == ["This module was removed."]


def test_a_short_page_of_a_known_generator_is_read_from_its_container() -> None:
    page = read(
        f"<main><div class=menu>{MENU}<p>{WORDS}</p></div><div class=theme-doc-markdown><p>It was moved.</p></div>",
        "<meta name=generator content='Docusaurus v3.8.1'>",
    )
    assert texts(page) == ["It was moved."]


def test_a_menu_inside_of_the_generic_container_is_left_out() -> None:
    page = read(f"<div id=content><div class=left>{MENU}</div><div><h1>Piers</h1><p>{WORDS}</p></div></div>")
    assert texts(page) == ["Piers", WORDS.strip()]


def test_links_to_the_same_page_in_other_languages_are_left_out() -> None:
    page = read(
        "<div id=content><h1>Piers</h1><p>Available languages: <a hreflang=de href=de/>de</a> | "
        f"<a hreflang=fr href=fr/>fr</a></p><p>{WORDS}</p></div>"
    )
    assert texts(page) == ["Piers", WORDS.strip()]


def test_the_title_is_the_heading_the_head_names_if_sections_are_headings_of_the_same_level() -> None:
    head = "<title>std/tides</title>"
    page = read(f"<h1>std/tides</h1><main><h1>Types</h1><p>{WORDS}</p><h1>Procs</h1><p>{WORDS}</p></main>", head)
    assert page.title == "std/tides"


def test_the_title_is_the_first_heading_without_the_name_of_the_manual_behind_it() -> None:
    page = read(f"<main><h2>Extending Tides</h2><p>{WORDS}</p></main>", "<title>Extending Tides: The Manual</title>")
    assert page.title == "Extending Tides"


def test_the_header_of_an_asciidoc_page_is_read_before_its_content() -> None:
    page = read(
        "<div id=header><h1>tide-add(1)</h1><h2>NAME</h2><p>tide-add - adds a tide</p></div>"
        f"<div id=content><h2 id=_options>OPTIONS</h2><p>{WORDS}</p></div>",
        "<meta name=generator content='AsciiDoc 10.2.0'>",
    )
    assert [(block.level, block.text) for block in page.blocks if block.kind == "heading"] == [
        (1, "tide-add(1)"),
        (2, "NAME"),
        (2, "OPTIONS"),
    ]


def test_what_a_known_generator_folds_is_left_out_even_if_it_is_nearly_all_of_the_page() -> None:
    source = "<pre>" + "def call\n  work\nend\n" * 40 + "</pre>"
    page = read(
        "<main><h1>class Tide</h1><div class=method-detail><div class=method-heading>"
        "<span class=method-name>call</span><span class=method-args>()</span>"
        "<span class=method-click-advice>click to toggle source</span></div>"
        f"<div class=method-description><p>Calls.</p><div class=method-source-code>{source}</div></div></div></main>",
        "<title>class Tide - RDoc Documentation</title>",
    )
    assert [(block.kind, block.text) for block in page.blocks] == [
        ("heading", "class Tide"),
        ("signature", "call()"),
        ("paragraph", "Calls."),
    ]


def test_the_head_of_a_page_without_any_box_for_its_content_is_left_out() -> None:
    page = read(
        "<div class=top><a href=/>Harbour</a><div>Small and safe.</div><select><option>Search</select>"
        f"{MENU}{MENU}</div>"
        f"<h1>1. Piers</h1><p>{WORDS}</p><h1>2. Boats</h1><p>{WORDS}</p>",
        "<title>The Harbour Book</title>",
    )
    assert (page.title, texts(page)[0]) == ("The Harbour Book", "1. Piers")


def test_the_head_of_a_short_page_is_left_out_although_it_is_most_of_it() -> None:
    page = read(
        f"<div class=nosearch><div>Small and safe.</div><div class=mainmenu>{MENU}{MENU}</div><form></form></div>"
        "<h1>Moored</h1><p>Used by: <a href=/pier>pier</a></p>"
    )
    assert texts(page) == ["Moored", "Used by: pier"]


def test_a_menu_that_is_the_whole_page_is_read() -> None:
    assert texts(read(f"<div class=menu>{MENU}</div><p>v2</p>"))[0].startswith("- Harbours")


def test_a_table_of_contents_is_known_by_its_name_and_its_links() -> None:
    page = read(
        f"<main><div class=fancy_toc><p>Contents</p><a href=#piers>1. Piers</a> <a href=#boats>2. Boats</a></div>"
        f"<div class=mytoc><p>{WORDS}</p></div><h2 id=piers>1. Piers</h2></main>"
    )
    assert texts(page) == [WORDS.strip(), "1. Piers"]


def test_a_grid_in_a_list_is_a_table() -> None:
    grid = "".join(
        f"<div class='{kind}'>{text}</div>"
        for kind, text in (
            ("table-header col-first", "Package"),
            ("table-header col-last", "Description"),
            ("col-first", "tide"),
            ("col-last", "Tides."),
        )
    )
    page = read(
        f"<main><p>{WORDS}</p><ul><li><div class=caption>Related</div><div class=summary-table>{grid}</div></li></ul>"
    )
    assert [block.text for block in page.blocks if block.kind == "table"] == [
        "| Package | Description |\n| --- | --- |\n| tide | Tides. |"
    ]


def test_a_heading_of_links_above_the_content_stays() -> None:
    page = read(
        f"<div id=content><div class=head><h1>Type <a href=/a>pier</a>::<a href=/b>harbour</a></h1></div>"
        f"<div class=decl><p>{WORDS}</p></div></div>"
    )
    assert texts(page) == ["Type pier::harbour", WORDS.strip()]


def test_a_page_of_links_is_read_whole() -> None:
    links = "".join(f"<li><a href=/{number}>How boats number {number} are built</a></li>" for number in range(40))
    page = read(f"<div class=footer>{WORDS}</div><div class=map><h2>All pages</h2><ul>{links}</ul></div>")
    assert "How boats number 39 are built" in texts(page)[-1]


def test_an_article_with_a_heading_of_its_own_is_read_without_the_header_of_the_site_before_it() -> None:
    site = "<header><h1>Harbour works</h1></header>"
    page = read(f"<main>{site}<article><h1>Piers</h1><p>{WORDS}</p></article><div>Ferries run daily</div></main>")
    assert texts(page) == ["Piers", WORDS.strip()]


def test_the_only_article_is_the_page_however_long_the_comments_are() -> None:
    comments = f"<div><p>{WORDS}</p></div>" * 20
    page = read(f"<article><h1>Piers</h1><p>{WORDS}</p></article><section>{comments}</section>")
    assert texts(page) == ["Piers", WORDS.strip()]
