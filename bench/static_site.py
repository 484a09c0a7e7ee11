"""A folder served on loopback, cheaply: what a benchmark of the crawler measures must not be the server.

`python -m bench.static_site FOLDER` prints its port. Every answer of `/plain/...` is whole; below `/` a page carries an
ETag, and a request that knows it is answered 304.
"""

import asyncio
import hashlib
import mimetypes
import os
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

WITHOUT_VALIDATORS = "/plain"


@dataclass(frozen=True)
class File:
    """A file as it is answered with."""

    body: bytes
    content_type: str
    etag: bytes


class Served(asyncio.Protocol):
    """One connection, kept open, of requests without bodies."""

    def __init__(self, files: dict[str, File]) -> None:
        self._files = files
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keeps the transport."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Answers every request that is complete."""
        *requests, self._received = (self._received + data).split(b"\r\n\r\n")
        for request in requests:
            self._transport.write(self._answer(request))

    def _answer(self, request: bytes) -> bytes:
        target = unquote(request.split(b" ", 2)[1].partition(b"?")[0].decode("latin-1"))
        path = target.removeprefix(WITHOUT_VALIDATORS)
        file = self._files.get(path + "index.html" if path.endswith("/") else path)
        if file is None:
            return b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
        if path != target:
            return _whole(file, b"")
        if b"\r\nif-none-match: " + file.etag in request or b"\r\nIf-None-Match: " + file.etag in request:
            return b"HTTP/1.1 304 Not Modified\r\nETag: " + file.etag + b"\r\n\r\n"
        return _whole(file, b"ETag: " + file.etag + b"\r\n")


def _whole(file: File, headers: bytes) -> bytes:
    head = f"HTTP/1.1 200 OK\r\nContent-Type: {file.content_type}\r\nContent-Length: {len(file.body)}\r\n".encode()
    return head + headers + b"\r\n" + file.body


def files_of(folder: Path) -> dict[str, File]:
    """Reads a folder into memory, by the path of each file as an address has it."""
    found: dict[str, File] = {}
    for parent, _, names in os.walk(folder):
        for name in names:
            path = Path(parent, name)
            if not path.is_file():  # distributions link to files of other packages
                continue
            body = path.read_bytes()
            etag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'.encode()
            kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
            found["/" + path.relative_to(folder).as_posix()] = File(body, kind, etag)
    return found


async def serve(folder: Path) -> None:
    """Serves until it is ended."""
    files = files_of(folder)
    server = await asyncio.get_running_loop().create_server(lambda: Served(files), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


@asynccontextmanager
async def static_site(folder: Path) -> AsyncGenerator[str]:
    """Serves a folder from a process of its own and gives the address, without a slash at its end."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bench.static_site", str(folder), stdout=PIPE, cwd=Path(__file__).parents[1]
    )
    assert process.stdout is not None
    try:
        yield f"http://127.0.0.1:{int(await process.stdout.readline())}"
    finally:
        process.terminate()
        await process.wait()


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1])))
