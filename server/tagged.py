"""Versions by tag: which of a repository's tags become versions, now and when it is crawled again."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import structlog

from core.database import Database
from core.errors import InvalidInput, LecternError
from core.library_ids import check_version
from core.sealing import SecretKeys
from crawler.access import Access
from crawler.credentials import Credentials, bind
from crawler.git_tags import find_tags, newest_versions, version_of_tag
from crawler.queries import crawls, schedules, sources
from crawler.records import Source
from crawler.rules import CrawlRules
from crawler.service import SourceAddress
from crawler.settings import CrawlerSettings
from crawler.source_secrets import open_secrets
from indexer.catalogue.catalogue import version_by_id

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class TaggedVersion:
    """A version to add; the rules of its source name the tag."""

    version: str
    rules: CrawlRules


@dataclass(frozen=True)
class NewVersions:
    """Versions that have come since, and how those before them were added."""

    library_id: str
    source: Source
    versions: tuple[TaggedVersion, ...]
    every: timedelta | None
    credentials: Credentials | None


async def tagged_versions(
    source: SourceAddress, rules: CrawlRules, settings: CrawlerSettings, secrets: Credentials | None = None
) -> list[TaggedVersion]:
    """Gives the versions that the newest tags of a repository stand for, the newest first.

    Raises:
        InvalidInput: Tags are asked for together with one branch, or of something else than a repository.
        SourceFailed: The repository cannot be had, or no tag matches.
    """
    if source.kind != "git" or rules.ref or rules.tags is None:
        raise InvalidInput("Tags are chosen of git repositories, and not together with one branch or tag (ref).")
    settings = settings.for_source(rules)
    if secrets is not None:
        secrets = bind(secrets, source.kind, source.address, allow_private=settings.allow_private)
    access = Access(secrets, rules.certificates)
    tags = await find_tags(source.address, rules.tags, rules.newest, settings, access=access)
    return _versions(tags, rules)


async def find_new_versions(
    database: Database, settings: CrawlerSettings, keys: SecretKeys | None, crawl_id: UUID
) -> NewVersions | None:
    """Gives the versions a crawled repository has got tags for that are newer than all its library has of it.

    None if it was not added by tags. A repository that does not answer has nothing new.
    """
    async with database.connection() as connection:
        crawl = await crawls.find_crawl(connection, crawl_id)
        source = await sources.select_source(connection, crawl.source_id) if crawl else None
        if crawl is None or source is None or crawl.status != "completed" or not source.rules.tags:
            return None
        version = await version_by_id(connection, crawl.library_version_id)
        known = await sources.refs_of_library(connection, version.library_id, source.address)
        every = (await schedules.select_schedule(connection, source.id)).every
        credentials = await open_secrets(connection, keys, settings.for_source(source.rules), source)
    rules = source.rules.model_copy(update={"ref": None})
    try:
        found = await tagged_versions(SourceAddress("git", source.address), rules, settings, credentials)
    except LecternError as error:
        log.warning("server.tags_not_seen", library=version.library_id, reason=error.message)
        return None
    newer = tuple(tagged for tagged in found if _is_newest(tagged.rules.ref or "", known))
    return NewVersions(version.library_id, source, newer, every, credentials)


def _versions(tags: list[str], rules: CrawlRules) -> list[TaggedVersion]:
    """Gives each version once; two tags may name the same, the first one counts."""
    named: dict[str, str] = {}
    for tag in tags:
        try:
            named.setdefault(check_version(version_of_tag(tag) or ""), tag)
        except InvalidInput:
            continue
    return [TaggedVersion(name, rules.model_copy(update={"ref": tag})) for name, tag in named.items()]


def _is_newest(tag: str, known: list[str]) -> bool:
    return tag not in known and newest_versions([tag, *known])[0] == tag
