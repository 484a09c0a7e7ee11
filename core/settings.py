"""Where the product keeps its data and which engines it uses; the rest is in one settings class per package."""

import os
from pathlib import Path
from typing import Literal

import platformdirs
from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


def default_data_dir() -> Path:
    """Gives the folder for data when none is set: the system's for root, else the user's own."""
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        return Path("/var/lib/lectern")
    return platformdirs.user_data_path("lectern")


class CoreSettings(BaseSettings):
    """Settings of the shared parts. With nothing set, every engine is an embedded one inside the data folder."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", populate_by_name=True)

    data_dir: Path = Field(default_factory=default_data_dir, validation_alias="LECTERN_DATA_DIR")
    database_url: SecretStr | None = Field(default=None, validation_alias="DATABASE_URL")
    accounts_database_url: SecretStr | None = Field(default=None, validation_alias="ACCOUNTS_DATABASE_URL")
    redis_url: SecretStr | None = Field(default=None, validation_alias="REDIS_URL")
    qdrant_url: str | None = Field(default=None, validation_alias="QDRANT_URL")
    qdrant_api_key: SecretStr | None = Field(default=None, validation_alias="QDRANT_API_KEY")
    snapshot_url: str | None = Field(default=None, validation_alias="SNAPSHOT_URL")
    database_pool_size: int = Field(default=10, ge=2, le=200, validation_alias="LECTERN_DATABASE_POOL_SIZE")
    log_format: Literal["json", "pretty"] = Field(default="pretty", validation_alias="LECTERN_LOG_FORMAT")
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", validation_alias="LECTERN_LOG_LEVEL"
    )
