"""Sources and their rules as the API takes and shows them."""

from datetime import datetime
from typing import Any

from pydantic import ConfigDict, Field
from pydantic.alias_generators import to_camel

from crawler.records import Schedule, Source
from crawler.rules import CrawlRules, rules_from_json
from crawler.schedules import show_period
from indexer.queries.versions import LibraryVersion
from server.api.models import ApiModel
from server.looking import Look

MOST_DRY_PAGES = 200
Every = Field(default=None, max_length=20, examples=["7d"], description="Hours, days or weeks: 12h, 7d, 2w; or off")


class RulesBody(CrawlRules):
    """The rules of a source; null and empty mean the server's default."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, frozen=True, extra="forbid")


class SourceChange(RulesBody):
    """What to change of a source: what is not named stays, null goes back to the default."""

    every: str | None = Every

    def applied_to(self, rules: CrawlRules) -> CrawlRules:
        """Gives the rules with what was named put in their place.

        Raises:
            InvalidInput: A value is out of its limits.
        """
        given = self.model_fields_set & CrawlRules.model_fields.keys()
        return rules_from_json(rules.model_dump() | {name: getattr(self, name) for name in given})


class SourceBody(ApiModel):
    """What is crawled for a version, and when by itself."""

    library: str
    version: str
    kind: str
    source: str
    rules: RulesBody
    every: str | None = Field(description="How often it is crawled by itself; none: only when asked")
    next_at: datetime | None
    failures: int = Field(description="Crawls in a row that failed; each doubles the wait")


class DryRun(RulesBody):
    """What to look at, and how far."""

    source: str = Field(min_length=1, max_length=2048, description="What would be given to add it")
    single: bool = Field(default=False, description="Take this one page only")
    secrets: dict[str, Any] | None = Field(default=None, description="What the source is asked with")
    pages: int = Field(default=50, ge=1, le=MOST_DRY_PAGES, description="The most pages to ask for")


class SurveyedPageBody(ApiModel):
    """A page that was asked for."""

    url: str
    state: str
    reason: str | None
    content_type: str | None
    size_bytes: int
    links: int


class ExclusionBody(ApiModel):
    """A rule that leaves addresses out."""

    reason: str
    count: int
    examples: tuple[str, ...]


class SiteFindingBody(ApiModel):
    """A file the site tells about itself with."""

    url: str
    says: str


class ContentBody(ApiModel):
    """What was taken for the content of a page."""

    code_blocks: int
    page_code_blocks: int = Field(description="On the whole page")
    text_percent: int = Field(description="Of the text of the whole page")
    headings: int
    is_main_missing: bool = Field(description="Whether the selector of the main content finds nothing")
    problem: str | None


class SurveyBody(ApiModel):
    """What a crawl would do, as far as the dry run went; nothing was stored."""

    kind: str
    address: str
    site_files: tuple[SiteFindingBody, ...]
    pages: tuple[SurveyedPageBody, ...]
    not_asked: tuple[str, ...] = Field(description="The first addresses a crawl would ask for as well")
    would_crawl: int
    exclusions: tuple[ExclusionBody, ...]
    stopped_by: str | None
    contents: dict[str, ContentBody] = Field(description="Of the first pages, by address")


def source_body(version: LibraryVersion, source: Source, schedule: Schedule) -> SourceBody:
    """Gives a source as the API shows it."""
    return SourceBody(
        library=version.shown_id,
        version=version.version,
        kind=source.kind,
        source=source.address,
        rules=RulesBody.model_validate(source.rules.model_dump()),
        every=None if schedule.every is None else show_period(schedule.every),
        next_at=schedule.next_at,
        failures=schedule.failures,
    )


def survey_body(look: Look, most_addresses: int) -> SurveyBody:
    """Gives a look at a source as the API shows it."""
    seen, other = look.survey, {"not_asked": look.survey.not_asked[:most_addresses], "contents": look.contents}
    known: dict[str, Any] = {name: getattr(seen, name) for name in SurveyBody.model_fields if name not in other}
    return SurveyBody.model_validate(known | other)
