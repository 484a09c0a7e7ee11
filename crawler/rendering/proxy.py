"""The browser's only way to the network: a forward proxy on loopback that connects nowhere the crawler would not.

Every connection resolves its host once, has every answer checked, and goes to the checked address, as the crawler's own
do; tunnels (CONNECT) as well. Private addresses are allowed, where the operator allows them, for the site itself alone:
what a page's scripts ask for beside it has to be on the public internet.
"""

import asyncio
import base64
import contextlib
import secrets
from dataclasses import dataclass
from typing import Self
from urllib.parse import urlsplit

import httpcore

from core.errors import AddressRefused
from crawler.guard import GuardedBackend, HostUnknown

_USER = "lectern"
_MAX_HEAD_BYTES = 32_768
_CHUNK_BYTES = 65_536
_HEAD_SECONDS, _CONNECT_SECONDS, _IDLE_SECONDS = 10.0, 5.0, 20.0
_CHALLENGE = (
    b"HTTP/1.1 407 Proxy Authentication Required\r\n"
    b'Proxy-Authenticate: Basic realm="lectern"\r\nContent-Length: 0\r\nConnection: close\r\n\r\n'
)
_PORTS = {"http": 80, "https": 443}


class _Refused(Exception):
    """A request that is not passed on."""


class _Stranger(Exception):
    """A request of somebody who does not know the password."""


@dataclass
class Budget:
    """What one page may still use of the network."""

    connections: int
    bytes: int


class GuardedProxy:
    """Passes on what a browser asks for, within the budget of the page that is being drawn."""

    def __init__(self, site: str, *, own: GuardedBackend, others: GuardedBackend) -> None:
        """`site` is the origin `own` connects to; `others` connects everywhere else."""
        self.budget = Budget(0, 0)
        self.password = secrets.token_urlsafe(24)
        self._site = _place_of(site)
        self._own, self._others = own, others
        credentials = base64.b64encode(f"{_USER}:{self.password}".encode()).decode()
        self._authorization = f"Basic {credentials}"
        self._open: set[asyncio.Task[None]] = set()

    @property
    def user(self) -> str:
        """The name the browser gives beside the password, so that nobody else on this machine uses the proxy."""
        return _USER

    @property
    def address(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0, limit=_MAX_HEAD_BYTES)
        return self

    async def __aexit__(self, *_error: object) -> None:
        self._server.close()
        for task in self._open:
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(self._serve(reader, writer))
        self._open.add(task)
        with contextlib.suppress(OSError, EOFError, ValueError, TimeoutError, asyncio.CancelledError):
            await task
        self._open.discard(task)
        writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async with asyncio.timeout(_HEAD_SECONDS):
            try:
                head = await reader.readuntil(b"\r\n\r\n")
            except asyncio.LimitOverrunError:
                return
        try:
            stream, forwarded = await self._connect(head)
        except _Stranger:
            writer.write(_CHALLENGE)
            await writer.drain()
            return
        except _Refused:
            # Without an answer: the page would take one for that of the server it asked for.
            return
        try:
            if forwarded is None:
                writer.write(b"HTTP/1.1 200 Connected\r\n\r\n")
            else:
                await stream.write(forwarded, _IDLE_SECONDS)
            await self._pass_on(reader, writer, stream)
        finally:
            await stream.aclose()

    async def _connect(self, head: bytes) -> tuple[httpcore.AsyncNetworkStream, bytes | None]:
        """Gives the connection a request asks for, and the request as its server reads it, None for a tunnel."""
        lines = head.decode("latin-1").split("\r\n")
        method, target, _ = (*lines[0].split(" "), "", "")[:3]
        headers = [line for line in lines[1:] if line]
        if f"proxy-authorization: {self._authorization}".lower() not in (header.lower() for header in headers):
            raise _Stranger
        self.budget.connections -= 1
        if self.budget.connections < 0 or self.budget.bytes <= 0:
            raise _Refused
        is_tunnel = method == "CONNECT"
        place = _place_of(f"https://{target}" if is_tunnel else target)
        guard = self._own if place == self._site else self._others
        try:
            stream = await guard.connect_tcp(*place, timeout=_CONNECT_SECONDS)
        except (AddressRefused, HostUnknown, httpcore.NetworkError, httpcore.TimeoutException) as error:
            raise _Refused from error
        return stream, None if is_tunnel else _as_origin_reads(method, target, headers)

    async def _pass_on(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, stream: httpcore.AsyncNetworkStream
    ) -> None:
        """Carries bytes both ways until the server ends, falls silent, or has sent what the page may have."""
        sending = asyncio.ensure_future(_send(reader, stream))
        try:
            while self.budget.bytes > 0 and (data := await stream.read(_CHUNK_BYTES, _IDLE_SECONDS)):
                self.budget.bytes -= len(data)
                writer.write(data)
                await writer.drain()
        except (httpcore.NetworkError, httpcore.TimeoutException):
            return
        finally:
            sending.cancel()
            await asyncio.gather(sending, return_exceptions=True)


async def _send(reader: asyncio.StreamReader, stream: httpcore.AsyncNetworkStream) -> None:
    while data := await reader.read(_CHUNK_BYTES):
        await stream.write(data, _IDLE_SECONDS)


def _place_of(address: str) -> tuple[str, int]:
    """Gives host and port of an address.

    Raises:
        _Refused: It is none.
    """
    try:
        parts = urlsplit(address)
        port = parts.port or _PORTS[parts.scheme]
    except (ValueError, KeyError) as error:
        raise _Refused from error
    if not parts.hostname:
        raise _Refused
    return parts.hostname, port


def _as_origin_reads(method: str, target: str, headers: list[str]) -> bytes:
    """Gives a request for a proxy as the server itself wants it: for one path, and the last on its connection."""
    parts = urlsplit(target)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    kept = [line for line in headers if not line.lower().startswith(("proxy-", "connection:", "keep-alive:"))]
    return "\r\n".join([f"{method} {path} HTTP/1.1", *kept, "Connection: close", "", ""]).encode("latin-1")
