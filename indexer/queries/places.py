"""Statements on where points are: in the vector store of the installation, or in the data pod of a library's owner."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from core.database import Connection, Row
from core.library_ids import shown_id
from indexer.payloads import payload_of
from indexer.queries.chunks import ChunkRow


@dataclass(frozen=True, slots=True)
class OwnedVersion:
    """A version of a private library; `pod_owner_id` is None while its points are in the installation's store."""

    id: UUID
    owner_id: UUID
    pod_owner_id: UUID | None


async def has_pods(connection: Connection) -> bool:
    """Tells whether any points are in a pod."""
    return await connection.fetchval("select exists (select from library_versions where pod_owner_id is not null)")


async def pod_of_version(connection: Connection, version_id: UUID) -> UUID | None:
    """Gives whose pod holds the points of a version, None for the installation's store."""
    return await connection.fetchval("select pod_owner_id from library_versions where id = $1", version_id)


async def lock_pod_of_version(connection: Connection, version_id: UUID) -> UUID | None:
    """Gives the same, and keeps it so until the transaction ends."""
    return await connection.fetchval(
        "select pod_owner_id from library_versions where id = $1 for no key update", version_id
    )


async def pods_of_points(connection: Connection, ids: Sequence[UUID]) -> dict[UUID, UUID]:
    """Gives whose pods hold those of the points that are in one."""
    rows = await connection.fetch(
        """
        select c.id, v.pod_owner_id from documentation_chunks c join library_versions v on v.id = c.library_version_id
        where c.id = any($1::uuid[]) and v.pod_owner_id is not null
        """,
        list(ids),
    )
    return {row["id"]: row["pod_owner_id"] for row in rows}


async def payloads_of_points(connection: Connection, ids: Sequence[UUID]) -> dict[UUID, dict[str, Any]]:
    """Gives what answers show of passages that answer."""
    rows = await connection.fetch(
        """
        select c.id, c.chunk_index, c.content, c.content_type, c.source_url, c.page_url, c.token_count, c.metadata,
            c.mentions, v.id as version_id, v.library_id, v.version,
            coalesce(c.words_indexed_at, c.created_at) as indexed_at
        from documentation_chunks c join library_versions v on v.id = c.library_version_id
        where c.id = any($1::uuid[]) and c.is_published
        """,
        list(ids),
    )
    return {
        row["id"]: payload_of(
            shown_id(row["library_id"]), row["version"], row["version_id"], _chunk(row), row["indexed_at"].date()
        )
        for row in rows
    }


async def points_of_version(connection: Connection, version_id: UUID, ids: Sequence[UUID]) -> frozenset[UUID]:
    """Gives those of the points that answer for a version."""
    rows = await connection.fetch(
        """
        select id from documentation_chunks where library_version_id = $1 and id = any($2::uuid[]) and is_published
        """,
        version_id,
        list(ids),
    )
    return frozenset(row["id"] for row in rows)


async def owned_versions(connection: Connection, owner_id: UUID) -> list[OwnedVersion]:
    """Gives the versions of a user's private libraries."""
    rows = await connection.fetch(
        """
        select v.id, l.owner_id, v.pod_owner_id from libraries l join library_versions v on v.library_id = l.id
        where l.owner_id = $1 order by v.id
        """,
        owner_id,
    )
    return [OwnedVersion(row["id"], row["owner_id"], row["pod_owner_id"]) for row in rows]


async def owners(connection: Connection, *, in_pods: bool) -> frozenset[UUID]:
    """Gives the owners of versions whose points are in pods, or are not."""
    rows = await connection.fetch(
        """
        select distinct l.owner_id from libraries l join library_versions v on v.library_id = l.id
        where l.owner_id is not null and (v.pod_owner_id is not null) = $1
        """,
        in_pods,
    )
    return frozenset(row["owner_id"] for row in rows)


async def published_after(connection: Connection, version_id: UUID, after: UUID, limit: int) -> list[ChunkRow]:
    """Gives passages of a version that answer, in the order of their ids, beginning behind `after`."""
    rows = await connection.fetch(
        """
        select id, chunk_index, content, content_type, source_url, page_url, token_count, metadata, mentions
        from documentation_chunks where library_version_id = $1 and is_published and id > $2
        order by id limit $3
        """,
        version_id,
        after,
        limit,
    )
    return [_chunk(row) for row in rows]


async def forget_written_words(connection: Connection, version_id: UUID, since: datetime | None) -> None:
    """Has the words written anew that reached the vector store since a moment, or all of them."""
    await connection.execute(
        """
        update documentation_chunks set words_indexed_at = null
        where library_version_id = $1 and words_indexed_at >= coalesce($2, '-infinity'::timestamptz)
        """,
        version_id,
        since,
    )


async def forget_written_meanings(connection: Connection, version_id: UUID, since: datetime | None) -> None:
    """Has the meanings written anew that reached the vector store since a moment, or all of them."""
    await connection.execute(
        """
        update documentation_chunks set embedded_at = null, embedded_by = 0
        where library_version_id = $1 and embedded_at >= coalesce($2, '-infinity'::timestamptz)
        """,
        version_id,
        since,
    )


async def pods_with_work(connection: Connection) -> frozenset[UUID]:
    """Gives whose pods are to get words of passages, or hold points that must leave them."""
    rows = await connection.fetch(
        """
        select v.pod_owner_id from library_versions v
        where v.pod_owner_id is not null and exists (
            select from documentation_chunks c
            where c.library_version_id = v.id and c.is_published and c.words_indexed_at is null)
        union
        select pod_owner_id from removed_points where pod_owner_id is not null
        """
    )
    return frozenset(row["pod_owner_id"] for row in rows)


async def update_place(connection: Connection, version_id: UUID, pod_owner_id: UUID | None) -> None:
    """Has the version answer from another place; what was kept of its answers is given no more."""
    await connection.execute(
        """
        update library_versions set pod_owner_id = $2, index_generation = index_generation + 1 where id = $1
        """,
        version_id,
        pod_owner_id,
    )


async def remove_points_of_version(connection: Connection, version_id: UUID, pod_owner_id: UUID | None) -> None:
    """Writes every point of a version down for removal from that place."""
    await connection.execute(
        """
        insert into removed_points (point_id, pod_owner_id)
        select id, $2 from documentation_chunks where library_version_id = $1
        on conflict (point_id) do update set pod_owner_id = excluded.pod_owner_id, removed_at = now()
        """,
        version_id,
        pod_owner_id,
    )


async def keep_points_of_version(connection: Connection, version_id: UUID) -> None:
    """Takes back that points of a version were to be removed."""
    await connection.execute(
        """
        delete from removed_points r using documentation_chunks c
        where c.library_version_id = $1 and r.point_id = c.id
        """,
        version_id,
    )


async def forget_removed_points(connection: Connection, pod_owner_id: UUID) -> None:
    """Forgets what was to leave a pod that is not asked any more."""
    await connection.execute("delete from removed_points where pod_owner_id = $1", pod_owner_id)


def _chunk(row: Row) -> ChunkRow:
    return ChunkRow(
        row["id"],
        row["chunk_index"],
        row["content"],
        row["content_type"],
        row["source_url"],
        row["page_url"],
        row["token_count"],
        row["metadata"],
        mentions=row["mentions"],
    )
