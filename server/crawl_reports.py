"""The report of a crawl: what it read and left out, what came of it, what slowed it down and what ended it."""

from dataclasses import asdict
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from core.clock import utc_now
from core.database import Connection, Database
from crawler.queries import crawls, reports, sources, symbols
from crawler.queries import pages as page_queries
from crawler.records import Crawl
from crawler.versions import mismatch
from indexer.catalogue.catalogue import version_by_id
from indexer.queries import crawl_sums

NEEDS_JAVASCRIPT: Final = "needs_javascript"
ADVICE: Final = (
    "These pages hold no text before a browser runs their scripts, which Lectern does not. Add what they are made "
    "from: the project's git repository, an llms.txt, Markdown files, or the OpenAPI file."
)
_MOST_REASONS = 20
_MOST_EXAMPLES = 3
_MOST_SLOW = 5


async def crawl_report(connection: Connection, crawl_id: UUID) -> dict[str, Any]:
    """Gives the report of a crawl: the one kept at its end, or as far as it is.

    Raises:
        NotFound: There is no such crawl.
    """
    crawl = await crawls.select_crawl(connection, crawl_id)
    return await reports.find_report(connection, crawl_id) or await _build_report(connection, crawl)


async def write_report(database: Database, crawl_id: UUID) -> None:
    """Keeps the report of a crawl at its end: later crawls change what it is made from."""
    async with database.connection() as connection:
        crawl = await crawls.find_crawl(connection, crawl_id)
        if crawl is not None:
            await reports.update_report(connection, crawl_id, await _build_report(connection, crawl))


async def _build_report(connection: Connection, crawl: Crawl) -> dict[str, Any]:
    source = await sources.select_source(connection, crawl.source_id)
    version = await version_by_id(connection, crawl.library_version_id)
    facts = await symbols.facts_of(connection, crawl.id)
    heading = {
        "id": str(crawl.id),
        "library": version.shown_id,
        "version": version.version,
        "kind": source.kind,
        "source": source.address,
        "origin": crawl.origin,
        "status": crawl.status,
        "reason": crawl.reason,
        "limited_by": crawl.reason if crawl.status in ("crawled", "completed") else None,
        "started_at": _moment(crawl.started_at),
        "finished_at": _moment(crawl.finished_at),
        "seconds": _seconds(crawl),
        "language": facts.get("language"),
        "docs_version": facts.get("docs_version"),
        "warning": mismatch(version.version, facts.get("docs_version")),
    }
    coverage = await reports.find_coverage(connection, crawl.id)
    return heading | await _crawled(connection, crawl) | await _indexed(connection, crawl) | {"coverage": coverage}


async def _crawled(connection: Connection, crawl: Crawl) -> dict[str, Any]:
    """Gives what the crawler has to say."""
    grouped = {
        state: [
            asdict(reason)
            for reason in await reports.reason_counts(connection, crawl.id, state, _MOST_REASONS, _MOST_EXAMPLES)
        ]
        for state in ("excluded", "failed", "missing")
    }
    return {
        "pages": asdict(await page_queries.count_pages(connection, crawl.id)),
        "bytes": await reports.sum_bytes(connection, crawl.id),
        **grouped,
        "slowest_pages": [asdict(page) for page in await reports.slowest_pages(connection, crawl.id, _MOST_SLOW)],
        "slowest_hosts": [asdict(host) for host in await reports.slowest_hosts(connection, crawl.id, _MOST_SLOW)],
    }


async def _indexed(connection: Connection, crawl: Crawl) -> dict[str, Any]:
    """Gives what the indexer has to say."""
    outcomes = await crawl_sums.outcome_counts(connection, crawl.id, _MOST_EXAMPLES)
    sums = await crawl_sums.indexed_sums(connection, crawl.id)
    empty = next((outcome for outcome in outcomes if outcome.outcome == NEEDS_JAVASCRIPT), None)
    return {
        "outcomes": {outcome.outcome: outcome.pages for outcome in outcomes},
        "needs_javascript": {"pages": empty.pages, "examples": list(empty.examples), "advice": ADVICE}
        if empty
        else None,
        "generators": await crawl_sums.generator_counts(connection, crawl.id, _MOST_REASONS),
        "languages": await crawl_sums.language_counts(connection, crawl.id, _MOST_REASONS),
        "duplicates": next((outcome.pages for outcome in outcomes if outcome.outcome == "duplicate"), 0),
        **asdict(sums),
        "known_meanings": await crawl_sums.count_known_meanings(connection, crawl.library_version_id, crawl.id),
    }


def _seconds(crawl: Crawl) -> float | None:
    if crawl.started_at is None:
        return None
    return round(((crawl.finished_at or utc_now()) - crawl.started_at).total_seconds(), 1)


def _moment(moment: datetime | None) -> str | None:
    return moment and moment.isoformat()
