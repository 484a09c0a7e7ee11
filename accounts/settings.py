"""Settings of accounts: the pepper of the keys, how long one is remembered, and the limits of callers without one."""

import secrets
from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from core.data_folder import DataFolder
from core.errors import Misconfigured

MIN_PEPPER_CHARS = 32


class AccountsSettings(BaseSettings):
    """Settings of people, keys and limits."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", populate_by_name=True)

    administrator_email: str = Field(
        default="admin@localhost", min_length=3, max_length=255, validation_alias="LECTERN_ADMIN_EMAIL"
    )
    key_pepper: SecretStr | None = Field(
        default=None, min_length=MIN_PEPPER_CHARS, validation_alias="LECTERN_KEY_PEPPER"
    )
    key_pepper_file: Path | None = Field(default=None, validation_alias="LECTERN_KEY_PEPPER_FILE")
    key_cache_seconds: float = Field(default=1.0, ge=0, le=1, validation_alias="LECTERN_KEY_CACHE_SECONDS")
    """How long a replica may go on accepting a key that another one revoked."""
    anonymous_requests_per_minute: int = Field(
        default=20, ge=1, le=1_000_000, validation_alias="LECTERN_ANONYMOUS_REQUESTS_PER_MINUTE"
    )
    anonymous_requests_per_day: int = Field(
        default=1_000, ge=1, le=100_000_000, validation_alias="LECTERN_ANONYMOUS_REQUESTS_PER_DAY"
    )
    refused_keys_per_minute: int = Field(
        default=30, ge=1, le=1_000_000, validation_alias="LECTERN_REFUSED_KEYS_PER_MINUTE"
    )
    """How many wrong keys one address may present before it has to wait."""


def key_pepper(settings: AccountsSettings, folder: DataFolder) -> SecretStr:
    """Gives the pepper: the one set, else the one in the file set, else the data folder's own, made on first use.

    Raises:
        Misconfigured: The file cannot be read, or what it holds is too short to be a secret.
    """
    if settings.key_pepper is not None:
        return settings.key_pepper
    if settings.key_pepper_file is None:
        return SecretStr(folder.secret("key-pepper", secrets.token_urlsafe(48)))
    try:
        pepper = settings.key_pepper_file.read_text().strip()
    except (OSError, UnicodeDecodeError) as error:
        raise Misconfigured(f"LECTERN_KEY_PEPPER_FILE {settings.key_pepper_file} cannot be read: {error}") from error
    if len(pepper) < MIN_PEPPER_CHARS:
        raise Misconfigured(
            f"LECTERN_KEY_PEPPER_FILE {settings.key_pepper_file} holds fewer than {MIN_PEPPER_CHARS} characters."
        )
    return SecretStr(pepper)
