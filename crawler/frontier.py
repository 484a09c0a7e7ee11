"""The frontier of a crawl: which pages are known, which are being fetched, which are due. It lives in PostgreSQL.

A page is handed out under a lease. A runner that is killed leaves its leases to run out; another, or the same one
started again, then goes on exactly there. A runner that was only slow finds that the page is no longer its own.
"""

import asyncio
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from uuid import UUID, uuid4

import structlog

from core.database import Database
from core.errors import Unavailable
from crawler.queries import pages as queries
from crawler.records import FrontierPage, PageResult
from crawler.settings import CrawlerSettings

log = structlog.get_logger(__name__)

_CLAIM_SIZE = 32
_MAX_EXCLUDED = 20_000
_MAX_REMEMBERED = 500_000
_MAX_QUERY_VARIANTS = 100


class Frontier:
    """One runner's hold on the frontier of a crawl."""

    def __init__(self, database: Database, crawl_id: UUID, settings: CrawlerSettings) -> None:
        self.crawl_id = crawl_id
        self.held: set[str] = set()
        """Pages this runner has handed out and not settled."""
        self.kept = 0
        """Pages of the crawl that were fetched and settled."""
        self.news = asyncio.Event()
        """Set when there may be something to claim."""
        self._runner = uuid4()
        self._database = database
        self._settings = settings
        self._lease = timedelta(seconds=settings.lease_seconds)
        self._remembered: set[str] = set()
        self._variants: Counter[str] = Counter()
        self._known = 0
        self._excluded = 0

    @property
    def limit_met(self) -> str | None:
        """Tells that addresses were dropped, and why."""
        if self._known < self._settings.max_addresses:
            return None
        return f"stopped looking for pages at the limit of {self._settings.max_addresses} addresses"

    async def open(self) -> None:
        """Takes up the counts of what earlier runs left."""
        async with self._database.connection() as connection:
            counts = await queries.count_pages(connection, self.crawl_id)
        self.kept = counts.fetched
        self._excluded = counts.excluded
        open_pages, ended = counts.queued + counts.leased, counts.fetched + counts.failed + counts.missing
        self._known = open_pages + ended + counts.redirected

    async def add(self, addresses: Iterable[str], depth: int) -> None:
        """Queues addresses that are new, as far as the limits of the crawl go."""
        new = self._forget_known(addresses)
        if depth > self._settings.max_depth:
            reason = f"deeper than {self._settings.max_depth} links from the start"
            await self._exclude(dict.fromkeys(new, reason), depth)
            return
        room = max(self._settings.max_addresses - self._known, 0)
        wanted = [address for address in new if self._is_sensible_variant(address)]
        for start in range(0, min(len(wanted), room), 5000):
            async with self._database.connection() as connection:
                batch = wanted[start : min(start + 5000, room)]
                self._known += await queries.insert_queued_pages(connection, self.crawl_id, batch, depth)
            self.news.set()

    async def exclude(self, reasons: Mapping[str, str], depth: int) -> None:
        """Notes addresses that are left out, for the report."""
        new = self._forget_known(reasons)
        await self._exclude({address: reasons[address] for address in new}, depth)

    async def claim(self, limit: int) -> list[FrontierPage]:
        """Hands out pages that are due, at most `limit`."""
        async with self._database.connection() as connection:
            size = min(limit, _CLAIM_SIZE)
            pages = await queries.claim_pages(connection, self.crawl_id, self._runner, size, self._lease)
        self.held.update(page.url for page in pages)
        return pages

    async def claim_hop(self, address: str, depth: int) -> bool:
        """Hands out the target of a redirect, and tells whether it did: somebody else may look after it."""
        async with self._database.connection() as connection:
            is_ours = await queries.claim_page(connection, self.crawl_id, self._runner, address, depth, self._lease)
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

    async def settle(self, results: Sequence[PageResult]) -> None:
        """Writes what became of pages, all or nothing."""
        async with self._database.transaction() as connection:
            await queries.update_settled_pages(connection, self.crawl_id, self._runner, results)
        self.held.difference_update(result.url for result in results)
        self.kept += sum(result.state == "fetched" for result in results)
        self.news.set()

    async def wait_for_news(self) -> bool:
        """Waits until there may be something to claim; tells False when no page is open any more."""
        self.news.clear()
        async with self._database.connection() as connection:
            wait = await queries.find_wait_seconds(connection, self.crawl_id)
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
            await queries.update_leases(connection, self.crawl_id, self._runner, list(self.held), self._lease)

    async def release(self) -> None:
        """Gives back what was handed out and not settled, also by a claim whose answer never arrived here."""
        self.held.clear()
        try:
            async with self._database.connection() as connection:
                await queries.update_released_pages(connection, self.crawl_id, self._runner)
        except Unavailable as error:
            # The leases run out by themselves; how the run ended is what the caller must hear.
            log.warning("crawler.leases_left", crawl_id=str(self.crawl_id), reason=error.message)

    def _forget_known(self, addresses: Iterable[str]) -> list[str]:
        """Drops what this runner has added before: most links of a page were on the page before it."""
        new = [address for address in dict.fromkeys(addresses) if address not in self._remembered]
        if len(self._remembered) + len(new) > _MAX_REMEMBERED:
            self._remembered.clear()
        self._remembered.update(new[:_MAX_REMEMBERED])
        return new

    def _is_sensible_variant(self, address: str) -> bool:
        """Sorting and filtering links give one page endless addresses."""
        path, mark, _ = address.partition("?")
        if not mark:
            return True
        self._variants[path] += 1
        return self._variants[path] <= _MAX_QUERY_VARIANTS

    async def _exclude(self, reasons: Mapping[str, str], depth: int) -> None:
        reasons = dict(list(reasons.items())[: max(_MAX_EXCLUDED - self._excluded, 0)])
        if not reasons:
            return
        self._excluded += len(reasons)
        async with self._database.connection() as connection:
            await queries.insert_excluded_pages(connection, self.crawl_id, list(reasons), list(reasons.values()), depth)
