"""Where the product keeps its data and which engines it uses; the rest is in one settings class per package."""

import os
from pathlib import Path
from typing import Any, Literal

import platformdirs
from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from core.errors import Misconfigured

_SECRETS = ("DATABASE_URL", "ACCOUNTS_DATABASE_URL", "REDIS_URL", "QDRANT_API_KEY", "LECTERN_SECRETS_KEY")


def default_data_dir() -> Path:
    """Gives the folder for data when none is set: the system's for root, else the user's own."""
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        return Path("/var/lib/lectern")
    return platformdirs.user_data_path("lectern")


class CoreSettings(BaseSettings):
    """Settings of the shared parts. With nothing set, every engine is an embedded one inside the data folder.

    Raises:
        Misconfigured: The file of a secret cannot be read, or is empty.
    """

    model_config = SettingsConfigDict(frozen=True, extra="ignore", populate_by_name=True, env_ignore_empty=True)

    data_dir: Path = Field(default_factory=default_data_dir, validation_alias="LECTERN_DATA_DIR")
    database_url: SecretStr | None = Field(default=None, validation_alias="DATABASE_URL")
    accounts_database_url: SecretStr | None = Field(default=None, validation_alias="ACCOUNTS_DATABASE_URL")
    redis_url: SecretStr | None = Field(default=None, validation_alias="REDIS_URL")
    qdrant_url: str | None = Field(default=None, validation_alias="QDRANT_URL")
    qdrant_api_key: SecretStr | None = Field(default=None, validation_alias="QDRANT_API_KEY")
    snapshot_url: str | None = Field(default=None, validation_alias="SNAPSHOT_URL")
    secrets_key: SecretStr | None = Field(default=None, validation_alias="LECTERN_SECRETS_KEY")
    """What the secrets of sources are sealed with: keys with commas between them, the newest first."""
    min_free_bytes: int = Field(default=256 * 2**20, ge=0, le=2**60, validation_alias="LECTERN_MIN_FREE_BYTES")
    """What is left free of the data folder's disk; embedded vectors are not written below it."""
    database_pool_size: int = Field(default=10, ge=2, le=200, validation_alias="LECTERN_DATABASE_POOL_SIZE")
    database_url_file: Path | None = Field(default=None, validation_alias="DATABASE_URL_FILE")
    accounts_database_url_file: Path | None = Field(default=None, validation_alias="ACCOUNTS_DATABASE_URL_FILE")
    redis_url_file: Path | None = Field(default=None, validation_alias="REDIS_URL_FILE")
    qdrant_api_key_file: Path | None = Field(default=None, validation_alias="QDRANT_API_KEY_FILE")
    secrets_key_file: Path | None = Field(default=None, validation_alias="LECTERN_SECRETS_KEY_FILE")
    log_format: Literal["json", "pretty"] = Field(default="pretty", validation_alias="LECTERN_LOG_FORMAT")
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", validation_alias="LECTERN_LOG_LEVEL"
    )

    @model_validator(mode="before")
    @classmethod
    def _read_secret_files(cls, given: dict[str, Any]) -> dict[str, Any]:
        """Takes a secret that is not set from the file its twin names, so that it need not be in the environment."""
        files = {name: given.get(f"{name}_FILE") for name in _SECRETS if not given.get(name)}
        return given | {name: _secret_in(Path(path), name) for name, path in files.items() if path}


def _secret_in(path: Path, name: str) -> str:
    try:
        secret = path.read_text().strip()
    except (OSError, UnicodeDecodeError) as error:
        raise Misconfigured(f"{name}_FILE {path} cannot be read: {error}") from error
    if not secret:
        raise Misconfigured(f"{name}_FILE {path} is empty.")
    return secret
