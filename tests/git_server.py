"""A git server over https or ssh on loopback that lets in whom it knows."""

import asyncio
import contextlib
import os
import ssl
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import asyncssh

from tests.git_repository import ENVIRONMENT


class GitSite:
    """Serves the repositories below a folder to requests that carry the authorization."""

    def __init__(self, folder: Path, authorization: str) -> None:
        self.url = ""
        self.on_request: Callable[[], None] = lambda: None
        self.seen: list[dict[str, str]] = []
        """The headers of every request; names are in lower case."""
        self._folder = folder
        self._authorization = authorization

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serves one connection with one request, by git's own program."""
        with contextlib.suppress(asyncio.IncompleteReadError):
            await self._answer(reader, writer)
        writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        lines = (await reader.readuntil(b"\r\n\r\n")).decode().splitlines()
        method, target, _ = lines[0].split(" ")
        headers = {name.lower(): value.strip() for name, value in (line.split(":", 1) for line in lines[1:] if line)}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        self.seen.append(headers)
        self.on_request()
        if headers.get("authorization") == self._authorization:
            writer.write(await self._git(method, target, headers, body))
        else:
            writer.write(b"HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=x\r\nContent-Length: 0\r\n\r\n")
        await writer.drain()

    async def _git(self, method: str, target: str, headers: dict[str, str], body: bytes) -> bytes:
        path, _, query = target.partition("?")
        environment = ENVIRONMENT | {
            "GIT_PROJECT_ROOT": str(self._folder),
            "GIT_HTTP_EXPORT_ALL": "1",
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "REQUEST_METHOD": method,
            "CONTENT_TYPE": headers.get("content-type", ""),
            "CONTENT_LENGTH": str(len(body)),
            "HTTP_CONTENT_ENCODING": headers.get("content-encoding", ""),
            "HTTP_GIT_PROTOCOL": headers.get("git-protocol", ""),
        }
        pipe = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(
            "git", "-c", "safe.directory=*", "http-backend", stdin=pipe, stdout=pipe, env=environment
        )
        head, _, content = (await process.communicate(body))[0].partition(b"\r\n\r\n")
        length = f"Content-Length: {len(content)}\r\nConnection: close".encode()
        return b"HTTP/1.1 200 OK\r\n" + head + b"\r\n" + length + b"\r\n\r\n" + content


@asynccontextmanager
async def serve_git(folder: Path, authorization: str, tls: ssl.SSLContext) -> AsyncGenerator[GitSite]:
    """Runs a server called localhost until the end of the block."""
    site = GitSite(folder, authorization)
    server = await asyncio.start_server(site.answer, "127.0.0.1", 0, ssl=tls)
    site.url = f"https://localhost:{server.sockets[0].getsockname()[1]}"
    try:
        yield site
    finally:
        server.close()


@asynccontextmanager
async def serve_ssh(folder: Path, host_key: asyncssh.SSHKey, client_key: asyncssh.SSHKey) -> AsyncGenerator[int]:
    """Runs an ssh server that lets git read below a folder, until the end of the block; gives its port."""

    async def run(process: "asyncssh.SSHServerProcess[bytes]") -> None:
        name, _, path = (process.command or "").partition(" ")
        assert name == "git-upload-pack"
        pipe, environment = asyncio.subprocess.PIPE, {"GIT_PROTOCOL": process.env.get("GIT_PROTOCOL", "")}
        git = await asyncio.create_subprocess_exec(
            "git", "-c", "safe.directory=*", "upload-pack", f"{folder}{path.strip(chr(39))}",
            stdin=pipe, stdout=pipe, stderr=pipe, env=ENVIRONMENT | environment,
        )  # fmt: skip
        await process.redirect(git.stdin, git.stdout, git.stderr)
        process.exit(await git.wait())
        await process.wait_closed()

    allowed = asyncssh.import_authorized_keys(client_key.export_public_key().decode())
    server = await asyncssh.listen(
        "127.0.0.1", 0, server_host_keys=[host_key], authorized_client_keys=allowed, process_factory=run, encoding=None
    )
    async with server:
        yield server.sockets[0].getsockname()[1]


def ssh_key() -> asyncssh.SSHKey:
    """Makes a private key."""
    return asyncssh.generate_private_key("ssh-ed25519")  # pyright: ignore[reportUnknownMemberType] - its keywords are untyped


def processes_with(secret: str) -> list[str]:
    """Gives the arguments and environments of this user's processes that hold a text."""
    found: list[str] = []
    for process in Path("/proc").glob("[0-9]*"):
        for name in ("cmdline", "environ"):
            try:
                text = (process / name).read_bytes()
            except OSError:
                continue
            if secret.encode() in text and int(process.name) != os.getpid():
                found.append(f"{process.name} {name}")
    return found
