"""Rows of the crawler's tables, as values."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from crawler.rules import CrawlRules

SourceKind = Literal["website", "page", "sitemap", "llms_txt", "openapi", "folder", "archive", "git"]
CrawlStatus = Literal["queued", "running", "paused", "crawled", "completed", "failed", "cancelled"]
CrawlOrigin = Literal["source", "snapshot"]
PageState = Literal["queued", "leased", "fetched", "failed", "missing", "excluded", "redirected"]


@dataclass(frozen=True)
class Source:
    """What to crawl for one library version."""

    id: UUID
    library_version_id: UUID
    kind: SourceKind
    address: str
    rules: CrawlRules


@dataclass(frozen=True)
class Schedule:
    """How often a source is crawled by itself, and when next; `failures` are those in a row."""

    every: timedelta | None
    next_at: datetime | None
    failures: int


@dataclass(frozen=True)
class DueSource:
    """A source whose time has come to be crawled by itself."""

    source_id: UUID
    every: timedelta
    failures: int


@dataclass(frozen=True)
class Crawl:
    """One run over a source."""

    id: UUID
    source_id: UUID
    library_version_id: UUID
    status: CrawlStatus
    reason: str | None
    started_at: datetime | None
    finished_at: datetime | None
    origin: CrawlOrigin
    """Whether its pages come from the source, or from what an earlier crawl stored of it."""
    created_at: datetime


@dataclass(frozen=True)
class PreviousPage:
    """What the last completed crawl of the source knew about a page."""

    etag: str | None
    last_modified: str | None
    body_sha256: bytes
    content_type: str
    snapshot_key: str
    snapshot_offset: int
    snapshot_length: int
    links: bytes | None = None
    """As `crawler.links.packed` gives them; None: they have to be read from the snapshot."""


@dataclass(frozen=True)
class FrontierPage:
    """A page handed out to be fetched."""

    url: str
    depth: int
    tries: int
    """Which try this is, from 1."""
    lost_runners: int = 0
    """How many runners ended without a word while they had it."""
    previous: PreviousPage | None = None


@dataclass(frozen=True)
class PageSymbol:
    """A name that a page defines at an anchor, as the site's own inventory has it."""

    page_url: str
    anchor: str
    name: str
    role: str


@dataclass(frozen=True)
class PageResult:
    """What became of a page, as it is written to its row."""

    url: str
    state: PageState
    http_status: int | None = None
    reason: str | None = None
    final_url: str | None = None
    content_type: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    body_sha256: bytes | None = None
    is_unchanged: bool = False
    snapshot_key: str | None = None
    snapshot_offset: int | None = None
    snapshot_length: int | None = None
    retry_in_seconds: float = 0.0
    """For a page that goes back to the queue."""
    links: bytes | None = None
    body_bytes: int | None = None
    seconds: float | None = None
    """From asking until the last byte, without the pauses between requests."""


@dataclass(frozen=True)
class PageCounts:
    """How many pages of a crawl are in which state; `unchanged` ones are among the fetched."""

    queued: int = 0
    leased: int = 0
    fetched: int = 0
    failed: int = 0
    missing: int = 0
    excluded: int = 0
    redirected: int = 0
    unchanged: int = 0
    missed: int = 0
    """Pages of the crawl before that were not found and go on answering until the next one; among the others too."""


@dataclass(frozen=True)
class CrawlProgress:
    """How far a crawl is."""

    crawl_id: UUID
    status: CrawlStatus
    reason: str | None
    started_at: datetime | None
    finished_at: datetime | None
    pages: PageCounts


@dataclass(frozen=True)
class FailedPage:
    """A page that could not be read, or that does not exist, and why."""

    url: str
    http_status: int | None
    reason: str
