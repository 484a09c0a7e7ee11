"""Statements on `libraries`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from core.database import Connection, Row
from core.library_ids import owned_id


@dataclass(frozen=True, slots=True)
class Library:
    """A library with its published versions and the ids of those that are not, in no particular order."""

    id: str
    name: str
    description: str
    docs_url: str | None
    total_snippets: int
    total_tokens: int
    last_crawled_at: datetime | None
    aliases: tuple[str, ...]
    published: tuple[str, ...]
    unpublished: tuple[UUID, ...]


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


async def libraries(connection: Connection, library_ids: Sequence[str]) -> list[Library]:
    """Gives the libraries of these ids, as they are spelled, in no particular order."""
    rows = await connection.fetch(
        """
        select l.id, l.name, l.docs_url, l.total_snippets, l.total_tokens, l.last_crawled_at, l.metadata,
               array(
                   select v.version from library_versions v where v.library_id = l.id and v.indexed_at is not null
               ) as published,
               array(
                   select v.id from library_versions v where v.library_id = l.id and v.indexed_at is null
               ) as unpublished
        from libraries l where l.id = any($1)
        """,
        library_ids,
    )
    return [_library(row) for row in rows]


async def lock_libraries_after(connection: Connection, library_id: str, limit: int) -> list[str]:
    """Gives ids in their order, beginning behind `library_id`; until the transaction ends nobody changes these."""
    rows = await connection.fetch(
        "select id from libraries where id > $1 order by id limit $2 for no key update", library_id, limit
    )
    return [row["id"] for row in rows]


async def lock_library(connection: Connection, library_id: str) -> None:
    """Makes others who change a library or its versions wait until the end of the transaction.

    Whoever writes both, or several versions, begins with it: in the same order nobody waits for one who waits for him.
    """
    await connection.execute("select from libraries where lower(id) = lower($1) for no key update", library_id)
    await connection.execute(
        "select from library_versions where library_id = $1 order by id for no key update", library_id
    )


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


async def update_popularity(connection: Connection, version_ids: Sequence[UUID]) -> None:
    """Counts this minute for the libraries of versions that were asked; done again at once, it changes nothing.

    What counts halves in 30 days. Kept is the logarithm of the sum in today's worth, so that nothing has to be counted
    down: a library that is asked later rises above those that are not. One that somebody writes at this moment is left
    as it is: a minute tells little, and nobody waits for another.
    Source: Cormode et al., Forward Decay, ICDE 2009, exponential decay.
    """
    # Processes note a version once a minute each; those that do so together count once.
    await connection.execute(
        """
        with days as (
            select (extract(epoch from now() - timestamptz '2026-01-01 00:00Z') / 86400 / 30)::float8 as halvings
        ), asked as (
            select l.id, d.halvings + coalesce(ln(1 + power(2, l.askings - d.halvings)) / ln(2::float8), 0) as askings
            from libraries l cross join days d
            where l.id in (select library_id from library_versions where id = any($1::uuid[]))
                and (l.asked_at is null or l.asked_at < now() - interval '50 seconds')
            for no key update of l skip locked
        )
        update libraries l set asked_at = now(), askings = asked.askings, popularity_score = round(asked.askings)
        from asked where l.id = asked.id
        """,
        version_ids,
    )


async def describe_library(connection: Connection, library_id: str, descriptions: Mapping[str, str]) -> None:
    """Keeps the first words of the library's front page, the one with the shortest address seen so far.

    An index or a readme counts as the folder it is in.

    Args:
        connection: A connection.
        library_id: The library.
        descriptions: The first words of pages by their addresses; those without any are passed over.
    """
    await connection.execute(
        r"""
        with front as (
            select url, said, length(regexp_replace(url, '/(index|readme)\.\w+$', '/', 'i')) as chars
            from unnest($2::text[], $3::text[]) as given (url, said)
            where said <> '' and not exists (
                select from blocks where library_id = $1 and page_url = url and anchor is null)
            order by chars, url limit 1
        )
        update libraries
        set metadata = metadata || jsonb_build_object('description', front.said, 'front_page', front.url)
        from front
        where id = $1 and front.chars < coalesce(
            length(regexp_replace(metadata ->> 'front_page', '/(index|readme)\.\w+$', '/', 'i')), 1000000)
        """,
        library_id,
        list(descriptions),
        list(descriptions.values()),
    )


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
    # From here on nobody adds a passage, whose point would not be written down.
    await connection.execute(
        """
        select from libraries l join library_versions v on v.library_id = l.id
        where lower(l.id) = lower($1) order by v.id for update
        """,
        library_id,
    )
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


def _library(row: Row) -> Library:
    metadata: dict[str, Any] = row["metadata"]
    return Library(
        row["id"],
        row["name"],
        str(metadata.get("description", "")),
        row["docs_url"],
        row["total_snippets"],
        row["total_tokens"],
        row["last_crawled_at"],
        tuple(metadata.get("aliases", ())),
        tuple(row["published"]),
        tuple(row["unpublished"]),
    )
