"""Statements about `crawl_pages`: the frontier and the report in one."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Literal
from uuid import UUID

from core.database import Connection
from crawler.records import FailedPage, PageCounts, PageResult


async def insert_queued_pages(connection: Connection, crawl_id: UUID, urls: Sequence[str], depth: int) -> int:
    """Queues the addresses that are new to the crawl and gives their number.

    They go in sorted: two runners that add the same addresses then wait for each other instead of locking up.
    """
    return await connection.fetchval(
        """
        with added as (
            insert into crawl_pages (crawl_id, url, depth)
            select $1, url, $3 from unnest($2::text[]) as url order by url
            on conflict do nothing returning 1
        )
        select count(*) from added
        """,
        crawl_id,
        urls,
        depth,
    )


async def insert_excluded_pages(
    connection: Connection, crawl_id: UUID, urls: Sequence[str], reasons: Sequence[str], depth: int
) -> None:
    """Notes addresses that were found but left out."""
    await connection.execute(
        """
        insert into crawl_pages (crawl_id, url, depth, state, reason)
        select $1, url, $4, 'excluded', reason from unnest($2::text[], $3::text[]) as found (url, reason) order by url
        on conflict do nothing
        """,
        crawl_id,
        urls,
        reasons,
        depth,
    )


async def update_settled_pages(
    connection: Connection, crawl_id: UUID, runner: UUID, results: Sequence[PageResult]
) -> None:
    """Writes what became of pages a runner has; one that went to another runner meanwhile stays as it is."""
    await connection.execute(
        """
        update crawl_pages p
        set state = s.state, http_status = s.http_status, reason = s.reason, final_url = s.final_url,
            content_type = s.content_type, etag = s.etag, last_modified = s.last_modified, body_sha256 = s.body_sha256,
            is_unchanged = s.is_unchanged, snapshot_key = s.snapshot_key, snapshot_offset = s.snapshot_offset,
            snapshot_length = s.snapshot_length, next_at = now() + s.wait, body_bytes = s.body_bytes,
            seconds = s.seconds, links = s.links, tries = p.tries + 1, misses = 0,
            leased_by = null, leased_until = null, fetched_at = case when s.state = 'fetched' then now() end
        from unnest($3::text[], $4::text[], $5::int[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[],
            $11::bytea[], $12::bool[], $13::text[], $14::bigint[], $15::int[], $16::interval[], $17::int[],
            $18::real[], $19::bytea[])
            as s (url, state, http_status, reason, final_url, content_type, etag, last_modified, body_sha256,
                is_unchanged, snapshot_key, snapshot_offset, snapshot_length, wait, body_bytes, seconds, links)
        where p.crawl_id = $1 and p.leased_by = $2 and p.url = s.url and p.state = 'leased'
        """,
        crawl_id,
        runner,
        [result.url for result in results],
        [result.state for result in results],
        [result.http_status for result in results],
        [result.reason for result in results],
        [result.final_url for result in results],
        [result.content_type for result in results],
        [result.etag for result in results],
        [result.last_modified for result in results],
        [result.body_sha256 for result in results],
        [result.is_unchanged for result in results],
        [result.snapshot_key for result in results],
        [result.snapshot_offset for result in results],
        [result.snapshot_length for result in results],
        [timedelta(seconds=result.retry_in_seconds) for result in results],
        [result.body_bytes for result in results],
        [result.seconds for result in results],
        [result.links for result in results],
    )


async def update_open_pages(connection: Connection, crawl_id: UUID, state: str, reason: str) -> None:
    """Ends all pages that were not fetched yet."""
    await connection.execute(
        """
        update crawl_pages set state = $2, reason = $3, leased_by = null, leased_until = null
        where crawl_id = $1 and state in ('queued', 'leased')
        """,
        crawl_id,
        state,
        reason,
    )


async def count_pages(connection: Connection, crawl_id: UUID) -> PageCounts:
    """Gives the number of pages in each state."""
    rows = await connection.fetch(
        """
        select state, count(*) as pages, count(*) filter (where is_unchanged and state = 'fetched') as unchanged,
            count(*) filter (where misses = 1) as missed
        from crawl_pages where crawl_id = $1 group by state
        """,
        crawl_id,
    )
    counts = {row["state"]: int(row["pages"]) for row in rows}
    unchanged, missed = (sum(int(row[name]) for row in rows) for name in ("unchanged", "missed"))
    return PageCounts(**counts, unchanged=unchanged, missed=missed)


async def failed_pages(
    connection: Connection, crawl_id: UUID, state: Literal["failed", "missing"], limit: int
) -> list[FailedPage]:
    """Gives pages that could not be read, or do not exist, shallow ones first."""
    rows = await connection.fetch(
        """
        select url, http_status, reason from crawl_pages
        where crawl_id = $1 and state = $2 order by depth, url limit $3
        """,
        crawl_id,
        state,
        limit,
    )
    return [FailedPage(row["url"], row["http_status"], row["reason"] or "") for row in rows]


async def find_first_obstacle(connection: Connection, crawl_id: UUID) -> FailedPage | None:
    """Gives the page nearest to the start that was not taken: a failure if there is one, else what was left out."""
    row = await connection.fetchrow(
        """
        select url, http_status, reason from crawl_pages
        where crawl_id = $1 and state in ('failed', 'missing', 'excluded') and reason is not null
        order by depth, state = 'excluded', url limit 1
        """,
        crawl_id,
    )
    return FailedPage(row["url"], row["http_status"], row["reason"]) if row else None


async def find_landing(connection: Connection, crawl_id: UUID, start: str) -> str | None:
    """Gives the address the start page led to, itself or another; None before it was asked."""
    return await connection.fetchval(
        """
        with recursive way (final_url, steps) as (
            select final_url, 0 from crawl_pages where crawl_id = $1 and url = $2
            union all
            select p.final_url, w.steps + 1 from way w
            join crawl_pages p on p.crawl_id = $1 and p.url = w.final_url and p.url <> $2 and p.state = 'redirected'
            where w.steps < 20
        )
        select final_url from way order by steps desc limit 1
        """,
        crawl_id,
        start,
    )


async def sum_body_bytes(connection: Connection, crawl_id: UUID) -> int:
    """Gives how much a crawl has fetched."""
    return await connection.fetchval(
        "select coalesce(sum(body_bytes), 0)::bigint from crawl_pages where crawl_id = $1", crawl_id
    )


async def update_landing(connection: Connection, crawl_id: UUID, start: str, landing: str) -> None:
    """Notes where the start page leads."""
    await connection.execute(
        "update crawl_pages set final_url = $3 where crawl_id = $1 and url = $2", crawl_id, start, landing
    )
