"""What a request carries with it through the routes."""

from typing import cast
from uuid import UUID

from fastapi import Request

from server.call_record import CALL_STATE_KEY, CallRecord
from server.gate.api_gate import REQUEST_ID_STATE_KEY


def request_id(request: Request) -> UUID:
    """Gives the id the gate made for the request."""
    return cast("UUID", getattr(request.state, REQUEST_ID_STATE_KEY))


def open_record(request: Request, tool: str) -> CallRecord:
    """Gives a new record for a metered call, kept with the request for the headers of its answer."""
    record = CallRecord(request_id(request), tool)
    setattr(request.state, CALL_STATE_KEY, record)
    return record


def limit_headers(request: Request) -> dict[str, str]:
    """Gives the headers about the caller's limits, none if the request is not metered."""
    record = cast("CallRecord | None", getattr(request.state, CALL_STATE_KEY, None))
    return {} if record is None else record.headers
