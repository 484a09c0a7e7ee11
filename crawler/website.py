"""A website as pages: scope, robots.txt and redirects around the fetching of each, and the links it leads to."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

import structlog

from core.errors import SourceFailed
from core.objects import ObjectStore
from crawler.addresses import MAX_ADDRESS_CHARS
from crawler.copies import Copies
from crawler.exchange import Ask
from crawler.fetch import Fetcher, Follow
from crawler.ledger import Ledger
from crawler.links import PageLinks, read_links
from crawler.outcomes import Excluded, Failed, Fetched, Outcome, Redirected, Unchanged
from crawler.probes import Probes
from crawler.readings import Reading
from crawler.records import FrontierPage, PreviousPage
from crawler.rendering.browser import Browser
from crawler.scope import Scope
from crawler.seeds import site_seeds
from crawler.settings import CrawlerSettings
from crawler.shells import Shell
from crawler.sieve import Sieve
from crawler.site_files import SiteFiles
from crawler.sitemap import MAX_SITEMAP_BYTES
from crawler.stubs import Stubs
from crawler.switchers import Switcher, find_switchers
from crawler.trees import plain_text, read_tree
from crawler.twins import Twins, is_twin_type
from crawler.variants import Variants

log = structlog.get_logger(__name__)

_SWITCHER, _MATCH = "version_switcher", "version_match"
"""Facts of a crawl by which another run of it finds the versions of the site."""

_MANY_PAGES = 50_000


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
        self._copies = Copies(store)
        self._twins = Twins(files, settings.max_page_bytes)
        self._browser = browser
        self._variants = variants or Variants()
        self._sieve = Sieve(self._variants, Probes(files))
        self._stubs = Stubs(self._copies)
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
        if page.depth and (reason := self._variants.exclusion(page.url)):
            return Reading(page, previous, Excluded(page.url, reason))
        reading = await self._read(page, previous)
        if isinstance(reading.outcome, Unchanged) and not await self._copies.has_copy(reading):
            reading = await self._read_whole(reading)
        links, outcome = await self._copies.links_of(reading)
        if links is not None and (target := await self._stubs.target_of(reading, links, self._scope)):
            return replace(reading, outcome=await self._send_on(reading, target), links=None)
        reading = await self._judged(replace(reading, outcome=outcome, links=links))
        await self._follow_up(reading, reading.links)
        return await self._with_twin(reading)

    async def _send_on(self, reading: Reading, target: str) -> Outcome:
        """Gives what becomes of a stub, and queues where it leads; that is checked as after a redirect."""
        if reading.is_of_start:
            await self._adopt(target)
            await self._ledger.add([target], 0)
        elif refusal := await self._refusal_of_hop(reading.final_url, target):
            return refusal
        else:
            await self._add([target], reading.page.depth + 1)
        return Redirected(reading.final_url, target)

    async def _judged(self, reading: Reading) -> Reading:
        """Tells pages that are none; what an empty one would show is queued in its place."""
        links = reading.links
        if reading.is_of_start and links is not None:
            is_known = links.signs.language is not None
            text = "" if is_known else await read_tree(plain_text, await self._copies.body_of(reading))
            self._variants.begin(reading.final_url, links.signs, text)
            await self._ledger.note_facts(self._variants.facts())
        judged = await self._sieve.judge(reading, links, self._scope)
        if judged.shell is not None and self._browser is not None and isinstance(reading.outcome, Fetched):
            reading = await self._drawn(reading, reading.outcome, self._browser)
            links = reading.links
            judged = await self._sieve.judge(reading, links, self._scope)
        if links is not None:
            await self._add(self._variants.translations(links.signs), reading.page.depth + 1)
        if judged.shell is not None and isinstance(judged.outcome, Excluded):
            shell = await self.files.completed(self._scope, judged.shell)
            judged = replace(judged, outcome=replace(judged.outcome, reason=shell.reason))
            await self._add_shown_by(shell, reading.page.depth + 1)
        is_missing = isinstance(judged.outcome, Failed)
        return replace(reading, outcome=judged.outcome, links=None if is_missing else links)

    async def _drawn(self, reading: Reading, page: Fetched, browser: Browser) -> Reading:
        """Gives an empty page as it is once its scripts have run; where they lead is queued."""
        outcome = await browser.render(page)
        if isinstance(outcome, Redirected):
            await self._add([outcome.target], reading.page.depth)
        links = read_links(outcome.body, outcome.url, outcome.content_type) if isinstance(outcome, Fetched) else None
        return replace(reading, outcome=outcome, links=links)

    async def _add_shown_by(self, shell: Shell, depth: int) -> None:
        """Queues what an empty page names as its content; it may be data where a link to data would be left out."""
        named = [self._scope.aligned(address) for address in (*shell.specifications, *shell.documents)]
        reasons = {address: self._scope.exclusion(address, may_be_data=True) for address in named}
        await self._ledger.add([address for address in named if reasons[address] is None], depth)
        here = {
            address: reason for address, reason in reasons.items() if reason and self._scope.is_same_origin(address)
        }
        await self._ledger.exclude(here, depth)

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
        body = await self._copies.body_of(reading) if is_start else b""
        if is_start:
            await self._learn_versions(find_switchers(reading.final_url, body))
        if links is not None and not self._is_sitemap:
            if is_start:
                await self._choose_version(links.links)
            found = (*links.links, links.refresh, links.canonical)
            await self._add((link for link in found if link), reading.page.depth + 1)
            too_long = f"its address is longer than {MAX_ADDRESS_CHARS} characters"
            await self._ledger.exclude(dict.fromkeys(links.too_long, too_long), reading.page.depth + 1)
        if is_start:
            await self._add_seeds(reading.final_url, body)
            await self._ledger.note_facts(self._variants.facts(self.files.inventory_version))

    async def _add_seeds(self, page: str, body: bytes) -> None:
        """Queues what the site names besides links, as far as that comes in two thirds of the time of a run."""
        seconds = round(self._settings.max_seconds * 2 / 3, 1)
        bound = asyncio.timeout(seconds)
        try:
            async with bound:
                async for pages in site_seeds(self.files, self._ledger, self._scope, page, body):
                    await self._add(pages, 1)
        except TimeoutError:
            if not bound.expired():
                raise
            self._ledger.note_limit(f"stopped looking for pages in sitemaps and lists after {seconds:g} seconds")

    async def _learn_versions(self, switchers: Iterable[Switcher]) -> None:
        """Takes up what the site's version switcher lists, the first that can be had, and notes which that was."""
        for switcher in switchers if self._variants.is_of_one_version else ():
            if trees := await self.files.version_trees(self._scope, switcher.address):
                self._variants.learn_trees(trees, switcher.match)
                await self._ledger.note_facts(
                    {_SWITCHER: switcher.address} | ({_MATCH: switcher.match} if switcher.match else {})
                )
                return

    async def _choose_version(self, links: Iterable[str]) -> None:
        """Takes up one of several versions the start page leads to, by a folder that is more than a name for it."""
        near = [link for link in map(self._scope.aligned, links) if self._scope.exclusion(link) is None]
        folder = self._variants.choose_linked_version(self._scope.directory, near)
        if folder is not None:
            address = f"{self._scope.origin}{folder}"
            self._variants.move_version(await self.files.landing_of(self._scope, address) or address)
            await self._ledger.note_facts(self._variants.facts())

    async def _take_for_sitemap(self) -> None:
        """Queues what the start address names: it is no page, and may be a sitemap that its name does not tell."""
        self._is_sitemap = True
        given = await self._fetch_start(MAX_SITEMAP_BYTES)
        self._scope = Scope.of_site(given.url, self._scope.paths)
        await self._add_from_sitemaps(given)

    async def _add_from_sitemaps(self, given: Fetched | None = None) -> int:
        """Queues the pages of the sitemap given, or of the site's, and gives their number."""
        count, gathered = 0, list[str]()
        async for pages in self.files.sitemap_pages(self._scope, given):
            gathered += pages
            if len(gathered) > _MANY_PAGES:
                count += await self._add_weighed(gathered)
                gathered = []
        if self.files.limit:
            self._ledger.note_limit(self.files.limit)
        return count + await self._add_weighed(gathered)

    async def _add_weighed(self, addresses: Sequence[str]) -> int:
        """Queues pages that no start page led to, once it is known which of their versions is meant."""
        await asyncio.to_thread(self._variants.choose_version, addresses)
        count = await self._add(addresses, 1)
        await self._ledger.note_facts(self._variants.facts())
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
                facts = await self._ledger.find_facts()
                self._variants.resume(landing, facts)
                if _SWITCHER in facts:
                    await self._learn_versions([Switcher(facts[_SWITCHER], facts.get(_MATCH))])

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
            elif refusal := await self._refusal_of_hop(page.url, target):
                return refusal
            if refusal := await self.files.refusal_of(target):
                return refusal
            if not await self._ledger.claim_hop(target, page.depth):
                return Redirected(page.url, target)
            trail.hops.append(target)
            trail.previous = await self._ledger.find_previous(target)
            return self._ask(target, trail.previous)

        return follow

    async def _refusal_of_hop(self, address: str, target: str) -> Outcome | None:
        """Gives what becomes of a page that leads where no link may lead or nothing is, None for another one."""
        if reason := self._scope.exclusion(target):
            # Without the query, in which sign-in pages have where to return to: one reason for all such pages.
            return Excluded(address, f"redirects to {target.partition('?')[0][:500]}: {reason}")
        if await self._sieve.leads_nowhere(address, target, self._scope):
            return Failed(address, f"leads to {target[:500]}, as what does not exist does", is_missing=True)
        return None

    def may_return(self, address: str) -> bool:
        """Tells whether a page of an earlier crawl that was not met this time still belongs to the source."""
        robots = self.files.robots.get(self._scope.origin)
        return self._scope.exclusion(address) is None and (robots is None or robots.allows(address))

    def exclusion(self, address: str) -> str | None:
        """Gives the rule that leaves out a page of this site; of another one it leaves out nothing."""
        return self._scope.exclusion(address) if self._scope.is_same_origin(address) else None

    async def _add(self, addresses: Iterable[str], depth: int) -> int:
        """Queues addresses in scope and gives their number; of the others, those on this site are noted."""
        wanted, excluded = await self._sieve.sort(self._scope, self._ledger.unknown(addresses))
        await self._ledger.add(wanted, depth)
        await self._ledger.exclude(excluded, depth)
        return len(wanted)
