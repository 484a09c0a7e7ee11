"""Libraries as an operator sees them: versions, how far each is indexed, and how its last crawl went."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from core.database import Connection
from indexer.catalogue.versions import version_key


@dataclass(frozen=True, slots=True)
class VersionOverview:
    """A version and how far its index is; `crawl` is the state of its last crawl, `problem` what was wrong with it."""

    version: str
    is_latest: bool
    chunks: int
    with_meaning: int
    indexed_at: datetime | None
    crawl: str | None
    crawl_id: UUID | None
    problem: str | None
    every: timedelta | None
    next_at: datetime | None
    docs_version: str | None
    """The version the documentation says it is of."""


@dataclass(frozen=True, slots=True)
class LibraryOverview:
    """A library with its versions, newest first."""

    id: str
    name: str
    description: str
    aliases: tuple[str, ...]
    versions: tuple[VersionOverview, ...]


async def libraries_with_versions(connection: Connection, limit: int) -> list[LibraryOverview]:
    """Gives libraries in the order of their ids."""
    rows = await connection.fetch(
        """
        select l.id, l.name, l.metadata ->> 'description' as description,
               coalesce(l.metadata -> 'aliases', '[]') as aliases, v.version, v.is_latest, v.indexed_at,
               (select count(*) from documentation_chunks c where c.library_version_id = v.id and c.is_published)
                   as chunks,
               (select count(c.embedded_at) from documentation_chunks c
                where c.library_version_id = v.id and c.is_published) as with_meaning,
               w.status as crawl, w.id as crawl_id,
               case w.status when 'paused' then w.pause_reason else w.reason end as problem,
               s.refresh_every as every, s.refresh_at as next_at,
               w.facts ->> 'docs_version' as docs_version
        from (select id, name, metadata from libraries order by id limit $1) l
        join library_versions v on v.library_id = l.id
        left join sources s on s.library_version_id = v.id
        left join lateral (
            select id, status, reason, pause_reason, facts from crawls
            where library_version_id = v.id order by created_at desc limit 1
        ) w on true
        order by l.id
        """,
        limit,
    )
    names: dict[str, tuple[str, str, tuple[str, ...]]] = {}
    versions: defaultdict[str, list[VersionOverview]] = defaultdict(list)
    for row in rows:
        names[row["id"]] = (row["name"], row["description"] or "", tuple(row["aliases"]))
        versions[row["id"]].append(
            VersionOverview(
                row["version"],
                row["is_latest"],
                row["chunks"],
                row["with_meaning"],
                row["indexed_at"],
                row["crawl"],
                row["crawl_id"],
                row["problem"],
                row["every"],
                row["next_at"],
                row["docs_version"],
            )
        )
    return [
        LibraryOverview(
            library_id,
            name,
            description,
            aliases,
            tuple(sorted(versions[library_id], key=lambda version: version_key(version.version), reverse=True)),
        )
        for library_id, (name, description, aliases) in names.items()
    ]
