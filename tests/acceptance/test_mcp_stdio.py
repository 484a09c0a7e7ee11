"""The stdio bridge through the official client, which starts it as a program."""

import sys
from typing import Literal

import pytest
from conftest import Edge
from mcp import Client, StdioServerParameters, types
from mcp.shared.exceptions import MCPError

PROGRAM = """
import asyncio, os, httpx
from server.stdio import serve_stdio
async def main():
    async with httpx.AsyncClient(base_url=os.environ["SERVER_URL"]) as client:
        await serve_stdio(client, os.environ.get("SERVER_KEY"))
asyncio.run(main())
"""


def bridge(edge: Edge, key: str) -> StdioServerParameters:
    environment = {"SERVER_URL": edge.url, "SERVER_KEY": key}
    return StdioServerParameters(command=sys.executable, args=["-c", PROGRAM], env=environment)


@pytest.mark.parametrize("era", ["legacy", "auto"])
async def test_both_eras_pass_through_the_bridge(edge: Edge, era: Literal["legacy", "auto"]) -> None:
    info = types.Implementation(name="Some IDE", version="3")
    async with Client(bridge(edge, edge.key), mode=era, client_info=info, read_timeout_seconds=20) as client:
        assert [tool.name for tool in (await client.list_tools()).tools] == ["resolve-library-id", "query-docs"]
        result = await client.call_tool("query-docs", {"libraryId": "/encode/httpx", "query": "timeouts"})
        assert not result.is_error
    (usage,) = await edge.usage()
    assert (usage.transport, usage.status) == ("stdio", "ok")
    name = "Some IDE" if era == "auto" else "Some-IDE"
    assert (usage.client_name, usage.client_version) == (name, "3"), "the bridge knows the handshake's client"


async def test_a_refused_key_reaches_the_client_as_an_error_of_its_request(edge: Edge) -> None:
    with pytest.RaisesGroup(pytest.RaisesExc(MCPError, match="API key"), flatten_subgroups=True):
        async with Client(bridge(edge, "wrong"), mode="legacy", read_timeout_seconds=20):
            pass
