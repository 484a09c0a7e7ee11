"""The two tools: their definitions, and a call from arguments to result."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

import structlog
from mcp import types

from core.errors import LecternError
from indexer.answers import DocsAnswer
from server.answers import Answers
from server.call_record import QUERY_TOOL, RESOLVE_TOOL, CallRecord
from server.mcp import wording
from server.mcp.arguments import QUERY_SCHEMA, RESOLVE_SCHEMA, read_query, read_resolve
from server.mcp.rendering import RESOLVE_OUTPUT_SCHEMA, render_libraries, structure_libraries
from server.problems import text_for_model

log = structlog.get_logger(__name__)

ANSWER_FACTS_KEY: Final = "lectern/answer"
"""The `_meta` member of a query-docs result with the facts a program may want and a model need not read."""

_READ_ONLY: Final = {"read_only_hint": True, "destructive_hint": False, "idempotent_hint": True}

TOOLS: Final = (
    types.Tool(
        name=RESOLVE_TOOL,
        title=wording.RESOLVE_TITLE,
        description=wording.RESOLVE_DESCRIPTION,
        input_schema=RESOLVE_SCHEMA,
        output_schema=RESOLVE_OUTPUT_SCHEMA,
        # The content comes from outside: sites and repositories nobody here wrote.
        annotations=types.ToolAnnotations(title=wording.RESOLVE_TITLE, open_world_hint=True, **_READ_ONLY),
    ),
    types.Tool(
        name=QUERY_TOOL,
        title=wording.QUERY_TITLE,
        description=wording.QUERY_DESCRIPTION,
        input_schema=QUERY_SCHEMA,
        annotations=types.ToolAnnotations(title=wording.QUERY_TITLE, open_world_hint=True, **_READ_ONLY),
    ),
)

Tool = Callable[[Answers, Mapping[str, Any], CallRecord], Awaitable[types.CallToolResult]]


async def resolve_library_id(answers: Answers, raw: Mapping[str, Any], record: CallRecord) -> types.CallToolResult:
    """Answers resolve-library-id.

    Raises:
        LecternError: The arguments are wrong, or the index cannot answer.
    """
    arguments = read_resolve(raw)
    record.query = arguments.query
    resolution = await answers.resolve(arguments.query, arguments.library_name, viewer=record.user_id)
    record.answered(tokens=0)
    return types.CallToolResult(
        content=[_text(render_libraries(resolution))], structured_content=structure_libraries(resolution)
    )


async def query_docs(answers: Answers, raw: Mapping[str, Any], record: CallRecord) -> types.CallToolResult:
    """Answers query-docs.

    Raises:
        LecternError: The arguments are wrong, the library is unknown, or the index cannot answer.
    """
    arguments = read_query(raw)
    record.query, record.library_id = arguments.query, arguments.library_id
    answer = await answers.query_docs(
        arguments.library_id, arguments.query, arguments.tokens, arguments.page, viewer=record.user_id
    )
    record.answered(tokens=answer.token_count, library_id=answer.library_id)
    return types.CallToolResult(content=[_text(answer.text)], _meta={ANSWER_FACTS_KEY: answer_facts(answer)})


FUNCTIONS: Final[Mapping[str, Tool]] = {RESOLVE_TOOL: resolve_library_id, QUERY_TOOL: query_docs}


async def call_tool(
    answers: Answers, name: str, arguments: Mapping[str, Any], record: CallRecord
) -> types.CallToolResult:
    """Gives the result of a tool call; what goes wrong becomes an `isError` text a model can act on."""
    try:
        return await FUNCTIONS[name](answers, arguments, record)
    except LecternError as error:
        record.status = error.code
        return error_result(text_for_model(error))
    except Exception:
        record.status = LecternError.code
        log.exception("server.tool_call_failed", tool=name, request_id=record.request_id)
        return error_result(
            f"The documentation server failed to answer (request {record.request_id}). Try once more; if it fails "
            "again, tell the user to give this request id to the server's operator."
        )


def answer_facts(answer: DocsAnswer) -> dict[str, Any]:
    """Gives what is known about an answer besides its text."""
    return {
        "libraryId": answer.library_id,
        "version": answer.version,
        "tokens": answer.token_count,
        "budget": answer.budget_tokens,
        "page": answer.page,
        "hasMore": answer.has_more,
        "usesMeaning": answer.uses_meaning,
        "notice": answer.notice,
    }


def error_result(text: str) -> types.CallToolResult:
    """Gives a tool error with that text."""
    return types.CallToolResult(content=[_text(text)], is_error=True)


def _text(text: str) -> types.TextContent:
    return types.TextContent(type="text", text=text)
