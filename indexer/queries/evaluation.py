"""What evaluation reads of the index: which pages there are, their sections, where they are stored."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from core.database import Connection


@dataclass(frozen=True, slots=True)
class StoredPage:
    """A page of the index, and where what it was made of is in the snapshot."""

    url: str
    content_type: str
    snapshot_key: str
    snapshot_offset: int
    snapshot_length: int


@dataclass(frozen=True, slots=True)
class Section:
    """A section that the index has passages of: its address, and further anchors for it."""

    page_url: str
    source_url: str
    aliases: tuple[str, ...]


async def indexed_urls(connection: Connection, version_id: UUID) -> list[str]:
    """Gives the pages of a version that have passages and are not blocked, in the order of their addresses."""
    rows = await connection.fetch(
        """
        select page_url from indexed_pages i
        where library_version_id = $1 and chunk_count > 0 and outcome = 'indexed' and not exists (
            select from library_versions v join blocks b on b.library_id = v.library_id
            where v.id = $1 and b.page_url = i.page_url and b.anchor is null)
        order by page_url
        """,
        version_id,
    )
    return [row["page_url"] for row in rows]


async def chunks_of_pages(connection: Connection, version_id: UUID, urls: Sequence[str]) -> dict[str, list[UUID]]:
    """Gives the passages of pages that answer now, by page."""
    rows = await connection.fetch(
        """
        select page_url, array_agg(id) as ids from documentation_chunks
        where library_version_id = $1 and page_url = any($2::text[]) and is_published group by page_url
        """,
        version_id,
        list(urls),
    )
    return {row["page_url"]: row["ids"] for row in rows}


async def sections_of_pages(connection: Connection, version_id: UUID, urls: Sequence[str]) -> list[Section]:
    """Gives the sections of pages that answer now, in the order of the pages."""
    rows = await connection.fetch(
        """
        select page_url, source_url, metadata->'anchor_aliases' as aliases from documentation_chunks
        where library_version_id = $1 and page_url = any($2::text[]) and is_published order by page_url, chunk_index, id
        """,
        version_id,
        list(urls),
    )
    return [Section(row["page_url"], row["source_url"], tuple(row["aliases"] or ())) for row in rows]


async def stored_pages(connection: Connection, version_id: UUID, urls: Sequence[str]) -> list[StoredPage]:
    """Gives where pages of the index are stored; those that are not are left out."""
    rows = await connection.fetch(
        """
        select p.url, p.content_type, p.snapshot_key, p.snapshot_offset, p.snapshot_length
        from indexed_pages i join crawl_pages p on p.crawl_id = i.crawl_id and p.url = i.page_url
        where i.library_version_id = $1 and i.page_url = any($2::text[]) and p.snapshot_key is not null
        order by p.url
        """,
        version_id,
        list(urls),
    )
    return [
        StoredPage(
            row["url"], row["content_type"] or "", row["snapshot_key"], row["snapshot_offset"], row["snapshot_length"]
        )
        for row in rows
    ]
