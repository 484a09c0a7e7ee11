"""The frontier of a crawl: which pages are known, which are being fetched, which are due. It lives in PostgreSQL.

A page is handed out under a lease. A runner that is killed leaves its leases to run out; another, or the same one
started again, then goes on exactly there. A runner that was only slow finds that the page is no longer its own.
"""

import asyncio
import time
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from uuid import UUID, uuid4

import structlog

from core.database import Database
from core.errors import Unavailable
from crawler.addresses import index_variants
from crawler.queries import claims, endings
from crawler.queries import pages as queries
from crawler.queries import symbols as symbol_queries
from crawler.query_variants import TOO_MANY, QueryVariants
from crawler.records import FrontierPage, PageResult, PageSymbol, PreviousPage
from crawler.settings import CrawlerSettings

log = structlog.get_logger(__name__)

_CLAIM_SIZES = (8, 64)
_QUICK_SECONDS = 1.0
_LOST_CLAIM_SIZE = 4
_MAX_EXCLUDED = 20_000
_MAX_REMEMBERED = 500_000


class Frontier:
    """One runner's hold on the frontier of a crawl."""

    def __init__(
        self, database: Database, crawl_id: UUID, settings: CrawlerSettings, previous_id: UUID | None = None
    ) -> None:
        """`previous_id` is the crawl this one compares itself with."""
        self.crawl_id = crawl_id
        self.held: set[str] = set()
        """Pages this runner has handed out and not settled."""
        self.kept = 0
        """Pages of the crawl that were fetched and settled."""
        self.fetched_bytes = 0
        """What earlier runs of the crawl have fetched."""
        self.news = asyncio.Event()
        """Set when there may be something to claim."""
        self._runner = uuid4()
        self._database = database
        self._settings = settings
        self._previous_id = previous_id
        self._claim_size, self._claimed_at = _CLAIM_SIZES[0], 0.0
        self._lease = timedelta(seconds=settings.lease_seconds)
        self._remembered: set[str] = set()
        self._variants = QueryVariants()
        self._known = 0
        self._excluded = 0
        self._noted_limit: str | None = None

    @property
    def limit_met(self) -> str | None:
        """Tells that addresses were dropped or not looked for any further, and why."""
        if self._known < self._settings.max_addresses:
            return self._noted_limit
        return f"stopped looking for pages at the limit of {self._settings.max_addresses} addresses"

    async def open(self) -> None:
        """Takes up the counts of what earlier runs left."""
        async with self._database.connection() as connection:
            counts = await queries.count_pages(connection, self.crawl_id)
            self.fetched_bytes = await queries.sum_body_bytes(connection, self.crawl_id)
        self.kept = counts.fetched
        self._excluded = counts.excluded
        open_pages, ended = counts.queued + counts.leased, counts.fetched + counts.failed + counts.missing
        self._known = open_pages + ended + counts.redirected

    def unknown(self, addresses: Iterable[str]) -> list[str]:
        """Gives those of the addresses this runner has neither queued nor noted yet."""
        return [address for address in dict.fromkeys(addresses) if address not in self._remembered]

    async def add(self, addresses: Iterable[str], depth: int) -> None:
        """Queues addresses that are new, as far as the limits of the crawl go."""
        new = self._remember(addresses)
        if not new:
            return
        if depth > self._settings.max_depth:
            reason = f"deeper than {self._settings.max_depth} links from the start"
            await self._exclude(dict.fromkeys(new, reason), depth)
            return
        room = max(self._settings.max_addresses - self._known, 0)
        wanted = self._variants.sensible(new)
        if len(wanted) < len(new):
            await self._exclude(dict.fromkeys(set(new).difference(wanted), TOO_MANY), depth)
        for start in range(0, min(len(wanted), room), 5000):
            async with self._database.connection() as connection:
                batch = wanted[start : min(start + 5000, room)]
                self._known += await queries.insert_queued_pages(connection, self.crawl_id, batch, depth)
            self.news.set()

    async def exclude(self, reasons: Mapping[str, str], depth: int) -> None:
        """Notes addresses that are left out, for the report."""
        new = self._remember(reasons)
        await self._exclude({address: reasons[address] for address in new}, depth)

    async def claim(self, limit: int) -> list[FrontierPage]:
        """Hands out pages that are due, at most `limit`.

        Those a runner was lost with come last, and few at a time: one of them may be what it was lost to.
        """
        size = min(limit, self._next_claim_size())
        given = (self.crawl_id, self._runner)
        async with self._database.connection() as connection:
            pages = await claims.claim_pages(connection, *given, size, self._lease, self._previous_id)
            if not pages:
                size = min(limit, _LOST_CLAIM_SIZE)
                pages = await claims.claim_lost_pages(connection, *given, size, self._lease, self._previous_id)
        self.held.update(page.url for page in pages)
        return pages

    def _next_claim_size(self) -> int:
        """Gives what is read within about a second: what a runner holds waits for its lease if the runner is killed."""
        now = time.monotonic()
        least, most = _CLAIM_SIZES
        factor = 2.0 if now - self._claimed_at < _QUICK_SECONDS else 0.5
        self._claim_size = min(max(int(self._claim_size * factor), least), most)
        self._claimed_at = now
        return self._claim_size

    async def find_previous(self, address: str) -> PreviousPage | None:
        """Gives what the crawl before knew about a page."""
        if self._previous_id is None:
            return None
        async with self._database.connection() as connection:
            return await claims.find_previous_page(connection, self._previous_id, address)

    async def claim_hop(self, address: str, depth: int) -> bool:
        """Hands out the target of a redirect, and tells whether it did: somebody else may look after it."""
        async with self._database.connection() as connection:
            is_ours = await claims.claim_page(connection, self.crawl_id, self._runner, address, depth, self._lease)
        if is_ours:
            self.held.add(address)
        return is_ours

    async def find_landing(self, start: str) -> str | None:
        """Gives the address the start page led to, itself or another; None before it was asked."""
        async with self._database.connection() as connection:
            return await queries.find_landing(connection, self.crawl_id, start)

    async def note_landing(self, start: str, landing: str) -> None:
        """Notes where the start page leads."""
        async with self._database.connection() as connection:
            await queries.update_landing(connection, self.crawl_id, start, landing)

    async def note_symbols(self, symbols: Sequence[PageSymbol]) -> None:
        """Notes names that pages of the source define, for the indexer."""
        async with self._database.transaction() as connection:
            await symbol_queries.delete_symbols(connection, self.crawl_id)
            for start in range(0, len(symbols), 5000):
                await symbol_queries.insert_symbols(connection, self.crawl_id, symbols[start : start + 5000])

    def note_limit(self, reason: str) -> None:
        """Notes that pages may be missing, for the report of the run."""
        self._noted_limit = reason

    async def note_facts(self, facts: Mapping[str, str]) -> None:
        """Notes what the source says about the state of it that is read."""
        async with self._database.connection() as connection:
            await symbol_queries.update_facts(connection, self.crawl_id, facts)

    async def find_facts(self) -> Mapping[str, str]:
        """Gives what was noted so far, also by another run."""
        async with self._database.connection() as connection:
            return await symbol_queries.facts_of(connection, self.crawl_id)

    async def settle(self, results: Sequence[PageResult]) -> None:
        """Writes what became of pages, all or nothing."""
        async with self._database.transaction() as connection:
            await queries.update_settled_pages(connection, self.crawl_id, self._runner, results)
        fetched = [result.url for result in results if result.state == "fetched"]
        twins = await self._turn_twins(fetched)
        # Both at once: who looks for room between the two would take these pages for none.
        self.held.difference_update(result.url for result in results)
        self.kept += len(fetched) - twins
        self.news.set()

    async def _turn_twins(self, fetched: Sequence[str]) -> int:
        """Gives how many of the crawl's pages turned out to be a page it has under a shorter address."""
        groups = {address: variants for address in fetched if (variants := index_variants(address))}
        if not groups:
            return 0
        urls = {*groups, *(variant for variants in groups.values() for variant in variants)}
        async with self._database.connection() as connection:
            return await endings.update_twins_among(connection, self.crawl_id, list(urls))

    async def wait_for_news(self) -> bool:
        """Waits until there may be something to claim; tells False when no page is open any more."""
        self.news.clear()
        async with self._database.connection() as connection:
            wait = await claims.find_wait_seconds(connection, self.crawl_id)
        if wait is None:
            return False
        try:
            # Other runners give no news: look again after a second.
            async with asyncio.timeout(min(max(wait, 0.02), 1.0)):
                await self.news.wait()
        except TimeoutError:
            pass
        return True

    async def keep_leases(self) -> None:
        """Extends the leases of the pages this runner holds."""
        async with self._database.connection() as connection:
            await claims.update_leases(connection, self.crawl_id, self._runner, list(self.held), self._lease)

    async def release(self) -> None:
        """Gives back what was handed out and not settled, also by a claim whose answer never arrived here."""
        self.held.clear()
        try:
            async with self._database.connection() as connection:
                await claims.update_released_pages(connection, self.crawl_id, self._runner)
        except Unavailable as error:
            # The leases run out by themselves; how the run ended is what the caller must hear.
            log.warning("crawler.leases_left", crawl_id=str(self.crawl_id), reason=error.message)

    def _remember(self, addresses: Iterable[str]) -> list[str]:
        """Gives what this runner has not added before: most links of a page were on the page before it."""
        new = self.unknown(addresses)
        if len(self._remembered) + len(new) > _MAX_REMEMBERED:
            self._remembered.clear()
        self._remembered.update(new[:_MAX_REMEMBERED])
        return new

    async def _exclude(self, reasons: Mapping[str, str], depth: int) -> None:
        reasons = dict(list(reasons.items())[: max(_MAX_EXCLUDED - self._excluded, 0)])
        if not reasons:
            return
        self._excluded += len(reasons)
        async with self._database.connection() as connection:
            await queries.insert_excluded_pages(connection, self.crawl_id, list(reasons), list(reasons.values()), depth)
