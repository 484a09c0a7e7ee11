"""The desk every metered call passes: who it is, whether there is room, then the answer, then the usage event.

The MCP endpoint and the HTTP APIs share it, so that no way in counts differently.
"""

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeVar

import structlog
from starlette.datastructures import Headers
from starlette.types import Scope

from accounts.callers import READ_DOCS, Caller
from accounts.key_format import has_valid_checksum
from accounts.keys import KeyRing
from accounts.limits import Limiter, limit_headers, refusal
from billing.meter import Meter, UsageEvent
from core.clock import Clock
from core.errors import LecternError, NotAuthenticated, Unavailable
from server.call_record import CallRecord
from server.gate.request_headers import Client, client_ip, presented_key
from server.metrics import Metrics
from server.problems import STATUS_OK
from server.settings import ServerSettings

log = structlog.get_logger(__name__)

STATUS_TIMEOUT: Final = "timeout"

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who sent a request, and from where."""

    caller: Caller
    client_ip: str | None


class Desk:
    """Admits calls and has them written down.

    Args:
        anonymous: Whom callers without a key count as; None lets nobody in without one.
    """

    def __init__(
        self,
        key_ring: KeyRing,
        limiter: Limiter,
        meter: Meter,
        metrics: Metrics,
        settings: ServerSettings,
        clock: Clock,
        *,
        anonymous: Caller | None = None,
    ) -> None:
        self._key_ring = key_ring
        self._limiter = limiter
        self._meter = meter
        self._metrics = metrics
        self._settings = settings
        self._clock = clock
        self._anonymous = anonymous

    async def authenticate(self, scope: Scope, headers: Headers) -> Visitor:
        """Gives who sent the request.

        Raises:
            NotAuthenticated: There is no valid key, and callers without one are not let in.
            NotAllowed: The key may not be used from there.
            RateLimited: That address tried too many wrong keys.
        """
        address = client_ip(scope, headers, self._settings.trusted_proxies)
        key = presented_key(headers)
        if key is None:
            if self._anonymous is None:
                raise NotAuthenticated("This needs an API key. Send one as `Authorization: Bearer <key>`.")
            return Visitor(self._anonymous, address)
        if not self._key_ring.is_local(key):
            await self._limiter.check_guessing(address)
        try:
            return Visitor(await self._key_ring.authenticate(key, address), address)
        except NotAuthenticated:
            # What cannot be a key, such as a placeholder left in a configuration, is no guess and costs no query.
            if has_valid_checksum(key):
                await self._limiter.count_refusal(address)
            raise

    @asynccontextmanager
    async def deadline(self, record: CallRecord) -> AsyncGenerator[None]:
        """Ends what takes too long.

        Raises:
            Unavailable: It did.
        """
        seconds = self._settings.call_timeout_seconds
        try:
            async with asyncio.timeout(seconds):
                yield
        except TimeoutError as error:
            record.status = STATUS_TIMEOUT
            raise Unavailable(f"There was no answer after {seconds:g} seconds. Try again in a moment.") from error

    async def run(
        self, visitor: Visitor, client: Client, record: CallRecord, answer: Callable[[], Awaitable[Answer]]
    ) -> Answer:
        """Gives what `answer` gives, once the call's usage event is durable; a failed call is written down as well.

        Raises:
            NotAllowed: The key does not cover reading documentation.
            RateLimited: There is no room in a window.
            Unavailable: The event could not be written, so the answer must not leave.
        """
        started_at, started = self._clock(), time.perf_counter()
        try:
            await self._admit(visitor, record)
            result = await answer()
        except Exception as error:
            record.failed(error.code if isinstance(error, LecternError) else LecternError.code)
            await self._write_down(visitor, client, record, started_at, time.perf_counter() - started)
            raise
        await self._write_down(visitor, client, record, started_at, time.perf_counter() - started)
        return result

    async def _admit(self, visitor: Visitor, record: CallRecord) -> None:
        visitor.caller.require(READ_DOCS)
        decision = await self._limiter.take(visitor.caller, visitor.client_ip)
        record.headers |= limit_headers(decision)
        if not decision.is_allowed:
            raise refusal(decision)

    async def _write_down(
        self, visitor: Visitor, client: Client, record: CallRecord, started_at: datetime, seconds: float
    ) -> None:
        self._metrics.count_call(record.tool, client.transport, record.status, tokens=record.tokens, seconds=seconds)
        await self._meter.record(
            UsageEvent(
                request_id=record.request_id,
                created_at=started_at,
                user_id=visitor.caller.user_id,
                api_key_id=visitor.caller.key_id,
                tool_name=record.tool,
                library_id=record.library_id,
                query=record.query,
                tokens_returned=record.tokens,
                response_time_ms=round(seconds * 1000),
                status=record.status,
                is_billed=record.status == STATUS_OK,
                client_name=client.name,
                client_version=client.version,
                transport=client.transport,
            )
        )
