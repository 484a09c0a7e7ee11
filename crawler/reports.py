"""What a crawl did, as values: page by page, and in sums for its report."""

from dataclasses import dataclass

from crawler.records import PageState


@dataclass(frozen=True, slots=True)
class PageOutcome:
    """What became of one address of a crawl."""

    url: str
    state: PageState
    reason: str | None
    http_status: int | None
    final_url: str | None
    body_bytes: int | None
    """None for a page that was not sent, as one that has not changed."""
    seconds: float | None
    is_unchanged: bool
    depth: int
    indexed: str | None
    """What the indexer made of it; None if it was not given it, or a later crawl was given it since."""
    chunks: int | None


@dataclass(frozen=True, slots=True)
class ReasonCount:
    """A reason, how many pages it is true of, and the first of them."""

    reason: str
    count: int
    examples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PageTime:
    """How long a page's answer took."""

    url: str
    seconds: float


@dataclass(frozen=True, slots=True)
class HostTime:
    """How long a host's answers took on average."""

    host: str
    pages: int
    seconds: float
    bytes: int
