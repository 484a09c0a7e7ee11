"""Libraries as an operator sees them: versions, how far each is indexed, and how its last crawl went."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from core.database import Connection
from core.library_ids import shown_id
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
    model: str | None
    """The embedding model whose vectors answer."""
    with_next_model: int | None
    """Passages embedded by another model, which is to take over."""


@dataclass(frozen=True, slots=True)
class LibraryOverview:
    """A library with its versions, newest first; a private one has an owner."""

    id: str
    name: str
    description: str
    aliases: tuple[str, ...]
    versions: tuple[VersionOverview, ...]
    owner_id: UUID | None = None


async def libraries_of_others(connection: Connection, limit: int, viewer: UUID) -> list[LibraryOverview]:
    """Gives the private libraries of everybody but the viewer: that they exist, and whose they are."""
    rows = await connection.fetch(
        "select id, owner_id from libraries where owner_id is not null and owner_id <> $2 order by id limit $1",
        limit,
        viewer,
    )
    return [LibraryOverview(shown_id(row["id"]), "", "", (), (), row["owner_id"]) for row in rows]


async def libraries_with_versions(connection: Connection, limit: int, viewer: UUID | None) -> list[LibraryOverview]:
    """Gives libraries in the order of their ids; of private ones, only the viewer's own."""
    rows = await connection.fetch(
        """
        select l.id, l.name, l.owner_id, l.metadata ->> 'description' as description,
               coalesce(l.metadata -> 'aliases', '[]') as aliases, v.version, v.is_latest, v.indexed_at,
               (select count(*) from documentation_chunks c where c.library_version_id = v.id and c.is_published)
                   as chunks,
               (select count(c.embedded_at) from documentation_chunks c
                where c.library_version_id = v.id and c.is_published) as with_meaning,
               w.status as crawl, w.id as crawl_id,
               case w.status when 'paused' then w.pause_reason else w.reason end as problem,
               s.refresh_every as every, s.refresh_at as next_at,
               w.facts ->> 'docs_version' as docs_version,
               (select m.name from embedding_models m where m.id = v.embedding_model) as model,
               case when v.embedding_model <> chosen.id then
                   (select count(*) from documentation_chunks c
                    where c.library_version_id = v.id and c.is_published and c.embedded_by = chosen.id)
               end as with_next_model
        from (
            select id, name, owner_id, metadata from libraries
            where owner_id is null or owner_id = $2 order by id limit $1
        ) l
        join library_versions v on v.library_id = l.id
        left join (
            select id from embedding_models where not is_leaving order by chosen_at desc, id desc limit 1
        ) chosen on true
        left join sources s on s.library_version_id = v.id
        left join lateral (
            select id, status, reason, pause_reason, facts from crawls
            where library_version_id = v.id order by created_at desc limit 1
        ) w on true
        order by l.id
        """,
        limit,
        viewer,
    )
    names: dict[str, tuple[str, str, tuple[str, ...], UUID | None]] = {}
    versions: defaultdict[str, list[VersionOverview]] = defaultdict(list)
    for row in rows:
        names[row["id"]] = (row["name"], row["description"] or "", tuple(row["aliases"]), row["owner_id"])
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
                row["model"],
                row["with_next_model"],
            )
        )
    return [
        LibraryOverview(
            shown_id(library_id),
            name,
            description,
            aliases,
            tuple(sorted(versions[library_id], key=lambda version: version_key(version.version), reverse=True)),
            owner_id,
        )
        for library_id, (name, description, aliases, owner_id) in names.items()
    ]
