"""The gate in front of the MCP endpoint: who may pass, how much, and that every tool call is written down once.

A tool call's answer is held back until its usage event is durable: an answer that left was recorded, and a call that
could not be recorded is not answered. A caller that hangs up does not stop its call, which is recorded all the same.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid4

import structlog
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from core.errors import LecternError, QuotaExceeded, Unavailable
from server.call_record import CALL_STATE_KEY, CallRecord, tool_name
from server.desk import Desk, Visitor
from server.edge_errors import MethodRefused
from server.gate.body import ClientGone, replayed
from server.gate.envelope import REQUEST_ID_HEADER, bounded_body, check_envelope
from server.gate.held_response import HeldResponse, json_messages, with_headers
from server.gate.request_headers import client_of, with_clean_headers
from server.gate.rpc_call import RpcCall, peek_call
from server.problems import INTERNAL, headers_of, problem_of, rpc_error, text_for_model
from server.settings import ServerSettings

log = structlog.get_logger(__name__)

_HTTP_OK = 200


class McpGate:
    """A pure ASGI app around the MCP endpoint."""

    def __init__(self, app: ASGIApp, desk: Desk, settings: ServerSettings) -> None:
        self._app = app
        self._desk = desk
        self._settings = settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one request; anything but HTTP goes straight to the app."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = uuid4()
        with structlog.contextvars.bound_contextvars(request_id=str(request_id)):
            try:
                await self._serve(with_clean_headers(scope), receive, send, request_id)
            except ClientGone:
                log.debug("server.client_gone")
            except LecternError as error:
                await _refuse(error, send, request_id)

    async def _serve(self, scope: Scope, receive: Receive, send: Send, request_id: UUID) -> None:
        headers = Headers(scope=scope)
        check_envelope(scope, self._settings)
        if scope["method"] != "POST":
            raise MethodRefused("This endpoint takes POST only: it keeps no session and opens no stream.")
        visitor = await self._desk.authenticate(scope, headers)
        body = await bounded_body(receive, self._settings)
        receive = replayed(body, receive)
        call = peek_call(body)
        if call is None:
            await self._app(scope, receive, _stamped(send, request_id))
        else:
            await self._serve_call(call, visitor, scope, receive, send, request_id)

    async def _serve_call(
        self, call: RpcCall, visitor: Visitor, scope: Scope, receive: Receive, send: Send, request_id: UUID
    ) -> None:
        headers = Headers(scope=scope)
        record = CallRecord(request_id, tool_name(call.tool), user_id=visitor.caller.user_id)
        scope = {**scope, "state": {**scope.get("state", {}), CALL_STATE_KEY: record}}
        response = HeldResponse()

        async def answer() -> None:
            try:
                async with self._desk.deadline(record):
                    await self._app(scope, receive, response.hold)
            except Unavailable as error:
                response.replace(_HTTP_OK, _tool_error(error, call))
            if response.status != _HTTP_OK:
                record.not_answered()

        try:
            await self._desk.run(visitor, client_of(headers, call.params), record, answer)
        except QuotaExceeded as error:
            # In a tool result the model reads why; a bare 429 makes clients fail the call without a word.
            response.replace(_HTTP_OK, _tool_error(error, call))
        except LecternError as error:
            response.replace(problem_of(error).status, rpc_error(error, call.id, request_id), headers_of(error))
        except Exception:
            log.exception("server.mcp_call_failed")
            response.replace(INTERNAL.status, rpc_error(_internal(request_id), call.id, request_id))
        await response.release(send, {REQUEST_ID_HEADER: str(request_id), **record.headers})


def _stamped(send: Send, request_id: UUID) -> Send:
    async def send_stamped(message: Any) -> None:  # noqa: ANN401 - an ASGI message
        await send(with_headers(message, {REQUEST_ID_HEADER: str(request_id)}))

    return send_stamped


async def _refuse(error: LecternError, send: Send, request_id: UUID) -> None:
    headers = {REQUEST_ID_HEADER: str(request_id), **headers_of(error)}
    for message in json_messages(problem_of(error).status, rpc_error(error, None, request_id), headers):
        await send(message)


def _tool_error(error: LecternError, call: RpcCall) -> Mapping[str, Any]:
    """Gives a tool result with the error as text, in the form both protocol eras read."""
    content = [{"type": "text", "text": text_for_model(error)}]
    return {"jsonrpc": "2.0", "id": call.id, "result": {"content": content, "isError": True, "resultType": "complete"}}


def _internal(request_id: UUID) -> LecternError:
    return LecternError(f"Something failed inside the server. Its operator can look it up by request {request_id}.")
