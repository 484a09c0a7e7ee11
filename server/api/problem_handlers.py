"""Everything that can go wrong in a route -> problem details, RFC 9457."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from core.errors import InvalidInput, LecternError
from core.validation import reason_of
from server.api.request_state import limit_headers, request_id
from server.gate.envelope import REQUEST_ID_HEADER
from server.problems import PROBLEM_TYPE, headers_of, problem_document, problem_of

log = structlog.get_logger(__name__)

_MOST_FIELDS = 10
_NO_OBJECT = frozenset({"missing", "model_attributes_type", "model_type", "dict_type"})

_Wrong = Mapping[str, Any]
"""One of the errors of a validation, as pydantic lists them."""


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
    wrong = error.errors()[:_MOST_FIELDS]
    fields = [{"field": _joined(item["loc"])[:200], "reason": reason_of(item)[:200]} for item in wrong]
    problem = InvalidInput(_unreadable_body(request, wrong[0]) or f"Wrong in the request: {_named(wrong)}.")
    return _problem(400, {**problem_document(problem, request_id(request)), "errors": fields})


def _unreadable_body(request: Request, wrong: _Wrong) -> str | None:
    """Gives why no body could be read at all, if that is what is wrong."""
    if wrong["type"] == "json_invalid":
        return f"The body is not JSON: {wrong['ctx']['error']} at character {wrong['loc'][-1]}."
    if tuple(wrong["loc"]) != ("body",) or wrong["type"] not in _NO_OBJECT:
        return None
    if wrong["type"] != "missing" and "json" not in request.headers.get("content-type", ""):
        return "The body was not sent as JSON: say so with the header `Content-Type: application/json`."
    return "This takes a JSON object as its body."


def _named(wrong: Sequence[_Wrong]) -> str:
    """Gives each wrong value by the name it was given under, with what is wrong with it."""
    return "; ".join(f"`{_joined(item['loc'][1:]) or item['loc'][0]}`: {reason_of(item)}" for item in wrong)[:1000]


def _joined(place: Sequence[object]) -> str:
    return ".".join(str(part) for part in place)


async def _answer_routing(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)  # noqa: S101 - the handler is registered for this class
    status, headers = HTTPStatus(error.status_code), dict(error.headers or {})
    if status == HTTPStatus.METHOD_NOT_ALLOWED and (methods := _methods(request)):
        headers["Allow"] = ", ".join(methods)
    document = {
        "type": "about:blank",
        "title": status.phrase,
        "status": status.value,
        "detail": _routing_detail(status, headers),
        "code": status.name.lower(),
        "requestId": str(request_id(request)),
    }
    return _problem(status.value, document, headers)


def _routing_detail(status: HTTPStatus, headers: Mapping[str, str]) -> str:
    if status == HTTPStatus.METHOD_NOT_ALLOWED:
        return f"{status.phrase}: this address takes {headers['Allow']}."
    if status == HTTPStatus.BAD_REQUEST:
        return "The body is not JSON that can be read."
    return f"{status.phrase}: the addresses are listed in openapi.json."


def _methods(request: Request) -> list[str]:
    """Gives all methods of the address; the route that was tried last knows only its own."""
    route = request.scope.get("route")
    if route is None:
        return []
    described: dict[str, Any] = request.app.openapi()["paths"].get(route.path, {})
    return [method.upper() for method in described]


async def _answer_unexpected(request: Request, _error: Exception) -> JSONResponse:
    identifier = request_id(request)
    log.error("server.api_call_failed", request_id=str(identifier), path=request.url.path)
    problem = LecternError(f"Something failed inside the server. Its operator can look it up by request {identifier}.")
    # This answer is made outside of the gate, which otherwise adds the id.
    return _problem(500, problem_document(problem, identifier), {REQUEST_ID_HEADER: str(identifier)})


def _problem(status: int, document: dict[str, Any], headers: dict[str, str] | None = None) -> JSONResponse:
    return JSONResponse(document, status_code=status, headers=headers, media_type=PROBLEM_TYPE)
