"""Sitemaps and feeds as sites send them, the hostile ones among them."""

import gzip

import pytest

from crawler.sitemap import parse_sitemap


def test_a_sitemap_gives_pages_and_nested_sitemaps() -> None:
    pages = (
        b'<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" '
        b'xmlns:image="http://www.google.com/schemas/sitemap-image/1.1"><url><loc> https://x.org/a?b=1&amp;c=2 </loc>'
        b"<image:image><image:loc>https://x.org/i.png</image:loc></image:image></url></urlset>"
    )
    index = b"<sitemapindex><sitemap><loc>https://x.org/s.xml</loc></sitemap></sitemapindex>"
    assert parse_sitemap(pages).pages == ("https://x.org/a?b=1&c=2",)
    assert parse_sitemap(gzip.compress(pages)).pages == ("https://x.org/a?b=1&c=2",)
    assert parse_sitemap(index).sitemaps == ("https://x.org/s.xml",)
    assert parse_sitemap(b"https://x.org/a\nnot one\nhttp://x.org/b\n").pages == ("https://x.org/a", "http://x.org/b")


def test_a_feed_is_a_list_of_pages() -> None:
    rss = (
        b'<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel><link>https://x.org/</link>'
        b'<atom:link rel="self" href="https://x.org/feed.xml"/>'
        b"<item><title>A</title><link> https://x.org/a </link><guid>https://x.org/?p=1</guid></item>"
        b"<item><link><![CDATA[https://x.org/b?c=1&d=2]]></link></item></channel></rss>"
    )
    atom = (
        b'<feed xmlns="http://www.w3.org/2005/Atom"><link href="https://x.org/"/>'
        b'<entry><link rel="edit" href="https://x.org/edit"/><link rel="alternate" href="https://x.org/a"/></entry>'
        b'<entry><link href="b.html"/></entry></feed>'
    )
    assert parse_sitemap(rss).pages == ("https://x.org/a", "https://x.org/b?c=1&d=2")
    assert parse_sitemap(atom).pages == ("https://x.org/a", "b.html")


def test_a_broken_sitemap_gives_what_came_before_the_fault() -> None:
    assert parse_sitemap(b"<urlset><url><loc>https://x.org/a</loc></url><url><loc>https").pages == ("https://x.org/a",)


@pytest.mark.parametrize(
    "body",
    [
        b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><urlset><url><loc>&e;</loc></url></urlset>',
        b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><urlset><url><loc>&b;</loc></url></urlset>',
        b"<!doctype html><html><body>not found</body></html>",
        b"<a>" * 100_000,
        b"\x1f\x8b broken",
        b"",
    ],
)
def test_a_hostile_sitemap_gives_nothing(body: bytes) -> None:
    sitemap = parse_sitemap(body)
    assert (sitemap.pages, sitemap.sitemaps) == ((), ())


def test_a_huge_sitemap_is_cut() -> None:
    body = b"<urlset>" + b"<url><loc>https://x.org/a</loc></url>" * 60_000 + b"</urlset>"
    lines = b"https://x.org/a\n" * 60_000
    for cut in (parse_sitemap(body), parse_sitemap(lines)):
        assert (len(cut.pages), cut.is_cut) == (50_000, True)
    assert not parse_sitemap(b"https://x.org/a\n" * 50_000).is_cut
