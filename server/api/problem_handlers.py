"""Everything that can go wrong in a route -> problem details, RFC 9457."""

from http import HTTPStatus
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from core.errors import InvalidInput, LecternError
from server.api.request_state import limit_headers, request_id
from server.gate.envelope import REQUEST_ID_HEADER
from server.problems import PROBLEM_TYPE, headers_of, problem_document, problem_of

log = structlog.get_logger(__name__)

_MOST_FIELDS = 10


def add_problem_handlers(app: FastAPI) -> None:
    """Makes the app answer every error with problem details."""
    app.add_exception_handler(LecternError, _answer_ours)
    app.add_exception_handler(RequestValidationError, _answer_validation)
    app.add_exception_handler(HTTPException, _answer_routing)
    app.add_exception_handler(Exception, _answer_unexpected)


async def _answer_ours(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, LecternError)  # noqa: S101 - the handler is registered for this class
    headers = {**headers_of(error), **limit_headers(request)}
    return _problem(problem_of(error).status, problem_document(error, request_id(request)), headers)


async def _answer_validation(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - the handler is registered for this class
    # The rejected value is not repeated: it may be a secret in the wrong place.
    fields = [
        {"field": ".".join(str(part) for part in item["loc"])[:200], "reason": item["msg"][:200]}
        for item in error.errors()[:_MOST_FIELDS]
    ]
    wrong = "; ".join(f"{field['field']}: {field['reason']}" for field in fields)
    problem = InvalidInput(f"The request does not have the form this address takes. Wrong: {wrong}.")
    return _problem(400, {**problem_document(problem, request_id(request)), "errors": fields})


async def _answer_routing(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)  # noqa: S101 - the handler is registered for this class
    status = HTTPStatus(error.status_code)
    document = {
        "type": "about:blank",
        "title": status.phrase,
        "status": status.value,
        "detail": f"{status.phrase}: the addresses are listed in openapi.json.",
        "code": status.name.lower(),
        "requestId": str(request_id(request)),
    }
    return _problem(status.value, document, dict(error.headers or {}))


async def _answer_unexpected(request: Request, _error: Exception) -> JSONResponse:
    identifier = request_id(request)
    log.error("server.api_call_failed", request_id=str(identifier), path=request.url.path)
    problem = LecternError(f"Something failed inside the server. Its operator can look it up by request {identifier}.")
    # This answer is made outside of the gate, which otherwise adds the id.
    return _problem(500, problem_document(problem, identifier), {REQUEST_ID_HEADER: str(identifier)})


def _problem(status: int, document: dict[str, Any], headers: dict[str, str] | None = None) -> JSONResponse:
    return JSONResponse(document, status_code=status, headers=headers, media_type=PROBLEM_TYPE)
