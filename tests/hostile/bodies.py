"""Bodies that unpack to gigabytes, never end, or are cheap to send and ruinous to read."""

import gzip
import zlib
from collections.abc import Callable
from itertools import repeat

from tests.hostile.case import GOOD, Case, bad_page
from tests.hostile.wire import HTML, answer, any_page, bomb, endless, head, page, raw

_LINES = b"<p>and so on</p>\n" * 4000
_MILLION = 1_000_000


def _chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


def _inside(*markup: str, times: int = 1) -> Callable[[], str]:
    """Makes a page around pieces of markup, each repeated."""
    return lambda: f"<html><title>Bad</title><main><h1>Bad</h1>{''.join(one * times for one in markup)}</main></html>"


def _attributes() -> str:
    names = " ".join(f"a{number}" for number in range(_MILLION))
    return f"<main><h1>Bad</h1><p {names}>text</p></main>"


def _links() -> str:
    return "<main>" + "".join(f"<a href={number}>" for number in range(_MILLION // 2))


MARKDOWN = "text/markdown"
_PACKED = gzip.compress(gzip.compress(b"<main><p>Twice packed.</p></main>"))
_ROW = f"<tr>{'<td>y</td>' * 600}</tr>"

CASES: tuple[Case, ...] = (
    bad_page("gzip-bomb", "10 MB of gzip that unpack to 10 GB", bomb("gzip"), "failed", "more than"),
    bad_page("deflate-bomb", "The same as deflate", bomb("deflate"), "failed", "more than"),
    bad_page(
        "brotli-bomb",
        "Brotli, which was not asked for",
        answer(b"\x5b\xff\xff\xbf\x02" * 200, 200, HTML, "Content-Encoding: br"),
        "failed",
        "compressed in a way that was not asked for (br)",
    ),
    bad_page(
        "zstd-bomb",
        "Zstandard, which was not asked for",
        answer(b"\x28\xb5\x2f\xfd" * 200, 200, HTML, "Content-Encoding: zstd"),
        "failed",
        "compressed in a way that was not asked for (zstd)",
    ),
    bad_page(
        "packed-twice",
        "Says that it is packed twice",
        answer(_PACKED, 200, HTML, "Content-Encoding: gzip, gzip"),
        "failed",
        "compressed in a way that was not asked for (gzip, gzip)",
    ),
    bad_page(
        "packed-twice-in-silence",
        "Is packed twice and says once",
        answer(_PACKED, 200, HTML, "Content-Encoding: gzip"),
        "fetched",
        indexed="unreadable",
    ),
    bad_page(
        "gzip-of-many-members",
        "A million empty gzip members one after the other",
        answer(gzip.compress(b"") * 100_000, 200, HTML, "Content-Encoding: gzip"),
        "fetched",
        indexed="empty",
    ),
    bad_page(
        "gzip-that-is-none",
        "Says gzip and sends text",
        answer(b"plain", 200, HTML, "Content-Encoding: gzip"),
        "failed",
        "its compression is broken",
    ),
    bad_page(
        "gzip-cut-short",
        "Gzip that ends in the middle",
        answer(zlib.compress(_LINES)[:-20], 200, HTML, "Content-Encoding: deflate"),
        "failed",
        "cut short",
    ),
    bad_page(
        "endless-chunks",
        "A chunked body without an end",
        endless(head(200, HTML, "Transfer-Encoding: chunked"), _chunk(_LINES)),
        "failed",
        "too large (more than 8 MiB)",
    ),
    bad_page("endless-body", "A body without length or end", endless(head(), _LINES), "failed", "too large"),
    bad_page(
        "one-byte-at-a-time",
        "A body that drips",
        endless(head(200, HTML, "Content-Length: 100000"), b"a", pause_seconds=0.05),
        "failed",
        "no complete answer within 1 seconds",
    ),
    bad_page(
        "long-line", "One line of 50 MB", answer(lambda: b"x" * 50_000_000), "failed", "too large (more than 8 MiB)"
    ),
    bad_page("long-word", "One word of 7 MB", answer(_inside("x", times=7_000_000)), "fetched", indexed="indexed"),
    bad_page(
        "long-paragraph",
        "One paragraph of 7 MB",
        answer(_inside("Nothing new here. ", times=400_000)),
        "fetched",
        indexed="indexed",
    ),
    bad_page(
        "deep-markup",
        "A million <div> in each other",
        answer(_inside("<div>", times=_MILLION)),
        "failed",
        "nested too deeply",
    ),
    bad_page(
        "deep-but-closed",
        "Two hundred thousand <div> that are closed where no parser looks",
        answer(_inside('<div x="</div>"><div><!--</div>--><div></span>', times=66_000)),
        "failed",
        "nested too deeply",
    ),
    bad_page(
        "open-formats",
        "Formatting that is never closed",
        answer(_inside("<b><i><u><s>", "<p>text", times=2000)),
        "failed",
        "nested too deeply",
    ),
    bad_page(
        "formats-told-apart",
        "300 kinds of bold that are never closed, and 8000 paragraphs, in each of which a parser opens them again",
        answer(lambda: "<main><p>" + "".join(f"<b id={n}>" for n in range(300)) + "</p>" + "<p>x</p>" * 8000),
        "failed",
        "nested too deeply",
    ),
    bad_page(
        "deep-drawing",
        "A drawing of a hundred thousand links, which lie in each other there alone",
        answer(lambda: "<main><svg>" + "<a>" * 100_000),
        "failed",
        "nested too deeply",
    ),
    bad_page(
        "deep-lists",
        "Fifty thousand items in definitions in items, without a list",
        answer(lambda: "<main>" + "<li><dd>" * 50_000),
        "failed",
        "nested too deeply",
    ),
    bad_page(
        "a-million-attributes",
        "One element of a million attributes",
        answer(_attributes),
        "failed",
        "nested too deeply",
        limits={"request_timeout_seconds": 10.0},
    ),
    bad_page(
        "wide-table",
        "A table of half a million cells",
        answer(_inside(f"<table>{_ROW * 900}</table>")),
        "failed",
        "too many elements",
    ),
    bad_page(
        "open-selects", "50 000 open <select>", answer(_inside("<select>", times=50_000)), "failed", "nested too deeply"
    ),
    bad_page(
        "comments-that-do-not-close",
        "A hundred thousand comments that never close",
        answer(_inside("<p>text</p>", "<!-- ", times=100_000)),
        "fetched",
        indexed="indexed",
    ),
    bad_page(
        "endless-entities",
        "A million character references",
        answer(_inside("&amp;lt;&#x10FFFF;&#0;&#xD800;", times=200_000)),
        "fetched",
        indexed="indexed",
    ),
    bad_page("half-a-million-links", "A page of half a million links", answer(_links), "failed", "too many elements"),
    Case(
        "100-000-links",
        "A page of a hundred thousand links, of which ten thousand are noted",
        {"/": answer(lambda: "<main>" + "".join(f"<a href={n}>x</a>" for n in range(100_000))), "*": any_page},
        reason="stopped at the limit of 40 pages",
        most_requests=60,
    ),
    bad_page(
        "markdown-brackets",
        "Markdown of a hundred thousand open brackets",
        answer(b"[" * 100_000 + b"](" * 100_000, 200, MARKDOWN),
        "fetched",
        indexed="indexed",
    ),
    Case(
        "deep-markup-where-nothing-is",
        "Two hundred thousand <div> in each other as the answer to any address that does not exist",
        {"/": page("Start", GOOD.lstrip("/")), GOOD: page("Good"), "*": answer(_inside("<div>", times=200_000))},
        page=GOOD,
        state="fetched",
        indexed="indexed",
    ),
    Case(
        "deep-markup-in-markdown",
        "Markdown to begin with that is a hundred thousand <div> in each other",
        {
            "/": answer(b"# Deep\n\n[Good](good.html)\n\n" + b"<div>" * 100_000, 200, MARKDOWN),
            GOOD: page("Good"),
        },
        page="/",
        state="fetched",
        indexed="indexed",
    ),
    bad_page(
        "markdown-quotes",
        "Markdown quoted a hundred thousand deep",
        answer(b">" * 100_000 + b" deep\n" + b"- " * 100_000 + b"deep", 200, MARKDOWN),
        "fetched",
        indexed="empty",
    ),
    bad_page(
        "trailers",
        "A chunked body with trailers that never end",
        endless(head(200, HTML, "Transfer-Encoding: chunked") + _chunk(_LINES) + b"0\r\n", b"X-A: b\r\n" * 1000),
        "failed",
        "the connection broke",
    ),
    bad_page(
        "impossible-chunk",
        "A chunk that says it is 16 EiB long",
        raw(head(200, HTML, "Transfer-Encoding: chunked"), b"ffffffffffffffff\r\n", *repeat(_LINES, 200)),
        "failed",
        "too large",
    ),
)
