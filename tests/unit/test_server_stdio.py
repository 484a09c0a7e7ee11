"""The stdio bridge against a server that is played by a function."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest

from core.errors import Misconfigured
from server.cli.stdio import server_url
from server.stdio import Bridge

Handler = Callable[[httpx.Request], httpx.Response]
META = {"io.modelcontextprotocol/protocolVersion": "2026-07-28"}


async def spoken(handler: Handler, *lines: bytes, key: str | None = "k") -> list[Any]:
    """Gives what the bridge writes for these lines."""
    written: list[bytes] = []

    async def source() -> AsyncIterator[bytes]:
        for line in lines:
            yield line + b"\n"

    async with httpx.AsyncClient(transport=httpx.MockTransport(handler), base_url="http://server") as client:
        await Bridge(client, written.append, key).run(source())
    return [json.loads(line) for line in written]


def request(method: str, call_id: object = 1, **params: Any) -> bytes:
    return json.dumps({"jsonrpc": "2.0", "id": call_id, "method": method, "params": params}).encode()


def echo(sent: httpx.Request) -> httpx.Response:
    body = json.loads(sent.content)
    return httpx.Response(200, json={"jsonrpc": "2.0", "id": body.get("id"), "result": {"headers": dict(sent.headers)}})


async def test_a_modern_request_gets_the_headers_its_body_names() -> None:
    (answer,) = await spoken(echo, request("tools/call", name="qüery", _meta=META))
    headers = answer["result"]["headers"]
    assert headers["mcp-protocol-version"] == "2026-07-28"
    assert headers["mcp-method"] == "tools/call"
    assert headers["mcp-name"].startswith("=?base64?")
    assert headers["authorization"] == "Bearer k"
    assert headers["x-lectern-transport"] == "stdio"


async def test_what_a_handshake_settled_goes_with_later_requests() -> None:
    def serve(sent: httpx.Request) -> httpx.Response:
        if json.loads(sent.content)["method"] != "initialize":
            return echo(sent)
        return httpx.Response(200, json={"jsonrpc": "2.0", "id": 1, "result": {"protocolVersion": "2025-06-18"}})

    written: list[bytes] = []
    first_answer = asyncio.Event()

    async def source() -> AsyncIterator[bytes]:
        yield request("initialize", clientInfo={"name": "My IDE\n", "version": "1"})
        await first_answer.wait()
        yield request("tools/list", 2)

    def write(line: bytes) -> None:
        written.append(line)
        first_answer.set()

    async with httpx.AsyncClient(transport=httpx.MockTransport(serve), base_url="http://server") as client:
        await Bridge(client, write).run(source())
    headers = json.loads(written[1])["result"]["headers"]
    assert headers["mcp-protocol-version"] == "2025-06-18"
    assert headers["user-agent"] == "My-IDE-/1"
    assert "authorization" not in headers


async def test_a_notification_gets_no_answer() -> None:
    notification = b'{"jsonrpc":"2.0","method":"notifications/initialized"}'
    assert await spoken(lambda _: httpx.Response(202), notification, b"", b"  ") == []


async def test_an_event_stream_is_read_as_its_messages() -> None:
    stream = 'event: message\r\ndata: {"jsonrpc":"2.0","id":1,"result":{}}\r\n\r\n: ping\r\n\r\n'
    response = httpx.Response(200, text=stream, headers={"content-type": "text/event-stream"})
    assert await spoken(lambda _: response, request("x")) == [{"jsonrpc": "2.0", "id": 1, "result": {}}]


async def test_a_refusal_without_an_id_is_given_the_id_of_its_request() -> None:
    refusal = httpx.Response(401, json={"jsonrpc": "2.0", "id": None, "error": {"code": -31401, "message": "no key"}})
    (answer,) = await spoken(lambda _: refusal, request("x", "abc"))
    assert (answer["id"], answer["error"]["code"]) == ("abc", -31401)


async def test_every_failure_is_an_error_with_the_request_s_id() -> None:
    def fail(_: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("secret detail")

    (unreachable,) = await spoken(fail, request("x", 5))
    (broken,) = await spoken(lambda _: httpx.Response(502, text="<html>"), request("x", 6))
    assert (unreachable["id"], unreachable["error"]["code"]) == (5, -31503)
    assert "secret" not in unreachable["error"]["message"]
    assert (broken["id"], broken["error"]["code"]) == (6, -31503)


async def test_lines_that_are_no_message_are_answered_and_the_next_is_served() -> None:
    answers = await spoken(echo, b"{", b"[]", b"[" * 100_000, request("x", 9))
    assert sorted(answer["error"]["code"] for answer in answers if "error" in answer) == [-32700, -32700, -32600]
    assert [answer["id"] for answer in answers if "result" in answer] == [9]


async def test_requests_are_served_at_the_same_time_but_not_without_bound() -> None:
    running, most = 0, 0

    async def serve(_: httpx.Request) -> httpx.Response:
        nonlocal running, most
        running += 1
        most = max(most, running)
        for _turn in range(5):
            await asyncio.sleep(0)
        running -= 1
        return httpx.Response(200, json={"jsonrpc": "2.0", "id": 1, "result": {}})

    written: list[bytes] = []

    async def source() -> AsyncIterator[bytes]:
        for number in range(100):
            yield request("x", number)

    async with httpx.AsyncClient(transport=httpx.MockTransport(serve), base_url="http://server") as client:
        await Bridge(client, written.append).run(source())
    assert len(written) == 100
    assert 1 < most <= 16


async def test_without_a_key_the_client_is_told_where_to_put_it() -> None:
    refusal = httpx.Response(401, json={"jsonrpc": "2.0", "id": None, "error": {"code": -31401, "message": "a header"}})
    (answer,) = await spoken(lambda _: refusal, request("tools/list", "abc"), key=None)
    assert (answer["id"], answer["error"]["code"]) == ("abc", -31401)
    assert "LECTERN_API_KEY" in answer["error"]["message"]


async def test_what_is_no_lectern_is_named_by_its_address() -> None:
    (answer,) = await spoken(lambda _: httpx.Response(404, text="not here"), request("tools/list"))
    assert "http://server" in answer["error"]["message"]


@pytest.mark.parametrize("given", ["http://h:1", "http://h:1/", "http://h:1/mcp", "http://h:1/mcp/"])
def test_a_server_is_found_by_its_own_address_and_by_that_of_its_endpoint(given: str) -> None:
    assert server_url(given) == "http://h:1"


def test_an_address_without_a_scheme_is_refused_before_anything_is_asked() -> None:
    with pytest.raises(Misconfigured, match="http://"):
        server_url("127.0.0.1:8000")
