"""Settings of the meter."""

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class BillingSettings(BaseSettings):
    """Settings of metering and money."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", populate_by_name=True)

    is_query_logged: bool = Field(default=True, validation_alias="LECTERN_LOG_QUERIES")
    """Whether the usage log keeps what was asked; off, it keeps only that something was."""
    meter_timeout_seconds: float = Field(default=5, ge=0.1, le=60, validation_alias="LECTERN_METER_TIMEOUT_SECONDS")
    """How long a call waits for its usage event to be durable before it fails."""
