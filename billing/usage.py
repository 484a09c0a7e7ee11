"""What was used in a period: sums and the calls behind them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from billing.queries import usage_logs
from billing.queries.usage_logs import FacetRow
from billing.usage_event import UsageEvent
from core.database import Connection
from core.errors import InvalidInput

MAX_PERIOD = timedelta(days=366)
MAX_GROUPS = 367
"""Enough for every day of the longest period, whatever its time of day."""
MAX_CALLS = 1_000


@dataclass(frozen=True)
class Tally:
    """Calls and the tokens they returned."""

    calls: int = 0
    billed_calls: int = 0
    tokens: int = 0


@dataclass(frozen=True)
class UsageSummary:
    """The calls of a period; `total` holds all of them, each part the `MAX_GROUPS` largest of its entries."""

    total: Tally
    by_day: dict[date, Tally]
    by_tool: dict[str, Tally]
    by_key: dict[UUID | None, Tally]
    by_library: dict[str | None, Tally]


async def usage_summary(
    connection: Connection, user_id: UUID | None, start: datetime, end: datetime, api_key_id: UUID | None = None
) -> UsageSummary:
    """Gives the sums of `[start, end)`, for one user, one key, or all where neither is named; days are UTC's.

    Raises:
        InvalidInput: The period is empty or longer than `MAX_PERIOD`.
    """
    if not timedelta(0) < end - start <= MAX_PERIOD:
        raise InvalidInput(f"A period ends after it starts and is no longer than {MAX_PERIOD.days} days.")
    rows = await usage_logs.usage_by_facet(connection, user_id, api_key_id, start, end, MAX_GROUPS)
    return _summary(rows)


async def recent_calls(
    connection: Connection, user_id: UUID | None, limit: int, before: tuple[datetime, UUID] | None = None
) -> list[UsageEvent]:
    """Gives the newest calls of a user, or of all.

    Args:
        connection: A connection that may see them.
        user_id: Whose; None is everybody's.
        limit: Most calls, at most `MAX_CALLS`.
        before: The `created_at` and `request_id` of the last call of the page before.
    """
    return await usage_logs.calls_before(connection, user_id, before, min(max(limit, 1), MAX_CALLS))


def _summary(rows: Sequence[FacetRow]) -> UsageSummary:
    total = Tally()
    by_day: dict[date, Tally] = {}
    by_tool: dict[str, Tally] = {}
    by_key: dict[UUID | None, Tally] = {}
    by_library: dict[str | None, Tally] = {}
    for row in rows:
        tally = Tally(row.calls, row.billed_calls, row.tokens)
        match row.facet:
            case "total":
                total = tally
            case "day" if row.day is not None:
                by_day[row.day] = tally
            case "tool" if row.tool_name is not None:
                by_tool[row.tool_name] = tally
            case "key":
                by_key[row.api_key_id] = tally
            case "library":
                by_library[row.library_id] = tally
            case _:
                pass
    return UsageSummary(total, dict(sorted(by_day.items())), by_tool, by_key, by_library)
