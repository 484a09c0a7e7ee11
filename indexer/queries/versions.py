"""Statements on `library_versions`."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from core.database import Connection, Row
from core.library_ids import owned_id, shown_id


@dataclass(frozen=True, slots=True)
class LibraryVersion:
    """One version of a library; `index_generation` rises with every change of what it answers.

    `owner_id` is the only user who may know of it, None if all may; `pod_owner_id` is whose data pod holds its points.
    With `has_blocks` some places of the library are not to answer. `embedding_model` is the one whose vectors answer,
    None while there are none.
    """

    id: UUID
    library_id: str
    library_name: str
    version: str
    is_latest: bool
    index_generation: int
    indexed_at: datetime | None
    owner_id: UUID | None = None
    pod_owner_id: UUID | None = None
    has_blocks: bool = False
    embedding_model: int | None = None

    @property
    def shown_id(self) -> str:
        """The id of the library as it is asked for and shown."""
        return shown_id(self.library_id)


async def upsert_version(
    connection: Connection, version_id: UUID, library_id: str, version: str, pod_owner_id: UUID | None = None
) -> UUID:
    """Creates the version if it is not there; gives the id of the one that is."""
    return await connection.fetchval(
        """
        insert into library_versions (id, library_id, version, pod_owner_id) values ($1, $2, $3, $4)
        on conflict (library_id, version) do update set version = excluded.version
        returning id
        """,
        version_id,
        library_id,
        version,
        pod_owner_id,
    )


async def find_version(connection: Connection, library_id: str, version: str) -> LibraryVersion | None:
    """Gives that version of a library; letter case does not matter."""
    row = await connection.fetchrow(
        """
        select v.id, v.library_id, l.name, v.version, v.is_latest, v.index_generation, v.indexed_at, l.owner_id,
               v.pod_owner_id, exists (select from blocks b where b.library_id = l.id) as has_blocks, v.embedding_model
        from library_versions v join libraries l on l.id = v.library_id
        where lower(l.id) = lower($1) and lower(v.version) = lower($2)
        """,
        library_id,
        version,
    )
    return _version(row) if row else None


async def versions_of(connection: Connection, library_id: str, viewer: UUID | None = None) -> list[LibraryVersion]:
    """Gives the versions of a library, in no particular order; a private one of the viewer's hides a public one."""
    rows = await connection.fetch(
        """
        select v.id, v.library_id, l.name, v.version, v.is_latest, v.index_generation, v.indexed_at, l.owner_id,
               v.pod_owner_id, exists (select from blocks b where b.library_id = l.id) as has_blocks, v.embedding_model
        from library_versions v join libraries l on l.id = v.library_id
        where lower(l.id) in (lower($1), lower($2))
        """,
        library_id,
        owned_id(library_id, viewer) if viewer else library_id,
    )
    found = [_version(row) for row in rows]
    return [version for version in found if version.owner_id] or found


async def find_version_by_id(connection: Connection, version_id: UUID) -> LibraryVersion | None:
    """Gives a version by its own id."""
    row = await connection.fetchrow(
        """
        select v.id, v.library_id, l.name, v.version, v.is_latest, v.index_generation, v.indexed_at, l.owner_id,
               v.pod_owner_id, exists (select from blocks b where b.library_id = l.id) as has_blocks, v.embedding_model
        from library_versions v join libraries l on l.id = v.library_id
        where v.id = $1
        """,
        version_id,
    )
    return _version(row) if row else None


async def update_totals(connection: Connection, version_id: UUID, indexed_at: datetime) -> None:
    """Counts what the library answers with now and moves the version's generation on."""
    await connection.execute(
        """
        update library_versions set index_generation = index_generation + 1, indexed_at = $2 where id = $1
        """,
        version_id,
        indexed_at,
    )
    await connection.execute(
        """
        update libraries l
        set total_snippets = t.snippets, total_tokens = t.tokens, last_crawled_at = $2, updated_at = $2
        from (
            select v.library_id, count(c.id) as snippets, coalesce(sum(c.token_count), 0) as tokens
            from library_versions v
            left join documentation_chunks c on c.library_version_id = v.id and c.is_published
            where v.library_id = (select library_id from library_versions where id = $1)
            group by v.library_id
        ) t
        where l.id = t.library_id
        """,
        version_id,
        indexed_at,
    )


async def answering_versions(connection: Connection, version_ids: Sequence[UUID]) -> dict[UUID, str]:
    """Gives those of the versions that have a passage to answer with, and what they are called."""
    rows = await connection.fetch(
        """
        select v.id, v.version from library_versions v where v.id = any($1::uuid[]) and exists (
            select from documentation_chunks c
            where c.library_version_id = v.id and c.is_published and c.words_indexed_at is not null)
        """,
        version_ids,
    )
    return {row["id"]: row["version"] for row in rows}


async def update_latest(connection: Connection, library_id: str, version: str) -> None:
    """Marks the version that is served when none is named; writes nothing where it is the one marked already."""
    await connection.execute(
        "update library_versions set is_latest = false where library_id = $1 and is_latest and version <> $2",
        library_id,
        version,
    )
    await connection.execute(
        "update library_versions set is_latest = true where library_id = $1 and version = $2 and not is_latest",
        library_id,
        version,
    )
    await connection.execute(
        "update libraries set default_version = $2 where id = $1 and default_version is distinct from $2",
        library_id,
        version,
    )


async def lock_versions(connection: Connection, version_ids: Collection[UUID]) -> None:
    """Makes others who write passages of these versions wait until the end of the transaction.

    Whoever writes more than one passage begins with it, or with `lock_library`: two who wrote them in different orders
    would wait for each other. Who adds rows that refer to a version is not held up.
    """
    await connection.execute(
        "select from library_versions where id = any($1::uuid[]) order by id for no key update", list(version_ids)
    )


async def delete_version(connection: Connection, version_id: UUID) -> None:
    """Removes a version with everything below it; its points are written down for removal from the vector store."""
    # From here on nobody adds a passage, whose point would not be written down.
    await connection.execute("select from library_versions where id = $1 for update", version_id)
    await connection.execute(
        """
        insert into removed_points (point_id, pod_owner_id)
        select id, (select pod_owner_id from library_versions where id = $1)
        from documentation_chunks where library_version_id = $1
        on conflict do nothing
        """,
        version_id,
    )
    await connection.execute("delete from library_versions where id = $1", version_id)


def _version(row: Row) -> LibraryVersion:
    return LibraryVersion(
        row["id"],
        row["library_id"],
        row["name"],
        row["version"],
        row["is_latest"],
        row["index_generation"],
        row["indexed_at"],
        row["owner_id"],
        row["pod_owner_id"],
        row["has_blocks"],
        row["embedding_model"],
    )
