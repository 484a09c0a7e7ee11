"""Statements on `indexed_pages`, and the indexer's look into the crawler's `crawl_pages`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from core.database import Connection


@dataclass(frozen=True, slots=True)
class FetchedPage:
    """A page of a crawl that is in the snapshot and waits to be indexed."""

    url: str
    content_type: str
    is_unchanged: bool
    snapshot_key: str
    snapshot_offset: int
    snapshot_length: int


@dataclass(frozen=True, slots=True)
class PageOutcome:
    """What the indexer made of one page."""

    page_url: str
    title: str
    chunk_count: int
    outcome: str
    extraction: str = ""
    """The digest of the rules and the release it was extracted by."""
    is_main_missing: bool = False


async def pages_to_index(
    connection: Connection, version_id: UUID, crawl_id: UUID, after_url: str, limit: int
) -> list[FetchedPage]:
    """Gives fetched pages of a crawl the indexer has not seen, in the order of their addresses, from one address on."""
    rows = await connection.fetch(
        """
        select p.url, p.content_type, p.is_unchanged, p.snapshot_key, p.snapshot_offset, p.snapshot_length
        from crawl_pages p
        where p.crawl_id = $2 and p.state = 'fetched' and p.url > $3
            and not exists (
                select from indexed_pages i
                where i.library_version_id = $1 and i.page_url = p.url and i.page_url > $3 and i.crawl_id = $2
            )
        order by p.url limit $4
        """,
        version_id,
        crawl_id,
        after_url,
        limit,
    )
    return [
        FetchedPage(
            row["url"],
            row["content_type"] or "",
            row["is_unchanged"],
            row["snapshot_key"],
            row["snapshot_offset"],
            row["snapshot_length"],
        )
        for row in rows
    ]


async def keep_unchanged_pages(
    connection: Connection, version_id: UUID, crawl_id: UUID, urls: Sequence[str], extraction: str
) -> list[str]:
    """Takes pages over from the crawl before, chunks and all; gives the addresses that were there to be taken.

    Those that were extracted by other rules, or by another release, are not.
    """
    rows = await connection.fetch(
        """
        update indexed_pages set crawl_id = $2
        where library_version_id = $1 and page_url = any($3::text[]) and extraction = $4
            and content_sha256 is not null
        returning page_url
        """,
        version_id,
        crawl_id,
        list(urls),
        extraction,
    )
    kept = [row["page_url"] for row in rows]
    await connection.execute(
        """
        update documentation_chunks set crawl_id = $2
        where library_version_id = $1 and page_url = any($3::text[]) and is_published
        """,
        version_id,
        crawl_id,
        kept,
    )
    return kept


async def upsert_indexed_pages(
    connection: Connection, version_id: UUID, crawl_id: UUID, pages: Sequence[PageOutcome], now: datetime
) -> None:
    """Writes down what became of each page."""
    await connection.execute(
        """
        insert into indexed_pages (library_version_id, page_url, crawl_id, title, chunk_count, outcome, extraction,
            is_main_missing, indexed_at)
        select $1, page_url, $2, title, chunk_count, outcome, extraction, is_main_missing, $3
        from unnest($4::text[], $5::text[], $6::int[], $7::text[], $8::text[], $9::bool[])
            as given (page_url, title, chunk_count, outcome, extraction, is_main_missing)
        on conflict (library_version_id, page_url) do update set
            crawl_id = excluded.crawl_id, title = excluded.title, chunk_count = excluded.chunk_count,
            outcome = excluded.outcome, extraction = excluded.extraction,
            is_main_missing = excluded.is_main_missing, indexed_at = excluded.indexed_at
        """,
        version_id,
        crawl_id,
        now,
        [page.page_url for page in pages],
        [page.title for page in pages],
        [page.chunk_count for page in pages],
        [page.outcome for page in pages],
        [page.extraction for page in pages],
        [page.is_main_missing for page in pages],
    )


async def keep_missed_pages(connection: Connection, version_id: UUID, crawl_id: UUID) -> None:
    """Takes over, chunks and all, the pages that the crawl missed for the first time."""
    await connection.execute(
        """
        update indexed_pages i set crawl_id = $2 from crawl_pages p
        where i.library_version_id = $1 and p.crawl_id = $2 and p.misses = 1 and i.page_url = p.url
        """,
        version_id,
        crawl_id,
    )
    await connection.execute(
        """
        update documentation_chunks c set crawl_id = $2 from crawl_pages p
        where c.library_version_id = $1 and c.is_published and p.crawl_id = $2 and p.misses = 1 and c.page_url = p.url
        """,
        version_id,
        crawl_id,
    )


async def delete_moved_pages(connection: Connection, version_id: UUID, crawl_id: UUID) -> list[str]:
    """Forgets pages of a crawl that turned out to be another page of it after they were indexed; gives them."""
    rows = await connection.fetch(
        """
        delete from indexed_pages i using crawl_pages p
        where i.library_version_id = $1 and i.crawl_id = $2 and p.crawl_id = $2 and p.url = i.page_url
            and p.state = 'redirected'
        returning i.page_url
        """,
        version_id,
        crawl_id,
    )
    return [row["page_url"] for row in rows]


async def delete_pages_not_of(connection: Connection, version_id: UUID, crawl_id: UUID) -> None:
    """Forgets the pages that a crawl did not bring again."""
    await connection.execute(
        "delete from indexed_pages where library_version_id = $1 and crawl_id <> $2", version_id, crawl_id
    )


async def delete_pages_of(connection: Connection, crawl_id: UUID) -> None:
    """Forgets the pages of a crawl."""
    await connection.execute(
        """
        delete from indexed_pages
        where library_version_id = (select library_version_id from crawls where id = $1) and crawl_id = $1
        """,
        crawl_id,
    )


async def find_source_rules(connection: Connection, version_id: UUID) -> dict[str, Any]:
    """Gives the rules of the source a version is made from; none if it has no source."""
    rules = await connection.fetchval("select rules from sources where library_version_id = $1", version_id)
    return rules or {}


async def outcomes_of(connection: Connection, crawl_id: UUID) -> dict[str, int]:
    """Counts the pages of a crawl by what the indexer made of them."""
    rows = await connection.fetch(
        """
        select outcome, count(*) as pages from indexed_pages
        where library_version_id = (select library_version_id from crawls where id = $1) and crawl_id = $1
        group by outcome
        """,
        crawl_id,
    )
    return {row["outcome"]: row["pages"] for row in rows}
