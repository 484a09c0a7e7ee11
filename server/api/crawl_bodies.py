"""Crawls as the API shows them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import Field

from server.api.models import ApiModel

ENDED = frozenset({"completed", "failed", "cancelled"})


class Chunks(ApiModel):
    """How far the index of a version is."""

    total: int
    with_words: int
    with_meaning: int


class FailedPage(ApiModel):
    """A page that could not be had, and why."""

    url: str
    http_status: int | None
    reason: str


class CrawlBody(ApiModel):
    """A crawl as it stands."""

    id: UUID
    library: str
    version: str
    kind: str
    source: str
    origin: str = Field(description="`source`, or `snapshot` when what an earlier crawl stored is indexed again")
    status: str
    reason: str | None
    pages: dict[str, int]
    chunks: Chunks
    embedding: bool
    embedding_problem: str | None = Field(description="Why passages get no vectors, such as a model that does not load")
    started_at: datetime | None
    finished_at: datetime | None
    failed_pages: tuple[FailedPage, ...]
    docs_version: str | None = Field(description="The version the documentation says it is of")
    warning: str | None = Field(description="What does not fit, such as another version than it was added as")


class CrawlMoment(ApiModel):
    """A crawl as it goes on."""

    crawl: CrawlBody
    pages_per_second: float = 0.0
    current_pages: tuple[str, ...] = Field(description="Some of the pages that are being read")

    @property
    def is_over(self) -> bool:
        """Tells that nothing will change any more: it is at its end, and what it found has its vectors."""
        crawl = self.crawl
        is_embedding = crawl.status == "completed" and crawl.embedding and crawl.embedding_problem is None
        return crawl.status in ENDED and not (is_embedding and crawl.chunks.with_meaning < crawl.chunks.total)


class CrawlSummary(ApiModel):
    """A crawl in one line."""

    id: UUID
    origin: str
    status: str
    reason: str | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


class CrawlsBody(ApiModel):
    """The crawls of a version, the latest first."""

    crawls: tuple[CrawlSummary, ...]


class PageBody(ApiModel):
    """What became of one address."""

    url: str
    state: str
    reason: str | None
    http_status: int | None
    final_url: str | None
    body_bytes: int | None = Field(description="What came, unpacked; nothing for a page that has not changed")
    seconds: float | None = Field(description="From asking until the last byte")
    is_unchanged: bool
    depth: int
    indexed: str | None = Field(description="`indexed`, or why nothing was")
    chunks: int | None


class PagesBody(ApiModel):
    """Pages in the order of their addresses; `next` asks for those after, and is missing on the last page."""

    pages: tuple[PageBody, ...]
    next: str | None


class ReasonBody(ApiModel):
    """A reason, how many pages it is true of, and some of them."""

    reason: str
    count: int
    examples: tuple[str, ...]


class PageTimeBody(ApiModel):
    """How long the answer of a page took."""

    url: str
    seconds: float


class HostTimeBody(ApiModel):
    """How long the answers of a host took on average, and what they came to."""

    host: str
    pages: int
    seconds: float
    bytes: int


class ScriptedPagesBody(ApiModel):
    """Pages that are empty without JavaScript, and what to do about it."""

    pages: int
    examples: tuple[str, ...]
    advice: str


class CoverageBody(ApiModel):
    """Whether a crawl found enough to take over: passages of its own, and of what answered before."""

    verdict: str = Field(description="`passed` or `refused`")
    found: int
    before: int
    removed: int
    gate_percent: int


class ReportBody(ApiModel):
    """What a crawl read and left out, what came of it, what slowed it down and what ended it."""

    id: UUID
    library: str
    version: str
    kind: str
    source: str
    origin: str
    status: str
    reason: str | None
    limited_by: str | None
    started_at: datetime | None
    finished_at: datetime | None
    seconds: float | None
    language: str | None = Field(default=None, description="The language the pages are read in, if only one is")
    docs_version: str | None = Field(default=None, description="The version the documentation says it is of")
    warning: str | None = Field(default=None, description="What does not fit, such as another version")
    pages: dict[str, int]
    bytes: int
    excluded: tuple[ReasonBody, ...]
    failed: tuple[ReasonBody, ...]
    missing: tuple[ReasonBody, ...]
    duplicates: int
    outcomes: dict[str, int]
    needs_javascript: ScriptedPagesBody | None
    generators: dict[str, int]
    languages: dict[str, int]
    chunks: int
    tokens: int
    code_blocks: int
    known_meanings: int = Field(default=0, description="Passages whose text had a vector when the crawl ended")
    main_missing: int = Field(default=0, description="Pages where the selector of the main content found nothing")
    slowest_pages: tuple[PageTimeBody, ...]
    slowest_hosts: tuple[HostTimeBody, ...]
    coverage: CoverageBody | None


def report_body(report: dict[str, Any]) -> ReportBody:
    """Gives a report as the API shows it; one that an earlier release kept may say more or less than is shown now."""
    return ReportBody.model_validate({name: report[name] for name in ReportBody.model_fields if name in report})
