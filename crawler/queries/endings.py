"""Statements that settle what only the whole crawl shows: pages that are one page, and pages that were missed."""

from collections.abc import Sequence
from uuid import UUID

from core.database import Connection


async def lock_crawl(connection: Connection, crawl_id: UUID) -> None:
    """Lets one runner at a time end a crawl, until the transaction ends."""
    await connection.execute("select 1 from crawls where id = $1 for update", crawl_id)


async def update_twins_among(connection: Connection, crawl_id: UUID, urls: Sequence[str]) -> int:
    """Turns pages that came with the same bytes under `/x`, `/x/` and `/x/index.html` into redirects to the shortest.

    Gives their number. Rows another runner is writing are passed over: `update_twins` finds them at the end.
    """
    return await connection.fetchval(
        """
        with met as (
            select url, body_sha256, regexp_replace(url, '/(index\\.html?)?$', '') as place
            from crawl_pages where crawl_id = $1 and url = any($2::text[]) and state = 'fetched'
            order by url for update skip locked
        ), ranked as (
            select url, first_value(url) over (partition by place, body_sha256 order by length(url), url) as kept
            from met
        ), turned as (
            update crawl_pages p set state = 'redirected', final_url = r.kept, reason = 'the same page'
            from ranked r where p.crawl_id = $1 and p.url = r.url and r.url <> r.kept returning 1
        )
        select count(*) from turned
        """,
        crawl_id,
        urls,
    )


async def update_twins(connection: Connection, crawl_id: UUID) -> None:
    """Does for all pages of a crawl what `update_twins_among` does for some."""
    await connection.execute(
        """
        with ranked as (
            select url, first_value(url) over (
                partition by regexp_replace(url, '/(index\\.html?)?$', ''), body_sha256 order by length(url), url
            ) as kept
            from crawl_pages where crawl_id = $1 and state = 'fetched' and position('?' in url) = 0
        )
        update crawl_pages p set state = 'redirected', final_url = r.kept, reason = 'the same page'
        from ranked r where p.crawl_id = $1 and p.url = r.url and r.url <> r.kept
        """,
        crawl_id,
    )


async def update_twin_targets(connection: Connection, crawl_id: UUID) -> None:
    """Points what was turned into a redirect to a page that was turned itself later on to the one that was kept."""
    await connection.execute(
        """
        update crawl_pages p set final_url = k.url
        from crawl_pages k
        where p.crawl_id = $1 and p.state = 'redirected' and p.reason = 'the same page' and p.final_url <> k.url
            and k.crawl_id = $1 and k.state = 'fetched' and k.body_sha256 = p.body_sha256
            and regexp_replace(k.url, '/(index\\.html?)?$', '') = regexp_replace(p.url, '/(index\\.html?)?$', '')
        """,
        crawl_id,
    )


async def update_missed_pages(connection: Connection, crawl_id: UUID, previous_id: UUID, cut_by: str | None) -> None:
    """Notes the first miss of pages that the crawl before had and this one could not read, with what is known of them.

    `cut_by` is the reason of pages that were left out for want of time.
    """
    await connection.execute(
        """
        update crawl_pages p
        set misses = 1, content_type = b.content_type, etag = b.etag, last_modified = b.last_modified,
            body_sha256 = b.body_sha256, snapshot_key = b.snapshot_key, snapshot_offset = b.snapshot_offset,
            snapshot_length = b.snapshot_length, links = b.links
        from crawl_pages b
        where p.crawl_id = $1 and b.crawl_id = $2 and b.url = p.url and b.state = 'fetched'
            and (p.state in ('failed', 'missing') or (p.state = 'excluded' and p.reason = $3::text))
        """,
        crawl_id,
        previous_id,
        cut_by,
    )


async def unseen_pages(connection: Connection, crawl_id: UUID, previous_id: UUID) -> list[str]:
    """Gives the pages the crawl before had and this one met nowhere."""
    rows = await connection.fetch(
        """
        select b.url from crawl_pages b
        where b.crawl_id = $2 and b.state = 'fetched'
            and not exists (select from crawl_pages p where p.crawl_id = $1 and p.url = b.url)
        order by b.url
        """,
        crawl_id,
        previous_id,
    )
    return [row["url"] for row in rows]


async def insert_missed_pages(
    connection: Connection, crawl_id: UUID, previous_id: UUID, urls: Sequence[str], reason: str
) -> None:
    """Notes the first miss of pages that this crawl met nowhere."""
    await connection.execute(
        """
        insert into crawl_pages
            (crawl_id, url, depth, state, reason, misses, content_type, etag, last_modified, body_sha256, snapshot_key,
             snapshot_offset, snapshot_length, links)
        select $1, url, depth, 'excluded', $4, 1, content_type, etag, last_modified, body_sha256, snapshot_key,
            snapshot_offset, snapshot_length, links
        from crawl_pages where crawl_id = $2 and url = any($3::text[])
        on conflict do nothing
        """,
        crawl_id,
        previous_id,
        urls,
        reason,
    )


async def count_fetched(connection: Connection, crawl_id: UUID) -> int:
    """Gives how many pages a crawl fetched."""
    return await connection.fetchval(
        "select count(*) from crawl_pages where crawl_id = $1 and state = 'fetched'", crawl_id
    )
