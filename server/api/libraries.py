"""Libraries: add, list, refresh, index anew, remove."""

from dataclasses import asdict
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Query, Response
from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from accounts.callers import ADMINISTER
from core.errors import NotAllowed
from core.library_ids import LibraryId, check_version, parse_library_id
from crawler.credentials import Credentials
from crawler.recognition import look_at_source
from crawler.rules import CrawlRules, rules_from_json
from crawler.schedules import read_period, show_period
from crawler.service import recognise_source
from indexer.catalogue import overview
from indexer.catalogue.overview import VersionOverview
from indexer.queries.versions import LibraryVersion
from server.api.crawl_bodies import CrawlBody
from server.api.library_services import Keeper, KeeperOf, LibraryServices, Part, Reader, Services
from server.api.models import problem_responses
from server.api.services import AnyVisitor
from server.api.source_bodies import Every

router = APIRouter(tags=["libraries"])

_MOST_LIBRARIES = 1000
_MOST_CHARS = 2048


class _Model(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, frozen=True, extra="forbid")


Owner = Annotated[UUID | None, Query(description="Whose private library it is; for administrators")]


class NewLibrary(_Model):
    """What to index, and as what."""

    source: str = Field(
        min_length=1,
        max_length=_MOST_CHARS,
        description="A web address, a git repository, or a folder or an archive on the server",
    )
    id: str = Field(max_length=_MOST_CHARS, examples=["/python/docs"])
    version: str = Field(default="latest", max_length=_MOST_CHARS, examples=["3.13"])
    name: str | None = Field(default=None, min_length=1, max_length=255)
    includes: tuple[str, ...] = Field(default=(), max_length=100, description="Path patterns to keep; empty keeps all")
    excludes: tuple[str, ...] = Field(default=(), max_length=100, description="Path patterns to leave out")
    max_pages: int | None = Field(default=None, ge=1, le=1_000_000)
    allow_private: bool = Field(default=False, description="Allow loopback and private addresses")
    single: bool = Field(default=False, description="Take this one page only")
    ref: str | None = Field(default=None, max_length=_MOST_CHARS, description="The branch or tag of a git repository")
    folder: str | None = Field(default=None, max_length=_MOST_CHARS, description="The only folder of it to read")
    tags: str | None = Field(
        default=None,
        max_length=250,
        description="A pattern of its tags, such as v5.*: the newest become versions, and later ones as they come",
    )
    newest: int = Field(default=3, ge=1, le=20, description="How many of these tags")
    language: str | None = Field(
        default=None, max_length=35, description="The language to read, or `any`; none: that of the start page"
    )
    rendering: bool = Field(default=False, description="Have a browser draw pages that are empty without JavaScript")
    all_versions: bool = Field(default=False, description="Take other versions of the documentation as well")
    main: str | None = Field(default=None, max_length=500, description="CSS selector of a page's main content")
    strip: tuple[str, ...] = Field(default=(), max_length=50, description="CSS selectors of what is no content")
    title: str | None = Field(default=None, max_length=500, description="CSS selector of a page's title")
    code_language: str | None = Field(default=None, max_length=30, description="The language of code that names none")
    certificates: str | None = Field(
        default=None, max_length=200_000, description="Certificate authorities trusted for this source, as PEM text"
    )
    every: str | None = Every
    private: bool = Field(default=False, description="Only whoever adds it is to know of it")
    secrets: Credentials | None = Field(
        default=None, description="What the source is asked with; without it, what was given before stays"
    )


class LibraryReference(_Model):
    """A library, or one version of it."""

    id: str = Field(max_length=_MOST_CHARS)


class VersionBody(_Model):
    """One version of a library and how far its index is."""

    version: str
    is_latest: bool
    chunks: int
    with_meaning: int
    indexed_at: datetime | None
    crawl: str | None = Field(description="The state of its last crawl")
    crawl_id: UUID | None
    problem: str | None = Field(description="Why its last crawl failed, was paused or was cut short")
    every: str | None = Field(description="How often it is crawled by itself")
    next_at: datetime | None
    docs_version: str | None = Field(description="The version the documentation says it is of")
    model: str | None = Field(description="The embedding model whose vectors answer")
    with_next_model: int | None = Field(description="Passages embedded by another model, which is to take over")


class LibraryBody(_Model):
    """A library with its versions, newest first."""

    id: str
    name: str
    description: str
    aliases: tuple[str, ...]
    private: bool = Field(description="Whether it is there for its owner alone")
    owner_id: UUID | None = Field(description="Its owner; others' libraries have no more than this to administrators")
    versions: tuple[VersionBody, ...]


class LibrariesBody(_Model):
    """The libraries there are for whoever asks, by id."""

    libraries: tuple[LibraryBody, ...]


@router.get("/libraries", summary="List libraries", operation_id="listLibraries")
async def list_libraries(reader: Reader, visitor: AnyVisitor, services: Services) -> LibrariesBody:
    """Gives every library with its versions and how far each is indexed.

    Private ones are listed for their owner; administrators see that those of others exist.
    """
    async with services.content.connection() as connection:
        found = await overview.libraries_with_versions(connection, _MOST_LIBRARIES, reader)
        if ADMINISTER in visitor.caller.scopes:
            found += await overview.libraries_of_others(connection, _MOST_LIBRARIES, reader)
    return LibrariesBody(
        libraries=tuple(
            LibraryBody(
                id=library.id,
                name=library.name,
                description=library.description,
                aliases=library.aliases,
                private=library.owner_id is not None,
                owner_id=library.owner_id,
                versions=tuple(_version_body(version) for version in library.versions),
            )
            for library in found
        )
    )


def _version_body(version: VersionOverview) -> VersionBody:
    every = None if version.every is None else show_period(version.every)
    return VersionBody.model_validate(asdict(version) | {"every": every})


@router.post("/libraries", status_code=202, summary="Add a library", operation_id="addLibrary")
async def add_library(keeper: KeeperOf, services: Services, new: NewLibrary) -> CrawlBody:
    """Queues a crawl of the source; asked again while it is unfinished, gives the same crawl."""
    wanted = parse_library_id(new.id)
    owner = keeper.user_id if new.private else None
    keeper.check(owner)
    keeper.check_source(new.source, CrawlRules(), services.crawler_settings, private=new.private)
    source = recognise_source(new.source, is_single=new.single)
    rules = rules_from_json(
        {
            "includes": list(new.includes),
            "excludes": list(new.excludes),
            # Not said is not forbidden: a setting may allow it for every source.
            "allow_private": new.allow_private or None,
            "ref": new.ref or source.ref,
            "folder": new.folder or source.folder,
            "tags": new.tags,
            "newest": new.newest,
            "language": new.language,
            "all_versions": new.all_versions or None,
            "rendering": new.rendering or None,
            **new.model_dump(include={"main", "strip", "title", "code_language", "certificates"}),
            **({"max_pages": new.max_pages} if new.max_pages else {}),
        }
    )
    keeper.check_source(new.source, rules, services.crawler_settings, private=new.private)
    source = await look_at_source(source, services.crawler_settings.for_source(rules), new.secrets, rules.certificates)
    every = None if new.every is None else read_period(new.every)
    if rules.tags:
        crawl = await services.ingest.add_tagged(
            wanted.library, source, rules, name=new.name, every=every, secrets=new.secrets, owner=owner
        )
        return await services.views.body(crawl)
    version = wanted.version or check_version(new.version)
    _, crawl = await services.ingest.add(
        wanted.library, version, source, rules, name=new.name, secrets=new.secrets, every=every, owner=owner
    )
    return await services.views.body(crawl)


@router.post("/libraries/refresh", status_code=202, summary="Crawl a library again", operation_id="refreshLibrary")
async def refresh_library(keeper: KeeperOf, services: Services, reference: LibraryReference) -> CrawlBody:
    """Queues a crawl that fetches only what has changed."""
    crawl = await services.ingest.refresh(await _kept(keeper, services, reference))
    return await services.views.body(crawl)


@router.post(
    "/libraries/reindex",
    status_code=202,
    summary="Index a library anew",
    operation_id="reindexLibrary",
    responses=problem_responses(409),
)
async def reindex_library(keeper: KeeperOf, services: Services, reference: LibraryReference) -> CrawlBody:
    """Queues the indexing of what the last completed crawl stored; nobody is asked for anything."""
    crawl = await services.ingest.reindex(await _kept(keeper, services, reference))
    return await services.views.body(crawl)


@router.delete(
    "/libraries/{organisation}/{project}", status_code=204, summary="Remove a library", operation_id="removeLibrary"
)
async def remove_library(
    keeper: KeeperOf, services: Services, organisation: Part, project: Part, owner: Owner = None
) -> Response:
    """Removes a library with every version and everything indexed of it; its crawls end."""
    await _remove(keeper, services, parse_library_id(f"/{organisation}/{project}"), owner)
    return Response(status_code=204)


@router.delete(
    "/libraries/{organisation}/{project}/versions/{version}",
    status_code=204,
    summary="Remove a version",
    operation_id="removeVersion",
    responses=problem_responses(404),
)
async def remove_version(
    keeper: KeeperOf,
    services: Services,
    organisation: Part,
    project: Part,
    version: Annotated[str, Path()],
    owner: Owner = None,
) -> Response:
    """Removes exactly this version with everything indexed of it; with the last one goes the library."""
    library = parse_library_id(f"/{organisation}/{project}").library
    await _remove(keeper, services, LibraryId(library, check_version(version)), owner)
    return Response(status_code=204)


async def _kept(keeper: Keeper, services: LibraryServices, reference: LibraryReference) -> LibraryVersion:
    version = await services.version(reference.id, keeper.user_id)
    keeper.check(version.owner_id)
    return version


async def _remove(keeper: Keeper, services: LibraryServices, wanted: LibraryId, owner: UUID | None) -> None:
    if owner not in (None, keeper.user_id) and not keeper.is_administrator:
        raise NotAllowed("Removing private libraries of others is for administrators.")
    viewer = owner or keeper.user_id
    keeper.check((await services.version(wanted.library, viewer)).owner_id)
    await services.ingest.remove(wanted, viewer)
