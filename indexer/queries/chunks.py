"""Statements on `documentation_chunks` and `removed_points`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from core.database import Connection


@dataclass(frozen=True, slots=True)
class ChunkRow:
    """A chunk as the database keeps it."""

    id: UUID
    chunk_index: int
    content: str
    content_type: str
    source_url: str
    page_url: str
    token_count: int
    metadata: dict[str, Any]
    text_hash: UUID | None = None
    """Of the text that is embedded."""
    mentions: str = ""
    """Sentences of other pages that link to it, one a line."""


@dataclass(frozen=True, slots=True)
class VersionCounts:
    """How far the index of a version is: chunks published, searchable by words, and searchable by meaning."""

    chunks: int
    with_words: int
    with_meaning: int


async def insert_chunks(
    connection: Connection, version_id: UUID, crawl_id: UUID, chunks: Sequence[ChunkRow], *, is_published: bool
) -> None:
    """Writes chunks; one that is there already notes that this crawl saw it too, and what is new about it.

    Its text is the same, so its meaning is; where names, anchors or its place have changed its words are written anew.
    """
    await connection.execute(
        """
        insert into documentation_chunks as known
            (id, library_version_id, crawl_id, chunk_index, content, content_type, source_url, page_url, token_count,
             metadata, text_hash, is_published)
        select id, $1, $2, chunk_index, content, content_type, source_url, page_url, token_count, metadata, text_hash,
               $3
        from unnest($4::uuid[], $5::integer[], $6::text[], $7::text[], $8::text[], $9::text[], $10::integer[],
            $11::jsonb[], $12::uuid[])
            as new (id, chunk_index, content, content_type, source_url, page_url, token_count, metadata, text_hash)
        order by id
        on conflict (id) do update
            set crawl_id = excluded.crawl_id, chunk_index = excluded.chunk_index, metadata = excluded.metadata,
                text_hash = excluded.text_hash,
                words_indexed_at =
                    case when (known.metadata, known.chunk_index) is distinct from
                        (excluded.metadata, excluded.chunk_index) then null
                    else known.words_indexed_at end
        """,
        version_id,
        crawl_id,
        is_published,
        [chunk.id for chunk in chunks],
        [chunk.chunk_index for chunk in chunks],
        [chunk.content for chunk in chunks],
        [chunk.content_type for chunk in chunks],
        [chunk.source_url for chunk in chunks],
        [chunk.page_url for chunk in chunks],
        [chunk.token_count for chunk in chunks],
        [chunk.metadata for chunk in chunks],
        [chunk.text_hash for chunk in chunks],
    )


async def keep_points(connection: Connection, version_id: UUID, ids: Sequence[UUID]) -> None:
    """Takes back that points of a version were to be removed: their chunks are there again."""
    await connection.execute(
        """
        delete from removed_points r using library_versions v
        where v.id = $1 and r.point_id = any($2::uuid[]) and r.pod_owner_id is not distinct from v.pod_owner_id
        """,
        version_id,
        list(ids),
    )


async def has_published_chunks(connection: Connection, version_id: UUID, but_crawl_id: UUID) -> bool:
    """Tells whether another crawl's chunks answer for the version now."""
    return await connection.fetchval(
        """
        select exists (select from documentation_chunks
            where library_version_id = $1 and is_published and crawl_id <> $2)
        """,
        version_id,
        but_crawl_id,
    )


async def count_chunks(connection: Connection, version_id: UUID) -> VersionCounts:
    """Counts the published chunks of a version and how far their index is."""
    row = await connection.fetchrow(
        """
        select count(*) as chunks, count(words_indexed_at) as with_words, count(embedded_at) as with_meaning
        from documentation_chunks where library_version_id = $1 and is_published
        """,
        version_id,
    )
    return VersionCounts(row["chunks"], row["with_words"], row["with_meaning"]) if row else VersionCounts(0, 0, 0)


async def is_settled(connection: Connection, version_id: UUID, *, with_meaning: bool) -> bool:
    """Tells whether the vector store holds what the version answers with and nothing that was removed.

    Args:
        connection: A connection.
        version_id: The version.
        with_meaning: Whether that includes the meanings.
    """
    return await connection.fetchval(
        """
        select not exists (
               select from removed_points
               where pod_owner_id is not distinct from (select pod_owner_id from library_versions where id = $1))
           and not exists (
               select from documentation_chunks
               where library_version_id = $1 and is_published and words_indexed_at is null)
           and not ($2 and exists (
               select from documentation_chunks
               where library_version_id = $1 and is_published and words_indexed_at is not null and embedded_at is null))
        """,
        version_id,
        with_meaning,
    )


async def count_chunks_to_find(connection: Connection, version_id: UUID, crawl_id: UUID) -> int:
    """Counts the published chunks a crawl is measured by: all, or after a change of rules those these leave in.

    What the new rules leave out, the operator does not want any more, and nobody asked for it (`tries` is 0). What was
    asked for and is no page any more, or is nowhere, was lost.
    """
    return await connection.fetchval(
        """
        select count(*) from documentation_chunks c
        where library_version_id = $1 and is_published and (
            (select facts #>> '{followed,are_new}' from crawls where id = $2) is distinct from 'yes'
            or not exists (
                select from crawl_pages p
                where p.crawl_id = $2 and p.url = c.page_url and p.state = 'excluded' and p.tries = 0 and p.misses = 0))
        """,
        version_id,
        crawl_id,
    )


async def count_chunks_of_crawl(connection: Connection, version_id: UUID, crawl_id: UUID) -> int:
    """Counts the chunks a crawl saw."""
    return await connection.fetchval(
        "select count(*) from documentation_chunks where library_version_id = $1 and crawl_id = $2",
        version_id,
        crawl_id,
    )


async def count_chunks_found_again(connection: Connection, version_id: UUID, crawl_id: UUID) -> int | None:
    """Counts the published chunks of pages of which an index that is built anew has any.

    It has all pages from the snapshot, and after a release that reads them better other chunks than before. None for a
    crawl that asks the source.
    """
    return await connection.fetchval(
        """
        select case when (select origin from crawls where id = $2) = 'snapshot' then (
            select count(*) from documentation_chunks
            where library_version_id = $1 and is_published and page_url in (
                select page_url from documentation_chunks where library_version_id = $1 and crawl_id = $2)) end
        """,
        version_id,
        crawl_id,
    )


async def delete_chunks_of_pages(connection: Connection, version_id: UUID, crawl_id: UUID, urls: Sequence[str]) -> None:
    """Removes the chunks a crawl saw of some pages; those that answer from an earlier crawl stay."""
    await connection.execute(
        """
        with removed as (
            delete from documentation_chunks
            where library_version_id = $1 and crawl_id = $2 and page_url = any($3::text[]) returning id
        )
        insert into removed_points (point_id, pod_owner_id)
        select id, (select pod_owner_id from library_versions where id = $1) from removed on conflict do nothing
        """,
        version_id,
        crawl_id,
        list(urls),
    )


async def chunks_of_gone_pages(connection: Connection, version_id: UUID, crawl_id: UUID) -> list[UUID]:
    """Gives the chunks that answer of pages of which a crawl has none; to be asked before these are removed."""
    rows = await connection.fetch(
        """
        select id from documentation_chunks c
        where library_version_id = $1 and crawl_id <> $2 and is_published and not exists (
            select from documentation_chunks n
            where n.library_version_id = $1 and n.page_url = c.page_url and n.crawl_id = $2)
        """,
        version_id,
        crawl_id,
    )
    return [row["id"] for row in rows]


async def delete_chunks_not_of(connection: Connection, version_id: UUID, crawl_id: UUID) -> int:
    """Removes the chunks a crawl did not see again, and writes their points down for removal; gives how many."""
    tag = await connection.execute(
        """
        with removed as (
            delete from documentation_chunks where library_version_id = $1 and crawl_id <> $2 returning id
        )
        insert into removed_points (point_id, pod_owner_id)
        select id, (select pod_owner_id from library_versions where id = $1) from removed on conflict do nothing
        """,
        version_id,
        crawl_id,
    )
    return int(tag.rsplit(" ", 1)[-1])


async def publish_chunks(connection: Connection, version_id: UUID) -> None:
    """Lets every chunk of the version answer."""
    await connection.execute(
        "update documentation_chunks set is_published = true where library_version_id = $1 and not is_published",
        version_id,
    )


async def delete_chunks_of_crawl(
    connection: Connection, version_id: UUID, crawl_id: UUID, *, is_published: bool
) -> None:
    """Removes the chunks a crawl saw last that do not answer, with `is_published` also those that do."""
    await connection.execute(
        """
        with removed as (
            delete from documentation_chunks
            where library_version_id = $1 and crawl_id = $2 and (not is_published or $3)
            returning id
        )
        insert into removed_points (point_id, pod_owner_id)
        select id, (select pod_owner_id from library_versions where id = $1) from removed on conflict do nothing
        """,
        version_id,
        crawl_id,
        is_published,
    )


async def delete_unpublished_chunks(connection: Connection, version_id: UUID) -> None:
    """Removes what a crawl that did not pass left behind."""
    await connection.execute(
        "delete from documentation_chunks where library_version_id = $1 and not is_published", version_id
    )


async def chunks_without_words(connection: Connection, version_id: UUID, limit: int) -> list[ChunkRow]:
    """Gives published chunks whose words are not in the vector store yet."""
    rows = await connection.fetch(
        """
        select id, chunk_index, content, content_type, source_url, page_url, token_count, metadata, mentions
        from documentation_chunks
        where library_version_id = $1 and is_published and words_indexed_at is null
        limit $2
        """,
        version_id,
        limit,
    )
    return [ChunkRow(**dict(row)) for row in rows]


async def versions_without_words(connection: Connection) -> list[UUID]:
    """Gives the versions that have published chunks the vector store has no words of; data pods are left out."""
    rows = await connection.fetch(
        """
        select distinct c.library_version_id
        from documentation_chunks c join library_versions v on v.id = c.library_version_id
        where c.is_published and c.words_indexed_at is null and v.pod_owner_id is null
        """
    )
    return [row["library_version_id"] for row in rows]


async def versions_of_older_words(connection: Connection) -> list[UUID]:
    """Gives the versions whose words are in the vector store in a form that no question finds any more."""
    rows = await connection.fetch("select id from library_versions where words_form = 0 order by id")
    return [row["id"] for row in rows]


async def forget_words(connection: Connection, version_id: UUID) -> None:
    """Has the words of a version written anew, in today's form."""
    await connection.execute(
        """
        with renewed as (update library_versions set words_form = 1 where id = $1)
        update documentation_chunks set words_indexed_at = null
        where library_version_id = $1 and words_indexed_at is not null
        """,
        version_id,
    )


async def versions_with_words(connection: Connection, after: UUID, limit: int) -> list[UUID]:
    """Gives versions that the vector store should have words of, in the order of their ids; data pods are left out."""
    rows = await connection.fetch(
        """
        select id from library_versions v
        where id > $1 and pod_owner_id is null and exists (
            select from documentation_chunks c
            where c.library_version_id = v.id and c.is_published and c.words_indexed_at is not null)
        order by id limit $2
        """,
        after,
        limit,
    )
    return [row["id"] for row in rows]


async def count_words(connection: Connection) -> int:
    """Counts the chunks that the vector store should have words of; those in data pods are left out."""
    return await connection.fetchval(
        """
        select count(*) from documentation_chunks c join library_versions v on v.id = c.library_version_id
        where c.is_published and c.words_indexed_at is not null and v.pod_owner_id is null
        """
    )


async def forget_points(connection: Connection, version_id: UUID) -> None:
    """Has everything that the vector store should have of a version written anew, words and meanings."""
    await connection.execute(
        """
        update documentation_chunks set words_indexed_at = null, embedded_at = null, embedded_by = 0
        where library_version_id = $1 and words_indexed_at is not null
        """,
        version_id,
    )


async def mark_words_indexed(connection: Connection, ids: Sequence[UUID], now: datetime) -> None:
    """Notes that the words of these chunks are in the vector store."""
    await connection.execute(
        """
        update documentation_chunks set words_indexed_at = $2, embedding_id = id::text where id = any($1::uuid[])
        """,
        list(ids),
        now,
    )


async def removed_points(connection: Connection, limit: int, pod_owner_id: UUID | None = None) -> list[UUID]:
    """Gives points that must leave the vector store, or a user's data pod, oldest first."""
    rows = await connection.fetch(
        """
        select point_id from removed_points where pod_owner_id is not distinct from $2 order by removed_at limit $1
        """,
        limit,
        pod_owner_id,
    )
    return [row["point_id"] for row in rows]


async def delete_removed_points(connection: Connection, ids: Sequence[UUID]) -> None:
    """Forgets points that have left the vector store."""
    await connection.execute(
        """
        delete from removed_points where point_id in (
            select point_id from removed_points where point_id = any($1::uuid[]) order by point_id for update)
        """,
        list(ids),
    )
