"""What reading a page gave, and what it means for the rows of the frontier."""

from dataclasses import dataclass, replace
from http import HTTPStatus
from itertools import pairwise

from core.snapshots import StoredResponse
from crawler.links import MAX_LINKS_PER_PAGE, PageLinks, is_current, packed
from crawler.outcomes import Excluded, Failed, Fetched, Outcome, Redirected, Unchanged
from crawler.politeness import backoff_seconds
from crawler.records import FrontierPage, PageResult, PreviousPage
from crawler.settings import CrawlerSettings

_GONE = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.GONE})


@dataclass(frozen=True)
class Reading:
    """A page that was handed out, and what came of it."""

    page: FrontierPage
    previous: PreviousPage | None
    outcome: Outcome
    hops: tuple[str, ...] = ()
    """Addresses the page was redirected to, in order, whose rows were handed out with it."""
    links: PageLinks | None = None

    @property
    def final_url(self) -> str:
        """The last address that was asked."""
        return self.hops[-1] if self.hops else self.page.url

    @property
    def is_of_start(self) -> bool:
        """Tells that the operator named the page; no link led to it."""
        return self.page.depth == 0

    @property
    def is_dead_link(self) -> bool:
        """Tells that a link led here, and the server says that there is no such page."""
        outcome = self.outcome
        is_gone = isinstance(outcome, Failed) and (outcome.is_missing or outcome.status in _GONE)
        return is_gone and not self.is_of_start


def results_of(reading: Reading, settings: CrawlerSettings) -> list[PageResult]:
    """Gives the result of the page and of each hop: the last address bears the outcome, the others point to it."""
    moved = [
        PageResult(url, "redirected", final_url=target) for url, target in pairwise((reading.page.url, *reading.hops))
    ]
    return [*moved, _with_links(_with_cost(_result_of(reading, settings), reading.outcome), reading)]


def response_to_store(reading: Reading, result: PageResult) -> StoredResponse | None:
    """Gives the response that has to go into the snapshot; an unchanged page stays where it is."""
    outcome = reading.outcome
    if not isinstance(outcome, Fetched) or result.is_unchanged:
        return None
    return StoredResponse(reading.final_url, outcome.status, outcome.headers, outcome.body)


def _with_links(result: PageResult, reading: Reading) -> PageResult:
    """Adds the links of a page that was fetched; those of an unchanged one are in the right form already."""
    if result.state != "fetched" or reading.links is None:
        return result
    known = reading.previous.links if result.is_unchanged and reading.previous else None
    reason = f"only the first {MAX_LINKS_PER_PAGE} of its links were followed" if reading.links.is_cut else None
    kept = known if known and is_current(known) else packed(reading.links)
    return replace(result, links=kept, reason=reason)


def _with_cost(result: PageResult, outcome: Outcome) -> PageResult:
    size = len(outcome.body) if isinstance(outcome, Fetched) else None
    seconds = outcome.seconds if isinstance(outcome, Fetched | Unchanged | Failed) else None
    return replace(result, body_bytes=size, seconds=seconds)


def _result_of(reading: Reading, settings: CrawlerSettings) -> PageResult:
    url, outcome = reading.final_url, reading.outcome
    match outcome:
        case Fetched():
            return _fetched(reading, outcome)
        case Unchanged():
            return _unchanged(PageResult(url, "fetched", 304), reading.previous)
        case Failed():
            if outcome.is_transient and reading.page.tries < settings.max_tries:
                wait = backoff_seconds(reading.page.tries, settings.retry_base_seconds, outcome.retry_after_seconds)
                return PageResult(url, "queued", outcome.status, outcome.reason, retry_in_seconds=wait)
            state = "missing" if reading.is_dead_link else "failed"
            return PageResult(url, state, outcome.status, outcome.reason)
        case Excluded():
            return PageResult(url, "excluded", outcome.status, outcome.reason)
        case Redirected():
            return PageResult(url, "redirected", final_url=outcome.target)


def _fetched(reading: Reading, outcome: Fetched) -> PageResult:
    result = PageResult(
        reading.final_url,
        "fetched",
        outcome.status,
        final_url=reading.final_url,
        content_type=outcome.content_type,
        etag=outcome.etag,
        last_modified=outcome.last_modified,
        body_sha256=outcome.sha256,
    )
    previous = reading.previous
    if previous is not None and previous.body_sha256 == result.body_sha256:
        # The validators are the new ones: they are what the server knows now.
        return replace(_unchanged(result, previous), etag=outcome.etag, last_modified=outcome.last_modified)
    return result


def _unchanged(result: PageResult, previous: PreviousPage | None) -> PageResult:
    assert previous is not None  # noqa: S101 - without it no conditional request is made
    return replace(
        result,
        final_url=result.url,
        content_type=previous.content_type,
        etag=previous.etag,
        last_modified=previous.last_modified,
        body_sha256=previous.body_sha256,
        is_unchanged=True,
        snapshot_key=previous.snapshot_key,
        snapshot_offset=previous.snapshot_offset,
        snapshot_length=previous.snapshot_length,
    )
