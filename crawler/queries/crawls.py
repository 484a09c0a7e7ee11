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
        on conflict (source_id) where status in ('queued', 'running', 'paused', 'crawled') do nothing
        returning true
        """,
        crawl_id,
        source_id,
    )
    return bool(added)


async def insert_reindexing_crawl(connection: Connection, crawl_id: UUID, of_crawl_id: UUID) -> bool:
    """Adds a crawl with what is known of another one, whose pages are all there; tells whether it did."""
    added = await connection.fetchval(
        """
        insert into crawls (id, source_id, library_version_id, status, origin, started_at, facts, language,
            docs_version)
        select $1, source_id, library_version_id, 'crawled', 'snapshot', now(), facts, language, docs_version
        from crawls where id = $2
        on conflict (source_id) where status in ('queued', 'running', 'paused', 'crawled') do nothing
        returning true
        """,
        crawl_id,
        of_crawl_id,
    )
    return bool(added)


async def find_unfinished_crawl(connection: Connection, source_id: UUID) -> Crawl | None:
    """Gives the crawl of a source that is still going on, is paused, or waits for the indexer."""
    row = await connection.fetchrow(
        """
        select id, source_id, library_version_id, status, reason, pause_reason, origin, created_at, started_at,
            finished_at
        from crawls where source_id = $1 and status in ('queued', 'running', 'paused', 'crawled')
        """,
        source_id,
    )
    return _crawl(row) if row else None


async def find_crawl(connection: Connection, crawl_id: UUID) -> Crawl | None:
    """Gives a crawl, None if there is none with this id."""
    row = await connection.fetchrow(
        """
        select id, source_id, library_version_id, status, reason, pause_reason, origin, created_at, started_at,
            finished_at
        from crawls where id = $1
        """,
        crawl_id,
    )
    return _crawl(row) if row else None


async def select_crawl(connection: Connection, crawl_id: UUID) -> Crawl:
    """Gives a crawl.

    Raises:
        NotFound: There is none with this id.
    """
    crawl = await find_crawl(connection, crawl_id)
    if crawl is None:
        raise NotFound("There is no such crawl.")
    return crawl


async def select_crawl_owner(connection: Connection, crawl_id: UUID, viewer: UUID) -> UUID | None:
    """Gives the owner of the private library a crawl is of, None if the library is there for all.

    Raises:
        NotFound: There is no crawl with this id that the viewer may know of.
    """
    row = await connection.fetchrow(
        """
        select l.owner_id from crawls c
        join library_versions v on v.id = c.library_version_id join libraries l on l.id = v.library_id
        where c.id = $1 and (l.owner_id is null or l.owner_id = $2)
        """,
        crawl_id,
        viewer,
    )
    if row is None:
        raise NotFound("There is no such crawl.")
    return row["owner_id"]


async def find_completed_crawl(connection: Connection, source_id: UUID) -> Crawl | None:
    """Gives the latest crawl of a source that was crawled and indexed to the end."""
    row = await connection.fetchrow(
        """
        select id, source_id, library_version_id, status, reason, pause_reason, origin, created_at, started_at,
            finished_at
        from crawls where source_id = $1 and completed_at is not null order by created_at desc limit 1
        """,
        source_id,
    )
    return _crawl(row) if row else None


async def find_crawl_before(connection: Connection, source_id: UUID, crawl_id: UUID) -> Crawl | None:
    """Gives what a crawl compares itself with: the latest other one of the source that was completed."""
    row = await connection.fetchrow(
        """
        select id, source_id, library_version_id, status, reason, pause_reason, origin, created_at, started_at,
            finished_at
        from crawls where source_id = $1 and id <> $2 and completed_at is not null order by created_at desc limit 1
        """,
        source_id,
        crawl_id,
    )
    return _crawl(row) if row else None


async def crawls_of_version(connection: Connection, version_id: UUID, limit: int) -> list[Crawl]:
    """Gives the crawls of a library version, the latest first."""
    rows = await connection.fetch(
        """
        select id, source_id, library_version_id, status, reason, pause_reason, origin, created_at, started_at,
            finished_at
        from crawls where library_version_id = $1 order by created_at desc limit $2
        """,
        version_id,
        limit,
    )
    return [_crawl(row) for row in rows]


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
    """Ends a crawl, or the fetching part of it; one that has ended, or was paused, stays as it is."""
    await connection.execute(
        """
        update crawls set status = $2::text, reason = coalesce($3, reason), finished_at = now(),
            completed_at = case when $2::text = 'completed' then now() else completed_at end
        where id = $1 and status in ('queued', 'running', 'crawled')
        """,
        crawl_id,
        status,
        reason,
    )


async def unfinished_crawls(connection: Connection) -> list[UUID]:
    """Gives the crawls a worker has something to do for, oldest first; paused ones wait for somebody."""
    rows = await connection.fetch(
        """
        select id from crawls
        where status in ('queued', 'running', 'crawled') or (status = 'cancelled' and cleared_at is null)
        order by created_at
        """
    )
    return [row["id"] for row in rows]


def _crawl(row: Row) -> Crawl:
    reason = row["pause_reason"] if row["status"] == "paused" else row["reason"]
    return Crawl(
        row["id"],
        row["source_id"],
        row["library_version_id"],
        row["status"],
        reason,
        row["started_at"],
        row["finished_at"],
        row["origin"],
        row["created_at"],
    )
