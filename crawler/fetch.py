"""The one door to HTTP: a request in, an outcome out; every bound and every redirect is handled here."""

import asyncio
import contextlib
import ssl
import sys
import time
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass, replace
from http import HTTPStatus
from importlib.util import find_spec
from typing import Any, Self, cast

import httpcore
import httpx

from core.errors import AddressRefused, SourceFailed
from crawler import challenges
from crawler.access import PUBLIC, Access
from crawler.addresses import path_of, resolve_address
from crawler.bodies import BodyDecoder, BodyRefused
from crawler.document_types import DOCUMENT_TYPES, document_type, is_data, is_document_data
from crawler.guard import GuardedBackend, HostUnknown, Resolver, refusal_of_address, resolve_host
from crawler.outcomes import Excluded, Failed, Fetched, Headers, Outcome, Unchanged
from crawler.politeness import OriginSlot, Politeness, retry_after_seconds
from crawler.settings import CrawlerSettings

_ACCEPT = "text/html, application/xhtml+xml, text/markdown;q=0.9, text/plain;q=0.8, */*;q=0.1"
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
# Those from 520 on are a content network's words for a server behind it that fails; 501 and 505 would say so again.
# Source: https://developers.cloudflare.com/support/troubleshooting/http-status-codes/cloudflare-5xx-errors/.
_TRANSIENT = frozenset({408, 425, 429, 500, 502, 503, 504, *range(520, 528), 530})
_TRANSFER_HEADERS = frozenset({"content-encoding", "content-length", "transfer-encoding", "connection", "set-cookie"})

_DRAINED_BYTES = 2**16
_DRAINED_DIGITS = 5
_DRAIN_SECONDS = 1.0

if find_spec("sniffio") is None:
    # httpcore looks for this package several times in each request; one that is known to be missing is missed quickly.
    sys.modules.setdefault("sniffio", cast("Any", None))

Follow = Callable[[str], Awaitable["Outcome | str | Ask"]]
"""Decides about a redirect's target: gives the address or the request to go on with, or the outcome to end with."""


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
    accept: str | None = None
    """The types to ask for, where they are not the usual ones."""


@dataclass(frozen=True)
class _Hop:
    """The server sends us on."""

    target: str
    status: int


class Fetcher:
    """Fetches over connections it keeps; the owner closes it. It has no cookies, no proxy, and one source's secrets."""

    def __init__(
        self,
        settings: CrawlerSettings,
        politeness: Politeness,
        *,
        access: Access = PUBLIC,
        resolve: Resolver = resolve_host,
    ) -> None:
        self._settings = settings
        self._politeness = politeness
        self._access = access
        self._transport = _guarded_transport(settings, access, resolve)
        connect, total = settings.connect_timeout_seconds, settings.request_timeout_seconds
        self._timeouts = {"connect": connect, "read": total, "write": connect, "pool": total}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_error: object) -> None:
        await self._transport.aclose()

    async def fetch(self, ask: Ask, follow: Follow) -> Outcome:
        """Fetches, following redirects as far as `follow` allows; conditions hold for the address they are given with.

        Raises:
            SourceFailed: No site that was asked answers any more.
        """
        redirects = 0
        while isinstance(result := await self._ask_politely(ask), _Hop):
            redirects += 1
            if redirects > self._settings.max_redirects:
                return Failed(ask.url, f"more than {self._settings.max_redirects} redirects", result.status)
            match await follow(result.target):
                case str(address):
                    ask = replace(ask, url=address, etag=None, last_modified=None)
                case Ask() as further:
                    ask = further
                case outcome:
                    return outcome
        return result

    async def _ask_politely(self, ask: Ask) -> Outcome | _Hop:
        slot = self._politeness.slot(ask.url)
        while True:
            async with slot.turn() as is_probe:
                if slot.breaker.is_gone:
                    return Failed(ask.url, "the site has stopped answering")
                # A page that was answered before finds out more than one that may be broken by itself.
                wanted = Ask(slot.good_address, 1024, None, is_cut=True) if is_probe and slot.good_address else ask
                result = await self._ask_in_turn(slot, wanted, is_probe=is_probe)
            if wanted is ask:
                return result

    async def _ask_in_turn(self, slot: OriginSlot, ask: Ask, *, is_probe: bool) -> Outcome | _Hop:
        started = time.monotonic()
        result = await self._ask(ask)
        seconds = time.monotonic() - started
        if not isinstance(result, Failed) or result.status is not None:
            slot.has_answered = True
        elif result.is_unreachable and slot.has_answered:
            result = replace(result, is_transient=True)
        if isinstance(result, Fetched | Unchanged):
            slot.good_address = ask.url
        if isinstance(result, Fetched | Unchanged | Failed):
            result = replace(result, seconds=seconds)
        slot.note(seconds, is_ok=not isinstance(result, Failed))
        is_failure = isinstance(result, Failed) and result.is_transient
        slot.breaker.note(is_failure=is_failure, is_probe=is_probe)
        if isinstance(result, Failed) and result.retry_after_seconds is not None:
            slot.pause(result.retry_after_seconds)
        if isinstance(result, Failed) and self._politeness.is_all_gone:
            raise SourceFailed(f"The site has stopped answering. Last, {result.url}: {result.reason}.")
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
                return Failed(url, f"the host name {error} does not resolve; check the address", is_unreachable=True)
            case httpx.ConnectTimeout():
                seconds = self._settings.connect_timeout_seconds
                return Failed(url, f"no connection within {seconds:g} seconds", is_transient=True)
            case TimeoutError() | httpx.TimeoutException():
                seconds = self._settings.request_timeout_seconds
                return Failed(url, f"no complete answer within {seconds:g} seconds", is_transient=True)
            case httpx.ConnectError():
                reason = _tls_reason(error)
                refused = "the connection was refused; check that the server is running"
                return Failed(url, reason or refused, is_unreachable=reason is None)
            case _:
                return Failed(url, f"the connection broke ({type(error).__name__})", is_transient=True)

    async def _exchange(self, ask: Ask) -> Outcome | _Hop:
        request = httpx.Request("GET", ask.url, headers=self._headers(ask), extensions={"timeout": self._timeouts})
        response = await self._transport.handle_async_request(request)
        response.request = request
        async with aclosing(response):
            verdict = _verdict(ask, response)
            if verdict is None:
                return await _document(ask, response)
            if isinstance(verdict, Failed) and await _is_challenge(response):
                return Failed(ask.url, challenges.REASON, response.status_code)
            await _drain(response)
            return verdict

    def _headers(self, ask: Ask) -> dict[str, str]:
        headers = {
            "User-Agent": self._settings.user_agent,
            "Accept": ask.accept or _ACCEPT,
            "Accept-Encoding": "gzip",
        }
        if ask.etag:
            headers["If-None-Match"] = ask.etag
        if ask.last_modified:
            headers["If-Modified-Since"] = ask.last_modified
        return headers | self._access.headers_for(ask.url)


def _guarded_transport(settings: CrawlerSettings, access: Access, resolve: Resolver) -> httpx.AsyncHTTPTransport:
    context = access.tls(settings)
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
        is_transient = status in _TRANSIENT
        wait = retry_after_seconds(response.headers.get("retry-after")) if is_transient else None
        return Failed(ask.url, f"the server answered {_phrase(status)}", status, is_transient, wait)
    kind = document_type(response.headers.get("content-type", ""), path_of(ask.url))
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
    kind = document_type(response.headers.get("content-type", ""), path_of(ask.url))
    if ask.content_types is not None and is_data(kind) and not is_document_data(body):
        return Excluded(ask.url, f"data and no document ({kind})", response.status_code)
    return Fetched(
        url=ask.url,
        status=response.status_code,
        headers=_kept_headers(response, len(body)),
        body=body,
        content_type=kind,
        etag=_short(response.headers.get("etag"), 500),
        last_modified=_short(response.headers.get("last-modified"), 100),
    )


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


def _tls_reason(error: httpx.ConnectError) -> str | None:
    """Says what is wrong with the site's TLS, None if the connection failed before that."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return f"its TLS certificate is not trusted ({cause.verify_message})"
        if isinstance(cause, ssl.SSLError):
            return "it does not speak TLS as expected"
        cause = cause.__cause__ or cause.__context__
    return None


async def _drain(response: httpx.Response) -> None:
    """Reads the little that is left of an answer: only then its connection can be used again."""
    declared = response.headers.get("content-length", "")
    if response.is_stream_consumed or (declared.isdecimal() and len(declared) > _DRAINED_DIGITS):
        return
    with contextlib.suppress(httpx.HTTPError, httpx.StreamError, TimeoutError):
        async with asyncio.timeout(_DRAIN_SECONDS):
            received = 0
            async for piece in response.aiter_raw():
                received += len(piece)
                if received > _DRAINED_BYTES:
                    return


async def _is_challenge(response: httpx.Response) -> bool:
    """Tells whether a refusal is a guard's check for browsers."""
    if response.status_code not in challenges.CHALLENGE_STATUSES:
        return False
    if any(challenges.is_challenge_header(name, value) for name, value in response.headers.items()):
        return True
    if "html" not in response.headers.get("content-type", "") or response.is_stream_consumed:
        return False
    try:
        encoding = response.headers.get("content-encoding", "").strip().lower()
        decoder = BodyDecoder(encoding, challenges.SNIFFED_BYTES, is_cut=True)
        async for piece in response.aiter_raw():
            decoder.feed(piece)
            if decoder.is_complete:
                break
        return challenges.is_challenge_page(decoder.finish())
    except BodyRefused:
        return False
