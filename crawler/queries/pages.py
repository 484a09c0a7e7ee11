"""Statements about `crawl_pages`: the frontier and the report in one."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Literal
from uuid import UUID

from core.database import Connection
from crawler.records import FailedPage, FrontierPage, PageCounts, PageResult, PreviousPage


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


async def claim_pages(
    connection: Connection, crawl_id: UUID, runner: UUID, limit: int, lease: timedelta
) -> list[FrontierPage]:
    """Hands out pages that are due, shallow ones first; each to one runner only, until its lease ends."""
    rows = await connection.fetch(
        """
        with due as (
            select url from crawl_pages
            where crawl_id = $1 and state in ('queued', 'leased')
                and ((state = 'queued' and next_at <= now()) or (state = 'leased' and leased_until < now()))
            order by depth, url limit $3 for update skip locked
        )
        update crawl_pages set state = 'leased', leased_by = $2, leased_until = now() + $4, tries = tries + 1
        from due where crawl_pages.crawl_id = $1 and crawl_pages.url = due.url
        returning crawl_pages.url, depth, tries
        """,
        crawl_id,
        runner,
        limit,
        lease,
    )
    pages = [FrontierPage(row["url"], row["depth"], row["tries"]) for row in rows]
    return sorted(pages, key=lambda page: (page.depth, page.url))


async def claim_page(
    connection: Connection, crawl_id: UUID, runner: UUID, url: str, depth: int, lease: timedelta
) -> bool:
    """Hands out one page, new or queued, and tells whether it did: another runner may have it, or be done with it."""
    claimed = await connection.fetchval(
        """
        insert into crawl_pages (crawl_id, url, depth, state, leased_by, leased_until, tries)
        values ($1, $3, $4, 'leased', $2, now() + $5, 1)
        on conflict (crawl_id, url) do update
            set state = 'leased', leased_by = excluded.leased_by, leased_until = excluded.leased_until,
                tries = crawl_pages.tries + 1
            where crawl_pages.state = 'queued'
        returning true
        """,
        crawl_id,
        runner,
        url,
        depth,
        lease,
    )
    return bool(claimed)


async def update_leases(
    connection: Connection, crawl_id: UUID, runner: UUID, urls: Sequence[str], lease: timedelta
) -> None:
    """Extends a runner's leases; rows that are just being settled are skipped rather than waited for."""
    await connection.execute(
        """
        with held as (
            select url from crawl_pages
            where crawl_id = $1 and leased_by = $2 and url = any($3::text[]) and state = 'leased'
            for update skip locked
        )
        update crawl_pages set leased_until = now() + $4
        from held where crawl_pages.crawl_id = $1 and crawl_pages.url = held.url
        """,
        crawl_id,
        runner,
        urls,
        lease,
    )


async def update_released_pages(connection: Connection, crawl_id: UUID, runner: UUID) -> None:
    """Puts back all pages a runner has, as if they had not been handed out."""
    await connection.execute(
        """
        update crawl_pages
        set state = 'queued', leased_by = null, leased_until = null, tries = greatest(tries - 1, 0)
        where crawl_id = $1 and leased_by = $2 and state = 'leased'
        """,
        crawl_id,
        runner,
    )


async def update_settled_pages(
    connection: Connection, crawl_id: UUID, runner: UUID, results: Sequence[PageResult]
) -> None:
    """Writes what became of pages a runner has; one that went to another runner meanwhile stays as it is."""
    await connection.executemany(
        """
        update crawl_pages
        set state = $4::text, http_status = $5, reason = $6, final_url = $7, content_type = $8, etag = $9,
            last_modified = $10, body_sha256 = $11, is_unchanged = $12, snapshot_key = $13, snapshot_offset = $14,
            snapshot_length = $15, next_at = now() + $16, leased_by = null, leased_until = null,
            fetched_at = case when $4::text = 'fetched' then now() end
        where crawl_id = $1 and leased_by = $2 and url = $3 and state = 'leased'
        """,
        [
            (
                crawl_id,
                runner,
                result.url,
                result.state,
                result.http_status,
                result.reason,
                result.final_url,
                result.content_type,
                result.etag,
                result.last_modified,
                result.body_sha256,
                result.is_unchanged,
                result.snapshot_key,
                result.snapshot_offset,
                result.snapshot_length,
                timedelta(seconds=result.retry_in_seconds),
            )
            for result in sorted(results, key=lambda result: result.url)
        ],
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


async def find_wait_seconds(connection: Connection, crawl_id: UUID) -> float | None:
    """Gives the seconds until a page is due or a lease ends, None if no page is open; never below 0."""
    wait = await connection.fetchval(
        """
        select extract(epoch from min(case state when 'queued' then next_at else leased_until end) - now())
        from crawl_pages where crawl_id = $1 and state in ('queued', 'leased')
        """,
        crawl_id,
    )
    return None if wait is None else max(float(wait), 0.0)


async def count_pages(connection: Connection, crawl_id: UUID) -> PageCounts:
    """Gives the number of pages in each state."""
    rows = await connection.fetch(
        """
        select state, count(*) as pages, count(*) filter (where is_unchanged) as unchanged
        from crawl_pages where crawl_id = $1 group by state
        """,
        crawl_id,
    )
    counts = {row["state"]: int(row["pages"]) for row in rows}
    return PageCounts(**counts, unchanged=sum(int(row["unchanged"]) for row in rows))


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
        "select final_url from crawl_pages where crawl_id = $1 and url = $2", crawl_id, start
    )


async def update_landing(connection: Connection, crawl_id: UUID, start: str, landing: str) -> None:
    """Notes where the start page leads."""
    await connection.execute(
        "update crawl_pages set final_url = $3 where crawl_id = $1 and url = $2", crawl_id, start, landing
    )


async def body_hashes(connection: Connection, crawl_id: UUID, urls: Sequence[str]) -> dict[str, bytes]:
    """Gives the SHA-256 of those of the pages that were fetched, by address."""
    rows = await connection.fetch(
        """
        select url, body_sha256 from crawl_pages where crawl_id = $1 and url = any($2::text[]) and state = 'fetched'
        """,
        crawl_id,
        urls,
    )
    return {row["url"]: row["body_sha256"] for row in rows}


async def previous_pages(connection: Connection, crawl_id: UUID, urls: Sequence[str]) -> dict[str, PreviousPage]:
    """Gives what an earlier crawl fetched, by address."""
    rows = await connection.fetch(
        """
        select url, etag, last_modified, body_sha256, content_type, snapshot_key, snapshot_offset, snapshot_length
        from crawl_pages
        where crawl_id = $1 and url = any($2::text[]) and state = 'fetched' and snapshot_key is not null
        """,
        crawl_id,
        urls,
    )
    return {
        row["url"]: PreviousPage(
            row["etag"],
            row["last_modified"],
            row["body_sha256"],
            row["content_type"],
            row["snapshot_key"],
            row["snapshot_offset"],
            row["snapshot_length"],
        )
        for row in rows
    }
