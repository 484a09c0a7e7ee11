"""The usage log's partitions, one per month."""

from datetime import UTC, date, datetime

from billing.queries import usage_logs
from core.database import Database


def month_of(moment: datetime) -> date:
    """Gives the first day of the month in UTC."""
    return moment.astimezone(UTC).date().replace(day=1)


def month_after(month: date) -> date:
    """Gives the first day of the next month."""
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


async def ensure_usage_partitions(database: Database, now: datetime) -> None:
    """Creates the partitions of this month and the next where they are missing."""
    this_month = month_of(now)
    for month in (this_month, month_after(this_month)):
        async with database.transaction() as connection:
            await usage_logs.ensure_partition(connection, month)
