"""The one door to HTTP: a request in, an outcome out; redirects, turns and what went wrong are handled here."""

import asyncio
import ssl
import sys
import time
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from dataclasses import replace
from importlib.util import find_spec
from typing import Any, Self, cast

import httpx

from core.errors import AddressRefused, SourceFailed
from crawler import challenges
from crawler.access import PUBLIC, Access
from crawler.bounded_transport import guarded_transport
from crawler.exchange import Ask, Hop, drain, is_challenge, read_document, verdict_on
from crawler.guard import GuardedBackend, HostUnknown, Resolver, refusal_of_address, resolve_host
from crawler.outcomes import Failed, Fetched, Outcome, Unchanged
from crawler.politeness import OriginSlot, Politeness
from crawler.settings import CrawlerSettings

_ACCEPT = "text/html, application/xhtml+xml, text/markdown;q=0.9, text/plain;q=0.8, */*;q=0.1"

if find_spec("sniffio") is None:
    # httpcore looks for this package several times in each request; one that is known to be missing is missed quickly.
    sys.modules.setdefault("sniffio", cast("Any", None))

Follow = Callable[[str], Awaitable[Outcome | str | Ask]]
"""Decides about a redirect's target: gives the address or the request to go on with, or the outcome to end with."""


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
        while isinstance(result := await self._ask_politely(ask), Hop):
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

    async def _ask_politely(self, ask: Ask) -> Outcome | Hop:
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

    async def _ask_in_turn(self, slot: OriginSlot, ask: Ask, *, is_probe: bool) -> Outcome | Hop:
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

    async def _ask(self, ask: Ask) -> Outcome | Hop:
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

    async def _exchange(self, ask: Ask) -> Outcome | Hop:
        request = httpx.Request("GET", ask.url, headers=self._headers(ask), extensions={"timeout": self._timeouts})
        response = await self._transport.handle_async_request(request)
        response.request = request
        async with aclosing(response):
            verdict = verdict_on(ask, response)
            if verdict is None:
                return await read_document(ask, response)
            if isinstance(verdict, Failed) and await is_challenge(response):
                return Failed(ask.url, challenges.REASON, response.status_code)
            await drain(response)
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
    backend = GuardedBackend(allow_private=settings.allow_private, resolve=resolve)
    return guarded_transport(backend, access.tls(settings), max_connections=4 * settings.connections)


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
