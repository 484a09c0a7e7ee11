"""Statements on `library_names`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from core.database import Connection, Row
from indexer.catalogue.names import DERIVATION, Source


@dataclass(frozen=True, slots=True)
class KnownName:
    """A form of a library's name, and what decides between libraries that fit equally well."""

    library_id: str
    form: str
    source: Source
    popularity: int
    total_snippets: int
    last_crawled_at: datetime | None


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
             where form = asked.form and owner_id is null order by popularity desc, library_id limit $2)
            union all
            (select library_id, form, source, popularity from library_names
             where form = asked.form and owner_id = $3 order by popularity desc, library_id limit $2)
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
             order by popularity desc, library_id, form limit $4)
            union all
            (select library_id, form, source, popularity from library_names
             where typo_keys && $1::integer[] and length(form) between $2 and $3 and owner_id = $5
             order by popularity desc, library_id, form limit $4)
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


def _known_name(row: Row) -> KnownName:
    return KnownName(
        row["library_id"],
        row["form"],
        Source(row["source"]),
        row["popularity"],
        row["total_snippets"],
        row["last_crawled_at"],
    )
