"""The gate in front of the HTTP APIs: the same limits on a request as at the MCP endpoint, with problem details."""

from typing import Final
from uuid import UUID, uuid4

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.errors import LecternError
from server.gate.body import ClientGone, replayed
from server.gate.envelope import REQUEST_ID_HEADER, bounded_body, check_envelope
from server.gate.held_response import json_messages, with_headers
from server.gate.request_headers import with_clean_headers
from server.problems import PROBLEM_TYPE, headers_of, problem_document, problem_of
from server.settings import ServerSettings

log = structlog.get_logger(__name__)

REQUEST_ID_STATE_KEY: Final = "lectern_request_id"


class ApiGate:
    """A pure ASGI app around an HTTP API."""

    def __init__(self, app: ASGIApp, settings: ServerSettings) -> None:
        self._app = app
        self._settings = settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one request; anything but HTTP goes straight to the app."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = uuid4()
        # In the dictionary that came with the request: what answers for unexpected errors stands outside of the gate.
        scope.setdefault("state", {})[REQUEST_ID_STATE_KEY] = request_id
        scope = with_clean_headers(scope)

        async def send_stamped(message: Message) -> None:
            await send(with_headers(message, {REQUEST_ID_HEADER: str(request_id)}))

        with structlog.contextvars.bound_contextvars(request_id=str(request_id)):
            try:
                check_envelope(scope, self._settings)
                body = await bounded_body(receive, self._settings)
            except ClientGone:
                log.debug("server.client_gone")
            except LecternError as error:
                await _refuse(error, send_stamped, request_id)
            else:
                await self._app(scope, replayed(body, receive), send_stamped)


async def _refuse(error: LecternError, send: Send, request_id: UUID) -> None:
    document = problem_document(error, request_id)
    for message in json_messages(problem_of(error).status, document, headers_of(error), content_type=PROBLEM_TYPE):
        await send(message)
