"""A website as pages: robots.txt, sitemaps, inventories, scope and redirects around the fetching of each."""

import asyncio
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import replace

import structlog

from core.database import Database
from core.errors import NotFound, SourceFailed
from core.objects import ObjectStore
from core.snapshots import read_record
from crawler.addresses import origin_of, resolve_address
from crawler.fetch import Ask, Fetcher, Follow
from crawler.frontier import Frontier
from crawler.inventory import MAX_INVENTORY_BYTES, parse_inventory
from crawler.links import PageLinks, read_links
from crawler.markup import is_ruinous_markup
from crawler.outcomes import Excluded, Failed, Fetched, Outcome, Redirected, Unchanged
from crawler.politeness import Politeness, backoff_seconds
from crawler.queries.pages import find_landing, update_landing
from crawler.readings import Reading
from crawler.records import FrontierPage, PreviousPage
from crawler.robots import MAX_ROBOTS_BYTES, Robots, robots_of
from crawler.scope import Scope, start_directory
from crawler.settings import CrawlerSettings
from crawler.sitemap import MAX_SITEMAP_BYTES, parse_sitemap

log = structlog.get_logger(__name__)

_MAX_SITEMAPS = 100
_MAX_SITEMAP_LEVELS = 3


class Website:
    """Reads the pages of one site and adds what they link to to the frontier."""

    def __init__(
        self,
        start: str,
        scope: Scope,
        *,
        settings: CrawlerSettings,
        fetcher: Fetcher,
        politeness: Politeness,
        frontier: Frontier,
        database: Database,
        store: ObjectStore,
    ) -> None:
        self._start = start
        self._asked_scope = self._scope = scope
        self._settings = settings
        self._fetcher = fetcher
        self._politeness = politeness
        self._frontier = frontier
        self._database = database
        self._store = store
        self._is_scope_known = False
        self._robots: dict[str, Robots] = {}
        self._robots_lock = asyncio.Lock()

    async def open(self) -> None:
        """Queues the start page and checks that the site may be asked at all.

        Raises:
            SourceFailed: The site does not answer, or its robots.txt cannot be had.
        """
        await self._frontier.add([self._start], 0)
        await self._take_up_scope()
        robots = await self._robots_of(self._scope.origin)
        if robots.failure is not None:
            raise SourceFailed(f"{self._start}: {robots.failure}.")

    async def read(self, page: FrontierPage, previous: PreviousPage | None) -> Reading:
        """Fetches a page and queues its links; after the start page, also what sitemaps and inventory name."""
        if page.url != self._start and not self._is_scope_known:
            await self._take_up_scope()
        reading = await self._read(page, previous)
        links, outcome = await self._links_of(reading)
        if isinstance(outcome, Unchanged) and links is None:
            return await self.read(page, None)
        if links is not None:
            found = (*links.links, links.refresh, links.canonical)
            await self._add((link for link in found if link), page.depth + 1)
        if page.url == self._start:
            await self._add_from_sitemaps()
            await self._add_from_inventory(reading.final_url)
        return replace(reading, outcome=outcome)

    async def _take_up_scope(self) -> None:
        """Finds out where an earlier run, or another one, saw the start page lead."""
        async with self._database.connection() as connection:
            landing = await find_landing(connection, self._frontier.crawl_id, self._start)
        if landing is not None:
            self._scope = self._asked_scope.adopting(landing)
            self._is_scope_known = True

    async def _adopt(self, landing: str) -> None:
        """Takes over where the start page leads, and notes it before any page there is handed out."""
        async with self._database.connection() as connection:
            await update_landing(connection, self._frontier.crawl_id, self._start, landing)
        self._scope = self._asked_scope.adopting(landing)
        log.info("crawler.start_moved", start=self._start, landing=landing, scope=self._scope.origin)

    async def _read(self, page: FrontierPage, previous: PreviousPage | None) -> Reading:
        robots = await self._robots_of(page.url)
        if not robots.allows(page.url):
            return Reading(page, previous, _refused_by(robots, page.url))
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
            robots = await self._robots_of(target)
            if not robots.allows(target):
                return _refused_by(robots, target)
            if not await self._frontier.claim_hop(target, page.depth):
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
        if isinstance(outcome, Unchanged) and (previous := reading.previous):
            try:
                key, offset, length = previous.snapshot_key, previous.snapshot_offset, previous.snapshot_length
                stored = await read_record(self._store, key, offset, length)
            except NotFound:
                return None, outcome
            return await asyncio.to_thread(_safe_links, stored.body, outcome.url, previous.content_type), outcome
        return None, outcome

    async def _add(self, addresses: Iterable[str], depth: int) -> None:
        """Queues addresses in scope; of the others, those on this site are noted with the reason."""
        # In a thread: a sitemap or an inventory may name a hundred thousand.
        wanted, excluded = await asyncio.to_thread(_sorted_by_scope, self._scope, addresses)
        await self._frontier.add(wanted, depth)
        await self._frontier.exclude(excluded, depth)

    async def _robots_of(self, address: str) -> Robots:
        origin = origin_of(address)
        async with self._robots_lock:
            if origin not in self._robots:
                robots = await self._fetch_robots(origin)
                delay = min(robots.crawl_delay_seconds, self._settings.max_crawl_delay_seconds)
                self._politeness.slot(origin).require_delay(delay)
                self._robots[origin] = robots
            return self._robots[origin]

    async def _fetch_robots(self, origin: str) -> Robots:
        ask = Ask(f"{origin}/robots.txt", MAX_ROBOTS_BYTES, content_types=None, is_cut=True)
        outcome = await self._fetch_stubbornly(ask, _follow_anywhere)
        match outcome:
            case Fetched():
                return robots_of(outcome.status, outcome.body)
            case Failed(status=None):
                return Robots(failure=outcome.reason)
            case Failed(status=int(status)):
                return robots_of(status, b"")
            case _:
                return Robots()

    async def _add_from_sitemaps(self) -> None:
        robots = await self._robots_of(self._scope.origin)
        guesses = (f"{self._scope.origin}/sitemap.xml", f"{self._scope.origin}{self._scope.directory}sitemap.xml")
        pending = deque((address, 1) for address in robots.sitemaps or dict.fromkeys(guesses))
        seen: set[str] = set()
        while pending and len(seen) < _MAX_SITEMAPS:
            found, level = pending.popleft()
            address = self._sitemap_address(found, robots)
            if address is None or address in seen:
                continue
            seen.add(address)
            pending.extend((nested, level + 1) for nested in await self._add_from_sitemap(address, level))

    def _sitemap_address(self, found: str, robots: Robots) -> str | None:
        address = resolve_address(self._scope.origin, found)
        address = self._scope.aligned(address) if address else None
        is_usable = address and self._scope.is_same_origin(address) and robots.allows(address)
        return address if is_usable else None

    async def _add_from_sitemap(self, address: str, level: int) -> tuple[str, ...]:
        """Queues the pages of one sitemap and gives the sitemaps it names."""
        body = await self._fetch_listing(address, MAX_SITEMAP_BYTES)
        sitemap = await asyncio.to_thread(parse_sitemap, body)
        await self._add(_resolved(address, sitemap.pages), 1)
        return sitemap.sitemaps[:_MAX_SITEMAPS] if level < _MAX_SITEMAP_LEVELS else ()

    async def _add_from_inventory(self, landing: str) -> None:
        """Queues the documents a Sphinx inventory beside the start page names: some are linked from nowhere."""
        address = f"{origin_of(landing)}{start_directory(landing)}objects.inv"
        robots = await self._robots_of(address)
        if self._scope.is_same_origin(address) and robots.allows(address):
            body = await self._fetch_listing(address, MAX_INVENTORY_BYTES)
            documents = await asyncio.to_thread(parse_inventory, body)
            await self._add(_resolved(address, documents), 1)

    async def _fetch_listing(self, address: str, max_bytes: int) -> bytes:
        """Gives a file that names pages of this site, nothing if there is none."""

        async def stay(target: str) -> Outcome | str:
            return target if self._scope.is_same_origin(target) else Redirected(address, target)

        outcome = await self._fetch_stubbornly(Ask(address, max_bytes, content_types=None), stay)
        return outcome.body if isinstance(outcome, Fetched) else b""

    async def _fetch_stubbornly(self, ask: Ask, follow: Follow) -> Outcome:
        """Fetches what is no page and so has no row that could wait for another try."""
        outcome = await self._fetcher.fetch(ask, follow)
        for tries in range(1, self._settings.max_tries):
            if not (isinstance(outcome, Failed) and outcome.is_transient):
                break
            base = self._settings.retry_base_seconds
            await asyncio.sleep(backoff_seconds(tries, base, outcome.retry_after_seconds))
            outcome = await self._fetcher.fetch(ask, follow)
        return outcome


async def _follow_anywhere(target: str) -> str:
    """Follows robots.txt to other hosts, as RFC 9309 section 2.3.1.2 has it; the guard still watches the socket."""
    return target


def _resolved(base: str, references: Iterable[str]) -> Iterator[str]:
    resolved = (resolve_address(base, reference) for reference in references)
    return (address for address in resolved if address)


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


def _refused_by(robots: Robots, address: str) -> Outcome:
    if robots.failure is not None:
        return Failed(address, robots.failure)
    return Excluded(address, "robots.txt forbids it")


def _safe_links(body: bytes, address: str, content_type: str) -> PageLinks | None:
    if "html" in content_type and is_ruinous_markup(body):
        return None
    return read_links(body, address, content_type)
