"""Statements about who reads which page of a crawl: pages handed out under a lease, and what was known of them."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from core.database import Connection, Row
from crawler.records import FrontierPage, PreviousPage


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
