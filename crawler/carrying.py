"""Pages that the crawl before had and this one did not find: kept once, dropped the second time.

A page may be gone for an hour: a server that restarts, a deployment half done, a menu that was not written. So what is
missed goes on answering until the next crawl misses it too; and where too much is missed, nothing changes at all.
"""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from core.database import Connection
from crawler.queries import endings, pages
from crawler.records import PageCounts

_UNSEEN = "no page links to it any more; it is kept until the next crawl"


@dataclass(frozen=True)
class Comparison:
    """What a crawl is compared with when it ends."""

    previous_id: UUID
    may_return: Callable[[str], bool]
    """Whether a page this crawl did not meet still belongs to the source: rules that leave it out drop it at once."""
    exclusion: Callable[[str], str | None]
    """The rule that leaves out a page this crawl did not meet, if one does."""
    max_missed_percent: int


async def carry_over(
    connection: Connection, crawl_id: UUID, comparison: Comparison, *, cut_by: str | None = None
) -> None:
    """Takes what was missed for the first time along, with what is known of it; `cut_by` is what ended the crawl."""
    previous_id = comparison.previous_id
    await endings.update_missed_pages(connection, crawl_id, previous_id, cut_by)
    unseen = await endings.unseen_pages(connection, crawl_id, previous_id)
    kept = [url for url in unseen if comparison.may_return(url)]
    if kept:
        await endings.insert_missed_pages(connection, crawl_id, previous_id, kept, _UNSEEN)
    # What is noted as left out is not asked for by the gate on passages; what is only gone is.
    left_out = {url: reason for url in unseen if (reason := comparison.exclusion(url))}
    if left_out:
        await pages.insert_excluded_pages(connection, crawl_id, list(left_out), list(left_out.values()), 0)


async def leave_unseen(connection: Connection, crawl_id: UUID, comparison: Comparison, reason: str) -> None:
    """Notes that what was not met was left out, for the rule that ended the crawl."""
    unseen = await endings.unseen_pages(connection, crawl_id, comparison.previous_id)
    if unseen:
        await pages.insert_excluded_pages(connection, crawl_id, unseen, [reason] * len(unseen), 0)


async def find_loss(connection: Connection, comparison: Comparison, counts: PageCounts) -> str | None:
    """Says why a crawl must not replace the one before, None if it may."""
    before = await endings.count_fetched(connection, comparison.previous_id)
    if counts.missed * 100 <= before * comparison.max_missed_percent:
        return None
    return (
        f"{counts.missed} of the {before} pages that were there before were not found, more than "
        f"{comparison.max_missed_percent} %. The old ones go on answering. If they are really gone, raise "
        "LECTERN_CRAWL_MAX_MISSED_PERCENT for one refresh."
    )
