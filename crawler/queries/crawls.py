"""Statements about `crawls`."""

from uuid import UUID

from core.database import Connection, Row
from core.errors import NotFound
from crawler.records import Crawl, CrawlStatus


async def insert_crawl(connection: Connection, crawl_id: UUID, source_id: UUID) -> bool:
    """Queues a crawl of a source, and tells whether it did: a source has one unfinished crawl at most."""
    added = await connection.fetchval(
        """
        insert into crawls (id, source_id, library_version_id)
        select $1, id, library_version_id from sources where id = $2
        on conflict (source_id) where status in ('queued', 'running', 'crawled') do nothing
        returning true
        """,
        crawl_id,
        source_id,
    )
    return bool(added)


async def find_unfinished_crawl(connection: Connection, source_id: UUID) -> Crawl | None:
    """Gives the crawl of a source that is still going on or waits for the indexer."""
    row = await connection.fetchrow(
        """
        select id, source_id, library_version_id, status, reason, started_at, finished_at from crawls
        where source_id = $1 and status in ('queued', 'running', 'crawled')
        """,
        source_id,
    )
    return _crawl(row) if row else None


async def select_crawl(connection: Connection, crawl_id: UUID) -> Crawl:
    """Gives a crawl.

    Raises:
        NotFound: There is none with this id.
    """
    row = await connection.fetchrow(
        """
        select id, source_id, library_version_id, status, reason, started_at, finished_at from crawls where id = $1
        """,
        crawl_id,
    )
    if row is None:
        raise NotFound("There is no such crawl.")
    return _crawl(row)


async def find_completed_crawl(connection: Connection, source_id: UUID) -> Crawl | None:
    """Gives the latest crawl of a source that was crawled and indexed to the end."""
    row = await connection.fetchrow(
        """
        select id, source_id, library_version_id, status, reason, started_at, finished_at from crawls
        where source_id = $1 and status = 'completed' order by created_at desc limit 1
        """,
        source_id,
    )
    return _crawl(row) if row else None


async def update_crawl_running(connection: Connection, crawl_id: UUID) -> None:
    """Marks a crawl as going on."""
    await connection.execute(
        """
        update crawls set status = 'running', started_at = coalesce(started_at, now())
        where id = $1 and status in ('queued', 'running')
        """,
        crawl_id,
    )


async def update_crawl_status(connection: Connection, crawl_id: UUID, status: CrawlStatus, reason: str | None) -> None:
    """Ends a crawl, or the fetching part of it; a crawl that has ended keeps its end."""
    await connection.execute(
        """
        update crawls set status = $2, reason = coalesce($3, reason), finished_at = now()
        where id = $1 and status in ('queued', 'running', 'crawled')
        """,
        crawl_id,
        status,
        reason,
    )


async def unfinished_crawls(connection: Connection) -> list[UUID]:
    """Gives the crawls that are not at their end, oldest first."""
    rows = await connection.fetch(
        "select id from crawls where status in ('queued', 'running', 'crawled') order by created_at"
    )
    return [row["id"] for row in rows]


def _crawl(row: Row) -> Crawl:
    return Crawl(
        row["id"],
        row["source_id"],
        row["library_version_id"],
        row["status"],
        row["reason"],
        row["started_at"],
        row["finished_at"],
    )
