"""Which other pages the main part of a page links to."""

import pytest

from indexer.extract import extract_page
from indexer.extract.links import MAX_LINKS

URL = "https://docs.test/guide/start.html"
PROSE = "<p>Words that make this a page with something on it, and more of them, so that nobody takes it for a menu.</p>"


def links_of(main: str, url: str = URL, head: str = "", kind: str = "text/html", around: str = "") -> tuple[str, ...]:
    page = f"<html><head>{head}</head><body>{around}<main><h1>Start</h1>{PROSE * 3}{main}</main></body></html>"
    return extract_page((page if kind == "text/html" else main).encode(), kind, url).links


def test_links_of_the_main_part_are_resolved_with_their_fragments_each_once() -> None:
    main = (
        '<p><a href="next.html#part">a</a> <a href="../api/">b</a> <a href="next.html#part">c</a> '
        '<a href="/x?y=1">d</a> <a href="//other.test/z">e</a> <a href="next.html#caf%C3%A9">f</a></p>'
    )
    assert links_of(main) == (
        "https://docs.test/guide/next.html#part",
        "https://docs.test/api/",
        "https://docs.test/x?y=1",
        "https://other.test/z",
        "https://docs.test/guide/next.html#café",
    )


def test_menus_do_not_link() -> None:
    menu = '<nav><a href="menu.html">Menu</a></nav>'
    assert links_of(f'{menu}<p><a href="next.html">a</a></p>', around=menu) == ("https://docs.test/guide/next.html",)


@pytest.mark.parametrize(
    "href",
    [
        "#part",
        "start.html#part",
        "",
        "mailto:a@b.test",
        "javascript:alert(1)",
        "data:text/html,x",
        "http://[::1",
        "a\x01b",
        "x" * 1500,
    ],
)
def test_what_leads_to_no_other_page_is_no_link(href: str) -> None:
    assert links_of(f'<p><a href="{href}">a</a></p>') == ()


def test_the_base_of_a_page_is_where_its_references_start() -> None:
    main = '<p><a href="a.html">a</a> <a href="?page=2">b</a></p>'
    found = links_of(main, head='<base href="/en/docs/">')
    assert found == ("https://docs.test/en/docs/a.html", "https://docs.test/en/docs/?page=2")


def test_pages_of_a_folder_link_to_pages_of_the_folder() -> None:
    main = '<p><a href="../b/c.html#d">a</a> <a href="https://docs.test/e">b</a> <a href="mailto:a@b.test">c</a></p>'
    assert links_of(main, "folder://docs/a/x.html") == ("folder://docs/b/c.html#d", "https://docs.test/e")


def test_markdown_links_as_well_but_not_in_code() -> None:
    text = (
        "# Start\n\nSee [the next](next.md#part) and [that][one]; `[no](no.md)`.\n\n- [x](/y.md)\n\n[one]: ../one.md\n"
    )
    assert links_of(text, "folder://docs/guide/start.md", kind="text/markdown") == (
        "folder://docs/guide/next.md#part",
        "folder://docs/one.md",
        "folder://docs/y.md",
    )


def test_a_page_of_nothing_but_links_is_bounded() -> None:
    main = "".join(f'<p>word {number} <a href="p{number}.html">a</a></p>' for number in range(MAX_LINKS + 50))
    assert len(links_of(main)) == MAX_LINKS
