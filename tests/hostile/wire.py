"""Answers as bytes on a socket: what no HTTP server library would let a test send."""

import asyncio
import contextlib
import socket
import struct
import zlib
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from hashlib import sha256

HTML = "text/html; charset=utf-8"
_GZIP, _ZLIB = 31, 15
_MIB = 2**20


@dataclass(frozen=True)
class Exchange:
    """One request, and the connection it came over."""

    target: str
    head: str
    """The request as it came, up to the empty line."""
    writer: asyncio.StreamWriter

    async def send(self, *pieces: bytes) -> None:
        """Writes, and waits until the other side takes more."""
        for piece in pieces:
            self.writer.write(piece)
        await self.writer.drain()

    def reset(self) -> None:
        """Breaks the connection with a TCP reset instead of an orderly end."""
        sock: socket.socket = self.writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()


Play = Callable[[Exchange], Awaitable[None]]
"""What a path of the site does with a request."""


def head(status: int = 200, kind: str = HTML, *headers: str) -> bytes:
    """Gives a response head without a length: the body ends with the connection."""
    lines = [f"HTTP/1.1 {status} X", f"Content-Type: {kind}", "Connection: close", *headers, "", ""]
    return "\r\n".join(lines).encode("latin-1")


def raw(*pieces: bytes) -> Play:
    """Sends exactly these bytes and closes."""

    async def play(exchange: Exchange) -> None:
        await exchange.send(*pieces)

    return play


Body = bytes | str | Callable[[], bytes | str]
"""A body, or how to make it: large ones are made when they are asked for."""


def answer(body: Body = b"", status: int = 200, kind: str = HTML, *headers: str) -> Play:
    """Sends an orderly answer."""

    async def play(exchange: Exchange) -> None:
        made = await asyncio.to_thread(body) if callable(body) else body
        content = made.encode() if isinstance(made, str) else made
        await exchange.send(head(status, kind, f"Content-Length: {len(content)}", *headers), content)

    return play


def page(title: str, *links: str, text: str = "") -> Play:
    """Sends a page of documentation that links to others."""
    anchors = "".join(f'<li><a href="{link}">{link}</a></li>' for link in links)
    words = f"{title} is set once, at the start, and is kept by the widget until it ends."
    return answer(f"<html><title>{title}</title><main><h1>{title}</h1><p>{words}</p>{text}<ul>{anchors}</ul></main>")


async def any_page(exchange: Exchange) -> None:
    """Sends a page that is like no other: there is one at every address."""
    words = " ".join(sha256(f"{exchange.target}{number}".encode()).hexdigest()[:9] for number in range(60))
    await page(f"Page {words[:9]}", text=f"<p>{words}</p>")(exchange)


def redirect(location: str, status: int = 302) -> Play:
    """Sends the client on."""
    return answer(b"", status, HTML, f"Location: {location}")


def endless(start: bytes, piece: bytes, *, pause_seconds: float = 0.0) -> Play:
    """Sends a start and then one piece again and again, as long as anybody listens."""

    async def play(exchange: Exchange) -> None:
        await exchange.send(start)
        while True:
            await exchange.send(piece)
            await asyncio.sleep(pause_seconds)

    return play


def bomb(encoding: str, mebibytes: int = 10_240, kind: str = HTML) -> Play:
    """Sends zeros, a thousand times smaller than they unpack to; ten gibibytes unless told otherwise."""
    packer = zlib.compressobj(9, zlib.DEFLATED, _GZIP if "gzip" in encoding else _ZLIB)
    first = packer.compress(b"\0" * _MIB) + packer.flush(zlib.Z_FULL_FLUSH)
    # Behind a full flush every block of the same bytes is packed the same way.
    block = packer.compress(b"\0" * _MIB) + packer.flush(zlib.Z_FULL_FLUSH)

    async def play(exchange: Exchange) -> None:
        headers = (f"Content-Encoding: {encoding}",) if encoding else ()
        await exchange.send(head(200, kind, *headers), first)
        for _ in range(mebibytes - 1):
            await exchange.send(block)

    return play


async def silence(_exchange: Exchange) -> None:
    """Never says anything."""
    await asyncio.Event().wait()


async def hang_up(exchange: Exchange) -> None:
    """Breaks the connection before a word is said."""
    exchange.reset()


def reset_after(*pieces: bytes) -> Play:
    """Sends some of an answer and breaks the connection."""

    async def play(exchange: Exchange) -> None:
        await exchange.send(*pieces)
        exchange.reset()

    return play


NOT_FOUND = answer("nothing here", 404)
_UNNAMED = ("/robots.txt", "/sitemap.xml", "/objects.inv")


@dataclass
class HostileSite:
    """One origin that plays a case."""

    routes: Mapping[str, Play]
    """By path; `*` answers what nothing else does, the files every crawler asks for excepted."""
    url: str = ""
    heads: list[str] = field(default_factory=list[str])
    _connections: set[asyncio.Task[None]] = field(default_factory=set["asyncio.Task[None]"])

    async def connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Plays one request; the site holds the connection until the client is gone or the site ends."""
        task = asyncio.ensure_future(self._play(reader, writer))
        self._connections.add(task)
        task.add_done_callback(self._connections.discard)
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            await task
        with contextlib.suppress(OSError):
            writer.close()

    async def stop(self) -> None:
        """Ends whatever still plays."""
        for task in list(self._connections):
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    @property
    def targets(self) -> list[str]:
        """What was asked for, in order."""
        return [request.split(" ", 2)[1] for request in self.heads]

    async def _play(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        self.heads.append(request)
        target = request.split(" ", 2)[1]
        exchange = Exchange(target, request, writer)
        route = self.routes.get(target) or self.routes.get(target.partition("?")[0])
        if route is None:
            route = NOT_FOUND if target in _UNNAMED else self.routes.get("*", NOT_FOUND)
        await route(exchange)


@asynccontextmanager
async def serve_hostile(routes: Mapping[str, Play]) -> AsyncGenerator[HostileSite]:
    """Runs a site on a free port of 127.0.0.1 until the end of the block."""
    site = HostileSite(routes)
    server = await asyncio.start_server(site.connect, "127.0.0.1", 0)
    site.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield site
    finally:
        server.close()
        await site.stop()
