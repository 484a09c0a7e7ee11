"""Statements about `sources`."""

from uuid import UUID

from core.database import Connection, Row
from core.errors import NotFound
from crawler.records import Source, SourceKind
from crawler.rules import CrawlRules, rules_from_json


async def upsert_source(
    connection: Connection, source_id: UUID, version_id: UUID, kind: SourceKind, address: str, rules: CrawlRules
) -> Source:
    """Gives a library version its source, in place of the one it had; a source that exists keeps its id."""
    row = await connection.fetchrow(
        """
        insert into sources (id, library_version_id, kind, address, rules) values ($1, $2, $3, $4, $5)
        on conflict (library_version_id) do update
            set kind = excluded.kind, address = excluded.address, rules = excluded.rules, updated_at = now()
        returning id, library_version_id, kind, address, rules
        """,
        source_id,
        version_id,
        kind,
        address,
        rules.to_json(),
    )
    assert row is not None  # noqa: S101 - an upsert gives its row
    return _source(row)


async def select_source(connection: Connection, source_id: UUID) -> Source:
    """Gives a source.

    Raises:
        NotFound: There is none with this id.
    """
    row = await connection.fetchrow(
        "select id, library_version_id, kind, address, rules from sources where id = $1", source_id
    )
    if row is None:
        raise NotFound("There is no such source.")
    return _source(row)


async def select_source_of_version(connection: Connection, version_id: UUID) -> Source:
    """Gives what to crawl for a library version.

    Raises:
        NotFound: It has no source.
    """
    row = await connection.fetchrow(
        "select id, library_version_id, kind, address, rules from sources where library_version_id = $1", version_id
    )
    if row is None:
        raise NotFound("This version has no source. Add it again with `lectern add`.")
    return _source(row)


async def refs_of_library(connection: Connection, library_id: str, address: str) -> list[str]:
    """Gives the tags of one repository that a library has versions of."""
    rows = await connection.fetch(
        """
        select s.rules ->> 'ref' as ref from sources s join library_versions v on v.id = s.library_version_id
        where v.library_id = $1 and s.address = $2 and s.rules ? 'tags' and s.rules ? 'ref'
        """,
        library_id,
        address,
    )
    return [row["ref"] for row in rows]


def _source(row: Row) -> Source:
    return Source(row["id"], row["library_version_id"], row["kind"], row["address"], rules_from_json(row["rules"]))
