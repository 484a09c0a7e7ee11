"""A dry run: what a crawl of a source would read and what it would leave out, found out without storing anything.

The readers of a real crawl do the work, on a frontier that is kept in memory.
"""

import asyncio
from collections import Counter, defaultdict, deque
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace

from crawler.addresses import index_variants
from crawler.credentials import Credentials
from crawler.ledger import Reader
from crawler.outcomes import Excluded, Failed, Fetched, Outcome, Redirected
from crawler.query_variants import TOO_MANY, QueryVariants
from crawler.readers import open_reader
from crawler.readings import Reading
from crawler.records import FrontierPage, PageSymbol, PreviousPage, SourceKind
from crawler.robots import Robots
from crawler.rules import CrawlRules
from crawler.settings import CrawlerSettings
from crawler.website import Website

_MAX_EXAMPLES = 5
_MAX_RULES = 100
_MAX_NOTED = 500_000

OnRead = Callable[[str, Fetched], Awaitable[None]]


@dataclass(frozen=True)
class SurveyedPage:
    """A page that was asked for."""

    url: str
    state: str
    """`read`, `redirected`, `excluded`, `missing` or `failed`."""
    reason: str | None
    content_type: str | None
    size_bytes: int
    links: int
    """Addresses in scope that no page before it had named."""


@dataclass(frozen=True)
class Exclusion:
    """A rule that leaves addresses out."""

    reason: str
    count: int
    examples: tuple[str, ...]


@dataclass(frozen=True)
class SiteFinding:
    """A file the site tells about itself with."""

    url: str
    says: str


@dataclass(frozen=True)
class Survey:
    """What a crawl would do, as far as the survey went."""

    kind: SourceKind
    address: str
    site_files: tuple[SiteFinding, ...]
    pages: tuple[SurveyedPage, ...]
    """In the order in which they were asked for."""
    not_asked: tuple[str, ...]
    """Addresses a crawl would ask for as well."""
    exclusions: tuple[Exclusion, ...]
    """The most frequent first."""
    stopped_by: str | None
    facts: Mapping[str, str]
    """What the source says about the state of it that would be read."""

    @property
    def would_crawl(self) -> int:
        """How many pages are known that a crawl would keep or still ask for."""
        return sum(page.state == "read" for page in self.pages) + len(self.not_asked)


async def survey(
    kind: SourceKind,
    address: str,
    rules: CrawlRules,
    settings: CrawlerSettings,
    *,
    credentials: Credentials | None = None,
    on_read: OnRead | None = None,
    max_pages: int = 50,
    max_seconds: float = 60,
) -> Survey:
    """Asks for the first pages of a source as a crawl would, and gives what was found; bounded in pages and time.

    `on_read` is given each page that came.

    Raises:
        SourceFailed: The source cannot be crawled at all; the message says why.
    """
    settings = settings.for_source(rules)
    sketch = _Sketch(settings)
    pages: list[SurveyedPage] = []
    stopped_by: str | None = None
    async with open_reader(kind, address, rules, settings, sketch, None, credentials) as reader:
        try:
            async with asyncio.timeout(max_seconds):
                await reader.open()
                async with aclosing(_read_pages(reader, sketch, on_read)) as readings:
                    async for page in readings:
                        pages.append(page)
                        if len(pages) >= max_pages and sketch.queue:
                            stopped_by = f"asked for {max_pages} pages"
                            break
        except TimeoutError:
            stopped_by = f"stopped after {max_seconds:g} seconds"
        findings = _findings(reader)
    not_asked = tuple(page.url for page in sketch.queue)
    ended = stopped_by or sketch.limit
    return Survey(kind, address, findings, tuple(pages), not_asked, sketch.exclusions(), ended, sketch.facts)


async def _read_pages(reader: Reader, sketch: "_Sketch", on_read: OnRead | None) -> AsyncGenerator[SurveyedPage]:
    while sketch.queue:
        page = sketch.queue[0]
        queued = sketch.queued
        reading = await reader.read(page, None)
        sketch.queue.remove(page)
        if isinstance(reading.outcome, Excluded):
            sketch.count_exclusion(reading.outcome.url, reading.outcome.reason)
        if isinstance(reading.outcome, Fetched):
            if same := sketch.find_same(reading.final_url, reading.outcome):
                reading = replace(reading, outcome=Redirected(reading.final_url, same))
            elif on_read is not None:
                await on_read(reading.final_url, reading.outcome)
        yield _surveyed(reading, sketch.queued - queued)


class _Sketch:
    """The frontier of a survey."""

    def __init__(self, settings: CrawlerSettings) -> None:
        self.queue: deque[FrontierPage] = deque()
        self.queued = 0
        """How many addresses were ever in the queue."""
        self.facts: dict[str, str] = {}
        self.limit: str | None = None
        self._settings = settings
        self._seen: set[str] = set()
        self._variants = QueryVariants()
        self._shown: dict[tuple[str, bytes], str] = {}
        self._landings: dict[str, str] = {}
        self._counts: Counter[str] = Counter()
        self._examples: defaultdict[str, list[str]] = defaultdict(list)

    def unknown(self, addresses: Iterable[str]) -> list[str]:
        """Gives those of the addresses that were not met before."""
        return [address for address in dict.fromkeys(addresses) if address not in self._seen]

    async def add(self, addresses: Iterable[str], depth: int) -> None:
        """Queues addresses that are new."""
        new = self._new(addresses)
        is_deep = depth > self._settings.max_depth
        reason = f"deeper than {self._settings.max_depth} links from the start" if is_deep else TOO_MANY
        wanted = dict.fromkeys([] if is_deep else self._variants.sensible(new))
        for address in new:
            if address in wanted:
                self.queue.append(FrontierPage(address, depth, 1))
                self.queued += 1
            else:
                self.count_exclusion(address, reason)

    async def exclude(self, reasons: Mapping[str, str], depth: int) -> None:  # noqa: ARG002 - as in a crawl
        """Counts addresses that are left out."""
        for address in self._new(reasons):
            self.count_exclusion(address, reasons[address])

    async def claim_hop(self, address: str, depth: int) -> bool:  # noqa: ARG002 - as in a crawl
        """Gives a redirect's target to the page that leads there, unless it was asked for before."""
        waiting = next((page for page in self.queue if page.url == address), None)
        if waiting is not None:
            self.queue.remove(waiting)
        is_new = address not in self._seen
        self._seen.add(address)
        return is_new or waiting is not None

    async def find_previous(self, address: str) -> PreviousPage | None:  # noqa: ARG002 - as in a crawl
        """Gives nothing: a survey does not know of any crawl."""
        return None

    async def find_landing(self, start: str) -> str | None:
        """Gives where the start page led."""
        return self._landings.get(start)

    async def note_landing(self, start: str, landing: str) -> None:
        """Notes where the start page leads."""
        self._landings[start] = landing

    async def note_symbols(self, symbols: Sequence[PageSymbol]) -> None:
        """Counts names that pages define."""
        self.facts["symbols"] = str(len(symbols))

    def note_limit(self, reason: str) -> None:
        """Keeps why pages may be missing."""
        self.limit = reason

    async def note_facts(self, facts: Mapping[str, str]) -> None:
        """Keeps what the source says about itself."""
        self.facts |= facts

    async def find_facts(self) -> Mapping[str, str]:
        """Gives what the source said about itself."""
        return self.facts

    def count_exclusion(self, address: str, reason: str) -> None:
        """Counts an address that is left out."""
        reason = reason if reason in self._counts or len(self._counts) < _MAX_RULES else "other reasons"
        self._counts[reason] += 1
        if len(self._examples[reason]) < _MAX_EXAMPLES:
            self._examples[reason].append(address)

    def exclusions(self) -> tuple[Exclusion, ...]:
        """Gives the rules that left something out."""
        rules = self._counts.most_common()
        return tuple(Exclusion(reason, count, tuple(self._examples[reason])) for reason, count in rules)

    def find_same(self, address: str, page: Fetched) -> str | None:
        """Gives the address of which another one, `/x`, `/x/` or `/x/index.html`, has shown the same page before."""
        if not (variants := index_variants(address)):
            return None
        shown = self._shown.setdefault((min(address, *variants, key=len), page.sha256), address)
        return shown if shown != address else None

    def _new(self, addresses: Iterable[str]) -> list[str]:
        new = self.unknown(addresses)
        new = new[: max(min(self._settings.max_addresses, _MAX_NOTED) - len(self._seen), 0)]
        self._seen.update(new)
        return new


def _surveyed(reading: Reading, links: int) -> SurveyedPage:
    outcome = reading.outcome
    if isinstance(outcome, Fetched):
        size = len(outcome.body)
        return SurveyedPage(reading.final_url, "read", None, outcome.content_type, size, links)
    state, reason = ("missing", "a dead link") if reading.is_dead_link else _state_of(outcome)
    return SurveyedPage(reading.final_url, state, reason, None, 0, links)


def _state_of(outcome: Outcome) -> tuple[str, str | None]:
    match outcome:
        case Redirected():
            return "redirected", f"to {outcome.target}"
        case Excluded() | Failed():
            return type(outcome).__name__.lower(), outcome.reason
        case _:
            return "read", None


def _findings(reader: Reader) -> tuple[SiteFinding, ...]:
    if not isinstance(reader, Website):
        return ()
    robots = [SiteFinding(f"{origin}/robots.txt", _in_words(robots)) for origin, robots in reader.files.robots.items()]
    named = [SiteFinding(url, f"names {count} addresses") for url, count in reader.files.listings.items()]
    return (*robots, *named)


def _in_words(robots: Robots) -> str:
    if robots.failure is not None:
        return robots.failure
    if not robots.is_present:
        return "there is none: everything is allowed"
    pause = f", {robots.crawl_delay_seconds:g} s between requests" if robots.crawl_delay_seconds else ""
    sitemaps = f", {len(robots.sitemaps)} sitemaps named" if robots.sitemaps else ""
    return f"obeyed{pause}{sitemaps}"
