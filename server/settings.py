"""Where the server listens, whom it lets in, and how much it takes of each request."""

from typing import Annotated

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

_LOOPBACK_HOSTS = ("127.0.0.1:*", "localhost:*", "[::1]:*", "127.0.0.1", "localhost", "[::1]")
_LOOPBACK_ORIGINS = ("http://127.0.0.1:*", "http://localhost:*", "http://[::1]:*")


class ServerSettings(BaseSettings):
    """Settings of the edge. Lists are written with commas; `name:*` in them allows any port."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", populate_by_name=True)

    host: str = Field(default="127.0.0.1", validation_alias="LECTERN_HOST")
    port: int = Field(default=8000, ge=0, le=65_535, validation_alias="LECTERN_PORT")
    allowed_hosts: Annotated[tuple[str, ...], NoDecode] = Field(
        default=_LOOPBACK_HOSTS, validation_alias="LECTERN_ALLOWED_HOSTS"
    )
    allowed_origins: Annotated[tuple[str, ...], NoDecode] = Field(
        default=_LOOPBACK_ORIGINS, validation_alias="LECTERN_ALLOWED_ORIGINS"
    )
    is_anonymous_allowed: bool = Field(default=False, validation_alias="LECTERN_ALLOW_ANONYMOUS")
    trusted_proxies: int = Field(default=0, ge=0, le=10, validation_alias="LECTERN_TRUSTED_PROXIES")
    """How many proxies of the operator's stand in front; the caller's address is read that far from the right."""
    max_body_bytes: int = Field(default=262_144, ge=1024, le=16_777_216, validation_alias="LECTERN_MAX_BODY_BYTES")
    body_timeout_seconds: float = Field(default=15, gt=0, le=300, validation_alias="LECTERN_BODY_TIMEOUT_SECONDS")
    call_timeout_seconds: float = Field(default=10, gt=0, le=300, validation_alias="LECTERN_CALL_TIMEOUT_SECONDS")

    @property
    def answered_hosts(self) -> tuple[str, ...]:
        """The names it answers to: this machine's, which commands use, the address it listens on, and those allowed."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return (*_LOOPBACK_HOSTS, host, f"{host}:*", *self.allowed_hosts)

    @field_validator("allowed_hosts", "allowed_origins", mode="before")
    @classmethod
    def _split_list(cls, value: object) -> object:
        return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value
