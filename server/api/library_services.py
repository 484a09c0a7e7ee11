"""What the routes about libraries and crawls work with, and whom they let in."""

from dataclasses import dataclass
from typing import Annotated, cast
from uuid import UUID

from fastapi import Depends, Path, Query, Request

from accounts.callers import ADMINISTER, MANAGE_LIBRARIES, OWN_LIBRARIES, READ_DOCS
from core.database import Database
from core.errors import NotAllowed, NotAuthenticated
from core.library_ids import check_version, parse_library_id
from crawler.queries import crawls
from crawler.rules import CrawlRules
from crawler.settings import CrawlerSettings
from indexer.catalogue import catalogue
from indexer.queries.versions import LibraryVersion
from server.api.crawl_feeds import CrawlFeeds
from server.api.crawl_views import CrawlViews
from server.api.services import AnyVisitor, user_with
from server.ingest import Ingest
from server.own_sources import check_own_address, check_own_rules
from server.pods import PodKeeper
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
    pods: PodKeeper

    async def version(self, library: str, viewer: UUID) -> LibraryVersion:
        """Gives the version an id means for the viewer; private libraries of others are not there.

        Raises:
            LibraryNotFound, VersionNotFound: There is none.
        """
        async with self.content.connection() as connection:
            return await catalogue.select_version(connection, parse_library_id(library), viewer)

    async def crawl_owner(self, crawl_id: UUID, viewer: UUID) -> UUID | None:
        """Gives the owner of the private library a crawl is of, None if the library is there for all.

        Raises:
            NotFound: There is no crawl with this id that the viewer may know of.
        """
        async with self.content.connection() as connection:
            return await crawls.select_crawl_owner(connection, crawl_id, viewer)


@dataclass(frozen=True)
class Keeper:
    """Someone who may change libraries: private ones of their own, and with `manages_all` those that all see."""

    user_id: UUID
    manages_all: bool
    is_administrator: bool

    def check(self, owner_id: UUID | None) -> None:
        """Checks that a library that the keeper sees is one to change.

        Raises:
            NotAllowed: It is there for all, and the key is for private libraries only.
        """
        if owner_id is None and not self.manages_all:
            raise NotAllowed(f"This key lacks the scope {MANAGE_LIBRARIES}: it is for private libraries only.")

    def check_source(self, source: str | None, rules: CrawlRules, settings: CrawlerSettings, *, private: bool) -> None:
        """Checks what is to be crawled; with no `source`, rules alone.

        Raises:
            InvalidInput, NotAllowed: It is for administrators, or for those who manage what all see.
        """
        if self.is_administrator or (self.manages_all and not private):
            return
        if source is not None:
            check_own_address(source)
        check_own_rules(rules, settings)


def _services_of(request: Request) -> LibraryServices:
    return cast("LibraryServices", request.app.state.library_services)


Services = Annotated[LibraryServices, Depends(_services_of)]
Manager = Annotated[UUID, Depends(user_with(MANAGE_LIBRARIES))]
Reader = Annotated[UUID, Depends(user_with(READ_DOCS))]


async def _keeper(visitor: AnyVisitor) -> Keeper:
    scopes, user_id = visitor.caller.scopes, visitor.caller.user_id
    if not scopes & {MANAGE_LIBRARIES, OWN_LIBRARIES}:
        raise NotAllowed(f"This key lacks the scope {MANAGE_LIBRARIES}, or {OWN_LIBRARIES} for private libraries.")
    if user_id is None:
        raise NotAuthenticated("This needs an API key. Send one as `Authorization: Bearer <key>`.")
    return Keeper(user_id, MANAGE_LIBRARIES in scopes, ADMINISTER in scopes)


KeeperOf = Annotated[Keeper, Depends(_keeper)]
"""Whoever may change some libraries; which they may, `check` tells."""
Part = Annotated[str, Path(max_length=64)]
Version = Annotated[str | None, Query(max_length=64, description="The version; by default the latest")]


async def _named(organisation: Part, project: Part, version: Version = None) -> str:
    return f"/{organisation}/{project}" + (f"/{check_version(version)}" if version else "")


Named = Annotated[str, Depends(_named)]


async def _read_version(reader: Reader, services: Services, named: Named) -> LibraryVersion:
    return await services.version(named, reader)


async def _kept_version(keeper: KeeperOf, services: Services, named: Named) -> LibraryVersion:
    version = await services.version(named, keeper.user_id)
    keeper.check(version.owner_id)
    return version


async def _seen_crawl(reader: Reader, services: Services, crawl_id: UUID) -> UUID:
    await services.crawl_owner(crawl_id, reader)
    return crawl_id


async def _kept_crawl(keeper: KeeperOf, services: Services, crawl_id: UUID) -> UUID:
    keeper.check(await services.crawl_owner(crawl_id, keeper.user_id))
    return crawl_id


NamedVersion = Annotated[LibraryVersion, Depends(_read_version)]
"""The version that path and query name, for whoever may read it."""
KeptVersion = Annotated[LibraryVersion, Depends(_kept_version)]
"""The same, for whoever may change it."""
SeenCrawl = Annotated[UUID, Depends(_seen_crawl)]
"""The crawl that the path names, for whoever may read its library."""
KeptCrawl = Annotated[UUID, Depends(_kept_crawl)]
"""The same, for whoever may change it."""
