"""What is crawled for a version: its rules, its schedule, its further names, and what a crawl of it would do."""

import asyncio

from fastapi import APIRouter
from pydantic import Field

from core.errors import Unavailable
from crawler import schedules
from crawler import service as crawling
from crawler.queries import schedules as schedule_queries
from crawler.queries import sources
from crawler.rules import CrawlRules
from indexer.catalogue import catalogue
from indexer.extraction_processes import ExtractionProcesses
from indexer.queries.versions import LibraryVersion
from server.api.library_services import KeeperOf, KeptVersion, LibraryServices, NamedVersion, Services
from server.api.models import ApiModel, problem_responses
from server.api.source_bodies import DryRun, SourceBody, SourceChange, SurveyBody, source_body, survey_body
from server.looking import look_at

router = APIRouter(tags=["sources"])

_SOURCE = "/libraries/{organisation}/{project}/source"
_DRY_RUNS_AT_ONCE = 2
_DRY_RUN_SECONDS = 30.0
_MOST_ADDRESSES = 1000

_dry_runs = asyncio.Semaphore(_DRY_RUNS_AT_ONCE)


class AliasesBody(ApiModel):
    """What a library is called besides its name: packages, abbreviations, former names."""

    aliases: tuple[str, ...] = Field(max_length=50)


@router.get(_SOURCE, summary="See a source", operation_id="getSource", responses=problem_responses(404))
async def get_source(services: Services, version: NamedVersion) -> SourceBody:
    """Gives what is crawled for a version, by which rules, and when by itself."""
    return await _source(services, version)


@router.patch(_SOURCE, summary="Change a source", operation_id="changeSource", responses=problem_responses(404))
async def change_source(keeper: KeeperOf, services: Services, version: KeptVersion, change: SourceChange) -> SourceBody:
    """Changes rules and schedule. The next crawl follows them: `POST /libraries/refresh` starts it."""
    async with services.content.transaction() as connection:
        source = await sources.select_source_of_version(connection, version.id)
        rules = change.applied_to(source.rules)
        is_private = version.owner_id is not None
        keeper.check_source(None, rules, services.crawler_settings, private=is_private)
        await crawling.save_source(connection, version.id, source.kind, source.address, rules)
        if "every" in change.model_fields_set:
            await schedules.set_schedule(connection, source.id, schedules.read_period(change.every or "off"))
    return await _source(services, version)


@router.put(
    "/libraries/{organisation}/{project}/aliases",
    summary="Name a library otherwise",
    operation_id="setAliases",
    responses=problem_responses(404),
)
async def set_aliases(services: Services, version: KeptVersion, names: AliasesBody) -> AliasesBody:
    """Sets what a library is called besides its name, in place of what was set before."""
    async with services.content.transaction() as connection:
        await catalogue.set_aliases(connection, version.library_id, names.aliases)
    return names


@router.post(
    "/libraries/dry-run", summary="Look at a source", operation_id="dryRun", responses=problem_responses(422, 503)
)
async def dry_run(keeper: KeeperOf, services: Services, wanted: DryRun) -> SurveyBody:
    """Asks for the first pages of a source as a crawl would, for half a minute at most, and stores nothing."""
    keeper.check_source(wanted.source, wanted, services.crawler_settings, private=False)
    if _dry_runs.locked():
        raise Unavailable(f"{_DRY_RUNS_AT_ONCE} dry runs are going on. Try again in a moment.")
    # Pages are measured elsewhere: the server goes on answering meanwhile.
    async with _dry_runs, ExtractionProcesses(1) as processes:
        look = await look_at(
            wanted.source,
            wanted.model_dump(include=set(CrawlRules.model_fields)),
            services.crawler_settings,
            secrets=wanted.secrets,
            is_single=wanted.single,
            max_pages=wanted.pages,
            max_seconds=_DRY_RUN_SECONDS,
            processes=processes,
        )
    return survey_body(look, _MOST_ADDRESSES)


async def _source(services: LibraryServices, version: LibraryVersion) -> SourceBody:
    async with services.content.connection() as connection:
        source = await sources.select_source_of_version(connection, version.id)
        schedule = await schedule_queries.select_schedule(connection, source.id)
    return source_body(version, source, schedule)
