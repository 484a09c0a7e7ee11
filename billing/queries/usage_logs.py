"""Statements on `usage_logs`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from billing.usage_event import UsageEvent
from core.database import Connection

Facet = Literal["total", "day", "tool", "key", "library"]


@dataclass(frozen=True)
class FacetRow:
    """The calls that share one value of one facet; the other facets' fields are None."""

    facet: Facet
    day: date | None
    tool_name: str | None
    api_key_id: UUID | None
    library_id: str | None
    calls: int
    billed_calls: int
    tokens: int


async def ensure_partition(connection: Connection, month: date) -> None:
    """Creates the partition of the month that `month` lies in, if it is missing."""
    await connection.execute("select ensure_usage_partition($1)", month)


async def insert_events(connection: Connection, events: Sequence[UsageEvent]) -> None:
    """Adds a row per event; one that is there already stays as it is.

    A user or key deleted since the call is left out of its row, as deleting them afterwards would have done.
    """
    await connection.execute(
        "insert into usage_logs (id, request_id, created_at, user_id, api_key_id, tool_name, library_id, query, "
        "tokens_returned, response_time_ms, status, is_billed, client_name, client_version, transport) "
        "select e.request_id, e.request_id, e.created_at, u.id, k.id, e.tool_name, e.library_id, e.query, "
        "e.tokens_returned, e.response_time_ms, e.status, e.is_billed, e.client_name, e.client_version, e.transport "
        "from unnest($1::uuid[], $2::timestamptz[], $3::uuid[], $4::uuid[], $5::text[], $6::text[], $7::text[], "
        "$8::int[], $9::int[], $10::text[], $11::bool[], $12::text[], $13::text[], $14::text[]) "
        "as e (request_id, created_at, user_id, api_key_id, tool_name, library_id, query, "
        "tokens_returned, response_time_ms, status, is_billed, client_name, client_version, transport) "
        "left join users u on u.id = e.user_id left join api_keys k on k.id = e.api_key_id "
        "on conflict do nothing",
        [event.request_id for event in events],
        [event.created_at for event in events],
        [event.user_id for event in events],
        [event.api_key_id for event in events],
        [event.tool_name for event in events],
        [event.library_id for event in events],
        [event.query for event in events],
        [event.tokens_returned for event in events],
        [event.response_time_ms for event in events],
        [event.status for event in events],
        [event.is_billed for event in events],
        [event.client_name for event in events],
        [event.client_version for event in events],
        [event.transport for event in events],
    )


async def usage_by_facet(
    connection: Connection, user_id: UUID | None, api_key_id: UUID | None, start: datetime, end: datetime, most: int
) -> list[FacetRow]:
    """Gives the calls of `[start, end)` in total, and the `most` largest groups of each facet."""
    rows = await connection.fetch(
        "with calls as ("
        "select (created_at at time zone 'UTC')::date as day, tool_name, api_key_id, library_id, is_billed, "
        "tokens_returned from usage_logs where created_at >= $3 and created_at < $4 "
        "and ($1::uuid is null or user_id = $1) and ($2::uuid is null or api_key_id = $2)), "
        "groups as ("
        "select case grouping(day, tool_name, api_key_id, library_id) "
        "when 7 then 'day' when 11 then 'tool' when 13 then 'key' when 14 then 'library' else 'total' end as facet, "
        "day, tool_name, api_key_id, library_id, count(*) as calls, count(*) filter (where is_billed) as billed_calls, "
        "coalesce(sum(tokens_returned), 0)::bigint as tokens from calls "
        "group by grouping sets ((), (day), (tool_name), (api_key_id), (library_id))), "
        "ranked as (select *, row_number() over (partition by facet order by calls desc, day, tool_name, api_key_id, "
        "library_id) as place from groups) "
        "select facet, day, tool_name, api_key_id, library_id, calls, billed_calls, tokens from ranked "
        "where place <= $5 order by facet, place",
        user_id,
        api_key_id,
        start,
        end,
        most,
    )
    return [FacetRow(**dict(row)) for row in rows]


async def calls_before(
    connection: Connection, user_id: UUID | None, before: tuple[datetime, UUID] | None, limit: int
) -> list[UsageEvent]:
    """Gives calls, newest first, from those older than `before` (a call's time and id)."""
    moment, call_id = before or (None, None)
    rows = await connection.fetch(
        "select request_id, created_at, user_id, api_key_id, tool_name, library_id, query, tokens_returned, "
        "response_time_ms, status, is_billed, client_name, client_version, transport from usage_logs "
        "where ($1::uuid is null or user_id = $1) "
        "and ($2::timestamptz is null or (created_at, id) < ($2, $3::uuid)) "
        "order by created_at desc, id desc limit $4",
        user_id,
        moment,
        call_id,
        limit,
    )
    return [UsageEvent(**dict(row)) for row in rows]
