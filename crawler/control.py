"""What an operator does to a crawl: pause it, let it go on, cancel it, repeat what failed, index its snapshot anew.

All of it is written to the crawl's row. Whoever works on the crawl looks there every second, on whatever machine it is.
"""

from uuid import UUID, uuid4

from core.database import Connection
from core.errors import Conflict
from crawler.queries import control, crawls, reports, sources
from crawler.records import Crawl

_ENDED = frozenset({"completed", "failed", "cancelled"})


async def pause_crawl(connection: Connection, crawl_id: UUID) -> Crawl:
    """Pauses a crawl; one that is paused stays so.

    Raises:
        NotFound: There is no such crawl.
        Conflict: It is at its end, or just taking over.
    """
    if not await control.update_paused_crawl(connection, crawl_id):
        crawl = await crawls.select_crawl(connection, crawl_id)
        if crawl.status != "paused":
            raise Conflict(_refusal(crawl, "paused"))
    return await crawls.select_crawl(connection, crawl_id)


async def resume_crawl(connection: Connection, crawl_id: UUID) -> Crawl:
    """Lets a paused crawl go on where it was; one that is going on is left alone.

    Raises:
        NotFound: There is no such crawl.
        Conflict: It is at its end.
    """
    if not await control.update_resumed_crawl(connection, crawl_id):
        crawl = await crawls.select_crawl(connection, crawl_id)
        if crawl.status in _ENDED:
            raise Conflict(_refusal(crawl, "resumed"))
    return await crawls.select_crawl(connection, crawl_id)


async def cancel_crawl(connection: Connection, crawl_id: UUID, reason: str) -> Crawl:
    """Ends a crawl for good; one that was cancelled stays so.

    Raises:
        NotFound: There is no such crawl.
        Conflict: It is at its end, or just taking over.
    """
    if not await control.update_cancelled_crawl(connection, crawl_id, reason):
        crawl = await crawls.select_crawl(connection, crawl_id)
        if crawl.status != "cancelled":
            raise Conflict(_refusal(crawl, "cancelled"))
    return await crawls.select_crawl(connection, crawl_id)


async def retry_failed_pages(connection: Connection, crawl_id: UUID) -> Crawl:
    """Queues the failed pages of an ended crawl, and the crawl with them.

    Raises:
        NotFound: There is no such crawl.
        Conflict: It is not at its end, was cancelled, is not the latest of its source, or no page of it failed.
    """
    crawl = await crawls.select_crawl(connection, crawl_id)
    if crawl.status == "cancelled":
        raise Conflict("A cancelled crawl is not taken up again. Start a new one with `lectern refresh`.")
    if crawl.status not in _ENDED:
        raise Conflict(f"The crawl is {crawl.status}: what fails is tried again once it is at its end.")
    if not await control.update_reopened_crawl(connection, crawl_id):
        raise Conflict("A later crawl of the same source took its place. Retry that one.")
    if not await reports.update_failed_pages_queued(connection, crawl_id):
        raise Conflict("No page of this crawl failed.")
    return await crawls.select_crawl(connection, crawl_id)


async def start_reindexing(connection: Connection, source_id: UUID) -> Crawl:
    """Adds a crawl that reads what the last completed crawl of the source stored, and asks nobody.

    Raises:
        NotFound: There is no such source.
        Conflict: Nothing was crawled to the end yet, or a crawl is going on.
    """
    await sources.select_source(connection, source_id)
    completed = await crawls.find_completed_crawl(connection, source_id)
    unfinished = await crawls.find_unfinished_crawl(connection, source_id)
    if unfinished is not None and unfinished.origin == "snapshot":
        return unfinished
    if unfinished is not None:
        raise Conflict(f"A crawl of this source is {unfinished.status}. Let it end, or cancel it.")
    if completed is None:
        raise Conflict("No crawl of this source was completed, so there is no snapshot to index.")
    crawl_id = uuid4()
    if not await crawls.insert_reindexing_crawl(connection, crawl_id, completed.id):
        raise Conflict("A crawl of this source has just begun. Let it end, or cancel it.")
    await reports.copy_pages(connection, completed.id, crawl_id)
    return await crawls.select_crawl(connection, crawl_id)


def _refusal(crawl: Crawl, wanted: str) -> str:
    if crawl.status in _ENDED:
        return f"The crawl is {crawl.status} already: it cannot be {wanted}."
    return f"The crawl is just taking over, which takes moments: it cannot be {wanted} any more."
