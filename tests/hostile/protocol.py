"""Answers that break HTTP, or keep to it in bad faith."""

from tests.hostile.case import Case, bad_page
from tests.hostile.wire import HTML, answer, endless, hang_up, head, page, raw, reset_after, silence

_START = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
_CUT = "stopped at the limit of 2 seconds"
_HUGE = "x" * 10_000_000
_COOKIES = tuple(f"Set-Cookie: session{number}=1; Path=/" for number in range(1000))
_OK = b"<main><h1>Bad</h1><p>Some words that stand here for no reason.</p></main>"


def _status(code: int, *headers: str) -> Case:
    words = f"Answers {code}"
    return bad_page(f"status-{code}", words, answer(_OK, code, HTML, *headers), "failed", f"the server answered {code}")


CASES: tuple[Case, ...] = (
    bad_page("silence", "Takes the request and says nothing", silence, "failed", "no complete answer within"),
    bad_page("hang-up", "Resets the connection at once", hang_up, "failed", "the connection broke"),
    bad_page("reset-in-head", "Resets it in the head", reset_after(_START), "failed", "the connection broke"),
    bad_page(
        "reset-in-body",
        "Resets it in the body",
        reset_after(head(200, HTML, "Content-Length: 9000"), _OK),
        "failed",
        "the connection broke",
    ),
    bad_page(
        "headers-without-end",
        "Headers that never end",
        endless(_START, b"X-A: b\r\n" * 500),
        "failed",
        "the connection broke",
    ),
    bad_page(
        "slow-headers",
        "A header that drips",
        endless(_START + b"X-A: ", b"b", pause_seconds=0.05),
        "failed",
        "no complete answer within",
    ),
    bad_page(
        "huge-header", "One header of 10 MB", raw(head(200, HTML, f"X-A: {_HUGE}")), "failed", "the connection broke"
    ),
    bad_page("cookies", "A thousand cookies", answer(_OK, 200, HTML, *_COOKIES), "fetched", indexed="indexed"),
    bad_page(
        "too-long-a-length",
        "Says more than it sends",
        raw(head(200, HTML, "Content-Length: 100000"), _OK),
        "failed",
        "the connection broke",
    ),
    bad_page(
        "too-short-a-length",
        "Sends more than it says",
        raw(head(200, HTML, f"Content-Length: {len(_OK)}"), _OK * 1000),
        "fetched",
        indexed="indexed",
    ),
    bad_page(
        "two-lengths",
        "Says two lengths",
        raw(head(200, HTML, "Content-Length: 5", "Content-Length: 500"), _OK),
        "failed",
        "the connection broke",
    ),
    bad_page(
        "negative-length",
        "A length below zero",
        raw(head(200, HTML, "Content-Length: -1"), _OK),
        "failed",
        "the connection broke",
    ),
    bad_page(
        "length-and-chunks",
        "Says a length and sends chunks",
        raw(head(200, HTML, "Content-Length: 3", "Transfer-Encoding: chunked"), b"4\r\n<h1>\r\n0\r\n\r\n"),
        "fetched",
        indexed="empty",
    ),
    bad_page("http-0.9", "Answers without a head", raw(_OK), "failed", "the connection broke"),
    bad_page(
        "not-http", "Answers in another protocol", raw(b"SSH-2.0-OpenSSH_9\r\n"), "failed", "the connection broke"
    ),
    bad_page(
        "nul-in-header", "A header with NUL", raw(head(200, HTML, "X-A: b\0c"), _OK), "failed", "the connection broke"
    ),
    bad_page(
        "endless-continue",
        "100 Continue without end",
        endless(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 200),
        "failed",
        "no complete answer within",
    ),
    bad_page(
        "endless-hints",
        "103 Early Hints without end",
        endless(b"", b"HTTP/1.1 103 Early Hints\r\nLink: </x>; rel=preload\r\n\r\n" * 200),
        "failed",
        "no complete answer within",
    ),
    bad_page(
        "upgrade",
        "Switches to another protocol",
        raw(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n", _OK),
        "failed",
        "the connection broke",
    ),
    _status(204),
    _status(206),
    _status(304),
    _status(401, 'WWW-Authenticate: Basic realm="x"'),
    _status(407, 'Proxy-Authenticate: Basic realm="x"'),
    _status(451),
    _status(599),
    _status(999),
    bad_page(
        "video", "A video without end", endless(head(200, "video/mp4"), b"\0" * 65536), "excluded", "not a document"
    ),
    bad_page(
        "odd-type",
        "A content type of megabytes of nonsense",
        answer(_OK, 200, "text/" + "x" * 60_000),
        "excluded",
        "not a document",
    ),
    Case(
        "cookies-and-validators",
        "Sets cookies and validators that are too long to be kept",
        {
            "/": answer(
                b"<main><h1>Start</h1><p>Some words about this.</p><a href=good.html>g</a></main>",
                200,
                HTML,
                "Set-Cookie: a=b",
                f"ETag: {'e' * 5000}",
                f"Last-Modified: {'m' * 5000}",
            ),
            "/good.html": page("Good"),
        },
        page="/",
        state="fetched",
        indexed="indexed",
    ),
    *(
        Case(
            f"429-{name}",
            f"429 for ever, Retry-After: {value[:40]}",
            {
                "/": page("Start", "good.html"),
                "/good.html": page("Good", "bad.html"),
                "/bad.html": answer(b"", 429, HTML, f"Retry-After: {value}"),
            },
            page="/bad.html",
            state="excluded" if is_waited_for else "failed",
            page_reason=_CUT if is_waited_for else "the server answered 429",
            reason=_CUT if is_waited_for else None,
            limits={"max_seconds": 2},
            most_requests=12,
        )
        for name, value, is_waited_for in (
            ("at-once", "0", False),
            ("in-an-hour", "3600", True),
            ("in-a-million-years", "9" * 30, True),
            ("by-date", "Fri, 31 Dec 9999 23:59:59 GMT", True),
            ("in-the-past", "Thu, 01 Jan 1970 00:00:00 GMT", False),
            ("never", "-5 or so", False),
        )
    ),
    Case(
        "503-for-ever",
        "503 for every page but the first",
        {"/": page("Start", *(f"p{number}.html" for number in range(200))), "*": answer(b"", 503)},
        "failed",
        "The site has stopped answering",
        most_requests=80,  # up to three are under way when the circuit opens, each time
    ),
)
