"""A usage event: what one call used, cut to what its row can hold."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

MAX_INTEGER = 2**31 - 1
MAX_QUERY_CHARS = 4_000
_TOOL_CHARS, _LIBRARY_CHARS, _STATUS_CHARS = 50, 100, 30
_CLIENT_NAME_CHARS, _CLIENT_VERSION_CHARS, _TRANSPORT_CHARS = 100, 50, 20


@dataclass(frozen=True)
class UsageEvent:
    """One call. `request_id` is made once per call: the same event recorded again is the same row.

    Attributes:
        request_id: Names the call, and is the id of its row.
        created_at: When the call came in, aware. A retry carries the same moment.
        response_time_ms: Milliseconds.
        status: `ok` or the code of the error that ended the call.
    """

    request_id: UUID
    created_at: datetime
    user_id: UUID | None
    api_key_id: UUID | None
    tool_name: str
    library_id: str | None
    query: str | None
    tokens_returned: int
    response_time_ms: int
    status: str
    is_billed: bool
    client_name: str | None
    client_version: str | None
    transport: str | None


def storable(event: UsageEvent, *, is_query_logged: bool) -> UsageEvent:
    """Gives the event as its row can hold it: text without what PostgreSQL refuses and no longer than its column."""
    return replace(
        event,
        tool_name=_clean(event.tool_name, _TOOL_CHARS),
        library_id=_clean_or_none(event.library_id, _LIBRARY_CHARS),
        query=_clean_or_none(event.query, MAX_QUERY_CHARS) if is_query_logged else None,
        tokens_returned=_bounded(event.tokens_returned),
        response_time_ms=_bounded(event.response_time_ms),
        status=_clean(event.status, _STATUS_CHARS),
        client_name=_clean_or_none(event.client_name, _CLIENT_NAME_CHARS),
        client_version=_clean_or_none(event.client_version, _CLIENT_VERSION_CHARS),
        transport=_clean_or_none(event.transport, _TRANSPORT_CHARS),
    )


def _clean(text: str, width: int) -> str:
    # Lone surrogates, as JSON may carry them, are no UTF-8.
    return text[: 2 * width].replace("\0", "").encode("utf-8", "replace").decode("utf-8")[:width]


def _clean_or_none(text: str | None, width: int) -> str | None:
    return None if text is None else _clean(text, width)


def _bounded(number: int) -> int:
    return min(max(number, 0), MAX_INTEGER)
