"""Links of pages, as sites and Markdown write them."""

import pytest

from crawler.links import PageLinks, links_of_html, links_of_text, packed, unpacked

SITE = "https://x.org"


def links_of(page: bytes, address: str) -> PageLinks:
    found = links_of_html(page, address)
    assert found is not None
    return found


def test_links_are_resolved_against_the_base_and_given_once() -> None:
    page = (
        b'<html><head><base href="/docs/"><link rel="canonical" href="intro/">'
        b'<meta http-equiv="Refresh" content="0; URL=\'next.html\'"></head>'
        b'<a href="a.html#x">1</a><a href="a.html#y">2</a><a href="#z">3</a><a href="mailto:a@b">4</a><a>5</a>'
    )
    links = links_of(page, f"{SITE}/start.html")
    assert links.links == (f"{SITE}/docs/a.html",)
    assert links.refresh == f"{SITE}/docs/next.html"
    assert links.canonical == f"{SITE}/docs/intro/"


@pytest.mark.parametrize(
    ("base", "expected"),
    [
        (SITE, f"{SITE}/a.html"),
        ("//x.org", f"{SITE}/a.html"),
        (f"{SITE}/guide/#/tour/", f"{SITE}/guide/a.html"),
        ("", f"{SITE}/docs/a.html"),
        ("file:///usr/share/doc/", f"{SITE}/docs/a.html"),
    ],
)
def test_a_base_may_have_no_path_and_may_be_none(base: str, expected: str) -> None:
    page = f'<base href="{base}"><a href="a.html">1</a>'.encode()
    assert links_of(page, f"{SITE}/docs/start.html").links == (expected,)


def test_escapes_of_markdown_are_no_part_of_an_address() -> None:
    text = b"[a](get\\_item.md) [b](<c\\_d e.md>)\n\n[c]: f\\_g.md\n"
    found = links_of_text(text, f"{SITE}/").links
    assert found == (f"{SITE}/get_item.md", f"{SITE}/c_d%20e.md", f"{SITE}/f_g.md")


def test_a_canonical_address_on_a_disk_is_none() -> None:
    page = b'<link rel="canonical" href="file:///usr/share/doc/python3/html/index.html">'
    assert links_of(page, f"{SITE}/").canonical is None


def test_links_of_markdown_are_found() -> None:
    page = b"# A\nSee [b](b.md#x), ![c](<c.md>) and [d].\n\n[d]: ../d.md\n"
    assert links_of_text(page, f"{SITE}/docs/a.md").links == (
        f"{SITE}/docs/b.md",
        f"{SITE}/docs/c.md",
        f"{SITE}/d.md",
    )


def test_links_of_markdown_are_found_in_every_form_and_not_in_code() -> None:
    page = (
        b"# Tool\n\n- https://x.org/bare\n- <https://x.org/auto.md>\n"
        b"Title: https://x.org/titled, or (https://x.org/in).\n"
        b"**https://x.org/bold** [D](https://x.org/d(1).md) [s](<a b.md>) [t](t.md 'T')\n"
        b"<a class=x href='html.md'>x</a>\n"
        b'<Card title="One"\n  href="card">\n[https://x.org/cut...](full.md)\n'
        b"`https://x.org/span` https://x.org/{id}/x\n"
        b"```sh\ncurl https://x.org/fence\n[f](fence.md)\n```\n- ~~~\n  https://x.org/list\n  ~~~\n"
        b"```inline``` [e](e.md)\n"
        b"````\n```\nhttps://x.org/never-closed\n"
    )
    found = links_of_text(page, f"{SITE}/docs/llms.txt").links
    names = ("d(1).md", "docs/a%20b.md", "docs/t.md", "docs/html.md", "docs/card", "docs/full.md", "docs/e.md")
    assert found == tuple(f"{SITE}/{name}" for name in ("bare", "auto.md", "titled", "in", "bold", *names))


@pytest.mark.parametrize(
    ("text", "link"),
    [
        ("see https://x.org/a(b) there", "https://x.org/a(b)"),
        ("see https://x.org/a(b there", "https://x.org/a"),
        ("(see https://x.org/a)", "https://x.org/a"),
        ("see https://x.org/a(", "https://x.org/a"),
    ],
)
def test_brackets_belong_to_a_bare_address_where_they_are_closed(text: str, link: str) -> None:
    assert links_of_text(text.encode(), f"{SITE}/").links == (link,)


@pytest.mark.parametrize(
    "piece", ["](", "](a(", "`", "```\n", "~~~~\n", "<a ", "https://x.org/(", "[a]: <", "](<", "1. "]
)
def test_markdown_made_to_be_slow_is_read_at_once(piece: str) -> None:
    assert len(links_of_text((piece * 60_000).encode(), f"{SITE}/").links) <= 10_000


def test_the_links_of_a_page_are_bounded() -> None:
    page = b"".join(b'<a href="p%d.html">x</a>' % number for number in range(12_000))
    assert len(links_of(page, f"{SITE}/").links) == 10_000


def test_links_are_kept_in_a_form_that_gives_them_back() -> None:
    links = b'<a href="a.html">a</a><a href="?b">b</a><a href="c?d=/e#f">c</a>'
    body = links + b'<meta http-equiv=refresh content="0;url=/g">'
    links = links_of(body, f"{SITE}/docs/x.html?q=/z")
    assert links.links == (f"{SITE}/docs/a.html", f"{SITE}/docs/x.html?b", f"{SITE}/docs/c?d=/e")
    assert unpacked(packed(links)) == links


def test_what_bounds_the_links_of_a_page_is_told() -> None:
    many = b"".join(b'<a href="p%d.html">x</a>' % number for number in range(10_001))
    long = f'<a href="/{"x" * 3000}">x</a><a href="a.html">a</a>'.encode()
    found = links_of(long, f"{SITE}/")
    assert links_of(many, f"{SITE}/").is_cut
    assert (found.is_cut, found.links, len(found.too_long)) == (False, (f"{SITE}/a.html",), 1)
    assert found.too_long[0].startswith(f"{SITE}/xxx")
