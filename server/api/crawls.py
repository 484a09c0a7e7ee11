"""Crawls: watch them, pause them, cancel them, see what became of each page."""

import base64
import binascii
from collections.abc import AsyncGenerator, AsyncIterable
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query
from fastapi.sse import EventSourceResponse, ServerSentEvent

from core.errors import InvalidInput
from crawler.queries import crawls, reports
from server.api.crawl_bodies import (
    CrawlBody,
    CrawlsBody,
    CrawlSummary,
    PageBody,
    PagesBody,
    ReportBody,
    report_body,
)
from server.api.crawl_feeds import CrawlFeed
from server.api.library_services import KeptCrawl, NamedVersion, SeenCrawl, Services
from server.api.models import problem_responses
from server.crawl_reports import crawl_report

router = APIRouter(tags=["crawls"], responses=problem_responses(404))

_MOST_PAGES = 1000
_RECONNECT_MS = 2000

State = Annotated[
    Literal["queued", "leased", "fetched", "failed", "missing", "excluded", "redirected"] | None,
    Query(description="Only pages in this state"),
]
Limit = Annotated[int, Query(ge=1, le=_MOST_PAGES, description="Most pages in the answer")]
Cursor = Annotated[str | None, Query(max_length=4096, description="`next` of the answer before")]


@router.get(
    "/libraries/{organisation}/{project}/crawls", summary="List the crawls of a version", operation_id="listCrawls"
)
async def list_crawls(
    services: Services, version: NamedVersion, limit: Annotated[int, Query(ge=1, le=100)] = 20
) -> CrawlsBody:
    """Gives the crawls of a version, the latest first."""
    async with services.content.connection() as connection:
        found = await crawls.crawls_of_version(connection, version.id, limit)
    return CrawlsBody(crawls=tuple(CrawlSummary.model_validate(crawl) for crawl in found))


@router.get("/crawls/{crawl_id}", summary="See a crawl", operation_id="getCrawl")
async def get_crawl(services: Services, crawl_id: SeenCrawl) -> CrawlBody:
    """Gives a crawl as it stands: pages by state, passages by how far they are indexed, and what failed."""
    async with services.content.connection() as connection:
        crawl = await crawls.select_crawl(connection, crawl_id)
    return await services.views.body(crawl)


@router.post(
    "/crawls/{crawl_id}/pause", summary="Pause a crawl", operation_id="pauseCrawl", responses=problem_responses(409)
)
async def pause_crawl(services: Services, crawl_id: KeptCrawl) -> CrawlBody:
    """Stops a crawl within about two seconds, wherever it runs; what was read is kept, and it can be resumed."""
    return await services.views.body(await services.ingest.pause(crawl_id))


@router.post(
    "/crawls/{crawl_id}/resume", summary="Resume a crawl", operation_id="resumeCrawl", responses=problem_responses(409)
)
async def resume_crawl(services: Services, crawl_id: KeptCrawl) -> CrawlBody:
    """Lets a paused crawl go on where it was."""
    return await services.views.body(await services.ingest.resume(crawl_id))


@router.post(
    "/crawls/{crawl_id}/cancel", summary="Cancel a crawl", operation_id="cancelCrawl", responses=problem_responses(409)
)
async def cancel_crawl(services: Services, crawl_id: KeptCrawl) -> CrawlBody:
    """Ends a crawl for good. The version answers as it did before the crawl; a first crawl leaves nothing."""
    return await services.views.body(await services.ingest.cancel(crawl_id))


@router.post(
    "/crawls/{crawl_id}/retry",
    status_code=202,
    summary="Retry the failed pages",
    operation_id="retryCrawl",
    responses=problem_responses(409),
)
async def retry_crawl(services: Services, crawl_id: KeptCrawl) -> CrawlBody:
    """Has the failed pages of the latest crawl read again; what comes is indexed and takes over."""
    return await services.views.body(await services.ingest.retry(crawl_id))


@router.get("/crawls/{crawl_id}/pages", summary="List the pages of a crawl", operation_id="listCrawlPages")
async def list_pages(
    services: Services,
    crawl_id: SeenCrawl,
    state: State = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> PagesBody:
    """Gives what became of each address a crawl found."""
    after = "" if cursor is None else read_cursor(cursor)
    async with services.content.connection() as connection:
        await crawls.select_crawl(connection, crawl_id)
        found = await reports.page_outcomes(connection, crawl_id, state, after, limit)
    return PagesBody(
        pages=tuple(PageBody.model_validate(page) for page in found),
        next=write_cursor(found[-1].url) if len(found) == limit else None,
    )


@router.get("/crawls/{crawl_id}/report", summary="Report on a crawl", operation_id="getCrawlReport")
async def get_report(services: Services, crawl_id: SeenCrawl) -> ReportBody:
    """Gives what a crawl read and left out, what came of it, what slowed it down and what ended it."""
    async with services.content.connection() as connection:
        return report_body(await crawl_report(connection, crawl_id))


async def _feed_of(services: Services, crawl_id: SeenCrawl) -> AsyncGenerator[CrawlFeed]:
    async with services.feeds.watch(crawl_id) as feed:
        yield feed


@router.get(
    "/crawls/{crawl_id}/events",
    summary="Watch a crawl",
    operation_id="watchCrawl",
    response_class=EventSourceResponse,
)
async def watch_crawl(feed: Annotated[CrawlFeed, Depends(_feed_of)]) -> AsyncIterable[ServerSentEvent]:
    """Sends the present state at once and each new one, twice a second at most, as server-sent events.

    `progress` says how far the crawl is; `end` is the last, when it is over and what it found has its vectors. After
    ten minutes the stream ends without it: connect again, which sends the present state first.
    """
    async for number, moment in feed.moments():
        name = "end" if moment.is_over else "progress"
        yield ServerSentEvent(
            event=name, id=str(number), retry=_RECONNECT_MS, data=moment.model_dump(mode="json", by_alias=True)
        )


def write_cursor(url: str) -> str:
    """Gives the place after this address in the list, as text to hand back."""
    return base64.urlsafe_b64encode(url.encode()).decode()


def read_cursor(text: str) -> str:
    """Gives the place a cursor names.

    Raises:
        InvalidInput: It is none of ours.
    """
    try:
        url = base64.urlsafe_b64decode(text.encode()).decode()
    except (binascii.Error, ValueError) as error:
        raise InvalidInput("This cursor is not one of ours. Start again without one.") from error
    if write_cursor(url) != text or "\0" in url:
        raise InvalidInput("This cursor is not one of ours. Start again without one.")
    return url
