"""A user's own usage: sums of a period, and the calls behind them."""

import base64
from datetime import UTC, date, datetime, timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from pydantic import Field

from accounts.callers import READ_USAGE
from accounts.tenant import tenant
from billing.usage import Tally, UsageSummary, recent_calls, usage_summary
from billing.usage_event import UsageEvent
from core.errors import InvalidInput
from server.api.models import ApiModel, From, Until
from server.api.services import Services, user_with

DEFAULT_PERIOD = timedelta(days=30)
MAX_PAGE = 200
_CURSOR_TIME = "%Y-%m-%dT%H:%M:%S.%f%z"

router = APIRouter(prefix="/usage", tags=["usage"])

UsageReader = Annotated[UUID, Depends(user_with(READ_USAGE))]
Limit = Annotated[int, Query(ge=1, le=MAX_PAGE, description="Most calls on the page")]
Cursor = Annotated[str | None, Query(max_length=200, description="`next` of the page before")]


class TallyBody(ApiModel):
    """Calls and the tokens they returned."""

    calls: int
    billed_calls: int
    tokens: int


class DayBody(TallyBody):
    """One day in UTC."""

    day: date


class ToolBody(TallyBody):
    """One tool."""

    tool: str


class KeyUsageBody(TallyBody):
    """One key."""

    key_id: UUID | None


class LibraryUsageBody(TallyBody):
    """One library; none for calls that named none."""

    library_id: str | None


class UsageBody(ApiModel):
    """The sums of `[start, end)`."""

    start: datetime
    end: datetime
    total: TallyBody
    by_day: tuple[DayBody, ...]
    by_tool: tuple[ToolBody, ...]
    by_key: tuple[KeyUsageBody, ...]
    by_library: tuple[LibraryUsageBody, ...]


class CallBody(ApiModel):
    """One call of the usage log."""

    id: UUID = Field(validation_alias="request_id")
    created_at: datetime
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


class CallPageBody(ApiModel):
    """Calls, newest first; `next` asks for the page after, and is missing on the last."""

    calls: tuple[CallBody, ...]
    next: str | None


@router.get("", summary="Sum up the usage of a period", operation_id="getUsage")
async def get_usage(user_id: UsageReader, services: Services, start: From = None, end: Until = None) -> UsageBody:
    """Gives the caller's own usage; without a period that of the last 30 days."""
    until = end or services.clock()
    since = start or until - DEFAULT_PERIOD
    async with tenant(services.accounts, user_id) as connection:
        summary = await usage_summary(connection, user_id, since, until)
    return usage_body(summary, since, until)


@router.get("/calls", summary="List the calls", operation_id="listCalls")
async def list_calls(
    user_id: UsageReader, services: Services, limit: Limit = 50, cursor: Cursor = None
) -> CallPageBody:
    """Gives the caller's own calls, newest first."""
    before = None if cursor is None else read_cursor(cursor)
    async with tenant(services.accounts, user_id) as connection:
        calls = await recent_calls(connection, user_id, limit, before)
    return CallPageBody(
        calls=tuple(call_body(call) for call in calls), next=write_cursor(calls[-1]) if len(calls) == limit else None
    )


def usage_body(summary: UsageSummary, start: datetime, end: datetime) -> UsageBody:
    """Gives the sums as the API shows them."""
    return UsageBody(
        start=start,
        end=end,
        total=TallyBody(**_numbers(summary.total)),
        by_day=tuple(DayBody(day=day, **_numbers(tally)) for day, tally in summary.by_day.items()),
        by_tool=tuple(ToolBody(tool=tool, **_numbers(tally)) for tool, tally in summary.by_tool.items()),
        by_key=tuple(KeyUsageBody(key_id=key_id, **_numbers(tally)) for key_id, tally in summary.by_key.items()),
        by_library=tuple(
            LibraryUsageBody(library_id=library, **_numbers(tally)) for library, tally in summary.by_library.items()
        ),
    )


def call_body(call: UsageEvent) -> CallBody:
    """Gives the call as the API shows it."""
    return CallBody.model_validate(call)


def write_cursor(call: UsageEvent) -> str:
    """Gives the place after this call in the list, as text to hand back."""
    return base64.urlsafe_b64encode(
        f"{call.created_at.astimezone(UTC):{_CURSOR_TIME}} {call.request_id}".encode()
    ).decode()


def read_cursor(text: str) -> tuple[datetime, UUID]:
    """Gives the place a cursor names.

    Raises:
        InvalidInput: It is none of ours.
    """
    try:
        moment, _, call_id = base64.urlsafe_b64decode(text.encode()).decode().rpartition(" ")
        # A time without a zone, or one no zone can hold, is refused here as well.
        return datetime.strptime(moment, _CURSOR_TIME).astimezone(UTC), UUID(call_id)
    except (ValueError, OverflowError) as error:
        raise InvalidInput("This cursor is not one of ours. Start again without one.") from error


def _numbers(tally: Tally) -> dict[str, int]:
    return {"calls": tally.calls, "billed_calls": tally.billed_calls, "tokens": tally.tokens}
