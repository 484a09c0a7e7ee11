"""Statements on `blocks`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from core.database import Connection, Row


@dataclass(frozen=True, slots=True)
class Place:
    """A page, the section of it that begins at `anchor`, or a single passage."""

    page_url: str | None = None
    anchor: str | None = None
    passage_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Block:
    """A place that answers no more; `passages` is how many it takes out now, in all versions of the library."""

    id: UUID
    library_id: str
    place: Place
    reason: str
    blocked_by: UUID
    blocked_at: datetime
    passages: int


async def upsert_block(connection: Connection, library_id: str, place: Place, reason: str, user_id: UUID) -> UUID:
    """Writes a block down, or the new reason of one that is there; gives its id."""
    return await connection.fetchval(
        """
        insert into blocks (library_id, page_url, anchor, passage_id, reason, blocked_by)
        values ($1, $2, $3, $4, $5, $6)
        on conflict (library_id, page_url, anchor, passage_id) do update
            set reason = excluded.reason, blocked_by = excluded.blocked_by, blocked_at = now()
        returning id
        """,
        library_id,
        place.page_url,
        place.anchor,
        place.passage_id,
        reason,
        user_id,
    )


async def blocks_of(connection: Connection, library_id: str) -> list[Block]:
    """Gives the blocks of a library, the latest first."""
    rows = await connection.fetch(
        """
        select b.id, b.library_id, b.page_url, b.anchor, b.passage_id, b.reason, b.blocked_by, b.blocked_at,
               (select count(*) from blocked_chunks c where c.block_id = b.id) as passages
        from blocks b where b.library_id = $1
        order by b.blocked_at desc, b.id
        """,
        library_id,
    )
    return [_block(row) for row in rows]


async def delete_block(connection: Connection, library_id: str, block_id: UUID) -> bool:
    """Lifts a block of a library; tells whether there was one."""
    tag = await connection.execute("delete from blocks where id = $2 and library_id = $1", library_id, block_id)
    return tag != "DELETE 0"


async def has_passage(connection: Connection, library_id: str, passage_id: UUID) -> bool:
    """Tells whether some version of the library has this passage."""
    return await connection.fetchval(
        """
        select exists (select from documentation_chunks c join library_versions v on v.id = c.library_version_id
            where c.id = $2 and v.library_id = $1)
        """,
        library_id,
        passage_id,
    )


async def find_indexed_page(connection: Connection, library_id: str, page_urls: Sequence[str]) -> str | None:
    """Gives the first of some addresses at which some version of the library has passages."""
    return await connection.fetchval(
        """
        select c.page_url from documentation_chunks c join library_versions v on v.id = c.library_version_id
        where v.library_id = $1 and c.page_url = any($2::text[])
        order by array_position($2::text[], c.page_url::text) limit 1
        """,
        library_id,
        page_urls,
    )


async def blocked_chunks(connection: Connection, version_id: UUID) -> frozenset[UUID]:
    """Gives the passages of a version that are not to answer."""
    rows = await connection.fetch("select chunk_id from blocked_chunks where library_version_id = $1", version_id)
    return frozenset(row["chunk_id"] for row in rows)


async def update_answers(connection: Connection, library_id: str) -> None:
    """Moves the generation of every version on, so that no answer kept before is given again; renews its topic."""
    await connection.execute(
        "update library_versions set index_generation = index_generation + 1 where library_id = $1", library_id
    )
    await connection.execute("update library_topics set revision = revision + 1 where library_id = $1", library_id)


async def forget_description(connection: Connection, library_id: str, page_url: str) -> None:
    """Takes the library's description away, if it is of this page."""
    await connection.execute(
        """
        update libraries set metadata = metadata - 'description' - 'front_page'
        where id = $1 and metadata ->> 'front_page' = $2
        """,
        library_id,
        page_url,
    )


def _block(row: Row) -> Block:
    return Block(
        row["id"],
        row["library_id"],
        Place(row["page_url"], row["anchor"], row["passage_id"]),
        row["reason"],
        row["blocked_by"],
        row["blocked_at"],
        row["passages"],
    )
