"""Libraries and their crawls: add, list, watch, refresh, remove."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Annotated, cast
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from accounts.callers import MANAGE_LIBRARIES, READ_DOCS
from core.database import Database
from core.library_ids import check_version, parse_library_id
from crawler import service as crawling
from crawler.queries import crawls, sources
from crawler.records import Crawl
from crawler.rules import rules_from_json
from crawler.service import recognise_source
from indexer.catalogue import catalogue, overview
from indexer.catalogue.queries import LibraryVersion
from indexer.indexing import Indexer
from server.api.services import user_with
from server.ingest import Ingest

router = APIRouter(tags=["libraries"])

_MOST_LIBRARIES = 1000
_MOST_FAILED_PAGES = 50
_MOST_CHARS = 2048


@dataclass(frozen=True)
class LibraryServices:
    """The parts behind these routes; the composition owns and closes them."""

    content: Database
    ingest: Ingest
    indexer: Indexer
    is_embedding: bool


def _services_of(request: Request) -> LibraryServices:
    return cast("LibraryServices", request.app.state.library_services)


Services = Annotated[LibraryServices, Depends(_services_of)]
Manager = Annotated[UUID, Depends(user_with(MANAGE_LIBRARIES))]
Reader = Annotated[UUID, Depends(user_with(READ_DOCS))]


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


class LibraryReference(_Model):
    """A library, or one version of it."""

    id: str = Field(max_length=_MOST_CHARS)


class Chunks(_Model):
    """How far the index of a version is."""

    total: int
    with_words: int
    with_meaning: int


class FailedPage(_Model):
    """A page that could not be had, and why."""

    url: str
    http_status: int | None
    reason: str


class CrawlReport(_Model):
    """A crawl as it stands."""

    id: UUID
    library: str
    version: str
    kind: str
    source: str
    status: str
    reason: str | None
    pages: dict[str, int]
    chunks: Chunks
    embedding: bool
    started_at: datetime | None
    failed_pages: tuple[FailedPage, ...]


class VersionBody(_Model):
    """One version of a library and how far its index is."""

    version: str
    is_latest: bool
    chunks: int
    with_meaning: int
    indexed_at: datetime | None
    crawl: str | None


class LibraryBody(_Model):
    """A library with its versions, newest first."""

    id: str
    name: str
    description: str
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
                versions=tuple(
                    VersionBody.model_validate(version, from_attributes=True) for version in library.versions
                ),
            )
            for library in found
        )
    )


@router.post("/libraries", status_code=202, summary="Add a library", operation_id="addLibrary")
async def add_library(_manager: Manager, services: Services, new: NewLibrary) -> CrawlReport:
    """Queues a crawl of the source; asked again while it is unfinished, gives the same crawl."""
    wanted = parse_library_id(new.id)
    source = recognise_source(new.source, is_single=new.single)
    rules = rules_from_json(
        {
            "includes": list(new.includes),
            "excludes": list(new.excludes),
            "allow_private": new.allow_private,
            "ref": new.ref,
            "folder": new.folder,
            **({"max_pages": new.max_pages} if new.max_pages else {}),
        }
    )
    version = wanted.version or check_version(new.version)
    added, crawl = await services.ingest.add(wanted.library, version, source, rules, name=new.name)
    return await _report(services, crawl, added)


@router.post("/libraries/refresh", status_code=202, summary="Crawl a library again", operation_id="refreshLibrary")
async def refresh_library(_manager: Manager, services: Services, reference: LibraryReference) -> CrawlReport:
    """Queues a crawl that fetches only what has changed."""
    async with services.content.connection() as connection:
        version = await catalogue.select_version(connection, parse_library_id(reference.id))
    crawl = await services.ingest.refresh(version)
    return await _report(services, crawl, version)


@router.delete(
    "/libraries/{organisation}/{project}", status_code=204, summary="Remove a library", operation_id="removeLibrary"
)
async def remove_library(
    _manager: Manager,
    services: Services,
    organisation: Annotated[str, Path(max_length=64)],
    project: Annotated[str, Path(max_length=64)],
) -> Response:
    """Removes a library with every version and everything indexed of it."""
    await services.ingest.remove(parse_library_id(f"/{organisation}/{project}"))
    return Response(status_code=204)


@router.get("/crawls/{crawl_id}", summary="Watch a crawl", operation_id="getCrawl")
async def get_crawl(_reader: Reader, services: Services, crawl_id: UUID) -> CrawlReport:
    """Gives a crawl as it stands: pages by state, passages by how far they are indexed, and what failed."""
    async with services.content.connection() as connection:
        crawl = await crawls.select_crawl(connection, crawl_id)
        version = await catalogue.version_by_id(connection, crawl.library_version_id)
    return await _report(services, crawl, version)


async def _report(services: LibraryServices, crawl: Crawl, version: LibraryVersion) -> CrawlReport:
    async with services.content.connection() as connection:
        source = await sources.select_source(connection, crawl.source_id)
        progress = await crawling.crawl_progress(connection, crawl.id)
        failed = await crawling.failed_pages(connection, crawl.id, _MOST_FAILED_PAGES)
    counts = await services.indexer.counts(version.id)
    return CrawlReport(
        id=crawl.id,
        library=version.library_id,
        version=version.version,
        kind=source.kind,
        source=source.address,
        status=progress.status,
        reason=progress.reason,
        pages=asdict(progress.pages),
        chunks=Chunks(total=counts.chunks, with_words=counts.with_words, with_meaning=counts.with_meaning),
        embedding=services.is_embedding,
        started_at=progress.started_at,
        failed_pages=tuple(
            FailedPage(url=page.url, http_status=page.http_status, reason=page.reason) for page in failed
        ),
    )
