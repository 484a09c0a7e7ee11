"""The gate in front of the MCP endpoint, as raw HTTP sees it."""

import asyncio
import json
from collections.abc import AsyncGenerator, Mapping
from typing import Any

import httpx
import pytest
from conftest import HTTPX, Edge, ListedAnswers, OpenEdge

from server.mcp.endpoint import build_mcp, build_mcp_app
from server.settings import ServerSettings

LEGACY = {"accept": "application/json, text/event-stream", "mcp-protocol-version": "2025-11-25"}
MODERN = LEGACY | {"mcp-protocol-version": "2026-07-28", "mcp-method": "tools/call", "mcp-name": "query-docs"}
META = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientCapabilities": {},
    "io.modelcontextprotocol/clientInfo": {"name": "raw\x00\ud800", "version": "1" * 300},
}
ARGUMENTS = {"libraryId": HTTPX.id, "query": "timeouts"}


def call_body(*, is_modern: bool = True, **params: Any) -> dict[str, Any]:
    body = {"name": "query-docs", "arguments": ARGUMENTS, **params}
    return {"jsonrpc": "2.0", "id": 7, "method": "tools/call", "params": body | ({"_meta": META} if is_modern else {})}


async def post(edge: Edge, body: Any, headers: Mapping[str, str] = MODERN, *, key: str | None = None) -> httpx.Response:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    sent = {"content-type": "application/json", "authorization": f"Bearer {key or edge.key}", **headers}
    async with httpx.AsyncClient() as client:
        return await client.post(edge.mcp_url, content=content, headers=sent)


@pytest.mark.parametrize("method", ["GET", "DELETE", "PUT", "OPTIONS"])
async def test_anything_but_post_is_refused_with_a_body_clients_can_read(edge: Edge, method: str) -> None:
    async with httpx.AsyncClient() as client:
        response = await client.request(method, edge.mcp_url, headers=LEGACY)
    assert response.status_code == 405
    assert response.headers["allow"] == "POST"
    assert response.json()["error"]["code"] == -31405


async def test_no_key_and_a_wrong_key_are_refused_without_starting_a_sign_in(edge: Edge) -> None:
    for headers in ({"authorization": ""}, {"authorization": "Bearer nonsense"}):
        response = await post(edge, call_body(), MODERN | headers)
        assert response.status_code == 401
        assert response.headers["www-authenticate"] == 'Bearer error="invalid_token"'
        assert response.json()["error"]["code"] == -31401
    assert await edge.usage() == []


@pytest.mark.parametrize(
    ("header", "template"),
    [
        ("Authorization", "Bearer {}"),
        ("Authorization", "bearer  {}"),
        ("Authorization", "{}"),
        ("X-API-Key", "{}"),
        ("X-Context7-API-Key", "{}"),
        ("Context7-API-Key", "{}"),
        ("CONTEXT7_API_KEY", "{}"),
        ("X_API_KEY", "{}"),
    ],
)
async def test_a_key_is_taken_from_each_header_clients_use(edge: Edge, header: str, template: str) -> None:
    response = await post(
        edge, call_body(), MODERN | {"authorization": ""} | {header.lower(): template.format(edge.key)}
    )
    assert response.status_code == 200


async def test_without_a_key_one_is_let_in_only_where_the_operator_says_so(open_edge: OpenEdge) -> None:
    edge = await open_edge(is_anonymous=True)
    response = await post(edge, call_body(), MODERN | {"authorization": ""})
    assert response.status_code == 200
    (usage,) = await edge.usage()
    assert (usage.user_id, usage.api_key_id) == (None, None)


async def test_a_key_that_may_not_read_is_told_so(edge: Edge) -> None:
    key = await edge.key_ring.create(edge.user_id, "usage only", ["usage:read"])
    response = await post(edge, call_body(), key=key.plaintext)
    assert response.status_code == 403
    assert "insufficient_scope" in response.headers["www-authenticate"]
    assert edge.answers.calls == []


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"host": "evil.example"}, 421),
        ({"host": "127.0.0.1.evil.example:80"}, 421),
        ({"origin": "https://evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({"origin": "http://localhost:5173"}, 200),
        ({"host": "localhost"}, 200),
    ],
)
async def test_pages_and_names_from_elsewhere_are_refused(edge: Edge, headers: dict[str, str], status: int) -> None:
    response = await post(edge, call_body(), MODERN | headers)
    assert response.status_code == status


async def test_white_space_around_a_header_value_is_no_difference(edge: Edge) -> None:
    body = json.dumps(call_body())
    headers = MODERN | {"content-type": "application/json", "x-api-key": edge.key, "mcp-name": "query-docs \t"}
    assert b" 200 " in await first_line(edge, headers | {"content-length": str(len(body))}, body)


async def first_line(edge: Edge, headers: Mapping[str, str], body: str) -> bytes:
    """Sends a request no HTTP client would send, and gives the status line of the answer."""
    host, port = edge.url.removeprefix("http://").split(":")
    lines = ["POST /mcp HTTP/1.1", f"host: {host}", *(f"{name}: {value}" for name, value in headers.items())]
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(("\r\n".join(lines) + "\r\n\r\n" + body).encode())
    async with asyncio.timeout(5):
        line = await reader.readline()
    writer.close()
    await writer.wait_closed()
    return line


async def test_a_body_over_the_limit_is_refused_declared_or_not(open_edge: OpenEdge) -> None:
    edge = await open_edge(ServerSettings(max_body_bytes=2000))
    response = await post(edge, call_body(arguments={"query": "x" * 3000}))
    assert response.status_code == 413

    async def parts() -> AsyncGenerator[bytes]:
        for _ in range(30):
            yield b" " * 100

    async with httpx.AsyncClient() as client:
        response = await client.post(edge.mcp_url, content=parts(), headers=MODERN | {"x-api-key": edge.key})
    assert response.status_code == 413


async def test_a_body_that_does_not_come_is_not_waited_for(open_edge: OpenEdge) -> None:
    edge = await open_edge(ServerSettings(body_timeout_seconds=0.1))
    headers = {"x-api-key": edge.key, "content-length": "9"}
    assert b" 408 " in await first_line(edge, headers, "{")


@pytest.mark.parametrize("is_modern", [True, False])
async def test_a_call_over_the_limit_is_told_when_to_come_back(edge: Edge, is_modern: bool) -> None:
    key = await edge.key_ring.create(edge.user_id, "one a minute", ["docs:read"], per_minute=1)
    headers = MODERN if is_modern else LEGACY
    first = await post(edge, call_body(is_modern=is_modern), headers, key=key.plaintext)
    second = await post(edge, call_body(is_modern=is_modern), headers, key=key.plaintext)
    assert (first.status_code, first.headers["ratelimit-limit"], first.headers["ratelimit-remaining"]) == (
        200,
        "1",
        "0",
    )
    assert second.status_code == 429
    assert int(second.headers["retry-after"]) >= 1
    assert second.headers.get_list("retry-after") == [second.headers["retry-after"]]
    assert (second.json()["id"], second.json()["error"]["code"]) == (7, -31429)
    assert [(call.status, call.is_billed) for call in await edge.usage()] == [
        ("ok", True),
        ("rate_limit_exceeded", False),
    ]
    assert len(edge.answers.calls) == 1


@pytest.mark.parametrize("is_modern", [True, False])
async def test_a_call_that_takes_too_long_ends_as_a_tool_error(open_edge: OpenEdge, is_modern: bool) -> None:
    edge = await open_edge(ServerSettings(call_timeout_seconds=0.1))
    is_cancelled = asyncio.Event()

    async def hang() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            is_cancelled.set()

    edge.answers.before_answer = hang
    response = await post(edge, call_body(is_modern=is_modern), MODERN if is_modern else LEGACY)
    assert response.status_code == 200
    assert response.json()["result"]["isError"]
    assert "0.1 seconds" in response.json()["result"]["content"][0]["text"]
    async with asyncio.timeout(5):
        await is_cancelled.wait()
    (usage,) = await edge.usage()
    assert (usage.status, usage.is_billed) == ("timeout", False)


@pytest.mark.parametrize("is_modern", [True, False])
async def test_what_cannot_be_metered_is_not_answered(edge: Edge, is_modern: bool) -> None:
    await edge.meter_database.close()
    response = await post(edge, call_body(is_modern=is_modern), MODERN if is_modern else LEGACY)
    assert len(edge.answers.calls) == 1, "there was an answer, and it was held back"
    assert response.status_code == 503
    assert "Timeouts" not in response.text
    assert (response.json()["id"], response.json()["error"]["code"]) == (7, -31503)


async def test_an_answer_names_its_row_in_the_usage_log(edge: Edge) -> None:
    response = await post(edge, call_body())
    (usage,) = await edge.usage()
    assert response.headers["x-request-id"] == str(usage.request_id)


@pytest.mark.parametrize(
    "body",
    [
        [call_body(is_modern=False)],
        {**call_body(is_modern=False), "id": None},
        {**call_body(is_modern=False), "id": [1]},
        call_body(is_modern=False, name=5),
        call_body(is_modern=False, arguments="x"),
        call_body(is_modern=False, arguments={"libraryId": "/encode/httpx", "query": "\ud800\x00", "tokens": 1e308}),
        {key: value for key, value in call_body(is_modern=False).items() if key != "id"},
        b'{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"query-docs","arguments":{"a":NaN}}}',
        b'\xff\xfe{"method":"tools/call"}',
        b"[" * 100_000,
        b"",
    ],
)
@pytest.mark.parametrize("headers", [MODERN, LEGACY])
async def test_a_malformed_message_is_refused_plainly_and_never_billed(
    edge: Edge, body: object, headers: dict[str, str]
) -> None:
    response = await post(edge, body, headers)
    assert response.status_code < 500
    for leak in ("Traceback", "pydantic", "input_value"):
        assert leak not in response.text
    assert not any(call.is_billed for call in await edge.usage())


@pytest.mark.parametrize("is_modern", [True, False])
async def test_a_call_that_came_past_the_gate_is_not_answered(is_modern: bool) -> None:
    answers = ListedAnswers()
    server = build_mcp(answers)
    transport = httpx.ASGITransport(build_mcp_app(server, max_body_bytes=10_000))
    headers = MODERN if is_modern else LEGACY
    async with server.session_manager.run(), httpx.AsyncClient(transport=transport, base_url="http://past") as client:
        content = json.dumps(call_body(is_modern=is_modern)).encode()
        response = await client.post("/mcp", content=content, headers=headers | {"content-type": "application/json"})
    assert "not admitted" in response.json()["error"]["message"]
    assert answers.calls == []


async def test_two_members_of_one_name_are_metered_as_they_are_answered(edge: Edge) -> None:
    body = json.dumps(call_body(is_modern=False)).replace('"method"', '"method": "ping", "method"', 1).encode()
    response = await post(edge, body, LEGACY)
    assert "Timeouts" in response.text
    assert [call.is_billed for call in await edge.usage()] == [True]
