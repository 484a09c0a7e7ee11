"""Libraries as an operator sees them: versions, how far each is indexed, and how its last crawl went."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from core.database import Connection
from indexer.catalogue.versions import version_key


@dataclass(frozen=True, slots=True)
class VersionOverview:
    """A version and how far its index is; `crawl` is the state of its last crawl."""

    version: str
    is_latest: bool
    chunks: int
    with_meaning: int
    indexed_at: datetime | None
    crawl: str | None


@dataclass(frozen=True, slots=True)
class LibraryOverview:
    """A library with its versions, newest first."""

    id: str
    name: str
    description: str
    versions: tuple[VersionOverview, ...]


async def libraries_with_versions(connection: Connection, limit: int) -> list[LibraryOverview]:
    """Gives libraries in the order of their ids."""
    rows = await connection.fetch(
        """
        select l.id, l.name, l.metadata ->> 'description' as description, v.version, v.is_latest, v.indexed_at,
               (select count(*) from documentation_chunks c where c.library_version_id = v.id and c.is_published)
                   as chunks,
               (select count(c.embedded_at) from documentation_chunks c
                where c.library_version_id = v.id and c.is_published) as with_meaning,
               (select status from crawls w where w.library_version_id = v.id order by created_at desc limit 1)
                   as crawl
        from (select id, name, metadata from libraries order by id limit $1) l
        join library_versions v on v.library_id = l.id
        order by l.id
        """,
        limit,
    )
    names: dict[str, tuple[str, str]] = {}
    versions: defaultdict[str, list[VersionOverview]] = defaultdict(list)
    for row in rows:
        names[row["id"]] = (row["name"], row["description"] or "")
        versions[row["id"]].append(
            VersionOverview(
                row["version"],
                row["is_latest"],
                row["chunks"],
                row["with_meaning"],
                row["indexed_at"],
                row["crawl"],
            )
        )
    return [
        LibraryOverview(
            library_id,
            name,
            description,
            tuple(sorted(versions[library_id], key=lambda version: version_key(version.version), reverse=True)),
        )
        for library_id, (name, description) in names.items()
    ]
