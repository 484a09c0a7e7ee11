"""Statements on the queue of passages to embed: the passages themselves, the order of their versions, and leases.

A passage waits while it answers, its words are indexed and the model chosen last has not embedded it. A lease is on a
text, not on a passage: whoever has the same text in another library waits for the vector that is being made.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from core.database import Connection
from indexer.queries.versions import lock_versions


@dataclass(frozen=True, slots=True)
class WaitingChunk:
    """A passage to embed, as it was when its words were indexed."""

    id: UUID
    version_id: UUID
    text_hash: UUID
    content: str
    metadata: dict[str, Any]
    words_indexed_at: datetime


@dataclass(frozen=True, slots=True)
class Backlog:
    """How many passages answer, and how many of them the chosen model has embedded."""

    chunks: int
    embedded: int


async def update_waiting(connection: Connection, version_id: UUID) -> None:
    """Puts a version on the queue, at its end unless it is there already."""
    await connection.execute(
        "update library_versions set waiting_since = coalesce(waiting_since, now()) where id = $1", version_id
    )


async def update_asked(connection: Connection, version_ids: Sequence[UUID]) -> None:
    """Notes that somebody asked these versions now; those that somebody writes are left as they are: nobody waits."""
    await connection.execute(
        """
        update library_versions set asked_at = now()
        where id in (select id from library_versions where id = any($1::uuid[]) for no key update skip locked)
        """,
        sorted(version_ids),
    )


async def claim_chunks(
    connection: Connection,
    model_id: int,
    worker: UUID,
    limit: int,
    lease: timedelta,
    away: Sequence[UUID] = (),
) -> list[WaitingChunk]:
    """Gives the next passages whose texts nobody is embedding, and leases those texts.

    Versions somebody asked lately come first, then those that wait longest. What belongs into data pods that are
    `away` waits until they are back.
    """
    rows = await connection.fetch(
        """
        with next as materialized (
            select c.id, c.library_version_id, c.text, c.content, c.metadata, c.words_indexed_at
            from library_versions v cross join lateral (
                select c.id, c.library_version_id, coalesce(c.text_hash, c.id) as text, c.content, c.metadata,
                    c.words_indexed_at
                from documentation_chunks c
                where c.library_version_id = v.id and c.embedded_by <> $1 and c.is_published
                    and c.words_indexed_at is not null
                    and not exists (select from embedding_leases l
                        where l.text_hash = coalesce(c.text_hash, c.id) and l.until > now())
                order by c.embedded_by, c.chunk_index limit $3
            ) c
            where v.waiting_since is not null and (v.pod_owner_id is null or v.pod_owner_id <> all($5::uuid[]))
            order by v.asked_at desc nulls last, v.waiting_since limit $3
        ), leased as (
            insert into embedding_leases as known (text_hash, worker, until)
            select distinct text, $2::uuid, now() + $4::interval from next order by text
            on conflict (text_hash) do update set worker = excluded.worker, until = excluded.until
                where known.until <= now()
            returning text_hash
        )
        select id, library_version_id, text, content, metadata, words_indexed_at
        from next join leased on text_hash = text
        """,
        model_id,
        worker,
        limit,
        lease,
        list(away),
    )
    return [
        WaitingChunk(
            row["id"],
            row["library_version_id"],
            row["text"],
            row["content"],
            row["metadata"],
            row["words_indexed_at"],
        )
        for row in rows
    ]


async def update_leases(connection: Connection, worker: UUID, text_hashes: Sequence[UUID], lease: timedelta) -> None:
    """Has a worker keep texts it has leased."""
    await connection.execute(
        "update embedding_leases set until = now() + $3::interval where worker = $1 and text_hash = any($2::uuid[])",
        worker,
        list(text_hashes),
        lease,
    )


async def delete_leases(connection: Connection, worker: UUID, text_hashes: Sequence[UUID] | None = None) -> None:
    """Ends leases of a worker: those of some texts, or all."""
    await connection.execute(
        "delete from embedding_leases where worker = $1 and ($2::uuid[] is null or text_hash = any($2::uuid[]))",
        worker,
        None if text_hashes is None else list(text_hashes),
    )


async def delete_expired_leases(connection: Connection, expired_for: timedelta) -> None:
    """Forgets leases of workers that are gone."""
    await connection.execute("delete from embedding_leases where until < now() - $1::interval", expired_for)


async def chunks_with_texts(connection: Connection, text_hashes: Sequence[UUID], model_id: int) -> dict[UUID, UUID]:
    """Gives for each of the texts that a model has embedded one passage that has its vector."""
    rows = await connection.fetch(
        """
        select text, c.id from unnest($1::uuid[]) as text cross join lateral (
            select id from documentation_chunks where text_hash = text and embedded_by = $2 limit 1
        ) c
        """,
        list(text_hashes),
        model_id,
    )
    return {row["text"]: row["id"] for row in rows}


async def mark_embedded(connection: Connection, model_id: int, chunks: Sequence[WaitingChunk]) -> None:
    """Notes that the vector store has what a model made of these passages; a version's first model answers at once.

    Passages whose words were written anew meanwhile, or are to be, go on waiting: their points may have been written
    without the meaning, which is looked for in the store when they are claimed again.
    """
    await lock_versions(connection, {chunk.version_id for chunk in chunks})
    await connection.execute(
        """
        with marked as (
            update documentation_chunks c set embedded_by = $1, embedded_at = now()
            from unnest($2::uuid[], $3::timestamptz[]) as claimed (id, words_indexed_at)
            where c.id = claimed.id and c.words_indexed_at = claimed.words_indexed_at
            returning library_version_id
        )
        update library_versions set embedding_model = $1
        where embedding_model is null and id in (select library_version_id from marked)
        """,
        model_id,
        [chunk.id for chunk in chunks],
        [chunk.words_indexed_at for chunk in chunks],
    )


async def waiting_versions(connection: Connection, after: UUID, limit: int) -> list[UUID]:
    """Gives versions on the queue, in the order of their ids."""
    rows = await connection.fetch(
        "select id from library_versions where waiting_since is not null and id > $1 order by id limit $2", after, limit
    )
    return [row["id"] for row in rows]


async def select_backlog(connection: Connection, model_id: int) -> Backlog:
    """Counts over all versions."""
    row = await connection.fetchrow(
        """
        select count(*) as chunks, count(*) filter (where embedded_by = $1) as embedded
        from documentation_chunks where is_published
        """,
        model_id,
    )
    return Backlog(row["chunks"], row["embedded"]) if row else Backlog(0, 0)
