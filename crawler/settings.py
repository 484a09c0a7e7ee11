"""Settings of the crawler: limits, politeness and timeouts of every crawl, unless a source's rules say otherwise."""

from functools import cache
from importlib.metadata import version
from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from crawler.breaker import Breaking
from crawler.rules import CrawlRules

ROBOTS_TOKEN = "Lectern"  # noqa: S105 - the product token of robots.txt is no secret
"""The name robots.txt files know this crawler by."""


class CrawlerSettings(BaseSettings):
    """How far, how fast and how long a crawl may go."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", populate_by_name=True)

    max_pages: int = Field(default=50_000, ge=1, le=1_000_000, validation_alias="LECTERN_CRAWL_MAX_PAGES")
    max_addresses: int = Field(default=500_000, ge=1, le=10_000_000, validation_alias="LECTERN_CRAWL_MAX_ADDRESSES")
    max_depth: int = Field(default=20, ge=0, le=1000, validation_alias="LECTERN_CRAWL_MAX_DEPTH")
    max_page_bytes: int = Field(
        default=8 * 2**20, ge=1024, le=64 * 2**20, validation_alias="LECTERN_CRAWL_MAX_PAGE_BYTES"
    )
    max_total_bytes: int = Field(default=4 * 2**30, ge=1024, le=2**40, validation_alias="LECTERN_CRAWL_MAX_TOTAL_BYTES")
    max_seconds: int = Field(default=6 * 3600, ge=1, le=7 * 86_400, validation_alias="LECTERN_CRAWL_MAX_SECONDS")
    max_redirects: int = Field(default=5, ge=0, le=20, validation_alias="LECTERN_CRAWL_MAX_REDIRECTS")
    max_tries: int = Field(default=3, ge=1, le=10, validation_alias="LECTERN_CRAWL_MAX_TRIES")
    max_failures_in_a_row: int = Field(
        default=20, ge=1, le=100_000, validation_alias="LECTERN_CRAWL_MAX_FAILURES_IN_A_ROW"
    )
    break_seconds: float = Field(default=15, ge=0, le=300, validation_alias="LECTERN_CRAWL_BREAK_SECONDS")
    max_breaks: int = Field(default=4, ge=0, le=100, validation_alias="LECTERN_CRAWL_MAX_BREAKS")
    max_missed_percent: int = Field(default=30, ge=0, le=100, validation_alias="LECTERN_CRAWL_MAX_MISSED_PERCENT")
    max_repository_bytes: int = Field(
        default=2 * 2**30, ge=2**16, le=2**40, validation_alias="LECTERN_CRAWL_MAX_REPOSITORY_BYTES"
    )
    max_repository_seconds: float = Field(
        default=900, gt=0, le=86_400, validation_alias="LECTERN_CRAWL_MAX_REPOSITORY_SECONDS"
    )
    max_archive_bytes: int = Field(
        default=256 * 2**20, ge=2**16, le=2**36, validation_alias="LECTERN_CRAWL_MAX_ARCHIVE_BYTES"
    )
    connections: int = Field(default=4, ge=1, le=4, validation_alias="LECTERN_CRAWL_CONNECTIONS")
    delay_seconds: float = Field(default=0.1, ge=0, le=60, validation_alias="LECTERN_CRAWL_DELAY_SECONDS")
    max_crawl_delay_seconds: float = Field(
        default=10, ge=0, le=3600, validation_alias="LECTERN_CRAWL_MAX_CRAWL_DELAY_SECONDS"
    )
    retry_base_seconds: float = Field(default=1, ge=0, le=60, validation_alias="LECTERN_CRAWL_RETRY_BASE_SECONDS")
    connect_timeout_seconds: float = Field(
        default=5, gt=0, le=60, validation_alias="LECTERN_CRAWL_CONNECT_TIMEOUT_SECONDS"
    )
    request_timeout_seconds: float = Field(
        default=30, gt=0, le=600, validation_alias="LECTERN_CRAWL_REQUEST_TIMEOUT_SECONDS"
    )
    lease_seconds: float = Field(default=30, ge=5, le=600, validation_alias="LECTERN_CRAWL_LEASE_SECONDS")
    allow_private: bool = Field(default=False, validation_alias="LECTERN_CRAWL_ALLOW_PRIVATE")
    chromium: Path | None = Field(default=None, validation_alias="LECTERN_CHROMIUM")
    ca_file: Path | None = Field(default=None, validation_alias="LECTERN_CRAWL_CA_FILE")
    contact_url: str | None = Field(
        default=None, max_length=200, pattern=r"^https?://[!-~]+$", validation_alias="LECTERN_CRAWL_CONTACT_URL"
    )

    @property
    def user_agent(self) -> str:
        """What requests call themselves, with the operator's contact address if one is set."""
        contact = f" (+{self.contact_url})" if self.contact_url else ""
        return f"{ROBOTS_TOKEN}/{_release()}{contact}"

    @property
    def breaking(self) -> Breaking:
        """When a site counts as not answering."""
        return Breaking(self.max_failures_in_a_row, self.break_seconds, self.max_breaks)

    def for_source(self, rules: CrawlRules) -> "CrawlerSettings":
        """Gives these settings with what a source's rules set instead."""
        names = ("max_pages", "max_depth", "delay_seconds", "connections", "allow_private")
        names += ("max_repository_bytes", "max_archive_bytes")
        chosen = {name: value for name in names if (value := getattr(rules, name)) is not None}
        return self.model_copy(update=chosen)


@cache
def _release() -> str:
    return version("lectern")
