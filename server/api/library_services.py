"""What the routes about libraries and crawls work with, and whom they let in."""

from dataclasses import dataclass
from typing import Annotated, cast
from uuid import UUID

from fastapi import Depends, Path, Query, Request

from accounts.callers import MANAGE_LIBRARIES, READ_DOCS
from core.database import Database
from core.library_ids import check_version, parse_library_id
from crawler.settings import CrawlerSettings
from indexer.catalogue import catalogue
from indexer.catalogue.queries import LibraryVersion
from server.api.crawl_feeds import CrawlFeeds
from server.api.crawl_views import CrawlViews
from server.api.services import user_with
from server.ingest import Ingest
from server.vault import Vault


@dataclass(frozen=True)
class LibraryServices:
    """The parts behind these routes; the composition owns and closes them."""

    content: Database
    ingest: Ingest
    vault: Vault
    views: CrawlViews
    feeds: CrawlFeeds
    crawler_settings: CrawlerSettings

    async def version(self, library: str) -> LibraryVersion:
        """Gives the version an id means.

        Raises:
            LibraryNotFound, VersionNotFound: There is none.
        """
        async with self.content.connection() as connection:
            return await catalogue.select_version(connection, parse_library_id(library))


def _services_of(request: Request) -> LibraryServices:
    return cast("LibraryServices", request.app.state.library_services)


Services = Annotated[LibraryServices, Depends(_services_of)]
Manager = Annotated[UUID, Depends(user_with(MANAGE_LIBRARIES))]
Reader = Annotated[UUID, Depends(user_with(READ_DOCS))]
Part = Annotated[str, Path(max_length=64)]
Version = Annotated[str | None, Query(max_length=64, description="The version; by default the latest")]


async def _version_of(services: Services, organisation: Part, project: Part, version: Version = None) -> LibraryVersion:
    return await services.version(f"/{organisation}/{project}" + (f"/{check_version(version)}" if version else ""))


NamedVersion = Annotated[LibraryVersion, Depends(_version_of)]
"""The version that path and query name."""
