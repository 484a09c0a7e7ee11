"""What a site says about itself beside its pages: robots.txt, sitemaps, an llms.txt, lists of its generator."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Iterable, Iterator
from dataclasses import dataclass
from typing import Literal
from urllib.parse import unquote

from crawler.addresses import origin_of, resolve_address
from crawler.exchange import Ask
from crawler.fetch import Fetcher, Follow
from crawler.inventory import MAX_INVENTORY_BYTES, Inventory, ListedSymbol, parse_inventory
from crawler.links import read_links
from crawler.llms_files import MAX_LLMS_BYTES, is_llms_file, listed_pages
from crawler.outcomes import Excluded, Failed, Fetched, Outcome, Redirected
from crawler.page_lists import MAX_LIST_BYTES, PageList
from crawler.politeness import Politeness, backoff_seconds
from crawler.records import PageSymbol
from crawler.robots import MAX_ROBOTS_BYTES, Robots, robots_of
from crawler.scope import Scope
from crawler.settings import CrawlerSettings
from crawler.shells import Shell
from crawler.sitemap import MAX_SITEMAP_BYTES, MAX_SITEMAP_ENTRIES, Sitemap, parse_sitemap
from crawler.switchers import MAX_SWITCHER_BYTES, VersionTree, parse_switcher

_MAX_SITEMAPS = 100
_MAX_SITEMAP_LEVELS = 3
_MAX_ANCHOR_CHARS = 500
_MAX_CONFIGURATIONS = 20


@dataclass(frozen=True)
class SiteInventory:
    """What a Sphinx inventory names, at its addresses."""

    pages: tuple[str, ...]
    symbols: tuple[PageSymbol, ...]


@dataclass(frozen=True)
class LlmsList:
    """An llms.txt, and what it lists."""

    address: str
    pages: tuple[str, ...]


class SiteFiles:
    """Fetches the files that tell about a site, each once, and remembers what they said."""

    def __init__(self, settings: CrawlerSettings, fetcher: Fetcher, politeness: Politeness) -> None:
        self.robots: dict[str, Robots] = {}
        """By origin."""
        self.listings: dict[str, int] = {}
        """Sitemaps and inventories that were found, with the number of addresses each names."""
        self.inventory_version: str | None = None
        """The version that an inventory says the documentation is of."""
        self.limit: str | None = None
        """Why pages that sitemaps name may be missing."""
        self._settings = settings
        self._fetcher = fetcher
        self._politeness = politeness
        self._robots_lock = asyncio.Lock()
        self._llms_lock = asyncio.Lock()
        self._configurations: set[str] = set()
        self._llms_list: LlmsList | Literal["unasked"] | None = "unasked"

    async def robots_of(self, address: str) -> Robots:
        """Gives the rules of the address's origin, and keeps the pause they ask for."""
        origin = origin_of(address)
        async with self._robots_lock:
            if origin not in self.robots:
                robots = await self._fetch_robots(origin)
                delay = min(robots.crawl_delay_seconds, self._settings.max_crawl_delay_seconds)
                self._politeness.slot(origin).require_delay(delay)
                self.robots[origin] = robots
            return self.robots[origin]

    async def refusal_of(self, address: str) -> Outcome | None:
        """Gives what becomes of a page that robots.txt keeps us from, None if it does not."""
        robots = await self.robots_of(address)
        if robots.allows(address):
            return None
        if robots.failure is not None:
            return Failed(address, robots.failure)
        return Excluded(address, "robots.txt forbids it")

    async def _fetch_robots(self, origin: str) -> Robots:
        ask = Ask(f"{origin}/robots.txt", MAX_ROBOTS_BYTES, content_types=None, is_cut=True)
        outcome = await self.fetch(ask, _follow_anywhere)
        match outcome:
            case Fetched():
                return robots_of(outcome.status, outcome.body)
            case Failed(status=None):
                return Robots(failure=outcome.reason)
            case Failed(status=200):
                # What it forbids is not known: as with a file that cannot be reached (RFC 9309, section 2.3.1.4).
                return Robots(failure=f"its robots.txt cannot be read: {outcome.reason}")
            case Failed(status=int(status)):
                return robots_of(status, b"")
            case _:
                return Robots()

    async def sitemap_pages(self, scope: Scope, given: Fetched | None = None) -> AsyncGenerator[list[str]]:
        """Gives the addresses in the sitemap given, or in those of the site, file by file."""
        robots = await self.robots_of(scope.origin)
        # What a site names may be about everything but the documentation, which then has its own beside it.
        own = (f"{scope.origin}{scope.directory}sitemap.xml",) if scope.directory != "/" else ()
        named = (given.url,) if given else (*own, *(robots.sitemaps or (f"{scope.origin}/sitemap.xml",)))
        pending = deque((address, 1) for address in named)
        seen: set[str] = set()
        while pending and len(seen) < _MAX_SITEMAPS:
            found, level = pending.popleft()
            address = _listing_address(found, scope, robots)
            if address is None or address in seen:
                continue
            seen.add(address)
            sitemap = await self._read_sitemap(address, scope, given)
            if level < _MAX_SITEMAP_LEVELS:
                # One more than will be read shows that there are more.
                pending.extend((nested, level + 1) for nested in sitemap.sitemaps[: _MAX_SITEMAPS + 1])
            elif sitemap.sitemaps:
                self.limit = f"read sitemaps only {_MAX_SITEMAP_LEVELS} levels deep"
            if sitemap.is_cut:
                self.limit = f"read only the first {MAX_SITEMAP_ENTRIES} entries of {address}"
            yield list(_resolved(address, sitemap.pages))
        if {_listing_address(found, scope, robots) for found, _ in pending} - {None, *seen}:
            self.limit = f"read only the first {_MAX_SITEMAPS} sitemaps"

    async def _read_sitemap(self, address: str, scope: Scope, given: Fetched | None) -> Sitemap:
        if given is not None and given.url == address:
            body = given.body
        else:
            body = await self._fetch_listing(address, scope, MAX_SITEMAP_BYTES)
        sitemap = await asyncio.to_thread(parse_sitemap, body)
        if count := len(sitemap.pages) + len(sitemap.sitemaps):
            self.listings[address] = count
        return sitemap

    async def read_inventory(self, scope: Scope, root: str) -> SiteInventory:
        """Gives what the Sphinx inventory in a folder names, nothing if there is none."""
        address = f"{root}objects.inv"
        body = await self._fetch_listing(address, scope, MAX_INVENTORY_BYTES)
        inventory = await asyncio.to_thread(parse_inventory, body)
        if inventory.documents:
            self.listings[address] = len(inventory.documents)
            self.inventory_version = inventory.version or None
        return await asyncio.to_thread(_placed, address, inventory)

    async def listed_pages(self, scope: Scope, lists: Iterable[PageList]) -> AsyncGenerator[list[str]]:
        """Gives the addresses in the lists of a generator, file by file."""
        for found in lists:
            body = await self._fetch_listing(found.address, scope, MAX_LIST_BYTES)
            references = await asyncio.to_thread(found.parse, body) if body else ()
            if references:
                self.listings[found.address] = len(references)
            yield list(_resolved(found.base, references))

    async def version_trees(self, scope: Scope, address: str) -> list[VersionTree]:
        """Gives the folders that a version switcher's file on this site lists, none if it cannot be had."""
        address = scope.aligned(address)
        body = await self._fetch_listing(address, scope, MAX_SWITCHER_BYTES)
        trees = await asyncio.to_thread(parse_switcher, body, address) if body else []
        if trees:
            self.listings[address] = len(trees)
        return trees

    async def find_llms_list(self, scope: Scope) -> LlmsList | None:
        """Gives the llms.txt of the scope's folder, else of its site, None if there is none; asked for once."""
        async with self._llms_lock:
            if self._llms_list == "unasked":
                self._llms_list = await self._find_llms_list(scope)
        return self._llms_list

    async def _find_llms_list(self, scope: Scope) -> LlmsList | None:
        for folder in dict.fromkeys((scope.directory, "/")):
            address = f"{scope.origin}{folder}llms.txt"
            outcome = await self._fetch_on_site(address, scope, MAX_LLMS_BYTES)
            if isinstance(outcome, Fetched) and is_llms_file(outcome.body, outcome.content_type):
                pages = await asyncio.to_thread(listed_pages, outcome.body, outcome.url)
                self.listings[address] = len(pages)
                return LlmsList(outcome.url, pages)
        return None

    async def landing_of(self, scope: Scope, address: str) -> str | None:
        """Gives where an address of the site leads, by redirects or a page that sends browsers on; None if nowhere."""
        landing = address

        async def stay(target: str) -> Outcome | str:
            nonlocal landing
            landing = scope.aligned(target)
            refusal = await self.refusal_of(landing)
            return refusal or (landing if scope.is_same_origin(landing) else Redirected(address, landing))

        ask = Ask(address, self._settings.max_page_bytes)
        outcome = await self.refusal_of(address) or await self.fetch(ask, stay)
        if not isinstance(outcome, Fetched):
            return None
        links = await asyncio.to_thread(read_links, outcome.body, landing, outcome.content_type)
        landing = scope.aligned(links.refresh) if links and links.refresh else landing
        return landing if scope.is_same_origin(landing) else None

    async def completed(self, scope: Scope, shell: Shell) -> Shell:
        """Gives an empty page with what it shows by files of the site in which it looks that up, each asked once."""
        pending, asked = deque(shell.configurations), self._configurations
        while pending and len(asked) < _MAX_CONFIGURATIONS:
            address = scope.aligned(pending.popleft())
            if address not in asked:
                asked.add(address)
                body = await self._fetch_listing(address, scope, self._settings.max_page_bytes)
                shell, further = shell.told_by(body)
                pending.extend(further)
        return shell

    async def _fetch_listing(self, address: str, scope: Scope, max_bytes: int) -> bytes:
        """Gives a file that names pages of this site, nothing if there is none."""
        outcome = await self._fetch_on_site(address, scope, max_bytes)
        return outcome.body if isinstance(outcome, Fetched) else b""

    async def _fetch_on_site(self, address: str, scope: Scope, max_bytes: int) -> Outcome:
        if not scope.is_same_origin(address) or not (await self.robots_of(address)).allows(address):
            return Excluded(address, "robots.txt forbids it")

        async def stay(target: str) -> Outcome | str:
            return target if scope.is_same_origin(target) else Redirected(address, target)

        return await self.fetch(Ask(address, max_bytes, content_types=None), stay)

    async def fetch_named(self, address: str, max_bytes: int) -> Outcome:
        """Fetches a file of any type that the operator named, wherever the site has moved it.

        A `Fetched` bears the address the file was found at. robots.txt is obeyed there too.
        """

        async def follow(target: str) -> Outcome | str:
            return await self.refusal_of(target) or target

        refusal = await self.refusal_of(address)
        return refusal or await self.fetch(Ask(address, max_bytes, content_types=None), follow)

    async def fetch(self, ask: Ask, follow: Follow) -> Outcome:
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


def _listing_address(found: str, scope: Scope, robots: Robots) -> str | None:
    address = resolve_address(scope.origin, found)
    address = scope.aligned(address) if address else None
    is_usable = address and scope.is_same_origin(address) and robots.allows(address)
    return address if is_usable else None


def _placed(address: str, inventory: Inventory) -> SiteInventory:
    symbols = (_placed_symbol(address, symbol) for symbol in inventory.symbols)
    documents = (document or "./" for document in inventory.documents)
    return SiteInventory(tuple(_resolved(address, documents)), tuple(filter(None, symbols)))


def _placed_symbol(address: str, symbol: ListedSymbol) -> PageSymbol | None:
    reference, _, anchor = symbol.reference.partition("#")
    page = resolve_address(address, reference or "./")
    is_usable = page is not None and 0 < len(anchor) <= _MAX_ANCHOR_CHARS
    return PageSymbol(page, unquote(anchor), symbol.name, symbol.role[:100]) if page and is_usable else None


def _resolved(base: str, references: Iterable[str]) -> Iterator[str]:
    resolved = (resolve_address(base, reference) for reference in references)
    return (address for address in resolved if address)
