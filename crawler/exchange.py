"""One request and its answer: what to ask for, and what the head and the body of a response say."""

import asyncio
import contextlib
from dataclasses import dataclass
from http import HTTPStatus

import httpx

from crawler import challenges
from crawler.addresses import path_of, resolve_address
from crawler.bodies import BodyDecoder, BodyRefused
from crawler.document_types import DOCUMENT_TYPES, document_type, is_data, is_document_data
from crawler.outcomes import Excluded, Failed, Fetched, Headers, Outcome, Unchanged
from crawler.politeness import retry_after_seconds

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
# Those from 520 on are a content network's words for a server behind it that fails; 501 and 505 would say so again.
# Source: https://developers.cloudflare.com/support/troubleshooting/http-status-codes/cloudflare-5xx-errors/.
_TRANSIENT = frozenset({408, 425, 429, 500, 502, 503, 504, *range(520, 528), 530})
_TRANSFER_HEADERS = frozenset({"content-encoding", "content-length", "transfer-encoding", "connection", "set-cookie"})

_DRAINED_BYTES = 2**16
_DRAINED_DIGITS = 5
_DRAIN_SECONDS = 1.0


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
class Hop:
    """The server sends us on."""

    target: str
    status: int


def verdict_on(ask: Ask, response: httpx.Response) -> Outcome | Hop | None:
    """Judges an answer by its head; None if the body is wanted."""
    status = response.status_code
    if status == HTTPStatus.NOT_MODIFIED and (ask.etag or ask.last_modified):
        return Unchanged(ask.url)
    if status in _REDIRECTS:
        target = resolve_address(ask.url, response.headers.get("location", ""))
        return Hop(target, status) if target else Failed(ask.url, "redirects to nowhere", status)
    if status != HTTPStatus.OK:
        is_transient = status in _TRANSIENT
        wait = retry_after_seconds(response.headers.get("retry-after")) if is_transient else None
        return Failed(ask.url, f"the server answered {_phrase(status)}", status, is_transient, wait)
    kind = document_type(response.headers.get("content-type", ""), path_of(ask.url))
    if ask.content_types is not None and kind not in ask.content_types:
        return Excluded(ask.url, f"not a document ({kind[:80]})", status)
    return None


async def read_document(ask: Ask, response: httpx.Response) -> Outcome:
    """Reads the body of an answer whose head was good; it may still be too large, broken, or no document."""
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


async def drain(response: httpx.Response) -> None:
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


async def is_challenge(response: httpx.Response) -> bool:
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
