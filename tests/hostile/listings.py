"""Files that tell about a site: robots.txt, sitemaps, llms.txt, inventories, version switchers."""

import gzip
import zlib

from tests.hostile.case import Case
from tests.hostile.wire import (
    NOT_FOUND,
    Exchange,
    Play,
    answer,
    any_page,
    bomb,
    endless,
    hang_up,
    head,
    page,
    redirect,
    silence,
)

_METADATA = "http://169.254.169.254/latest/"
_PLAIN, _XML = "text/plain", "application/xml"
_MILLION = 1_000_000
_PAGES = {"/": page("Start", "a.html"), "/a.html": page("A")}
_URLSET = '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">'
_INDEX = '<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">'
_ENTITIES = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))
_FEW_SITEMAPS = "read only the first 100 sitemaps"


def _robots(
    name: str, does: str, play: Play, status: str = "crawled", reason: str | None = None, **more: object
) -> Case:
    assert status in ("crawled", "failed")
    return Case(f"robots-{name}", does, {**_PAGES, "/robots.txt": play}, status, reason, **more)  # pyright: ignore[reportArgumentType] - fields of a case


def _listed(
    name: str, does: str, body: bytes | str | Play, reason: str | None = None, others: Play = NOT_FOUND, **more: object
) -> Case:
    """A sitemap beside a site of two pages, which are read whatever it holds."""
    play = body if callable(body) else answer(body, 200, _XML)
    return Case(f"sitemap-{name}", does, {**_PAGES, "/sitemap.xml": play, "*": others}, reason=reason, **more)  # pyright: ignore[reportArgumentType] - fields of a case


def _locations(*addresses: str, kind: str = "url") -> str:
    return "".join(f"<{kind}><loc>{address}</loc></{kind}>" for address in addresses)


def _inventory(lines: bytes) -> bytes:
    head_lines = b"# Sphinx inventory version 2\n# Project: x\n# Version: 1\n# The rest is packed.\n"
    return head_lines + zlib.compress(lines)


async def _nested(exchange: Exchange) -> None:
    """A sitemap index that names a hundred others, each of which does the same."""
    base = exchange.target.removesuffix(".xml")
    names = _locations(*(f"{base}-{number}.xml" for number in range(100)), kind="sitemap")
    await answer(f"{_INDEX}{names}</sitemapindex>", 200, _XML)(exchange)


async def _slow_index(exchange: Exchange) -> None:
    if exchange.target == "/sitemap.xml":
        await _nested(exchange)
    else:
        await silence(exchange)


_STARS = "Disallow: /" + "a*" * 60 + "b$\n"
_CLOSED = b"User-agent: *\nDisallow: /\n"

ROBOTS: tuple[Case, ...] = (
    _robots("500", "robots.txt answers 500", answer(b"", 500), "failed", "its robots.txt answers 500"),
    _robots("403", "robots.txt answers 403", answer(b"", 403)),
    _robots("loop", "robots.txt redirects to itself", redirect("/robots.txt"), most_requests=12),
    _robots("to-metadata", "robots.txt redirects to a cloud's metadata", redirect(_METADATA), "failed", "link-local"),
    _robots("10-mb", "robots.txt of 10 MB", answer(lambda: b"# nothing\n" * _MILLION + _CLOSED, 200, _PLAIN)),
    _robots("endless", "robots.txt without end", endless(head(200, _PLAIN), b"# nothing\n" * 5000)),
    _robots("bomb", "robots.txt that unpacks to 10 GB", bomb("gzip", kind=_PLAIN)),
    _robots(
        "bom", "Rules behind a byte order mark", answer(b"\xef\xbb\xbf" + _CLOSED), "failed", "robots.txt forbids it"
    ),
    _robots("binary", "robots.txt of random bytes", answer(bytes(range(256)) * 400, 200, _PLAIN)),
    _robots("html", "A web page as robots.txt", page("Not found", "x.html")),
    _robots("silent", "robots.txt never comes", silence, "failed", "no complete answer"),
    _robots("hang-up", "The connection breaks at robots.txt", hang_up, "failed", "the connection broke"),
    _robots("rules", "Fifty thousand rules", answer(b"User-agent: *\n" + b"Disallow: /x*y*z$\n" * 25_000, 200, _PLAIN)),
    _robots(
        "stars",
        "Rules that take a matcher for ever",
        answer(f"User-agent: *\n{_STARS}", 200, _PLAIN),
        start="/" + "a" * 1500 + "/",
        page="/" + "a" * 1500 + "/",
        state="failed",
        status="failed",
        reason="the server answered 404",
    ),
    _robots(
        "delay",
        "Asks for a pause of a year",
        answer(b"User-agent: *\nCrawl-delay: 31536000\n", 200, _PLAIN),
        limits={"max_crawl_delay_seconds": 0.1},
    ),
    _robots(
        "odd-delay",
        "Asks for a pause that is no number",
        answer(b"User-agent: *\nCrawl-delay: nan\nRequest-rate: 1/0\n", 200, _PLAIN),
        limits={"max_crawl_delay_seconds": 0.1},
    ),
    _robots(
        "sitemaps",
        "Names a hundred thousand sitemaps",
        answer(lambda: "".join(f"Sitemap: /s{n}.xml\n" for n in range(100_000)), 200, _PLAIN),
        reason=_FEW_SITEMAPS,
        most_requests=115,
    ),
)

SITEMAPS: tuple[Case, ...] = (
    _listed(
        "a-million",
        "A sitemap of a million addresses",
        answer(lambda: "".join((_URLSET, *(f"<url><loc>/p{n}</loc></url>" for n in range(_MILLION))))),
        "stopped at the limit of 40 pages",
        any_page,
        limits={"request_timeout_seconds": 15.0, "max_addresses": 60_000},
    ),
    _listed(
        "entities",
        "A billion laughs",
        f'<?xml version="1.0"?><!DOCTYPE u [<!ENTITY e0 "ha">{_ENTITIES}]>{_URLSET}{_locations("/&e11;")}</urlset>',
        most_requests=10,
    ),
    _listed(
        "external-entity",
        "An entity that reads a file and an address",
        '<?xml version="1.0"?><!DOCTYPE u ['
        f'<!ENTITY f SYSTEM "file:///etc/passwd"><!ENTITY w SYSTEM "{_METADATA}">]>'
        f"{_URLSET}{_locations('/&f;', '/&w;')}</urlset>",
        most_requests=10,
    ),
    _listed(
        "external-dtd",
        "A document type from elsewhere",
        f'<!DOCTYPE urlset SYSTEM "{_METADATA}x.dtd">{_URLSET}{_locations("/a.html")}</urlset>',
        most_requests=10,
    ),
    _listed(
        "inside",
        "Addresses inside",
        f"{_URLSET}{_locations(_METADATA, 'file:///etc/passwd', 'http://127.0.0.1:1/')}</urlset>",
        page=_METADATA,
        state=None,
    ),
    _listed(
        "to-itself",
        "An index that names itself",
        f"{_INDEX}{_locations('/sitemap.xml', kind='sitemap')}</sitemapindex>",
        most_requests=10,
    ),
    _listed(
        "index-inside",
        "An index that names sitemaps inside",
        f"{_INDEX}{_locations(_METADATA, kind='sitemap')}</sitemapindex>",
        most_requests=10,
    ),
    _listed("deep", "A tree of indexes without end", _nested, _FEW_SITEMAPS, _nested, most_requests=110),
    _listed(
        "slow",
        "An index of a hundred sitemaps that never come",
        _slow_index,
        "The site has stopped answering",
        _slow_index,
        status="failed",
        limits={"max_failures_in_a_row": 4},
        most_requests=30,
    ),
    _listed("bomb", "A sitemap that unpacks to 10 GB", bomb("gzip", kind=_XML)),
    _listed(
        "gz-bomb", "A gzip file that unpacks to 200 MB", answer(lambda: gzip.compress(b"<urlset>" + b" " * 200_000_000))
    ),
    _listed(
        "endless",
        "A sitemap without end",
        endless(head(200, _XML), b"<url><loc>/x</loc></url>\n" * 3000),
        limits={"request_timeout_seconds": 15.0},
    ),
    _listed("deep-xml", "A hundred thousand elements in each other", "<a>" * 100_000),
    _listed("binary", "A sitemap of random bytes", bytes(range(256)) * 4000),
    _listed(
        "utf-16", "A sitemap in UTF-16 without a mark", f"{_URLSET}{_locations('/a.html')}</urlset>".encode("utf-16-le")
    ),
    _listed(
        "long-location",
        "An address of 10 MB",
        answer(lambda: f"{_URLSET}{_locations('/' + 'x' * 10_000_000)}</urlset>"),
    ),
    Case(
        "sitemap-as-source",
        "A sitemap that was asked for and is a web page",
        {"/sitemap.xml": page("Not found")},
        "failed",
        "names no page of",
        start="/sitemap.xml",
    ),
)

_HOSTILE_LINKS = (
    f"# Docs\n\n- [a]({_METADATA})\n- [b](file:///etc/passwd)\n- [c](javascript:alert(1))\n- [d](http://[::1]/)\n"
    "- [e](//127.0.0.1:1/)\n- [f](http://a:b@127.0.0.1/)\n- [g](data:text/html,x)\n- [good](/good.html)\n"
)


def _llms(name: str, does: str, body: bytes | str | Play, status: str, reason: str | None, **more: object) -> Case:
    assert status in ("crawled", "failed")
    play = body if callable(body) else answer(body, 200, _PLAIN)
    routes = {"/llms.txt": play, "/good.html": page("Good")}
    return Case(f"llms-{name}", does, routes, status, reason, start="/llms.txt", **more)  # pyright: ignore[reportArgumentType] - fields of a case


LLMS: tuple[Case, ...] = (
    _llms(
        "inside",
        "llms.txt with links inside",
        _HOSTILE_LINKS,
        "crawled",
        None,
        page=_METADATA,
        state=None,
        most_requests=9,
    ),
    _llms("html", "A web page as llms.txt", page("Home"), "failed", "answers with a web page, not with an llms.txt"),
    _llms("bomb", "llms.txt that unpacks to 10 GB", bomb("gzip", kind=_PLAIN), "failed", "more than"),
    _llms("to-metadata", "llms.txt redirects to a cloud's metadata", redirect(_METADATA), "failed", "link-local"),
    _llms(
        "links",
        "llms.txt of a hundred thousand links",
        answer(lambda: "".join(f"- [x](/good.html?{n})\n" for n in range(100_000)), 200, _PLAIN),
        "crawled",
        "stopped at the limit of 40 pages",
    ),
    _llms(
        "links-to-nothing",
        "llms.txt whose links are all dead",
        "# D\n\n" + "- [x](/no1.html)\n- [y](/no2.html)\n",
        "failed",
        "No page could be read",
    ),
    Case(
        "llms-twin-bomb",
        "A Markdown twin that unpacks to 10 GB",
        {
            "/llms.txt": answer("- [good](/good.html)\n", 200, _PLAIN),
            "/good.html": page("Good"),
            "/good.html.md": bomb("gzip", kind="text/markdown"),
            "/good.md": redirect(_METADATA),
        },
        start="/llms.txt",
        page="/good.html",
        state="fetched",
        indexed="indexed",
    ),
)


def _inventories(name: str, does: str, body: bytes | Play, reason: str | None = None, **more: object) -> Case:
    play = body if callable(body) else answer(body, 200, "application/octet-stream")
    return Case(f"inventory-{name}", does, {**_PAGES, "/objects.inv": play}, reason=reason, **more)  # pyright: ignore[reportArgumentType] - fields of a case


INVENTORIES: tuple[Case, ...] = (
    _inventories("bomb", "objects.inv that unpacks to 1 GB", answer(lambda: _inventory(b"a" * 200_000_000))),
    _inventories(
        "endless",
        "objects.inv without end",
        endless(head(200, "application/octet-stream"), _inventory(b"") * 500),
        limits={"request_timeout_seconds": 10.0},
    ),
    _inventories(
        "entries",
        "objects.inv of 300 000 documents",
        answer(lambda: _inventory(b"".join(b"p%d std:doc -1 a.html?%d -\n" % (n, n) for n in range(300_000)))),
        "stopped at the limit of 40 pages",
    ),
    _inventories(
        "inside",
        "objects.inv that names documents inside",
        _inventory(f"x std:doc -1 {_METADATA} -\ny std:doc -1 ../../../etc/passwd -\n".encode()),
        page=_METADATA,
        state=None,
    ),
    _inventories(
        "spaces",
        "Lines of objects.inv of a million spaces",
        _inventory(b"a " * 4000 + b"std:doc -1 x -\n" + b" std:doc " * 900 + b"\n" * 1000),
    ),
    _inventories("broken", "objects.inv that stops in the middle", _inventory(b"a std:doc -1 a.html -\n" * 999)[:-9]),
)

_SWITCHING = (
    "<!doctype html><title>Start</title><script>DOCUMENTATION_OPTIONS.theme_switcher_json_url = '/switcher.json';\n"
    "DOCUMENTATION_OPTIONS.theme_switcher_version_match = '2.0';</script><h1>Start</h1>"
    "<p>A page of a site that names its versions.</p><a href='a.html'>A</a>"
)


def _switcher(name: str, does: str, play: Play | str, **more: object) -> Case:
    """The file of a version switcher beside a site of two pages, which are read whatever it holds."""
    play = answer(play, 200, "application/json") if isinstance(play, str) else play
    routes = {"/": answer(_SWITCHING), "/a.html": page("A"), "/switcher.json": play}
    known: dict[str, object] = {"page": "/a.html", "state": "fetched", "indexed": "indexed"}
    return Case(f"switcher-{name}", does, routes, **(known | more))  # pyright: ignore[reportArgumentType] - fields of a case


SWITCHERS: tuple[Case, ...] = (
    _switcher(
        "inside",
        "Versions that lie inside",
        f'[{{"version": "1", "url": "{_METADATA}"}}, {{"version": "2", "url": "file:///etc/"}},'
        ' {"version": "3", "url": "javascript:alert(1)"}, {"version": "4", "aliases": ["../..", "//127.0.0.1:1/"]}]',
        page=_METADATA,
        state=None,
        indexed=None,
        most_requests=10,
    ),
    _switcher("to-metadata", "Redirects to a cloud's metadata", redirect(_METADATA)),
    _switcher("bomb", "Unpacks to 10 GB", bomb("gzip", kind="application/json")),
    _switcher("endless", "Has no end", endless(head(200, "application/json"), b"[" * 50_000)),
    _switcher("deep", "A hundred thousand lists in each other", "[" * 100_000),
    _switcher(
        "entries",
        "A hundred thousand versions",
        "[" + ",".join(f'{{"version":"{n}","url":"/{n}/"}}' for n in range(100_000)) + "]",
    ),
    _switcher("types", "Numbers where names should be", '[1, null, {"version": 1, "url": []}, {"aliases": {}}]'),
    _switcher("html", "A web page in its place", page("Not found", "x.html")),
)

CASES: tuple[Case, ...] = (*ROBOTS, *SITEMAPS, *LLMS, *INVENTORIES, *SWITCHERS)
