"""A look at a source before it is added: the crawler's survey, and what would be taken of its first pages."""

import asyncio
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from crawler.credentials import Credentials, bind, credentials_from_json
from crawler.outcomes import Fetched
from crawler.recognition import look_at_source
from crawler.rules import rules_from_json
from crawler.service import SourceAddress, check_rules, recognise_source
from crawler.settings import CrawlerSettings
from crawler.survey import Survey, survey
from indexer.extract import site_rules_of
from indexer.extract.measuring import MainContent, measure_page
from indexer.extraction_processes import ExtractionProcesses
from server.tagged import tagged_versions

_MOST_MEASURED = 10


@dataclass(frozen=True)
class Look:
    """What was seen."""

    survey: Survey
    contents: dict[str, MainContent]
    """What was taken for the content of the first pages, by address."""


async def look_at(
    source: str,
    rules: dict[str, Any],
    settings: CrawlerSettings,
    *,
    secrets: dict[str, Any] | None,
    is_single: bool,
    max_pages: int,
    max_seconds: float = 60,
    processes: ExtractionProcesses | None = None,
) -> Look:
    """Looks at a source without storing anything; pages are measured in the processes given, else in this one.

    Of versions by tag, the newest is looked at.

    Raises:
        InvalidInput: The source, a rule or a secret is not valid.
        SourceFailed: The source cannot be crawled at all.
    """
    found = recognise_source(source, is_single=is_single)
    given = rules_from_json({"ref": found.ref, "folder": found.folder} | _said(rules))
    check_rules(found.kind, given)
    credentials = _credentials(secrets, found, settings.for_source(given))
    found = await look_at_source(found, settings.for_source(given), credentials, given.certificates)
    tagged: dict[str, str] = {}
    if given.tags:
        settings = settings.model_copy(
            update={"max_repository_seconds": min(max_seconds, settings.max_repository_seconds)}
        )
        versions = await tagged_versions(found, given, settings, credentials)
        tagged = {"versions": ", ".join(f"{version.version} ({version.rules.ref})" for version in versions)}
        given = versions[0].rules if versions else given
    site_rules, contents = site_rules_of(given.to_json()), dict[str, MainContent]()

    async def measure(url: str, page: Fetched) -> None:
        if len(contents) < _MOST_MEASURED:
            given = page.body, page.content_type, url, site_rules
            measured = processes.run(measure_page, *given) if processes else asyncio.to_thread(measure_page, *given)
            with suppress(BrokenProcessPool):  # the page ends whoever reads it: the crawl will say so
                contents[url] = await measured

    seen = await survey(
        found.kind,
        found.address,
        given,
        settings,
        credentials=credentials,
        on_read=measure,
        max_pages=max_pages,
        max_seconds=max_seconds,
    )
    return Look(replace(seen, facts={**tagged, **seen.facts}), contents)


def _credentials(secrets: dict[str, Any] | None, found: SourceAddress, settings: CrawlerSettings) -> Credentials | None:
    if secrets is None:
        return None
    return bind(credentials_from_json(secrets), found.kind, found.address, allow_private=settings.allow_private)


def _said(rules: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in rules.items() if value is not None}
