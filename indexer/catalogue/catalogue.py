"""The catalogue: adding libraries, finding the one a name means, finding the version an id means."""

from collections.abc import Mapping, Sequence
from uuid import NAMESPACE_URL, UUID, uuid5

from core.database import Connection, Database
from core.errors import Conflict, InvalidInput, LibraryNotFound, VersionNotFound
from core.library_ids import LibraryId, check_owned_id, shown_id
from indexer.answers import LibraryMatch, Resolution
from indexer.catalogue import lookup
from indexer.catalogue.lookup import Found, index_names
from indexer.catalogue.names import DERIVATION, MAX_NAME_CHARS
from indexer.catalogue.topics import Topics, fitting_first
from indexer.catalogue.versions import meant_version, newest_first, version_key
from indexer.queries import libraries as library_queries
from indexer.queries import library_names as name_queries
from indexer.queries import versions as version_queries
from indexer.queries.libraries import Library
from indexer.queries.versions import LibraryVersion

_MOST_MATCHES = 10
_MOST_ALIASES = 50
_BATCH = 500


async def add_version(
    connection: Connection,
    library: str,
    version: str,
    *,
    name: str | None = None,
    docs_url: str | None = None,
    owner: UUID | None = None,
    in_pod: bool = False,
) -> LibraryVersion:
    """Adds a version of a library, and the library if it is new; repeating it changes nothing.

    The version's id follows from library and version, so that a crawl done twice gives the same chunk ids. With an
    owner the library is private: only that user knows of it. A new version has its points `in_pod` of the owner.

    Raises:
        Conflict: A library that everybody sees has the id of a private one.
    """
    kept_as = await _free_id(connection, library, owner) if owner else library
    name = name or _name_from(shown_id(library))
    library_id = await library_queries.upsert_library(connection, kept_as, name, docs_url, owner)
    await library_queries.lock_library(connection, library_id)
    await index_names(connection, [library_id])
    version_id = uuid5(NAMESPACE_URL, f"lectern:{library_id.lower()}@{version.lower()}")
    await version_queries.upsert_version(connection, version_id, library_id, version, owner if in_pod else None)
    await renew_latest(connection, library_id)
    added = await version_queries.find_version(connection, library_id, version)
    if added is None:
        raise LibraryNotFound(f"{library_id} was removed meanwhile.")
    return added


async def remove_version(connection: Connection, version: LibraryVersion) -> None:
    """Removes one version of a library; the newest of the others is served when none is named."""
    await library_queries.lock_library(connection, version.library_id)
    await version_queries.delete_version(connection, version.id)
    await library_queries.update_library_totals(connection, version.library_id)
    await renew_latest(connection, version.library_id)


async def renew_latest(connection: Connection, library_id: str) -> None:
    """Has the version served where none is named that is to be now; belongs behind what adds, publishes or removes one.

    Whoever calls it has locked the library before: of two that publish at once, the second sees the first.
    """
    versions = await version_queries.versions_of(connection, library_id)
    if versions:
        preferred = await _preferred_first(connection, versions)
        await version_queries.update_latest(connection, library_id, preferred[0].version)


async def select_version(connection: Connection, wanted: LibraryId, viewer: UUID | None = None) -> LibraryVersion:
    """Gives the version an id means: the one named, or of a part of a number and where none is named the latest.

    The latest is the newest that answers; one that does not is meant only if it is named, or if nothing else is there.
    Private libraries of others than the viewer are not there.

    Raises:
        LibraryNotFound: There is no such library; carries ids that look alike.
        VersionNotFound: The library has no such version; carries those it has.
    """
    versions = await version_queries.versions_of(connection, wanted.library, viewer)
    if not versions:
        raise await _library_not_found(connection, wanted.library, viewer)
    preferred = await _preferred_first(connection, versions)
    if wanted.version is None:
        return preferred[0]
    by_name = {version.version: version for version in preferred}
    meant = meant_version(wanted.version, list(by_name))
    if meant is None:
        names = newest_first(by_name)
        raise VersionNotFound(
            f"{versions[0].shown_id} has no version {wanted.version!r}. It has: {', '.join(names[:20])}.", names
        )
    return by_name[meant]


async def resolve(
    database: Database,
    library_name: str,
    viewer: UUID | None = None,
    *,
    query: str = "",
    topics: Topics | None = None,
) -> Resolution:
    """Gives the libraries a name may mean, best first; private ones only to their owner.

    Args:
        database: Where the catalogue is.
        library_name: What it is called, or what it is about.
        viewer: Who asks.
        query: What the library is wanted for; orders those of one name.
        topics: Where to look for what the libraries are about, if none is called so.
    """
    async with database.connection() as connection:
        found = await lookup.find(connection, library_name, viewer)
        if found:
            return await _resolution(connection, await fitting_first(connection, found, query))
    guessed = await topics.find(library_name) if topics else []
    if not guessed:
        return Resolution(())
    async with database.connection() as connection:
        return await _resolution(connection, guessed)


async def set_aliases(
    connection: Connection, library_id: str, aliases: Sequence[str], viewer: UUID | None = None
) -> None:
    """Replaces what a library is called besides its name: packages, abbreviations, former names.

    Raises:
        LibraryNotFound: There is no such library.
        InvalidInput: They are too many, or one is empty or too long.
    """
    given = list(dict.fromkeys(alias.strip() for alias in aliases))
    if len(given) > _MOST_ALIASES or any(not 0 < len(alias) <= MAX_NAME_CHARS for alias in given):
        raise InvalidInput(f"A library has at most {_MOST_ALIASES} aliases of 1 to {MAX_NAME_CHARS} characters.")
    kept_as = await library_queries.find_library(connection, library_id, viewer)
    if kept_as is None or await library_queries.update_aliases(connection, kept_as, given) is None:
        raise await _library_not_found(connection, library_id, viewer)
    await index_names(connection, [kept_as])


async def renew_names(database: Database) -> int:
    """Writes the names anew if an earlier release derived some of them otherwise; gives of how many libraries."""
    async with database.connection() as connection:
        is_due = await name_queries.has_names_not_of(connection, DERIVATION)
    return await rebuild_names(database) if is_due else 0


async def rebuild_names(database: Database) -> int:
    """Writes the names of every library anew; gives how many libraries."""
    done, last = 0, ""
    while True:
        async with database.transaction() as connection:
            batch = await library_queries.lock_libraries_after(connection, last, _BATCH)
            await index_names(connection, batch)
        if not batch:
            return done
        done, last = done + len(batch), batch[-1]


async def version_by_id(connection: Connection, version_id: UUID) -> LibraryVersion:
    """Gives a version by its own id.

    Raises:
        VersionNotFound: It was removed.
    """
    version = await version_queries.find_version_by_id(connection, version_id)
    if version is None:
        raise VersionNotFound("This version was removed.")
    return version


async def _resolution(connection: Connection, found: Sequence[Found]) -> Resolution:
    ranked = found[:_MOST_MATCHES]
    known = await library_queries.libraries(connection, [one.library_id for one in ranked])
    by_id = {library.id: library for library in known}
    begun = await _begun(connection, [version for library in known for version in library.unpublished])
    hidden = {shown for id_ in by_id if (shown := shown_id(id_).lower()) != id_.lower()}
    matches = (
        _match(by_id[one.library_id], one, begun)
        for one in ranked
        if one.library_id in by_id and one.library_id.lower() not in hidden
    )
    return Resolution(tuple(matches))


async def _preferred_first(connection: Connection, versions: Sequence[LibraryVersion]) -> list[LibraryVersion]:
    """Sorts versions: published ones, then those whose first crawl goes on, then empty ones; each new before old."""
    begun = await _begun(connection, [version.id for version in versions if version.indexed_at is None])
    newest = sorted(versions, key=lambda version: version_key(version.version), reverse=True)
    return sorted(newest, key=lambda version: (version.indexed_at is None, version.id not in begun))


async def _begun(connection: Connection, unpublished: Sequence[UUID]) -> dict[UUID, str]:
    """Gives the names of those of the versions that answer already, before their first crawl is over."""
    return await version_queries.answering_versions(connection, unpublished) if unpublished else {}


async def _free_id(connection: Connection, library: str, owner: UUID) -> str:
    if await library_queries.find_library(connection, library, None) is not None:
        raise Conflict(f"{library} is a library that everybody sees. Give your private library another id.")
    return check_owned_id(library, owner)


async def _library_not_found(connection: Connection, wanted: str, viewer: UUID | None = None) -> LibraryNotFound:
    organisation, _, project = wanted.strip("/").partition("/")
    found = await lookup.find(connection, project, viewer) or await lookup.find(connection, organisation, viewer)
    similar = [shown_id(match.library_id) for match in found[:5]]
    hint = f" Did you mean {', '.join(similar)}?" if similar else ""
    return LibraryNotFound(f"There is no library {wanted}.{hint}", similar)


def _match(library: Library, found: Found, begun: Mapping[UUID, str]) -> LibraryMatch:
    first = [begun[version] for version in library.unpublished if version in begun]
    return LibraryMatch(
        id=shown_id(library.id),
        title=library.name,
        description=library.description,
        snippet_count=library.total_snippets,
        token_count=library.total_tokens,
        versions=tuple(newest_first((*library.published, *first))),
        default_version=next(iter(newest_first(library.published or first)), None),
        last_indexed_at=library.last_crawled_at,
        score=found.score,
        match=found.match.value,
    )


def _name_from(library: str) -> str:
    _, organisation, project = library.split("/", 2)
    generic = project.lower() in {"docs", "documentation", "website", "www"}
    return organisation if generic else project
