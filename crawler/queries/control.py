"""Statements that stop crawls, let them go on, and let them take over."""

from uuid import UUID

from core.database import Connection


async def update_paused_crawl(connection: Connection, crawl_id: UUID) -> bool:
    """Pauses a crawl that is going on, and tells whether it did: one that is taking over cannot be paused."""
    paused = await connection.fetchval(
        """
        update crawls set status = 'paused'
        where id = $1 and status in ('queued', 'running', 'crawled') and publishing_at is null
        returning true
        """,
        crawl_id,
    )
    return bool(paused)


async def update_stalled_crawl(connection: Connection, crawl_id: UUID, reason: str) -> None:
    """Pauses a crawl that cannot go on, also one that was taking over: only its worker may say so."""
    await connection.execute(
        """
        update crawls set status = 'paused', pause_reason = $2, publishing_at = null
        where id = $1 and status in ('queued', 'running', 'crawled')
        """,
        crawl_id,
        reason,
    )


async def update_resumed_crawl(connection: Connection, crawl_id: UUID) -> bool:
    """Lets a paused crawl go on, and tells whether it was paused."""
    resumed = await connection.fetchval(
        """
        update crawls
        set status = case origin when 'snapshot' then 'crawled' else 'queued' end, pause_reason = null
        where id = $1 and status = 'paused'
        returning true
        """,
        crawl_id,
    )
    return bool(resumed)


async def update_cancelled_crawl(connection: Connection, crawl_id: UUID, reason: str) -> bool:
    """Cancels a crawl that is not at its end, and tells whether it did: one that is taking over cannot be."""
    cancelled = await connection.fetchval(
        """
        update crawls set status = 'cancelled', reason = $2, finished_at = now()
        where id = $1 and status in ('queued', 'running', 'paused', 'crawled') and publishing_at is null
        returning true
        """,
        crawl_id,
        reason,
    )
    return bool(cancelled)


async def update_reopened_crawl(connection: Connection, crawl_id: UUID) -> bool:
    """Queues an ended crawl again, and tells whether it did: only the latest of its source can go on."""
    reopened = await connection.fetchval(
        """
        update crawls c
        set status = 'queued', origin = 'source', reason = null, finished_at = null, publishing_at = null,
            coverage = null, report = null
        where id = $1 and status in ('completed', 'failed')
            and not exists (select from crawls l where l.source_id = c.source_id and l.created_at > c.created_at)
        returning true
        """,
        crawl_id,
    )
    return bool(reopened)


async def claim_publishing(connection: Connection, crawl_id: UUID) -> bool:
    """Begins to let a crawl take over, and tells whether it may: from then on it is neither paused nor cancelled."""
    claimed = await connection.fetchval(
        "update crawls set publishing_at = now() where id = $1 and status = 'crawled' returning true", crawl_id
    )
    return bool(claimed)


async def update_cleared_crawl(connection: Connection, crawl_id: UUID) -> None:
    """Notes that nothing is left of a cancelled crawl."""
    await connection.execute("update crawls set cleared_at = now() where id = $1 and status = 'cancelled'", crawl_id)


async def find_uncleared(connection: Connection, crawl_id: UUID) -> bool:
    """Tells whether a crawl was cancelled and something may be left of it."""
    return bool(
        await connection.fetchval(
            "select true from crawls where id = $1 and status = 'cancelled' and cleared_at is null", crawl_id
        )
    )


async def has_uncleared_crawl(connection: Connection, source_id: UUID) -> bool:
    """Tells whether something is left of a cancelled crawl of the source."""
    return await connection.fetchval(
        """
        select exists (select from crawls where source_id = $1 and status = 'cancelled' and cleared_at is null)
        """,
        source_id,
    )
