"""A body -> the tools/call inside it, if that is what it is; other methods are the protocol layer's to judge."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from server.edge_errors import MalformedMessage, UnreadableMessage


@dataclass(frozen=True, slots=True)
class RpcCall:
    """A `tools/call` request: its id for answers, and what its parameters say."""

    id: str | int
    tool: object
    params: Mapping[str, Any]


def peek_call(body: bytes) -> RpcCall | None:
    """Gives the tool call a body holds; None for other methods and notifications.

    What is no message at all is refused here, as the protocol layer's refusals would quote its validator. What is read
    differently there, if anything, gets no answer: the tools answer only calls that have a record.

    Raises:
        UnreadableMessage: The body is not JSON.
        MalformedMessage: It is not one JSON-RPC request or notification.
    """
    try:
        message: object = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise UnreadableMessage("Parse error: the body is not JSON.") from error
    if not isinstance(message, dict):
        raise MalformedMessage("The body must be a single JSON-RPC request or notification.")
    fields = cast("Mapping[str, Any]", message)
    call_id, params = fields.get("id", 0), fields.get("params", {})
    if not _is_envelope(fields) or not _is_id(call_id) or not isinstance(params, dict):
        raise MalformedMessage("The body is not a JSON-RPC 2.0 request: check jsonrpc, method, id and params.")
    if fields["method"] != "tools/call" or "id" not in fields:
        return None
    known = cast("Mapping[str, Any]", params)
    return RpcCall(call_id, known.get("name"), known)


def _is_envelope(fields: Mapping[str, Any]) -> bool:
    return fields.get("jsonrpc") == "2.0" and isinstance(fields.get("method"), str)


def _is_id(value: object) -> bool:
    """Source: MCP 2025-06-18 and later, "Requests": a string or an integer, never null."""
    return isinstance(value, str | int) and not isinstance(value, bool)
