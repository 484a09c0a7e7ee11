"""Statements on `libraries` and `library_versions`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from core.database import Connection, Row
from core.library_ids import owned_id, shown_id
from indexer.catalogue.names import DERIVATION, Source


@dataclass(frozen=True, slots=True)
class Library:
    """A library with its versions, in no particular order."""

    id: str
    name: str
    description: str
    docs_url: str | None
    default_version: str | None
    total_snippets: int
    total_tokens: int
    last_crawled_at: datetime | None
    aliases: tuple[str, ...]
    versions: tuple[str, ...]


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


@dataclass(frozen=True, slots=True)
class KnownName:
    """A form of a library's name, and what decides between libraries that fit equally well."""

    library_id: str
    form: str
    source: Source
    popularity: int
    total_snippets: int
    last_crawled_at: datetime | None


async def upsert_library(
    connection: Connection, library_id: str, name: str, docs_url: str | None, owner: UUID | None = None
) -> str:
    """Creates the library or brings its address up to date; gives its id in the spelling first used."""
    return await connection.fetchval(
        """
        insert into libraries (id, name, vendor, docs_url, owner_id, metadata)
        values ($1, $2, $4, $3, $5, '{}')
        on conflict (lower(id)) do update set docs_url = coalesce($3, libraries.docs_url), updated_at = now()
        returning id
        """,
        library_id,
        name,
        docs_url,
        library_id.split("/")[1],
        owner,
    )


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


async def libraries(connection: Connection, library_ids: Sequence[str]) -> list[Library]:
    """Gives the libraries of these ids, as they are spelled, in no particular order."""
    rows = await connection.fetch(
        """
        select l.id, l.name, l.docs_url, l.default_version, l.total_snippets, l.total_tokens, l.last_crawled_at,
               l.metadata, array(select v.version from library_versions v where v.library_id = l.id) as versions
        from libraries l where l.id = any($1)
        """,
        library_ids,
    )
    return [_library(row) for row in rows]


async def library_ids_after(connection: Connection, library_id: str, limit: int) -> list[str]:
    """Gives ids in their order, beginning behind `library_id`."""
    rows = await connection.fetch("select id from libraries where id > $1 order by id limit $2", library_id, limit)
    return [row["id"] for row in rows]


async def names_of_forms(
    connection: Connection, forms: Sequence[str], limit: int, viewer: UUID | None = None
) -> list[KnownName]:
    """Gives the names of exactly these forms; of each form those of the `limit` most popular libraries.

    Of private libraries, only the viewer's own count.
    """
    rows = await connection.fetch(
        """
        select n.library_id, n.form, n.source, n.popularity, l.total_snippets, l.last_crawled_at
        from unnest($1::text[]) as asked (form)
        cross join lateral (
            (select library_id, form, source, popularity from library_names
             where form = asked.form and owner_id is null order by popularity desc limit $2)
            union all
            (select library_id, form, source, popularity from library_names
             where form = asked.form and owner_id = $3 limit $2)
        ) n
        join libraries l on l.id = n.library_id
        """,
        forms,
        limit,
        viewer,
    )
    return [_known_name(row) for row in rows]


async def names_near(
    connection: Connection,
    typo_keys: Sequence[int],
    shortest: int,
    longest: int,
    limit: int,
    viewer: UUID | None = None,
) -> list[KnownName]:
    """Gives names that share a key, those of the most popular libraries first; lengths in letters.

    Of private libraries, only the viewer's own count.
    """
    rows = await connection.fetch(
        """
        select n.library_id, n.form, n.source, n.popularity, l.total_snippets, l.last_crawled_at
        from (
            (select library_id, form, source, popularity from library_names
             where typo_keys && $1::integer[] and length(form) between $2 and $3 and owner_id is null
             order by popularity desc limit $4)
            union all
            (select library_id, form, source, popularity from library_names
             where typo_keys && $1::integer[] and length(form) between $2 and $3 and owner_id = $5 limit $4)
        ) n
        join libraries l on l.id = n.library_id
        """,
        typo_keys,
        shortest,
        longest,
        limit,
        viewer,
    )
    return [_known_name(row) for row in rows]


async def delete_names(connection: Connection, library_id: str) -> None:
    """Removes every name of a library."""
    await connection.execute("delete from library_names where library_id = $1", library_id)


async def insert_names(
    connection: Connection, library_id: str, names: Sequence[tuple[str, Source, Sequence[int] | None]]
) -> None:
    """Adds forms of a library with their sources and typo keys."""
    await connection.executemany(
        """
        insert into library_names (library_id, form, source, typo_keys, popularity, owner_id, derivation)
        select id, $2, $3, $4, popularity_score, owner_id, $5 from libraries where id = $1
        """,
        [(library_id, form, source.value, keys, DERIVATION) for form, source, keys in names],
    )


async def has_names_not_of(connection: Connection, derivation: int) -> bool:
    """Tells whether some names were derived by other rules."""
    return await connection.fetchval("select exists (select from library_names where derivation <> $1)", derivation)


async def find_library(connection: Connection, library_id: str, viewer: UUID | None) -> str | None:
    """Gives how the library is kept that an id means for the viewer, None if there is none."""
    return await connection.fetchval(
        """
        select id from libraries where lower(id) in (lower($1), lower($2)) order by owner_id is null limit 1
        """,
        library_id,
        owned_id(library_id, viewer) if viewer else library_id,
    )


async def owns_libraries(connection: Connection, user_id: UUID) -> bool:
    """Tells whether there are private libraries of this user."""
    return await connection.fetchval("select exists (select from libraries where owner_id = $1)", user_id)


async def update_aliases(connection: Connection, library_id: str, aliases: Sequence[str]) -> str | None:
    """Replaces a library's aliases; gives its id as it is spelled, or None if there is no such library."""
    return await connection.fetchval(
        """
        update libraries set metadata = metadata || jsonb_build_object('aliases', $2::text[]), updated_at = now()
        where lower(id) = lower($1)
        returning id
        """,
        library_id,
        aliases,
    )


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


async def describe_library(connection: Connection, library_id: str, page_url: str, description: str) -> None:
    """Keeps the first words of the library's front page, the one with the shortest address seen so far."""
    await connection.execute(
        """
        update libraries set metadata = metadata || jsonb_build_object('description', $3::text, 'front_page', $2::text)
        where id = $1 and $3 <> '' and length($2) < coalesce(length(metadata ->> 'front_page'), 1000000)
            and not exists (select from blocks where library_id = $1 and page_url = $2 and anchor is null)
        """,
        library_id,
        page_url,
        description,
    )


async def update_latest(connection: Connection, library_id: str, version: str) -> None:
    """Marks the version that is served when none is named."""
    await connection.execute(
        "update library_versions set is_latest = false where library_id = $1 and is_latest and version <> $2",
        library_id,
        version,
    )
    await connection.execute(
        "update library_versions set is_latest = true where library_id = $1 and version = $2", library_id, version
    )
    await connection.execute("update libraries set default_version = $2 where id = $1", library_id, version)


async def delete_version(connection: Connection, version_id: UUID) -> None:
    """Removes a version with everything below it; its points are written down for removal from the vector store."""
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


async def update_library_totals(connection: Connection, library_id: str) -> None:
    """Counts what the library answers with now."""
    await connection.execute(
        """
        update libraries l set total_snippets = t.snippets, total_tokens = t.tokens, updated_at = now()
        from (
            select count(c.id) as snippets, coalesce(sum(c.token_count), 0) as tokens
            from library_versions v
            join documentation_chunks c on c.library_version_id = v.id and c.is_published
            where v.library_id = $1
        ) t
        where l.id = $1
        """,
        library_id,
    )


async def delete_library(connection: Connection, library_id: str) -> bool:
    """Removes a library with everything below it; its points are written down for removal from the vector store."""
    await connection.execute(
        """
        insert into removed_points (point_id, pod_owner_id)
        select c.id, v.pod_owner_id from documentation_chunks c
        join library_versions v on v.id = c.library_version_id
        where lower(v.library_id) = lower($1)
        on conflict do nothing
        """,
        library_id,
    )
    return await connection.execute("delete from libraries where lower(id) = lower($1)", library_id) != "DELETE 0"


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


def _library(row: Row) -> Library:
    metadata: dict[str, Any] = row["metadata"]
    return Library(
        row["id"],
        row["name"],
        str(metadata.get("description", "")),
        row["docs_url"],
        row["default_version"],
        row["total_snippets"],
        row["total_tokens"],
        row["last_crawled_at"],
        tuple(metadata.get("aliases", ())),
        tuple(row["versions"]),
    )


def _known_name(row: Row) -> KnownName:
    return KnownName(
        row["library_id"],
        row["form"],
        Source(row["source"]),
        row["popularity"],
        row["total_snippets"],
        row["last_crawled_at"],
    )
