"""Statements about `crawl_pages`: the frontier and the report in one."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Literal
from uuid import UUID

from core.database import Connection, Row
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
    connection: Connection, crawl_id: UUID, runner: UUID, limit: int, lease: timedelta, previous_id: UUID | None
) -> list[FrontierPage]:
    """Hands out pages that are due, shallow ones first; each to one runner only, until its lease ends.

    With them comes what the crawl `previous_id` knew.
    """
    rows = await connection.fetch(
        """
        with due as (
            select url from crawl_pages
            where crawl_id = $1 and state = 'queued' and next_at <= now()
            order by depth, url limit $3 for update skip locked
        ), claimed as (
            update crawl_pages set state = 'leased', leased_by = $2, leased_until = now() + $4
            from due where crawl_pages.crawl_id = $1 and crawl_pages.url = due.url
            returning crawl_pages.url, depth, tries, lost_runners
        )
        select c.url, c.depth, c.tries, c.lost_runners, p.etag, p.last_modified, p.body_sha256, p.content_type,
            p.snapshot_key, p.snapshot_offset, p.snapshot_length, p.links
        from claimed c left join crawl_pages p
            on p.crawl_id = $5 and p.url = c.url and p.snapshot_key is not null and p.body_sha256 is not null
        order by c.depth, c.url
        """,
        crawl_id,
        runner,
        limit,
        lease,
        previous_id,
    )
    return [_frontier_page(row) for row in rows]


async def claim_lost_pages(
    connection: Connection, crawl_id: UUID, runner: UUID, limit: int, lease: timedelta, previous_id: UUID | None
) -> list[FrontierPage]:
    """Hands out pages whose runner let the lease end: it was killed, perhaps by one of them."""
    rows = await connection.fetch(
        """
        with lost as (
            select url from crawl_pages
            where crawl_id = $1 and state = 'leased' and leased_until < now()
            order by depth, url limit $3 for update skip locked
        ), claimed as (
            update crawl_pages
            set leased_by = $2, leased_until = now() + $4, lost_runners = lost_runners + 1
            from lost where crawl_pages.crawl_id = $1 and crawl_pages.url = lost.url
            returning crawl_pages.url, depth, tries, lost_runners
        )
        select c.url, c.depth, c.tries, c.lost_runners, p.etag, p.last_modified, p.body_sha256, p.content_type,
            p.snapshot_key, p.snapshot_offset, p.snapshot_length, p.links
        from claimed c left join crawl_pages p
            on p.crawl_id = $5 and p.url = c.url and p.snapshot_key is not null and p.body_sha256 is not null
        order by c.depth, c.url
        """,
        crawl_id,
        runner,
        limit,
        lease,
        previous_id,
    )
    return [_frontier_page(row) for row in rows]


def _frontier_page(row: Row) -> FrontierPage:
    previous = None if row["snapshot_key"] is None else _previous_page(row)
    return FrontierPage(row["url"], row["depth"], row["tries"] + 1, row["lost_runners"], previous)


def _previous_page(row: Row) -> PreviousPage:
    return PreviousPage(
        row["etag"],
        row["last_modified"],
        row["body_sha256"],
        row["content_type"],
        row["snapshot_key"],
        row["snapshot_offset"],
        row["snapshot_length"],
        row["links"],
    )


async def claim_page(
    connection: Connection, crawl_id: UUID, runner: UUID, url: str, depth: int, lease: timedelta
) -> bool:
    """Hands out one page, new or queued, and tells whether it did: another runner may have it, or be done with it."""
    claimed = await connection.fetchval(
        """
        insert into crawl_pages (crawl_id, url, depth, state, leased_by, leased_until)
        values ($1, $3, $4, 'leased', $2, now() + $5)
        on conflict (crawl_id, url) do update
            set state = 'leased', leased_by = excluded.leased_by, leased_until = excluded.leased_until
            where crawl_pages.state = 'queued'
                or (crawl_pages.state = 'leased' and crawl_pages.leased_until < now())
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
        set state = 'queued', leased_by = null, leased_until = null
        where crawl_id = $1 and leased_by = $2 and state = 'leased'
        """,
        crawl_id,
        runner,
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


async def find_previous_page(connection: Connection, crawl_id: UUID, url: str) -> PreviousPage | None:
    """Gives what an earlier crawl stored of a page."""
    row = await connection.fetchrow(
        """
        select etag, last_modified, body_sha256, content_type, snapshot_key, snapshot_offset, snapshot_length, links
        from crawl_pages
        where crawl_id = $1 and url = $2 and snapshot_key is not null and body_sha256 is not null
        """,
        crawl_id,
        url,
    )
    return _previous_page(row) if row else None
