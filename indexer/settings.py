"""Settings of the indexer: extraction, embedding, ranking and the size of answers."""

import os

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

BUNDLED_MODEL = "all-MiniLM-L6-v2"
"""The model that comes with the installation; any other name or folder is given to sentence-transformers."""


_MOST_EXTRACTION_PROCESSES = 4


def default_extraction_processes() -> int:
    """Gives half of the cores, at most four: the other half writes and answers."""
    return max(1, min(_MOST_EXTRACTION_PROCESSES, (os.cpu_count() or 2) // 2))


class IndexerSettings(BaseSettings):
    """Settings of the indexer. Times are seconds, sizes are what their names say."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", populate_by_name=True)

    embedding_model: str = Field(default=BUNDLED_MODEL, validation_alias="LECTERN_EMBEDDING_MODEL")
    embedding_dimension: int = Field(default=384, ge=8, le=8192, validation_alias="LECTERN_EMBEDDING_DIMENSION")
    embedding_device: str = Field(default="cpu", validation_alias="LECTERN_EMBEDDING_DEVICE")
    embedding_threads: int = Field(default=0, ge=0, le=256, validation_alias="LECTERN_EMBEDDING_THREADS")
    embedding_enabled: bool = Field(default=True, validation_alias="LECTERN_EMBEDDING_ENABLED")
    question_embedding_timeout_seconds: float = Field(
        default=0.5, gt=0, le=30, validation_alias="LECTERN_QUESTION_EMBEDDING_TIMEOUT_SECONDS"
    )
    extraction_processes: int = Field(
        default_factory=default_extraction_processes, ge=1, le=64, validation_alias="LECTERN_EXTRACTION_PROCESSES"
    )
    qdrant_collection: str = Field(default="lectern", validation_alias="LECTERN_QDRANT_COLLECTION")
    coverage_gate_percent: int = Field(default=70, ge=0, le=100, validation_alias="LECTERN_COVERAGE_GATE_PERCENT")
    answer_tokens: int = Field(default=3000, ge=100, le=50_000, validation_alias="LECTERN_ANSWER_TOKENS")
    max_answer_tokens: int = Field(default=20_000, ge=100, le=50_000, validation_alias="LECTERN_MAX_ANSWER_TOKENS")
    max_question_chars: int = Field(default=4000, ge=100, le=100_000, validation_alias="LECTERN_MAX_QUESTION_CHARS")
