"""Libraries: add, list, refresh, index anew, remove."""

from dataclasses import asdict
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Response
from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from core.library_ids import LibraryId, check_version, parse_library_id
from crawler.credentials import Credentials
from crawler.recognition import look_at_source
from crawler.rules import rules_from_json
from crawler.schedules import read_period, show_period
from crawler.service import recognise_source
from indexer.catalogue import overview
from indexer.catalogue.overview import VersionOverview
from server.api.crawl_bodies import CrawlBody
from server.api.library_services import Manager, Part, Reader, Services
from server.api.models import problem_responses
from server.api.source_bodies import Every

router = APIRouter(tags=["libraries"])

_MOST_LIBRARIES = 1000
_MOST_CHARS = 2048


class _Model(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, frozen=True)


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


class LibraryBody(_Model):
    """A library with its versions, newest first."""

    id: str
    name: str
    description: str
    aliases: tuple[str, ...]
    versions: tuple[VersionBody, ...]


class LibrariesBody(_Model):
    """All libraries, by id."""

    libraries: tuple[LibraryBody, ...]


@router.get("/libraries", summary="List libraries", operation_id="listLibraries")
async def list_libraries(_reader: Reader, services: Services) -> LibrariesBody:
    """Gives every library with its versions and how far each is indexed."""
    async with services.content.connection() as connection:
        found = await overview.libraries_with_versions(connection, _MOST_LIBRARIES)
    return LibrariesBody(
        libraries=tuple(
            LibraryBody(
                id=library.id,
                name=library.name,
                description=library.description,
                aliases=library.aliases,
                versions=tuple(_version_body(version) for version in library.versions),
            )
            for library in found
        )
    )


def _version_body(version: VersionOverview) -> VersionBody:
    every = None if version.every is None else show_period(version.every)
    return VersionBody.model_validate(asdict(version) | {"every": every})


@router.post("/libraries", status_code=202, summary="Add a library", operation_id="addLibrary")
async def add_library(_manager: Manager, services: Services, new: NewLibrary) -> CrawlBody:
    """Queues a crawl of the source; asked again while it is unfinished, gives the same crawl."""
    wanted = parse_library_id(new.id)
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
    source = await look_at_source(source, services.crawler_settings.for_source(rules), new.secrets, rules.certificates)
    every = None if new.every is None else read_period(new.every)
    if rules.tags:
        crawl = await services.ingest.add_tagged(
            wanted.library, source, rules, name=new.name, every=every, secrets=new.secrets
        )
        return await services.views.body(crawl)
    version = wanted.version or check_version(new.version)
    _, crawl = await services.ingest.add(
        wanted.library, version, source, rules, name=new.name, secrets=new.secrets, every=every
    )
    return await services.views.body(crawl)


@router.post("/libraries/refresh", status_code=202, summary="Crawl a library again", operation_id="refreshLibrary")
async def refresh_library(_manager: Manager, services: Services, reference: LibraryReference) -> CrawlBody:
    """Queues a crawl that fetches only what has changed."""
    crawl = await services.ingest.refresh(await services.version(reference.id))
    return await services.views.body(crawl)


@router.post(
    "/libraries/reindex",
    status_code=202,
    summary="Index a library anew",
    operation_id="reindexLibrary",
    responses=problem_responses(409),
)
async def reindex_library(_manager: Manager, services: Services, reference: LibraryReference) -> CrawlBody:
    """Queues the indexing of what the last completed crawl stored; nobody is asked for anything."""
    crawl = await services.ingest.reindex(await services.version(reference.id))
    return await services.views.body(crawl)


@router.delete(
    "/libraries/{organisation}/{project}", status_code=204, summary="Remove a library", operation_id="removeLibrary"
)
async def remove_library(_manager: Manager, services: Services, organisation: Part, project: Part) -> Response:
    """Removes a library with every version and everything indexed of it; its crawls end."""
    await services.ingest.remove(parse_library_id(f"/{organisation}/{project}"))
    return Response(status_code=204)


@router.delete(
    "/libraries/{organisation}/{project}/versions/{version}",
    status_code=204,
    summary="Remove a version",
    operation_id="removeVersion",
    responses=problem_responses(404),
)
async def remove_version(
    _manager: Manager, services: Services, organisation: Part, project: Part, version: Annotated[str, Path()]
) -> Response:
    """Removes exactly this version with everything indexed of it; with the last one goes the library."""
    library = parse_library_id(f"/{organisation}/{project}").library
    await services.ingest.remove(LibraryId(library, check_version(version)))
    return Response(status_code=204)
