"""Redirects in circles, and to where a crawler has no business."""

from tests.hostile.case import BAD, Case, bad_page
from tests.hostile.wire import HTML, Exchange, answer, page, raw, redirect

_METADATA = "http://169.254.169.254/latest/meta-data/"
_STUB = "<html><head>{}</head><main><h1>Stub</h1><p>Some words about nothing.</p><a href='x.html'>x</a></main></html>"


async def _further(exchange: Exchange) -> None:
    await redirect(f"{exchange.target}x")(exchange)


def _start(name: str, does: str, location: str, reason: str) -> Case:
    return Case(f"start-to-{name}", does, {"/": redirect(location)}, "failed", reason)


def _to(name: str, does: str, location: str, state: str, reason: str) -> Case:
    assert state in ("failed", "excluded")
    return bad_page(f"redirect-to-{name}", does, redirect(location), state, reason)


def _stub(name: str, does: str, markup: str, asked: str) -> Case:
    return Case(name, does, {"/": answer(_STUB.format(markup)), "/x.html": page("X")}, page=asked, state=None)


CASES: tuple[Case, ...] = (
    bad_page("redirect-to-itself", "Redirects to itself", redirect(BAD), "failed", "redirects in a circle"),
    Case(
        "redirect-circle",
        "Two pages that redirect to each other",
        {"/": page("Start", "a.html"), "/a.html": redirect("b.html"), "/b.html": redirect("a.html")},
        page="/b.html",
        state="failed",
        page_reason="redirects in a circle",
        most_requests=10,
    ),
    Case(
        "redirects-without-end",
        "Every redirect leads to a further one",
        {"/": page("Start", "a"), "*": _further},
        page="/axxxxx",
        state="failed",
        page_reason="more than 5 redirects",
        most_requests=24,
    ),
    Case(
        "start-without-end",
        "The start page redirects for ever",
        {"/": redirect("/a"), "*": _further},
        "failed",
        "more than 5 redirects",
        most_requests=20,
    ),
    _start("metadata", "Redirects the start page to a cloud's metadata", _METADATA, "link-local or multicast"),
    _start("file", "Redirects the start page to a file", "file:///etc/passwd", "redirects to nowhere"),
    _start("nowhere", "Redirects the start page to a closed port", "http://127.0.0.1:1/", "was refused"),
    _start("nobody", "Redirects the start page to a name nobody has", "http://nobody.invalid/", "does not resolve"),
    _to("metadata", "Redirects to a cloud's metadata", _METADATA, "excluded", "on another site"),
    _to("decimal", "Redirects to 127.0.0.1 as a number", "http://2130706433/", "excluded", "on another site"),
    _to("hex", "Redirects to 127.0.0.1 in hexadecimal", "http://0x7f000001/", "excluded", "on another site"),
    _to("ipv6", "Redirects to ::1", "http://[::1]/", "excluded", "on another site"),
    _to("intranet", "Redirects to a private network", "http://10.0.0.1/", "excluded", "on another site"),
    _to("file", "Redirects to file:", "file:///etc/passwd", "failed", "redirects to nowhere"),
    _to("ftp", "Redirects to ftp:", "ftp://127.0.0.1/", "failed", "redirects to nowhere"),
    _to("script", "Redirects to javascript:", "javascript:alert(1)", "failed", "redirects to nowhere"),
    _to("user", "Redirects with a password", "http://a:b@127.0.0.1/", "failed", "redirects to nowhere"),
    _to("nothing", "Redirects without saying where", "", "failed", "redirects in a circle"),
    _to("megabytes", "Redirects to an address of 50 kB", "/" + "x" * 50_000, "failed", "redirects to nowhere"),
    bad_page(
        "redirect-with-line-break",
        "Smuggles a header into a redirect",
        raw(b"HTTP/1.1 302 Found\r\nLocation: /x%0d%0aX-Evil:%201\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"),
        "redirected",
    ),
    _stub(
        "refresh-inside",
        "A meta refresh to a cloud's metadata",
        f'<meta http-equiv=refresh content="0;url={_METADATA}">',
        _METADATA,
    ),
    _stub(
        "refresh-to-file",
        "A meta refresh to a file",
        '<meta http-equiv=refresh content="0;url=file:///etc/passwd">',
        "file:///etc/passwd",
    ),
    _stub("base-inside", "A <base> that points inside", f'<base href="{_METADATA}">', f"{_METADATA}x.html"),
    _stub(
        "canonical-inside",
        "A canonical address that points inside",
        f'<link rel=canonical href="{_METADATA}">',
        _METADATA,
    ),
    bad_page(
        "endless-refresh",
        "A meta refresh to itself",
        answer(_STUB.format('<meta http-equiv=refresh content="0">'), 200, HTML, "Refresh: 0; url=bad.html"),
        "fetched",
        indexed="indexed",
    ),
)
