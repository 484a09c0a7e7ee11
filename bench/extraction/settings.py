"""What `make bench-crawl` measures."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class ExtractionSettings(BaseSettings):
    """Which pages, and where they are kept."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", populate_by_name=True)

    cache: Path | None = Field(default=None, validation_alias="LECTERN_BENCH_CACHE")
    pages: int = Field(default=40, ge=1, le=10_000, validation_alias="LECTERN_BENCH_PAGES")
    pace_pages: int = Field(default=336, ge=1, le=100_000, validation_alias="LECTERN_BENCH_PACE_PAGES")
    sets: str = Field(default="", validation_alias="LECTERN_BENCH_SETS")
    json_file: Path | None = Field(default=None, validation_alias="LECTERN_BENCH_JSON")
