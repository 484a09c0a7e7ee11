"""The one door to HTTP: a request in, an outcome out; every bound and every redirect is handled here."""

import asyncio
import ssl
import time
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Self

import httpcore
import httpx

from core.errors import AddressRefused
from crawler.addresses import resolve_address
from crawler.bodies import BodyDecoder, BodyRefused
from crawler.guard import GuardedBackend, HostUnknown, Resolver, refusal_of_address, resolve_host
from crawler.outcomes import Excluded, Failed, Fetched, Headers, Outcome, Unchanged
from crawler.politeness import Politeness, retry_after_seconds
from crawler.settings import CrawlerSettings

DOCUMENT_TYPES = frozenset(
    {"text/html", "application/xhtml+xml", "text/markdown", "text/x-markdown", "text/plain", "text/x-rst"}
)
_MARKDOWN_SUFFIXES = (".md", ".markdown", ".mdx")
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_TRANSIENT = frozenset({408, 425, 429})
_TRANSFER_HEADERS = frozenset({"content-encoding", "content-length", "transfer-encoding", "connection", "set-cookie"})

Follow = Callable[[str], Awaitable[Outcome | str]]
"""Decides about a redirect's target: gives the address to go on with, or the outcome to end with."""


@dataclass(frozen=True)
class Ask:
    """One thing to fetch."""

    url: str
    max_bytes: int
    content_types: frozenset[str] | None = DOCUMENT_TYPES
    """None takes anything."""
    is_cut: bool = False
    """Whether a longer body is cut instead of refused."""
    etag: str | None = None
    last_modified: str | None = None


@dataclass(frozen=True)
class _Hop:
    """The server sends us on."""

    target: str
    status: int


class Fetcher:
    """Fetches over connections it keeps; the owner closes it. It has no cookies, no proxy and no credentials."""

    def __init__(self, settings: CrawlerSettings, politeness: Politeness, *, resolve: Resolver = resolve_host) -> None:
        self._settings = settings
        self._politeness = politeness
        self._transport = _guarded_transport(settings, resolve)
        connect, total = settings.connect_timeout_seconds, settings.request_timeout_seconds
        self._timeouts = {"connect": connect, "read": total, "write": connect, "pool": total}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_error: object) -> None:
        await self._transport.aclose()

    async def fetch(self, ask: Ask, follow: Follow) -> Outcome:
        """Fetches, following redirects as far as `follow` allows; conditions hold for the first address only."""
        redirects = 0
        while isinstance(result := await self._ask_politely(ask), _Hop):
            redirects += 1
            if redirects > self._settings.max_redirects:
                return Failed(ask.url, f"more than {self._settings.max_redirects} redirects", result.status)
            decision = await follow(result.target)
            if not isinstance(decision, str):
                return decision
            ask = replace(ask, url=decision, etag=None, last_modified=None)
        return result

    async def _ask_politely(self, ask: Ask) -> Outcome | _Hop:
        slot = self._politeness.slot(ask.url)
        async with slot.turn():
            started = time.monotonic()
            result = await self._ask(ask)
            slot.note(time.monotonic() - started, is_ok=not isinstance(result, Failed))
        if isinstance(result, Failed) and result.retry_after_seconds is not None:
            slot.pause(result.retry_after_seconds)
        return result

    async def _ask(self, ask: Ask) -> Outcome | _Hop:
        if refusal := refusal_of_address(ask.url, allow_private=self._settings.allow_private):
            return Failed(ask.url, refusal)
        try:
            async with asyncio.timeout(self._settings.request_timeout_seconds):
                return await self._exchange(ask)
        except (
            AddressRefused,
            HostUnknown,
            TimeoutError,
            httpx.HTTPError,
            httpx.InvalidURL,
            httpx.StreamError,
        ) as error:
            return self._failure(ask.url, error)

    def _failure(self, url: str, error: Exception) -> Failed:
        """Says what went wrong with a connection, in words that hold no address the name resolved to."""
        match error:
            case AddressRefused():
                return Failed(url, error.message)
            case HostUnknown():
                return Failed(url, f"the host name {error} does not resolve; check the address")
            case httpx.ConnectTimeout():
                seconds = self._settings.connect_timeout_seconds
                return Failed(url, f"no connection within {seconds:g} seconds", is_transient=True)
            case TimeoutError() | httpx.TimeoutException():
                seconds = self._settings.request_timeout_seconds
                return Failed(url, f"no complete answer within {seconds:g} seconds", is_transient=True)
            case httpx.ConnectError():
                return Failed(url, _connect_reason(error))
            case _:
                return Failed(url, f"the connection broke ({type(error).__name__})", is_transient=True)

    async def _exchange(self, ask: Ask) -> Outcome | _Hop:
        request = httpx.Request("GET", ask.url, headers=self._headers(ask), extensions={"timeout": self._timeouts})
        response = await self._transport.handle_async_request(request)
        response.request = request
        async with aclosing(response):
            return _verdict(ask, response) or await _document(ask, response)

    def _headers(self, ask: Ask) -> dict[str, str]:
        headers = {
            "User-Agent": self._settings.user_agent,
            "Accept": "text/html, application/xhtml+xml, text/markdown;q=0.9, text/plain;q=0.8, */*;q=0.1",
            "Accept-Encoding": "gzip",
        }
        if ask.etag:
            headers["If-None-Match"] = ask.etag
        if ask.last_modified:
            headers["If-Modified-Since"] = ask.last_modified
        return headers


def _guarded_transport(settings: CrawlerSettings, resolve: Resolver) -> httpx.AsyncHTTPTransport:
    context: ssl.SSLContext = httpx.create_ssl_context(trust_env=False)
    if settings.ca_file is not None:
        context.load_verify_locations(settings.ca_file)
    transport = httpx.AsyncHTTPTransport(verify=context, trust_env=False)
    # httpx has no way to set the network backend; its version is pinned, and the guard's tests would see it ignored.
    transport._pool = httpcore.AsyncConnectionPool(  # noqa: SLF001 # pyright: ignore[reportPrivateUsage] - see above
        ssl_context=context,
        max_connections=4 * settings.connections,
        keepalive_expiry=10,
        network_backend=GuardedBackend(allow_private=settings.allow_private, resolve=resolve),
    )
    return transport


def _verdict(ask: Ask, response: httpx.Response) -> Outcome | _Hop | None:
    """Judges an answer by its head; None if the body is wanted."""
    status = response.status_code
    if status == HTTPStatus.NOT_MODIFIED and (ask.etag or ask.last_modified):
        return Unchanged(ask.url)
    if status in _REDIRECTS:
        target = resolve_address(ask.url, response.headers.get("location", ""))
        return _Hop(target, status) if target else Failed(ask.url, "redirects to nowhere", status)
    if status != HTTPStatus.OK:
        is_transient = status in _TRANSIENT or status >= HTTPStatus.INTERNAL_SERVER_ERROR
        wait = retry_after_seconds(response.headers.get("retry-after")) if is_transient else None
        return Failed(ask.url, f"the server answered {_phrase(status)}", status, is_transient, wait)
    kind = _content_type(response, ask.url)
    if ask.content_types is not None and kind not in ask.content_types:
        return Excluded(ask.url, f"not a document ({kind[:80]})", status)
    return None


async def _document(ask: Ask, response: httpx.Response) -> Outcome:
    try:
        decoder = BodyDecoder(
            response.headers.get("content-encoding", "").strip().lower(), ask.max_bytes, is_cut=ask.is_cut
        )
        async for piece in response.aiter_raw():
            decoder.feed(piece)
            if decoder.is_complete:
                break
        body = decoder.finish()
    except BodyRefused as error:
        return Failed(ask.url, str(error), response.status_code)
    return Fetched(
        url=ask.url,
        status=response.status_code,
        headers=_kept_headers(response, len(body)),
        body=body,
        content_type=_content_type(response, ask.url),
        etag=_short(response.headers.get("etag"), 500),
        last_modified=_short(response.headers.get("last-modified"), 100),
    )


def _content_type(response: httpx.Response, url: str) -> str:
    """Gives the type without parameters; Markdown is often served as if it were anything."""
    kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind in ("", "application/octet-stream", "text/plain") and url.partition("?")[0].endswith(_MARKDOWN_SUFFIXES):
        return "text/markdown"
    return kind[:100] or "text/html"


def _kept_headers(response: httpx.Response, body_bytes: int) -> Headers:
    kept = ((name, value) for name, value in response.headers.multi_items() if name not in _TRANSFER_HEADERS)
    return (*kept, ("content-length", str(body_bytes)))


def _short(value: str | None, width: int) -> str | None:
    """Drops what the column cannot hold; half a validator is worse than none."""
    return value if value and len(value) <= width else None


def _phrase(status: int) -> str:
    try:
        return f"{status} ({HTTPStatus(status).phrase})"
    except ValueError:
        return str(status)


def _connect_reason(error: httpx.ConnectError) -> str:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return f"its TLS certificate is not trusted ({cause.verify_message})"
        if isinstance(cause, ssl.SSLError):
            return "it does not speak TLS as expected"
        cause = cause.__cause__ or cause.__context__
    return "the connection was refused; check that the server is running"
