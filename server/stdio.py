"""The stdio bridge: JSON-RPC lines on standard input -> requests to the HTTP endpoint -> lines on standard output.

Clients that can only start a program speak to the running server, or to an app in this process, through it. It holds
no protocol state but what the HTTP transport wants repeated with each request.
"""

import asyncio
import json
import re
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, cast

import anyio.to_thread
import httpx
from mcp.shared.inbound import NAME_BEARING_METHODS, encode_header_value

from core.errors import NotAuthenticated, Unavailable
from server.gate.request_headers import TRANSPORT_HEADER
from server.problems import rpc_code

MAX_LINE_BYTES: Final = 1_048_576
_MAX_CONCURRENT = 16
_PARSE_ERROR = -32700
_INVALID_REQUEST = -32600
_UNAVAILABLE = rpc_code(Unavailable(""))
_UNAUTHORIZED = 401
_NOT_AUTHENTICATED = rpc_code(NotAuthenticated(""))
_NO_KEY = "This needs an API key. Set LECTERN_API_KEY where the configuration of this client starts `lectern mcp`."
_MAX_TOKEN_CHARS = 100
_NO_TOKEN = re.compile(r"[^!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_VERSION_KEY = "io.modelcontextprotocol/protocolVersion"
_DEADLINE = httpx.Timeout(60, connect=5)

Fields = Mapping[str, Any]


@dataclass
class Bridge:
    """One client on standard input and output.

    Args:
        client: An HTTP client whose base URL is the server's. The caller closes it.
        write: Takes one line of output, without its end.
        key: The API key to send, if any.
        path: The endpoint below the base URL.
    """

    client: httpx.AsyncClient
    write: Callable[[bytes], None]
    key: str | None = None
    path: str = "/mcp"
    _negotiated: dict[str, str] = field(default_factory=dict[str, str])

    async def run(self, lines: AsyncIterator[bytes]) -> None:
        """Serves each line as it comes, several at a time, until the input ends and all are answered."""
        room = asyncio.Semaphore(_MAX_CONCURRENT)
        async with asyncio.TaskGroup() as tasks:
            async for line in lines:
                if line.strip():
                    await room.acquire()
                    tasks.create_task(self._serve_line(line)).add_done_callback(lambda _: room.release())

    async def _serve_line(self, line: bytes) -> None:
        try:
            message: object = json.loads(line)
        except (ValueError, RecursionError):
            self._write_error(None, _PARSE_ERROR, "Parse error")
            return
        if not isinstance(message, dict):
            self._write_error(None, _INVALID_REQUEST, "A line must be a single JSON-RPC request or notification")
            return
        await self._serve(cast("Fields", message), line)

    async def _serve(self, message: Fields, line: bytes) -> None:
        call_id, wants_answer = message.get("id"), "id" in message
        try:
            response = await self.client.post(
                self.path, content=line, headers=self._headers(message), timeout=_DEADLINE
            )
        except httpx.HTTPError as error:
            if wants_answer:
                where = self.client.base_url
                self._write_error(call_id, _UNAVAILABLE, f"The server at {where} cannot be reached: {_reason(error)}")
            return
        if wants_answer:
            self._write_answers(response, message)

    def _write_answers(self, response: httpx.Response, request: Fields) -> None:
        if response.status_code == _UNAUTHORIZED and self.key is None:
            self._write_error(request.get("id"), _NOT_AUTHENTICATED, _NO_KEY)
            return
        answers = _answers_in(response)
        if not answers:
            said = f"{self.client.base_url} answered with HTTP {response.status_code}: is that Lectern's address?"
            self._write_error(request.get("id"), _UNAVAILABLE, said)
        for answer in answers:
            # A refusal before the body was read has no id, but on this side it is known which request it answers.
            known = (
                answer if answer.get("id") is not None or "method" in answer else {**answer, "id": request.get("id")}
            )
            self._learn(request, known)
            self._write(known)

    def _headers(self, message: Fields) -> dict[str, str]:
        """Gives the headers of a request; what the modern protocol repeats in headers is read from the body."""
        headers = {
            "content-type": "application/json",
            "accept": "application/json, text/event-stream",
            TRANSPORT_HEADER: "stdio",
            **self._negotiated,
        }
        if self.key is not None:
            headers["authorization"] = f"Bearer {self.key}"
        method, params = message.get("method"), _object(message.get("params"))
        modern = _object(params.get("_meta")).get(_VERSION_KEY)
        if isinstance(modern, str) and isinstance(method, str):
            headers |= {"mcp-protocol-version": encode_header_value(modern), "mcp-method": encode_header_value(method)}
            name = params.get(NAME_BEARING_METHODS.get(method, ""))
            if isinstance(name, str):
                headers["mcp-name"] = encode_header_value(name)
        return headers

    def _learn(self, request: Fields, answer: Fields) -> None:
        """Keeps what a handshake settled, which the HTTP transport wants with every later request."""
        version = _object(answer.get("result")).get("protocolVersion")
        if request.get("method") != "initialize" or not isinstance(version, str):
            return
        self._negotiated = {"mcp-protocol-version": encode_header_value(version)}
        client = _object(_object(request.get("params")).get("clientInfo"))
        self._negotiated["user-agent"] = f"{_token(client.get('name'))}/{_token(client.get('version'))}"

    def _write_error(self, call_id: object, code: int, message: str) -> None:
        self._write({"jsonrpc": "2.0", "id": call_id, "error": {"code": code, "message": message}})

    def _write(self, message: Fields) -> None:
        self.write(json.dumps(message, separators=(",", ":")).encode())


async def serve_stdio(client: httpx.AsyncClient, key: str | None) -> None:
    """Bridges this process's standard input and output until the input ends."""
    await Bridge(client, _write_stdout, key).run(stdin_lines())


async def stdin_lines() -> AsyncIterator[bytes]:
    """Gives the lines of standard input; one that is too long is cut, so that it is refused and not held."""
    while line := await _read_line():
        while not line.endswith(b"\n") and (rest := await _read_line()):
            line = line[:MAX_LINE_BYTES] + rest[-1:]
        yield line


async def _read_line() -> bytes:
    # In a thread, as standard input may be a file, which an event loop cannot wait for.
    return await anyio.to_thread.run_sync(sys.stdin.buffer.readline, MAX_LINE_BYTES, abandon_on_cancel=True)


def _write_stdout(line: bytes) -> None:
    sys.stdout.buffer.write(line + b"\n")
    sys.stdout.buffer.flush()


def _answers_in(response: httpx.Response) -> list[Fields]:
    """Gives the JSON-RPC messages of a response, be it plain JSON or a finished event stream."""
    if response.headers.get("content-type", "").startswith("text/event-stream"):
        texts = [line.removeprefix("data:") for line in response.text.split("\n") if line.startswith("data:")]
    else:
        texts = [response.text]
    messages = [_parsed(text) for text in texts]
    return [message for message in messages if message]


def _parsed(text: str) -> Fields:
    try:
        return _object(json.loads(text))
    except (ValueError, RecursionError):
        return {}


def _object(value: object) -> Fields:
    return cast("Fields", value) if isinstance(value, dict) else {}


def _token(value: object) -> str:
    """Gives the text as a user agent may hold it.

    Source: RFC 9110, section 10.1.5.
    """
    return _NO_TOKEN.sub("-", value)[:_MAX_TOKEN_CHARS] if isinstance(value, str) and value else "unknown"


def _reason(error: httpx.HTTPError) -> str:
    return "it took too long" if isinstance(error, httpx.TimeoutException) else "is it running?"
