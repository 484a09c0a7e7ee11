"""Statements about what a crawl did, page by page and in sums."""

from collections.abc import Mapping
from uuid import UUID

from core.database import Connection, Row
from crawler.records import PageState
from crawler.reports import HostTime, PageOutcome, PageTime, ReasonCount


async def page_outcomes(
    connection: Connection, crawl_id: UUID, state: PageState | None, after: str, limit: int
) -> list[PageOutcome]:
    """Gives pages of a crawl after an address, in the order of addresses, and what the indexer made of them."""
    rows = await connection.fetch(
        """
        select p.url, p.state, p.reason, p.http_status, p.final_url, p.body_bytes, p.seconds, p.is_unchanged, p.depth,
            i.outcome, i.chunk_count
        from crawl_pages p
        join crawls c on c.id = p.crawl_id
        left join indexed_pages i
            on i.library_version_id = c.library_version_id and i.page_url = p.url and i.crawl_id = p.crawl_id
        where p.crawl_id = $1 and p.url > $2 and ($3::text is null or p.state = $3)
        order by p.url limit $4
        """,
        crawl_id,
        after,
        state,
        limit,
    )
    return [_page_outcome(row) for row in rows]


async def update_failed_pages_queued(connection: Connection, crawl_id: UUID) -> int:
    """Queues the failed pages of a crawl again, as if they had never been tried; gives their number."""
    tag = await connection.execute(
        """
        update crawl_pages
        set state = 'queued', tries = 0, next_at = '-infinity', reason = null, http_status = null, leased_by = null,
            leased_until = null, lost_runners = 0, misses = 0
        where crawl_id = $1 and state = 'failed'
        """,
        crawl_id,
    )
    return int(tag.rsplit(" ", 1)[-1])


async def copy_pages(connection: Connection, from_crawl_id: UUID, to_crawl_id: UUID) -> int:
    """Gives a crawl the pages another one ended with, as if it had fetched them; gives how many were fetched."""
    return await connection.fetchval(
        """
        with copied as (
            insert into crawl_pages (crawl_id, url, state, depth, tries, http_status, reason, final_url, content_type,
                etag, last_modified, body_sha256, snapshot_key, snapshot_offset, snapshot_length, fetched_at,
                body_bytes, links, misses)
            select $2, url, state, depth, tries, http_status, reason, final_url, content_type,
                etag, last_modified, body_sha256, snapshot_key, snapshot_offset, snapshot_length, fetched_at,
                body_bytes, links, misses
            from crawl_pages where crawl_id = $1 and state not in ('queued', 'leased')
            returning state
        )
        select count(*) from copied where state = 'fetched'
        """,
        from_crawl_id,
        to_crawl_id,
    )


async def current_pages(connection: Connection, crawl_id: UUID, limit: int) -> list[str]:
    """Gives pages that are handed out, those that will be next to run out of time first."""
    rows = await connection.fetch(
        "select url from crawl_pages where crawl_id = $1 and state = 'leased' order by leased_until, url limit $2",
        crawl_id,
        limit,
    )
    return [row["url"] for row in rows]


async def reason_counts(
    connection: Connection, crawl_id: UUID, state: PageState, limit: int, examples: int
) -> list[ReasonCount]:
    """Gives why pages are in a state, the most frequent reason first, with the first addresses of each."""
    rows = await connection.fetch(
        """
        select coalesce(reason, '') as reason, count(*) as pages, (array_agg(url order by depth, url))[:$4] as examples
        from crawl_pages where crawl_id = $1 and state = $2
        group by 1 order by 2 desc, 1 limit $3
        """,
        crawl_id,
        state,
        limit,
        examples,
    )
    return [ReasonCount(row["reason"], row["pages"], tuple(row["examples"])) for row in rows]


async def sum_bytes(connection: Connection, crawl_id: UUID) -> int:
    """Gives the bytes of all bodies that came, unpacked."""
    return await connection.fetchval(
        "select coalesce(sum(body_bytes), 0)::bigint from crawl_pages where crawl_id = $1", crawl_id
    )


async def slowest_pages(connection: Connection, crawl_id: UUID, limit: int) -> list[PageTime]:
    """Gives the pages whose answers took longest."""
    rows = await connection.fetch(
        """
        select url, seconds from crawl_pages
        where crawl_id = $1 and seconds is not null order by seconds desc, url limit $2
        """,
        crawl_id,
        limit,
    )
    return [PageTime(row["url"], round(row["seconds"], 3)) for row in rows]


async def slowest_hosts(connection: Connection, crawl_id: UUID, limit: int) -> list[HostTime]:
    """Gives the hosts that took longest on average."""
    rows = await connection.fetch(
        """
        select split_part(url, '/', 3) as host, count(*) as pages, avg(seconds) as seconds,
            coalesce(sum(body_bytes), 0)::bigint as bytes
        from crawl_pages where crawl_id = $1 and seconds is not null
        group by 1 order by 3 desc, 1 limit $2
        """,
        crawl_id,
        limit,
    )
    return [HostTime(row["host"], row["pages"], round(row["seconds"], 3), row["bytes"]) for row in rows]


async def update_coverage(connection: Connection, crawl_id: UUID, coverage: Mapping[str, object]) -> None:
    """Keeps how many passages a crawl found, and how many answered before it."""
    await connection.execute("update crawls set coverage = $2 where id = $1", crawl_id, coverage)


async def find_coverage(connection: Connection, crawl_id: UUID) -> dict[str, object] | None:
    """Gives what was kept about a crawl's coverage, None before it was looked at."""
    return await connection.fetchval("select coverage from crawls where id = $1", crawl_id)


async def update_report(connection: Connection, crawl_id: UUID, report: Mapping[str, object]) -> None:
    """Keeps the report of a crawl that is at its end."""
    await connection.execute(
        "update crawls set report = $2 where id = $1 and status in ('completed', 'failed', 'cancelled')",
        crawl_id,
        report,
    )


async def find_report(connection: Connection, crawl_id: UUID) -> dict[str, object] | None:
    """Gives the report that was kept of a crawl."""
    return await connection.fetchval("select report from crawls where id = $1", crawl_id)


def _page_outcome(row: Row) -> PageOutcome:
    return PageOutcome(
        url=row["url"],
        state=row["state"],
        reason=row["reason"],
        http_status=row["http_status"],
        final_url=row["final_url"],
        body_bytes=row["body_bytes"],
        seconds=None if row["seconds"] is None else round(row["seconds"], 3),
        is_unchanged=row["is_unchanged"],
        depth=row["depth"],
        indexed=row["outcome"],
        chunks=row["chunk_count"],
    )
