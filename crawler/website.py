"""A website as pages: scope, robots.txt and redirects around the fetching of each, and the links it leads to."""

import asyncio
from collections.abc import Iterable
from dataclasses import replace

import structlog

from core.errors import NotFound, SourceFailed
from core.objects import ObjectStore
from core.snapshots import read_record
from crawler.fetch import Ask, Fetcher, Follow
from crawler.ledger import Ledger
from crawler.links import PageLinks, read_links
from crawler.markup import is_ruinous_markup
from crawler.outcomes import Excluded, Failed, Fetched, Outcome, Redirected, Unchanged
from crawler.readings import Reading
from crawler.records import FrontierPage, PreviousPage
from crawler.scope import Scope
from crawler.settings import CrawlerSettings
from crawler.site_files import SiteFiles
from crawler.sitemap import MAX_SITEMAP_BYTES

log = structlog.get_logger(__name__)


class Website:
    """Reads the pages of one site and adds what they link to to the frontier."""

    def __init__(
        self,
        start: str,
        scope: Scope,
        *,
        settings: CrawlerSettings,
        fetcher: Fetcher,
        files: SiteFiles,
        ledger: Ledger,
        store: ObjectStore | None,
    ) -> None:
        """`store` is where an earlier crawl's pages are; without one there was none."""
        self._start = start
        self._asked_scope = self._scope = scope
        self._settings = settings
        self._fetcher = fetcher
        self.files = files
        """What the site said about itself so far."""
        self._ledger = ledger
        self._store = store
        self._is_scope_known = False
        self._is_sitemap = False

    async def open(self) -> None:
        """Queues the start page and checks that the site may be asked at all.

        Raises:
            SourceFailed: The site does not answer, or its robots.txt cannot be had.
        """
        await self._ledger.add([self._start], 0)
        await self._take_up_scope()
        robots = await self.files.robots_of(self._scope.origin)
        if robots.failure is not None:
            raise SourceFailed(f"{self._start}: {robots.failure}.")

    async def read(self, page: FrontierPage, previous: PreviousPage | None) -> Reading:
        """Fetches a page and queues what it leads to."""
        if page.url != self._start and not self._is_scope_known:
            await self._take_up_scope()
        reading = await self._read(page, previous)
        links, outcome = await self._links_of(reading)
        if isinstance(outcome, Unchanged) and links is None:
            return await self.read(page, None)
        reading = replace(reading, outcome=outcome)
        await self._follow_up(reading, links)
        return reading

    async def _follow_up(self, reading: Reading, links: PageLinks | None) -> None:
        """Queues links; after the start page, also what sitemaps and the inventory name."""
        is_start = reading.page.url == self._start
        if is_start and isinstance(reading.outcome, Excluded) and "xml" in reading.outcome.reason:
            await self._take_for_sitemap()
            return
        if links is not None and not self._is_sitemap:
            found = (*links.links, links.refresh, links.canonical)
            await self._add((link for link in found if link), reading.page.depth + 1)
        if is_start:
            await self._add_from_sitemaps()
            await self._add(await self.files.inventory_pages(self._scope, reading.final_url), 1)

    async def _take_for_sitemap(self) -> None:
        """Queues what the start address names: it is no page, and may be a sitemap that its name does not tell."""
        self._is_sitemap = True
        given = await self._fetch_start(MAX_SITEMAP_BYTES)
        self._scope = Scope.of_site(given.url, self._scope.paths)
        await self._add_from_sitemaps(given)

    async def _add_from_sitemaps(self, given: Fetched | None = None) -> int:
        """Queues the pages of the sitemap given, or of the site's, and gives their number."""
        count = 0
        async for pages in self.files.sitemap_pages(self._scope, given):
            count += await self._add(pages, 1)
        return count

    async def _fetch_start(self, max_bytes: int) -> Fetched:
        """Gives the file at the start address, whatever its type.

        Raises:
            SourceFailed: It cannot be had.
        """
        outcome = await self.files.fetch_named(self._start, max_bytes)
        match outcome:
            case Fetched():
                return outcome
            case Failed() | Excluded():
                raise SourceFailed(f"{self._start}: {outcome.reason}.")
            case _:
                raise SourceFailed(f"{self._start} gives nothing to read.")

    async def _take_up_scope(self) -> None:
        """Finds out where an earlier run, or another one, saw the start page lead."""
        landing = await self._ledger.find_landing(self._start)
        if landing is not None:
            self._scope = self._asked_scope.adopting(landing)
            self._is_scope_known = True

    async def _adopt(self, landing: str) -> None:
        """Takes over where the start page leads, and notes it before any page there is handed out."""
        await self._ledger.note_landing(self._start, landing)
        self._scope = self._asked_scope.adopting(landing)
        log.info("crawler.start_moved", start=self._start, landing=landing, scope=self._scope.origin)

    async def _read(self, page: FrontierPage, previous: PreviousPage | None) -> Reading:
        if refusal := await self.files.refusal_of(page.url):
            return Reading(page, previous, refusal)
        hops: list[str] = []
        ask = Ask(
            page.url,
            self._settings.max_page_bytes,
            etag=previous.etag if previous else None,
            last_modified=previous.last_modified if previous else None,
        )
        outcome = await self._fetcher.fetch(ask, self._follower(page, hops))
        return Reading(page, previous, outcome, tuple(hops))

    def _follower(self, page: FrontierPage, hops: list[str]) -> Follow:
        """Checks every hop like a link; only the start page may lead to another site, which is then adopted."""

        async def follow(target: str) -> Outcome | str:
            target = self._scope.aligned(target)
            if target in (page.url, *hops):
                return Failed(target, "redirects in a circle")
            if page.url == self._start:
                await self._adopt(target)
            elif reason := self._scope.exclusion(target):
                return Excluded(page.url, f"redirects to {target[:500]}: {reason}")
            if refusal := await self.files.refusal_of(target):
                return refusal
            if not await self._ledger.claim_hop(target, page.depth):
                return Redirected(page.url, target)
            hops.append(target)
            return target

        return follow

    async def _links_of(self, reading: Reading) -> tuple[PageLinks | None, Outcome]:
        """Gives the links of a page that came or is unchanged, and the outcome: ruinous markup makes it a failure."""
        outcome = reading.outcome
        if isinstance(outcome, Fetched):
            links = await asyncio.to_thread(_safe_links, outcome.body, outcome.url, outcome.content_type)
            if links is None:
                return None, Failed(outcome.url, "its markup is nested too deeply to be read", outcome.status)
            return links, outcome
        if isinstance(outcome, Unchanged) and self._store is not None and (previous := reading.previous):
            try:
                key, offset, length = previous.snapshot_key, previous.snapshot_offset, previous.snapshot_length
                stored = await read_record(self._store, key, offset, length)
            except NotFound:
                return None, outcome
            return await asyncio.to_thread(_safe_links, stored.body, outcome.url, previous.content_type), outcome
        return None, outcome

    async def _add(self, addresses: Iterable[str], depth: int) -> int:
        """Queues addresses in scope and gives their number; of the others, those on this site are noted."""
        # In a thread: a sitemap or an inventory may name a hundred thousand.
        wanted, excluded = await asyncio.to_thread(_sorted_by_scope, self._scope, addresses)
        await self._ledger.add(wanted, depth)
        await self._ledger.exclude(excluded, depth)
        return len(wanted)


def _sorted_by_scope(scope: Scope, addresses: Iterable[str]) -> tuple[list[str], dict[str, str]]:
    """Gives the addresses in scope, and those of the others that are on this site, with the reason."""
    wanted: list[str] = []
    excluded: dict[str, str] = {}
    for found in addresses:
        address = scope.aligned(found)
        if reason := scope.exclusion(address):
            if scope.is_same_origin(address):
                excluded[address] = reason
        else:
            wanted.append(address)
    return wanted, excluded


def _safe_links(body: bytes, address: str, content_type: str) -> PageLinks | None:
    if "html" in content_type and is_ruinous_markup(body):
        return None
    return read_links(body, address, content_type)
