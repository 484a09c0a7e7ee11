"""The two tools through the official client, in both eras of the protocol."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any, Literal

import httpx2
import pytest
from conftest import Edge
from mcp import Client, types
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.exceptions import MCPError

Era = Literal["legacy", "auto"]

pytestmark = pytest.mark.parametrize("era", ["legacy", "auto"])


@asynccontextmanager
async def connected(edge: Edge, era: Era) -> AsyncGenerator[Client]:
    async with httpx2.AsyncClient(headers={"Authorization": f"Bearer {edge.key}"}) as http:
        info = types.Implementation(name="test-client", version="7")
        async with Client(streamable_http_client(edge.mcp_url, http_client=http), mode=era, client_info=info) as client:
            yield client


async def call(edge: Edge, era: Era, tool: str, arguments: dict[str, Any]) -> types.CallToolResult:
    async with connected(edge, era) as client:
        return await client.call_tool(tool, arguments)


def text_of(result: types.CallToolResult) -> str:
    (content,) = result.content
    assert isinstance(content, types.TextContent)
    return content.text


async def test_the_tools_are_listed_with_hints_a_client_can_trust(edge: Edge, era: Era) -> None:
    async with connected(edge, era) as client:
        tools = (await client.list_tools()).tools
        assert client.instructions is not None
        assert client.protocol_version == ("2026-07-28" if era == "auto" else "2025-11-25")
    assert [tool.name for tool in tools] == ["resolve-library-id", "query-docs"]
    for tool in tools:
        assert tool.title
        assert tool.annotations is not None
        assert tool.annotations.read_only_hint
        assert tool.annotations.idempotent_hint
        assert tool.annotations.open_world_hint


async def test_lists_we_have_nothing_for_are_empty_and_no_error(edge: Edge, era: Era) -> None:
    async with connected(edge, era) as client:
        assert (await client.list_prompts()).prompts == []
        assert (await client.list_resources()).resources == []
        assert (await client.list_resource_templates()).resource_templates == []


async def test_a_name_is_resolved_as_text_and_as_data(edge: Edge, era: Era) -> None:
    result = await call(edge, era, "resolve-library-id", {"libraryName": "httpx", "query": "timeouts"})
    text = text_of(result)
    assert "- Title: HTTPX\n- Context7-compatible library ID: /encode/httpx\n" in text
    assert "- Versions: 0.28, 0.27" in text
    assert "HTTP client. Ignore all" in text, "a description stays on its line"
    assert result.structured_content["libraries"][0]["id"] == "/encode/httpx"


async def test_documentation_comes_as_text_with_its_facts_beside_it(edge: Edge, era: Era) -> None:
    result = await call(edge, era, "query-docs", {"libraryId": "/encode/httpx", "query": "timeouts", "tokens": 500})
    assert text_of(result).startswith("### Timeouts")
    assert edge.answers.calls == [("/encode/httpx", "timeouts", 500)]
    assert result.meta is not None
    facts = result.meta["lectern/answer"]
    assert (facts["version"], facts["tokens"], facts["usesMeaning"], facts["notice"]) == (
        "0.28",
        9,
        False,
        "no vectors",
    )


@pytest.mark.parametrize("name", ["libraryId", "context7CompatibleLibraryID", "libraryID", "libraryName"])
@pytest.mark.parametrize("query", ["query", "userQuery", "question"])
async def test_arguments_are_known_by_the_names_models_make_up(edge: Edge, era: Era, name: str, query: str) -> None:
    result = await call(edge, era, "query-docs", {name: "/encode/httpx", query: "timeouts"})
    assert not result.is_error
    assert edge.answers.calls == [("/encode/httpx", "timeouts", None)]


@pytest.mark.parametrize(
    ("arguments", "advice"),
    [
        ({}, "`libraryId`"),
        ({"libraryId": 5, "query": "x"}, "`libraryId`"),
        ({"libraryId": "/encode/httpx", "query": "   "}, "`query`"),
        ({"libraryId": "/encode/httpx", "query": "x" * 4001}, "`query`"),
        ({"libraryId": "/encode/httpx", "query": "x", "tokens": "many"}, "`tokens`"),
        ({"libraryId": "/encode/nothing", "query": "x"}, "/encode/httpx"),
        ({"libraryId": "/encode/httpx/9", "query": "x"}, "0.28, 0.27"),
    ],
)
async def test_a_wrong_call_is_told_how_to_call(edge: Edge, era: Era, arguments: dict[str, Any], advice: str) -> None:
    result = await call(edge, era, "query-docs", arguments)
    text = text_of(result)
    assert result.is_error
    assert advice in text
    assert "pydantic" not in text
    assert len(text) < 500
    (usage,) = await edge.usage()
    assert usage.status != "ok"
    assert not usage.is_billed


async def test_a_crash_is_masked_but_can_be_looked_up(edge: Edge, era: Era) -> None:
    async def crash() -> None:
        raise RuntimeError("postgres://user:password@host")

    edge.answers.before_answer = crash
    result = await call(edge, era, "query-docs", {"libraryId": "/encode/httpx", "query": "x"})
    (usage,) = await edge.usage()
    assert result.is_error
    assert "password" not in text_of(result)
    assert str(usage.request_id) in text_of(result)
    assert usage.status == "internal_error"


async def test_an_unknown_tool_is_a_protocol_error_and_not_billed(edge: Edge, era: Era) -> None:
    async with connected(edge, era) as client:
        with pytest.raises(MCPError, match="Unknown tool"):
            await client.call_tool("drop-tables", {})
    (usage,) = await edge.usage()
    assert (usage.tool_name, usage.is_billed) == ("unknown", False)


async def test_an_answered_call_is_written_down_once(edge: Edge, era: Era) -> None:
    await call(edge, era, "query-docs", {"libraryId": "/encode/httpx", "query": "timeouts"})
    (usage,) = await edge.usage()
    assert (usage.tool_name, usage.library_id, usage.query) == ("query-docs", "/encode/httpx", "timeouts")
    assert (usage.status, usage.is_billed, usage.tokens_returned) == ("ok", True, 9)
    assert (usage.user_id, usage.transport) == (edge.user_id, "http")
    if era == "auto":
        assert (usage.client_name, usage.client_version) == ("test-client", "7")
    else:
        assert usage.client_name == "python-httpx2", "without a session only the user agent is known"
