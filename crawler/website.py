"""A website as pages: scope, robots.txt and redirects around the fetching of each, and the links it leads to."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

import structlog

from core.errors import NotFound, SourceFailed
from core.markup import is_parsable
from core.objects import ObjectStore
from core.snapshots import read_record
from crawler.addresses import MAX_ADDRESS_CHARS
from crawler.fetch import Ask, Fetcher, Follow
from crawler.ledger import Ledger
from crawler.links import PageLinks, read_links, unpacked
from crawler.outcomes import Excluded, Failed, Fetched, Outcome, Redirected, Unchanged
from crawler.probes import Probes
from crawler.readings import Reading
from crawler.records import FrontierPage, PreviousPage
from crawler.rendering.browser import Browser
from crawler.scope import Scope
from crawler.seeds import site_seeds
from crawler.settings import CrawlerSettings
from crawler.shells import Shell
from crawler.sieve import Sieve, plain_text
from crawler.site_files import SiteFiles
from crawler.sitemap import MAX_SITEMAP_BYTES
from crawler.twins import Twins, is_twin_type
from crawler.variants import Variants

log = structlog.get_logger(__name__)

# What takes longer than the change to another thread: a sitemap or an inventory may name a hundred thousand pages.
_MANY_ADDRESSES = 1000
_MUCH_MARKUP_BYTES = 2**18
_UNREADABLE = "its markup is nested too deeply or has too many elements to be read"


@dataclass
class _Trail:
    """Where redirects have led so far, and what is known of the last address."""

    previous: PreviousPage | None
    hops: list[str] = field(default_factory=list[str])


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
        variants: Variants | None = None,
        browser: Browser | None = None,
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
        self._twins = Twins(files, settings.max_page_bytes)
        self._browser = browser
        self._variants = variants or Variants()
        self._sieve = Sieve(self._variants, Probes(files))
        self._is_scope_known = False
        self._is_sitemap = False
        self._has_segment: dict[str, bool] = {}

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
        if page.depth and (reason := self._variants.exclusion(page.url)):
            return Reading(page, previous, Excluded(page.url, reason))
        reading = await self._read(page, previous)
        if isinstance(reading.outcome, Unchanged) and not await self._has_copy(reading):
            reading = await self._read_whole(reading)
        links, outcome = await self._links_of(reading)
        reading = await self._judged(replace(reading, outcome=outcome, links=links))
        links = reading.links
        await self._follow_up(reading, links)
        return await self._with_twin(reading)

    async def _judged(self, reading: Reading) -> Reading:
        """Tells pages that are none; what an empty one would show is queued in its place."""
        links = reading.links
        if reading.is_of_start and links is not None:
            text = "" if links.signs.language else plain_text(await self._body_of(reading))
            self._variants.begin(reading.final_url, links.signs, text)
            await self._ledger.note_facts(self._variants.facts())
        judged = await self._sieve.judge(reading, links, self._scope)
        if judged.shell is not None and self._browser is not None and isinstance(reading.outcome, Fetched):
            reading = await self._drawn(reading, reading.outcome, self._browser)
            links = reading.links
            judged = await self._sieve.judge(reading, links, self._scope)
        if links is not None:
            await self._add(self._variants.translations(links.signs), reading.page.depth + 1)
        if judged.shell is not None:
            await self._add_shown_by(judged.shell, reading.page.depth + 1)
        is_missing = isinstance(judged.outcome, Failed)
        return replace(reading, outcome=judged.outcome, links=None if is_missing else links)

    async def _drawn(self, reading: Reading, page: Fetched, browser: Browser) -> Reading:
        """Gives an empty page as it is once its scripts have run; where they lead is queued."""
        outcome = await browser.render(page)
        if isinstance(outcome, Redirected):
            await self._add([outcome.target], reading.page.depth)
        links = _safe_links(outcome.body, outcome.url, outcome.content_type) if isinstance(outcome, Fetched) else None
        return replace(reading, outcome=outcome, links=links)

    async def _add_shown_by(self, shell: Shell, depth: int) -> None:
        """Queues what an empty page names as its content; it may be data where a link to data would be left out."""
        named = [self._scope.aligned(address) for address in (*shell.specifications, *shell.documents)]
        wanted = [address for address in named if self._scope.exclusion(address, may_be_data=True) is None]
        await self._ledger.add(wanted, depth)

    async def _with_twin(self, reading: Reading) -> Reading:
        """Puts the Markdown the site has of a page in its place, if it says the same."""
        if not isinstance(reading.outcome, Fetched):
            return reading
        self._twins.is_likely = await self.files.find_llms_list(self._scope) is not None
        twin = await self._twins.find(reading.outcome, reading.previous)
        return replace(reading, outcome=twin) if twin is not None else reading

    async def _follow_up(self, reading: Reading, links: PageLinks | None) -> None:
        """Queues links; after the start page, also what sitemaps and the inventory name."""
        is_start = reading.is_of_start
        if is_start and isinstance(reading.outcome, Excluded) and "xml" in reading.outcome.reason:
            await self._take_for_sitemap()
            return
        if links is not None and not self._is_sitemap:
            found = (*links.links, links.refresh, links.canonical)
            await self._add((link for link in found if link), reading.page.depth + 1)
            too_long = f"its address is longer than {MAX_ADDRESS_CHARS} characters"
            await self._ledger.exclude(dict.fromkeys(links.too_long, too_long), reading.page.depth + 1)
        if is_start:
            body = await self._body_of(reading)
            async for pages in site_seeds(self.files, self._ledger, self._scope, reading.final_url, body):
                await self._add(pages, 1)
            await self._ledger.note_facts(self._variants.facts(self.files.inventory_version))

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
            if not self._variants.has_begun:
                self._variants.resume(landing, await self._ledger.find_facts())

    async def _adopt(self, landing: str) -> None:
        """Takes over where the start page leads, and notes it before any page there is handed out."""
        await self._ledger.note_landing(self._start, landing)
        self._scope = self._asked_scope.adopting(landing)
        log.info("crawler.start_moved", start=self._start, landing=landing, scope=self._scope.origin)

    async def _read(self, page: FrontierPage, previous: PreviousPage | None) -> Reading:
        if refusal := await self.files.refusal_of(page.url):
            return Reading(page, previous, refusal)
        trail = _Trail(previous)
        outcome = await self._fetcher.fetch(self._ask(page.url, previous), self._follower(page, trail))
        return Reading(page, trail.previous, outcome, tuple(trail.hops))

    async def _read_whole(self, reading: Reading) -> Reading:
        """Asks once more for a page that is said to be unchanged and of which no copy is there."""
        trail = _Trail(None, list(reading.hops))
        ask = self._ask(reading.final_url, None)
        outcome = await self._fetcher.fetch(ask, self._follower(reading.page, trail))
        return Reading(reading.page, trail.previous, outcome, tuple(trail.hops))

    def _ask(self, address: str, previous: PreviousPage | None) -> Ask:
        # What is known of a twin says nothing about the page beside it.
        known = previous if previous and not is_twin_type(previous.content_type) else None
        etag, last_modified = (known.etag, known.last_modified) if known else (None, None)
        return Ask(address, self._settings.max_page_bytes, etag=etag, last_modified=last_modified)

    def _follower(self, page: FrontierPage, trail: "_Trail") -> Follow:
        """Checks every hop like a link; only the start page may lead to another site, which is then adopted."""

        async def follow(target: str) -> Outcome | Ask:
            target = self._scope.aligned(target)
            if target in (page.url, *trail.hops):
                return Failed(target, "redirects in a circle")
            if page.depth == 0:
                await self._adopt(target)
            elif reason := self._scope.exclusion(target):
                return Excluded(page.url, f"redirects to {target[:500]}: {reason}")
            elif await self._sieve.leads_nowhere(page.url, target, self._scope):
                return Failed(page.url, f"leads to {target[:500]}, as what does not exist does", is_missing=True)
            if refusal := await self.files.refusal_of(target):
                return refusal
            if not await self._ledger.claim_hop(target, page.depth):
                return Redirected(page.url, target)
            trail.hops.append(target)
            trail.previous = await self._ledger.find_previous(target)
            return self._ask(target, trail.previous)

        return follow

    async def _body_of(self, reading: Reading) -> bytes:
        """Gives a page as it came, or as it came in the crawl before."""
        if isinstance(reading.outcome, Fetched):
            return reading.outcome.body
        previous = reading.previous
        if not isinstance(reading.outcome, Unchanged) or self._store is None or previous is None:
            return b""
        key, offset, length = previous.snapshot_key, previous.snapshot_offset, previous.snapshot_length
        try:
            return (await read_record(self._store, key, offset, length)).body
        except NotFound:
            return b""

    async def _has_copy(self, reading: Reading) -> bool:
        """Tells whether what an unchanged page was is still in the snapshot; asked once for each file of it."""
        previous = reading.previous
        if previous is None or self._store is None:
            return False
        key = previous.snapshot_key
        if key not in self._has_segment:
            try:
                await self._store.get_range(key, previous.snapshot_offset, 1)
                self._has_segment[key] = True
            except NotFound:
                self._has_segment[key] = False
        return self._has_segment[key]

    async def _links_of(self, reading: Reading) -> tuple[PageLinks | None, Outcome]:
        """Gives the links of a page that came or is unchanged, and the outcome: ruinous markup makes it a failure."""
        outcome, previous = reading.outcome, reading.previous
        if not isinstance(outcome, Fetched | Unchanged):
            return None, outcome
        is_known = isinstance(outcome, Unchanged) or (previous and previous.body_sha256 == outcome.sha256)
        if is_known and previous and previous.links is not None:
            return unpacked(previous.links), outcome
        body = outcome.body if isinstance(outcome, Fetched) else await self._body_of(reading)
        kind = outcome.content_type if isinstance(outcome, Fetched) else previous.content_type if previous else ""
        if len(body) > _MUCH_MARKUP_BYTES:
            links = await asyncio.to_thread(_safe_links, body, outcome.url, kind)
        else:
            links = _safe_links(body, outcome.url, kind)
        if links is None and isinstance(outcome, Fetched):
            return None, Failed(outcome.url, _UNREADABLE, outcome.status)
        return links, outcome

    def may_return(self, address: str) -> bool:
        """Tells whether a page of an earlier crawl that was not met this time still belongs to the source."""
        robots = self.files.robots.get(self._scope.origin)
        return self._scope.exclusion(address) is None and (robots is None or robots.allows(address))

    async def _add(self, addresses: Iterable[str], depth: int) -> int:
        """Queues addresses in scope and gives their number; of the others, those on this site are noted."""
        unknown = self._ledger.unknown(addresses)
        if len(unknown) > _MANY_ADDRESSES:
            wanted, excluded = await asyncio.to_thread(_sorted_by_scope, self._scope, self._variants, unknown)
        else:
            wanted, excluded = _sorted_by_scope(self._scope, self._variants, unknown)
        await self._ledger.add(wanted, depth)
        await self._ledger.exclude(excluded, depth)
        return len(wanted)


def _sorted_by_scope(scope: Scope, variants: Variants, addresses: Iterable[str]) -> tuple[list[str], dict[str, str]]:
    """Gives the addresses in scope, and those of the others that are on this site, with the reason."""
    wanted: list[str] = []
    excluded: dict[str, str] = {}
    aligned = [scope.aligned(found) for found in addresses]
    variants.learn_addresses([address for address in aligned if scope.is_same_origin(address)])
    for address in aligned:
        if reason := scope.exclusion(address) or variants.exclusion(address):
            if scope.is_same_origin(address):
                excluded[address] = reason
        else:
            wanted.append(address)
    return wanted, excluded


def _safe_links(body: bytes, address: str, content_type: str) -> PageLinks | None:
    if "html" in content_type and not is_parsable(body.decode("latin-1")):
        return None
    return read_links(body, address, content_type)
