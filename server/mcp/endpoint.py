"""The MCP server itself: which requests it answers, and the ASGI app that serves both protocol eras on one path."""

from importlib.metadata import version
from typing import Any, Final, NoReturn

from mcp import types
from mcp.server import Server
from mcp.server.caching import CacheHint
from mcp.server.context import ServerRequestContext
from mcp.server.transport_security import TransportSecuritySettings
from mcp.shared.exceptions import MCPError
from starlette.applications import Starlette

from server.answers import Answers
from server.call_record import CALL_STATE_KEY, CallRecord
from server.mcp import wording
from server.mcp.tools import FUNCTIONS, TOOLS, call_tool

MCP_PATH: Final = "/mcp"

Context = ServerRequestContext[Any, Any]
Page = types.PaginatedRequestParams

_FIVE_MINUTES = CacheHint(ttl_ms=300_000, scope="public")
_MAX_ECHO_CHARS = 100


def build_mcp(answers: Answers) -> Server:
    """Gives the MCP server over an index.

    It is the SDK's low-level server: the tools check their own arguments, so that no validator's text reaches a model.
    """

    async def answer_call(context: Context, params: types.CallToolRequestParams) -> types.CallToolResult:
        if params.name not in FUNCTIONS:
            raise MCPError(types.INVALID_PARAMS, f"Unknown tool: {params.name[:_MAX_ECHO_CHARS]}")
        return await call_tool(answers, params.name, params.arguments or {}, _record_of(context))

    return Server(
        "lectern",
        title=wording.SERVER_TITLE,
        version=version("lectern"),
        instructions=wording.INSTRUCTIONS,
        cache_hints={
            "server/discover": _FIVE_MINUTES,
            "tools/list": _FIVE_MINUTES,
            "prompts/list": _FIVE_MINUTES,
            "resources/list": _FIVE_MINUTES,
            "resources/templates/list": _FIVE_MINUTES,
        },
        get_tool_input_schema=_input_schema,
        on_list_tools=_list_tools,
        on_call_tool=answer_call,
        # Some clients take "method not found" for a broken server, so what we do not have is an empty list.
        on_list_prompts=_list_prompts,
        on_get_prompt=_refuse_prompt,
        on_list_resources=_list_resources,
        on_list_resource_templates=_list_templates,
        on_read_resource=_refuse_resource,
        on_completion=_complete_nothing,
    )


def build_mcp_app(server: Server, *, max_body_bytes: int) -> Starlette:
    """Gives the ASGI app that answers at `MCP_PATH`; the gate in front checks hosts and origins.

    The owner runs `server.session_manager.run()` around the app's life: a mounted app's lifespan is never entered.
    """
    return server.streamable_http_app(
        streamable_http_path=MCP_PATH,
        json_response=True,
        stateless_http=True,
        max_request_body_size=max_body_bytes,
        transport_security=TransportSecuritySettings(enable_dns_rebinding_protection=False),
    )


def _record_of(context: Context) -> CallRecord:
    """Gives the record the gate opened for this call.

    A call without one came past the gate, so it would be answered unmetered: it is refused.
    """
    record = context.request.scope.get("state", {}).get(CALL_STATE_KEY) if context.request is not None else None
    if not isinstance(record, CallRecord):
        raise MCPError(types.INVALID_REQUEST, "This call was not admitted.")
    return record


def _input_schema(name: str) -> dict[str, Any] | None:
    return next((tool.input_schema for tool in TOOLS if tool.name == name), None)


async def _list_tools(_context: Context, _page: Page | None) -> types.ListToolsResult:
    return types.ListToolsResult(tools=list(TOOLS))


async def _list_prompts(_context: Context, _page: Page | None) -> types.ListPromptsResult:
    return types.ListPromptsResult(prompts=[])


async def _list_resources(_context: Context, _page: Page | None) -> types.ListResourcesResult:
    return types.ListResourcesResult(resources=[])


async def _list_templates(_context: Context, _page: Page | None) -> types.ListResourceTemplatesResult:
    return types.ListResourceTemplatesResult(resource_templates=[])


async def _complete_nothing(_context: Context, _params: types.CompleteRequestParams) -> types.CompleteResult:
    return types.CompleteResult(completion=types.Completion(values=[]))


async def _refuse_prompt(_context: Context, params: types.GetPromptRequestParams) -> NoReturn:
    raise MCPError(types.INVALID_PARAMS, f"Unknown prompt: {params.name[:_MAX_ECHO_CHARS]}")


async def _refuse_resource(_context: Context, params: types.ReadResourceRequestParams) -> NoReturn:
    raise MCPError(types.INVALID_PARAMS, "Resource not found", {"uri": str(params.uri)[:_MAX_ECHO_CHARS]})
