"""A website on 127.0.0.1 that does what a test tells it to, for the crawler's tests."""

import asyncio
import contextlib
import ssl
from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from http import HTTPStatus


@dataclass(frozen=True)
class Request:
    """What came in; header names are in lower case."""

    target: str
    headers: dict[str, str]


@dataclass(frozen=True)
class Answer:
    """What goes out; `is_endless` never ends the body."""

    body: bytes = b""
    status: int = 200
    content_type: str = "text/html; charset=utf-8"
    headers: dict[str, str] = field(default_factory=dict[str, str])
    is_endless: bool = False


Handler = Callable[[Request], Awaitable[Answer]]

NOT_FOUND = Answer(b"nothing here", 404)


class Site:
    """Routes by target (path and query); what no route names is answered by `fallback`, 404 unless set."""

    def __init__(self) -> None:
        self.url = ""
        self.routes: dict[str, Answer | Handler] = dict.fromkeys(
            ("/robots.txt", "/sitemap.xml", "/objects.inv"), NOT_FOUND
        )
        self.fallback: Answer | Handler = NOT_FOUND
        self.requests: list[Request] = []
        self._answering: set[asyncio.Task[None]] = set()

    @property
    def hits(self) -> Counter[str]:
        """How often each target was asked for."""
        return Counter(request.target for request in self.requests)

    def page(self, target: str, *links: str, text: str = "") -> None:
        """Adds a page that links to others."""
        anchors = "".join(f'<a href="{link}">{link}</a>' for link in links)
        self.routes[target] = Answer(f"<html><body><h1>{target}</h1>{text}{anchors}</body></html>".encode())

    def redirect(self, target: str, location: str, status: int = 302) -> None:
        """Adds a redirect."""
        self.routes[target] = Answer(status=status, headers={"Location": location})

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serves one connection with one request."""
        task = asyncio.ensure_future(self._answer(reader, writer))
        self._answering.add(task)
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            await task
        self._answering.discard(task)
        writer.close()

    async def stop(self) -> None:
        """Ends the answers that would go on for ever."""
        stuck = list(self._answering)
        for task in stuck:
            task.cancel()
        await asyncio.gather(*stuck, return_exceptions=True)

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").splitlines()
        pairs = (line.split(":", 1) for line in head[1:] if line)
        request = Request(head[0].split(" ")[1], {name.lower(): value.strip() for name, value in pairs})
        self.requests.append(request)
        route = self.routes.get(request.target, self.fallback)
        answer = route if isinstance(route, Answer) else await route(request)
        writer.write(_head(answer) + answer.body)
        await writer.drain()
        if answer.is_endless:
            await reader.read()


def _head(answer: Answer) -> bytes:
    headers = {"Content-Type": answer.content_type, "Connection": "close"} | answer.headers
    if not answer.is_endless:
        headers["Content-Length"] = str(len(answer.body))
    lines = [f"HTTP/1.1 {answer.status} {HTTPStatus(answer.status).phrase}"]
    return "\r\n".join([*lines, *(f"{name}: {value}" for name, value in headers.items()), "", ""]).encode("latin-1")


@asynccontextmanager
async def serve_site(tls: ssl.SSLContext | None = None) -> AsyncGenerator[Site]:
    """Runs a site until the end of the block; with `tls` it is called localhost."""
    site = Site()
    server = await asyncio.start_server(site.answer, "127.0.0.1", 0, ssl=tls)
    origin = "https://localhost" if tls else "http://127.0.0.1"
    site.url = f"{origin}:{server.sockets[0].getsockname()[1]}"
    try:
        yield site
    finally:
        server.close()
        await site.stop()
