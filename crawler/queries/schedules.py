"""Statements about when `sources` are crawled by themselves."""

from datetime import timedelta
from uuid import UUID

from core.database import Connection
from core.errors import NotFound
from crawler.records import DueSource, Schedule


async def select_schedule(connection: Connection, source_id: UUID) -> Schedule:
    """Gives when a source is crawled by itself.

    Raises:
        NotFound: There is no such source.
    """
    row = await connection.fetchrow(
        "select refresh_every, refresh_at, refresh_failures from sources where id = $1", source_id
    )
    if row is None:
        raise NotFound("There is no such source.")
    return Schedule(row["refresh_every"], row["refresh_at"], row["refresh_failures"])


async def update_schedule(
    connection: Connection, source_id: UUID, every: timedelta | None, wait: timedelta | None
) -> None:
    """Sets how often a source is crawled by itself, first after `wait`; None never."""
    await connection.execute(
        """
        update sources
        set refresh_every = $2, refresh_at = now() + $3::interval, refresh_failures = 0, updated_at = now()
        where id = $1
        """,
        source_id,
        every,
        wait,
    )


async def claim_due_sources(connection: Connection, limit: int) -> list[DueSource]:
    """Gives sources whose time has come, longest overdue first, and holds them until the transaction ends."""
    rows = await connection.fetch(
        """
        select id, refresh_every, refresh_failures from sources
        where refresh_at <= now() and refresh_every is not null
        order by refresh_at limit $1 for update skip locked
        """,
        limit,
    )
    return [DueSource(row["id"], row["refresh_every"], row["refresh_failures"]) for row in rows]


async def update_next_refresh(connection: Connection, source_id: UUID, failures: int, wait: timedelta) -> None:
    """Sets when a source is crawled next, and how often in a row that failed."""
    await connection.execute(
        """
        update sources set refresh_failures = $2, refresh_at = now() + $3::interval
        where id = $1 and refresh_every is not null
        """,
        source_id,
        failures,
        wait,
    )
