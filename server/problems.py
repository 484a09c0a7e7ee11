"""One map from our errors to what a client sees: HTTP status, problem details, JSON-RPC error, text for a model."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from core.errors import (
    AddressRefused,
    Conflict,
    DatabaseUnavailable,
    DiskFull,
    InvalidInput,
    InvalidLibraryId,
    LecternError,
    LibraryNotFound,
    Misconfigured,
    NotAllowed,
    NotAuthenticated,
    NotFound,
    PaymentRequired,
    PodUnavailable,
    QuotaExceeded,
    RateLimited,
    SourceFailed,
    Unavailable,
    VersionNotFound,
)
from indexer.embedding.process import EmbedderUnavailable, TextsRefused
from indexer.embedding.reranker import RerankerUnavailable
from server.edge_errors import BodyTooLarge, BodyTooSlow, MalformedMessage, MethodRefused, UnreadableMessage, WrongHost

PROBLEM_TYPE = "application/problem+json"
"""Source: RFC 9457, section 3."""
_MOST_SUGGESTIONS = 10


@dataclass(frozen=True)
class Problem:
    """The HTTP status of an error and the title its class shares."""

    status: int
    title: str


INTERNAL = Problem(500, "Internal error")

PROBLEMS: Mapping[type[LecternError], Problem] = {
    LecternError: INTERNAL,
    InvalidInput: Problem(400, "Invalid request"),
    InvalidLibraryId: Problem(400, "Invalid library id"),
    AddressRefused: Problem(400, "Address refused"),
    UnreadableMessage: Problem(400, "Parse error"),
    MalformedMessage: Problem(400, "Invalid request"),
    MethodRefused: Problem(405, "Method not allowed"),
    BodyTooSlow: Problem(408, "Request timeout"),
    BodyTooLarge: Problem(413, "Request too large"),
    WrongHost: Problem(421, "Misdirected request"),
    NotAuthenticated: Problem(401, "Not authenticated"),
    PaymentRequired: Problem(402, "Payment required"),
    NotAllowed: Problem(403, "Not allowed"),
    NotFound: Problem(404, "Not found"),
    LibraryNotFound: Problem(404, "Library not found"),
    VersionNotFound: Problem(404, "Version not found"),
    Conflict: Problem(409, "Conflict"),
    SourceFailed: Problem(422, "Source failed"),
    RateLimited: Problem(429, "Rate limit exceeded"),
    QuotaExceeded: Problem(429, "Quota exceeded"),
    Misconfigured: INTERNAL,
    Unavailable: Problem(503, "Unavailable"),
    DatabaseUnavailable: Problem(503, "Database unavailable"),
    PodUnavailable: Problem(503, "Data pod unavailable"),
    DiskFull: Problem(507, "Disk full"),
    EmbedderUnavailable: Problem(503, "Embedder unavailable"),
    TextsRefused: Problem(503, "Embedder refused the text"),
    RerankerUnavailable: Problem(503, "Reranker unavailable"),
}

_PROTOCOL_CODES: Mapping[type[LecternError], int] = {UnreadableMessage: -32700, MalformedMessage: -32600}

STATUS_OK = "ok"
"""The status of a call that was answered; any other is the `code` of the error that ended it."""


def problem_of(error: LecternError) -> Problem:
    """Gives what the error is over HTTP."""
    return next(PROBLEMS[kind] for kind in type(error).__mro__ if kind in PROBLEMS)


def facts_of(error: LecternError) -> dict[str, Any]:
    """Gives the facts an error carries, as members of a problem document or of a JSON-RPC error's `data`."""
    match error:
        case LibraryNotFound(similar=similar):
            return {"similar": list(similar[:_MOST_SUGGESTIONS])}
        case VersionNotFound(versions=versions):
            return {"versions": list(versions[:_MOST_SUGGESTIONS])}
        case RateLimited(limit=limit):
            return {"limit": limit, "retryAfterSeconds": retry_after_seconds(error)}
        case _:
            return {}


def retry_after_seconds(error: RateLimited) -> int:
    """Gives the wait as whole seconds, rounded up, at least one."""
    return max(1, -int(-error.retry_after.total_seconds() // 1))


def headers_of(error: LecternError) -> dict[str, str]:
    """Gives the response headers that belong to an error.

    Without an authorization server there is no `resource_metadata`: a client that found it would start a sign-in that
    cannot end. Source: RFC 6750, section 3; RFC 9110, section 10.2.3.
    """
    match error:
        case MethodRefused():
            return {"allow": "POST"}
        case NotAuthenticated():
            return {"www-authenticate": 'Bearer error="invalid_token"'}
        case NotAllowed():
            return {"www-authenticate": 'Bearer error="insufficient_scope"'}
        case RateLimited():
            return {"retry-after": str(retry_after_seconds(error))}
        case Unavailable():
            return {"retry-after": "1"}
        case _:
            return {}


def problem_document(error: LecternError, request_id: UUID) -> dict[str, Any]:
    """Gives the problem details of an error.

    Source: RFC 9457.
    """
    problem = problem_of(error)
    return {
        "type": "about:blank",
        "title": problem.title,
        "status": problem.status,
        "detail": error.message,
        "code": error.code,
        "requestId": str(request_id),
        **facts_of(error),
    }


def rpc_code(error: LecternError) -> int:
    """Gives the JSON-RPC code of an error: JSON-RPC's own for what it names, else one made from the HTTP status.

    Ours lie outside -32768..-32000, which the protocols keep for themselves.
    Source: JSON-RPC 2.0, section 5.1; MCP 2026-07-28, error codes.
    """
    return _PROTOCOL_CODES.get(type(error)) or -(31_000 + problem_of(error).status)


def rpc_error(error: LecternError, call_id: str | int | None, request_id: UUID) -> dict[str, Any]:
    """Gives the JSON-RPC answer to a request that was refused before or instead of the protocol layer."""
    return {
        "jsonrpc": "2.0",
        "id": call_id,
        "error": {
            "code": rpc_code(error),
            "message": error.message,
            "data": {"code": error.code, "requestId": str(request_id), **facts_of(error)},
        },
    }


def text_for_model(error: LecternError) -> str:
    """Gives the error as text a model can act on: what went wrong, and what there is instead."""
    match error:
        case LibraryNotFound(similar=similar) if similar:
            return _with_list(error.message, "Similar library ids", similar)
        case VersionNotFound(versions=versions) if versions:
            return _with_list(error.message, "Versions that exist", versions)
        case LibraryNotFound() | InvalidLibraryId():
            return f"{error.message} resolve-library-id finds the id for a name."
        case _:
            return error.message


def _with_list(message: str, title: str, names: tuple[str, ...]) -> str:
    """Gives the message, with the names where it does not say them itself."""
    return message if names[0] in message else f"{message} {title}: {', '.join(names[:_MOST_SUGGESTIONS])}."
