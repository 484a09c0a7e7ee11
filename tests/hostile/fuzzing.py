"""Readers of what comes from outside, and inputs made to break them: real documents, torn and multiplied."""

import random
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from core.errors import InvalidInput
from crawler.addresses import normalise_address, resolve_address
from crawler.agreement import agreed_anchors
from crawler.bodies import BodyDecoder, BodyRefused
from crawler.git_addresses import find_git_address
from crawler.inventory import parse_inventory
from crawler.links import read_links
from crawler.llms_files import is_llms_file, listed_pages, split_pages
from crawler.page_lists import page_lists_of, parse_sphinx_search
from crawler.politeness import retry_after_seconds
from crawler.repository import Selection, read_repository_settings
from crawler.robots import parse_robots
from crawler.shells import read_shell
from crawler.sitemap import parse_sitemap
from crawler.soft_missing import missing_page
from crawler.switchers import find_switchers, parse_switcher
from crawler.trees import plain_text
from indexer.chunking import chunk_page
from indexer.evaluation.sentences import linking_sentences
from indexer.extract import extract_page
from indexer.extract.charset import decode_body
from indexer.extract.styles import read_declarations, read_rules
from indexer.preparing import RawPage

PAGES = Path(__file__).resolve().parents[1] / "data" / "pages"
ADDRESS = "https://docs.example/a/page.html"
UNIT_BYTES = 64 * 1024
SECONDS_PER_UNIT = 1.0
MOST_TRIES = 3
MAX_INPUT_BYTES = 2 * UNIT_BYTES

Read = Callable[[bytes], object]


@dataclass(frozen=True)
class Target:
    """A reader, with inputs to start from and pieces that mean something to it."""

    name: str
    read: Read
    seeds: tuple[bytes, ...]
    pieces: tuple[bytes, ...]


def _extracted(kind: str, name: str) -> Read:
    def read(body: bytes) -> object:
        return chunk_page(extract_page(body, kind, f"https://docs.example/{name}"))

    return read


def _links(kind: str) -> Read:
    def read(body: bytes) -> object:
        return read_links(body, ADDRESS, kind)

    return read


def _robots(body: bytes) -> object:
    robots = parse_robots(body)
    return robots.allows(ADDRESS + "a" * 200), robots.crawl_delay_seconds, robots.sitemaps


def _addresses(body: bytes) -> object:
    found: list[object] = []
    for line in body.decode("utf-8", errors="replace").split("\n")[:2000]:
        found.append(resolve_address(ADDRESS, line))
        for recognise in (normalise_address, find_git_address):
            try:
                found.append(recognise(line))
            except InvalidInput as error:
                found.append(error.message)
    return found


def _bodies(body: bytes) -> object:
    try:
        decoder = BodyDecoder("gzip", MAX_INPUT_BYTES)
        decoder.feed(body)
        return decoder.finish()
    except BodyRefused as refusal:
        return str(refusal)


def _styles(body: bytes) -> object:
    text = body.decode("utf-8", errors="replace")
    return list(read_rules(text)), read_declarations(text)


def _shell(body: bytes) -> object:
    return read_shell(body, ADDRESS), plain_text(body), missing_page(ADDRESS, ADDRESS, body)


def _lists(body: bytes) -> object:
    return [listing.parse(body) for listing in page_lists_of(ADDRESS, body)], parse_sphinx_search(body, bool)


def _llms(body: bytes) -> object:
    return is_llms_file(body, "text/plain"), listed_pages(body, ADDRESS)


def _twins(body: bytes) -> object:
    page, _, text = body.partition(b"\n\n")
    return agreed_anchors(page, text), agreed_anchors(b"<h1 id=a>A</h1><p>Words", body)


def _sentences(kind: str) -> Read:
    def read(body: bytes) -> object:
        return linking_sentences(RawPage(ADDRESS, kind, body))

    return read


def _repository(body: bytes) -> object:
    settings = read_repository_settings("lectern.json", body)
    return None if settings is None else Selection(settings).exclusion("docs/a/b.md")


def _parts(body: bytes) -> object:
    return split_pages(body.decode("utf-8", errors="replace"))


def _retry(body: bytes) -> object:
    return [retry_after_seconds(line) for line in body.decode("latin-1").split("\n")[:500]]


def _switchers(body: bytes) -> object:
    return find_switchers(ADDRESS, body), parse_switcher(body, ADDRESS)


def _front_matter(body: bytes) -> object:
    return _extracted("text/markdown", "a.md")(b"---\n" + body + b"\n---\n\n# A\n\nWords.\n")


def _charset(body: bytes) -> object:
    header, _, rest = body.partition(b"\n")
    return decode_body(rest, header[:200].decode("latin-1"))


def _inventory(body: bytes) -> object:
    start = b"# Sphinx inventory version 2\n# Project: x\n# Version: 1\n# packed\n"
    return parse_inventory(body), parse_inventory(start + zlib.compress(body))


def _files(*patterns: str) -> tuple[bytes, ...]:
    return tuple(path.read_bytes()[:UNIT_BYTES] for pattern in patterns for path in sorted(PAGES.glob(pattern)))


_HTML = (
    b"<div>", b"</div>", b"<p", b">", b"<", b"<!--", b"-->", b"<table>", b"<tr><td>", b"<pre><code>", b"</pre>",
    b"<dl><dt>", b"<dd>", b"<ul><li>", b"<b>", b"<a href=", b'"', b"'", b" id=", b" class='line'", b"&#", b"&amp;",
    b"\0", b"<svg>", b"<math>", b"<template>", b"<select>", b"<script>", b"<style>.a{display:none}", b"<h1>", b"<br>",
    b"<details><summary>", b"<![CDATA[", b"</p>", b"<span class=linenos>", b"\xff", b"<section id=a>", b"<textarea>",
    b"<frameset>", b"<base href=/>", b"<a xlink:href=b>", b"<base xlink:href=b>", b"<rt>", b"<li><dd>",
)  # fmt: skip
_MARKDOWN = (
    b"#", b"\n", b"\n\n", b"- ", b"1. ", b"> ", b"```", b"~~~", b"|", b"|-|", b"[", b"](", b")", b"![", b"<", b">",
    b"*", b"_", b"`", b"    ", b"\t", b"---\n", b"::: tip\n", b":::", b'=== "a"\n', b"!!! note\n", b"{%", b"%}", b"{",
    b"}", b"<Tab>", b"import x from 'y'\n", b"[a]: /b\n", b"\\", b"&", b"<div hidden>", b"</div>", b"{/*", b"*/}",
    b"- [ ] ", b":", b"&a ", b"*a", b" ", b"{#a", b"{: #a", b"\r",
)  # fmt: skip
_RST = (
    b"\n", b"====\n", b"----\n", b".. ", b"::\n\n", b"    ", b"``", b"`", b":ref:`", b"|", b"+---+---+\n",
    b"| a | b |\n", b"=== ===\n", b"* ", b"#. ", b":a: ", b".. code-block:: x\n", b".. function:: f(a, b=(", b"_",
    b"**", b".. |a| replace:: b\n", b".. list-table::\n", b"   * - ", b"\t", b"<", b">`_", b".. note::\n",
)  # fmt: skip
_ADOC = (
    b"\n", b"= ", b"== ", b"----\n", b"====\n", b"|===\n", b"| a ", b"* ", b". ", b"::", b"[source,x]\n", b"[[a]]",
    b"{a}", b":a: b\n", b"`", b"_", b"*", b"+", b"include::x[]\n", b"ifdef::a[]\n", b"endif::[]\n", b"link:x[",
    b"<<a,b>>", b"////\n", b"\\",
)  # fmt: skip
_DATA = (
    b"{", b"}", b"[", b"]", b":", b",", b'"', b"null", b"1e999", b"\n", b"  ", b"- ", b"&a ", b"*a", b"!!x ", b"|\n",
    b">\n", b"? ", b'"$ref": "#/components/schemas/A"', b"openapi: 3.0.0\n", b"paths:\n", b"#", b"'", b"---\n",
    b"<<: *a\n", b"\\u0000", b"\\ud800",
)  # fmt: skip
_LINES = (
    b"\n", b"User-agent: *\n", b"User-agent: lectern\n", b"Disallow: /", b"Allow: /", b"*", b"$", b"%2f",
    b"Crawl-delay: ", b"1e9", b"Sitemap: http://x/\n", b"\xef\xbb\xbf", b"#", b":", b" ", b"\0", b"\r", b"a",
)  # fmt: skip
_XML = (
    b"<urlset>", b"<url><loc>", b"</loc></url>", b"<sitemapindex>", b"<sitemap><loc>",
    b"<!DOCTYPE a [<!ENTITY b 'c'>]>", b"&b;", b"<![CDATA[", b"]]>", b"<?xml version='1.0' encoding='utf-16'?>",
    b"http://x/", b"\n", b"<a>", b"</a>", b"<!--", b"-->", b"\0",
)  # fmt: skip
_ADDRESSES = (
    b"\n", b"http://", b"https://", b"//", b"/", b"../", b"./", b"?", b"#", b"%", b"%2e", b"@", b":", b"[::1]", b"[",
    b"]", b"xn--", b"\xc3\xa9", b"\xf0\x9f\x98\x80", b".", b"git@x:", b".git", b"\\", b"\t", b"\0", b"&utm_source=",
    b"a", b"0x7f", b"-",
)  # fmt: skip
_CSS = (
    b"{", b"}", b";", b":", b"/*", b"*/", b"'", b'"', b"@media print", b"@media screen", b"display:none", b".a", b"&",
    b"\\70 ", b"\\", b"!important", b"color:#fff", b"background:", b"url(", b"(", b")", b",", b"\n", b" ", b"0px",
)  # fmt: skip

_MATTER = (
    b"title: A\n", b"tags: [a, b]\n", b"  - ", b"&a ", b"*a", b"<<: *a\n", b"|\n", b">-\n", b"? ", b": ", b"!!binary ",
    b"!!python/object:os.system ", b"{", b"}", b"[", b"]", b"---\n", b"...\n", b"%YAML 9\n", b"\t", b"2026-01-01", b"#",
    b"'", b'"', b"1e999", b"0x", b"\xef\xbb\xbf", b"\0",
)  # fmt: skip
_CHARSETS = (
    b"text/html; charset=", b"utf-16", b"utf-7", b"shift_jis", b"gb18030", b"idna", b"base64", b"hz", b"iso-2022-jp",
    b"\n", b"<meta charset=", b"<?xml encoding='", b"'?>", b">", b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf",
    b"\xff\xfe\0\0", b"\x80", b"\xe2\x82", b"\xed\xa0\x80", b"\0", b"a",
)  # fmt: skip

_MIKE = (
    b'[{"version": "2.1", "title": "2.1", "aliases": ["latest"]}, {"version": "1", "url": "https://docs.example/1/"}]'
)
_ADDONS = b'{"versions": {"active": [{"slug": "a", "ref": "1.0", "urls": {"documentation": "https://docs.example/"}}]}}'
_SWITCHING = (
    b"<script>X.theme_switcher_json_url = '/s.json';\nX.theme_switcher_version_match = '2.1';</script>"
    b'<script id="__config" type="application/json">{"base": "..", "version": {"provider": "mike"}}</script>'
    b'<meta name="readthedocs-project-slug" content="a"><meta name="readthedocs-version-slug" content="b">'
)

_INVENTORY = b"os.path py:module 1 library/os.path.html#module-$ -\na b std:doc -1 a.html A title\n"
_SITEMAP = b"<urlset><url><loc>https://docs.example/a.html</loc><lastmod>2026-01-01</lastmod></url></urlset>"
_ROBOTS = b"User-agent: *\nDisallow: /private/*.html$\nAllow: /\nCrawl-delay: 2\nSitemap: /sitemap.xml\n"
_LLMS = b"# Docs\n\n> About\n\n## Guide\n\n- [A](/a.md): words\n- [B](https://docs.example/b)\n"
_PARTS = b"# Docs\n\n# A (/a)\n\nWords.\n\n---\nurl: /b\n---\n\n<page url='/c'>\nWords\n</page>\n"
_SETTINGS = b'{"folders": ["docs"], "excludeFolders": ["docs/old", "**/b"], "previousVersions": [{"tag": "v1"}]}'
_README = (
    b"---\ntitle: A\n---\n\n# A\n\nWords `code` and [link](b.md).\n\n```py\nx = 1\n```\n\n"
    b"| a | b |\n|---|---|\n| 1 | 2 |\n"
)

TARGETS: tuple[Target, ...] = (
    Target("html", _extracted("text/html", "a.html"), _files("*.html"), _HTML),
    Target("markdown", _extracted("text/markdown", "a.md"), (_README, *_files("*.mdx")), _MARKDOWN),
    Target("mdx", _extracted("text/mdx", "a.mdx"), _files("*.mdx"), _MARKDOWN),
    Target("rst", _extracted("text/x-rst", "a.rst"), _files("*.rst"), _RST),
    Target("asciidoc", _extracted("text/asciidoc", "a.adoc"), _files("*.adoc"), _ADOC),
    Target("notebook", _extracted("application/x-ipynb+json", "a.ipynb"), _files("*.ipynb"), _DATA),
    Target("openapi", _extracted("application/yaml", "a.yaml"), _files("*.yaml", "*.json"), _DATA),
    Target("front matter", _front_matter, (b"title: A\nsidebar_position: 2\ntags: [a, b]\n",), _MATTER),
    Target(
        "charset",
        _charset,
        (
            b"text/html; charset=shift_jis\n<meta charset=utf-8>\x82\xa0",
            b"text/plain\n\xe9",
            *(b"text/html\n" + page for page in _files("*.html")),
        ),
        _CHARSETS,
    ),
    Target("plain text", _extracted("text/plain", "a.txt"), (_README, *_files("*.rst")), _RST),
    Target("links of html", _links("text/html"), _files("*.html"), _HTML),
    Target("links of markdown", _links("text/markdown"), (_README, _LLMS), _MARKDOWN),
    Target("shells", _shell, _files("*.html"), _HTML),
    Target("lists of generators", _lists, _files("*.html", "*.json"), _DATA),
    Target("version switchers", _switchers, (_MIKE, _ADDONS, _SWITCHING), (*_DATA, b'"url": ', b"<script>", b"'")),
    Target("twins", _twins, (b"<h1 id=a>A</h1><p>Words\n\n" + _README, _README), _MARKDOWN),
    Target("sentences of html", _sentences("text/html"), _files("*.html"), _HTML),
    Target("sentences of markdown", _sentences("text/markdown"), (_README, _LLMS), _MARKDOWN),
    Target("repository settings", _repository, (_SETTINGS,), (*_DATA, b"**/", b"*", b'"a/b",')),
    Target(
        "pages of llms.txt", _parts, (_PARTS, _README), (*_MARKDOWN, b"<page url='/a'>", b"</page>", b"Source: /a\n")
    ),
    Target("robots.txt", _robots, (_ROBOTS,), _LINES),
    Target("sitemap", parse_sitemap, (_SITEMAP,), _XML),
    Target("llms.txt", _llms, (_LLMS,), _MARKDOWN),
    Target(
        "inventory",
        _inventory,
        (_INVENTORY,),
        (b"\n", b" ", b"$", b" std:doc ", b" py:class ", b"-1", b"1", b"#", b"\0"),
    ),
    Target("addresses", _addresses, (b"https://docs.example/a/b.html?x=1#y\ngit@x.org:a/b.git\n",), _ADDRESSES),
    Target(
        "bodies", _bodies, (zlib.compress(_README), zlib.compress(b"\0" * 9999, wbits=31)), (b"\0", b"\x1f\x8b\x08")
    ),
    Target("styles", _styles, (b".a, p > b { display: none; color: #fff } @media print { .c { opacity: 0 } }",), _CSS),
    Target(
        "retry-after",
        _retry,
        (b"120\nFri, 31 Dec 1999 23:59:59 GMT\n",),
        (b"9", b"-", b"\n", b"GMT", b":", b"+9999", b"Jan"),
    ),
)


def mutate(target: Target, chance: random.Random) -> bytes:
    """Gives one input: a seed that was torn, multiplied and interspersed with pieces."""
    body = bytearray(chance.choice(target.seeds))
    if chance.random() < 0.5:
        start = chance.randrange(len(body) or 1)
        body = body[start : start + chance.choice((100, 2000, 20_000))]
    for _ in range(chance.randint(1, 8)):
        _change(body, target, chance)
    return bytes(body[:MAX_INPUT_BYTES])


def _change(body: bytearray, target: Target, chance: random.Random) -> None:
    place = chance.randrange(len(body) + 1)
    between = chance.choice((b"", b"", b" ", b"\n", b"x\n"))
    piece = between.join(chance.choices(target.pieces, k=chance.randint(1, 5))) + between
    match chance.randrange(6):
        case 0:
            body[place:place] = piece
        case 1:
            # What is quadratic shows only in large numbers.
            body[place:place] = piece * (chance.choice((50, 1000, UNIT_BYTES)) // len(piece) + 1)
        case 2:
            del body[place : place + chance.choice((1, 10, 500))]
        case 3:
            body[place:place] = body[place : place + chance.choice((10, 300))] * chance.randint(1, 60)
        case 4:
            body[place : place + 1] = bytes([chance.randrange(256)])
        case _:
            other = chance.choice(target.seeds)
            start = chance.randrange(len(other) or 1)
            body[place:place] = other[start : start + 500]


def seconds_of(target: Target, body: bytes) -> float:
    """Gives the CPU time that reading takes; whatever the reader raises comes out."""
    started = time.process_time()
    target.read(body)
    return time.process_time() - started


def allowed_seconds(body: bytes) -> float:
    """Gives how long reading may take."""
    return SECONDS_PER_UNIT * max(1.0, len(body) / UNIT_BYTES)


def needed_seconds(target: Target, body: bytes) -> float:
    """Gives the CPU time that reading needs, which is the least of some tries where the first took too long.

    What other processes do to the caches of a machine makes a reading longer and never shorter.
    """
    allowed = allowed_seconds(body)
    least = seconds_of(target, body)
    for _ in range(MOST_TRIES - 1):
        if least <= allowed:
            break
        least = min(least, seconds_of(target, body))
    return least
