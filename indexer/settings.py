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
    embedding_device: str = Field(default="cpu", validation_alias="LECTERN_EMBEDDING_DEVICE")
    embedding_threads: int = Field(default=0, ge=0, le=256, validation_alias="LECTERN_EMBEDDING_THREADS")
    embedding_max_tokens: int = Field(default=0, ge=0, le=131_072, validation_alias="LECTERN_EMBEDDING_MAX_TOKENS")
    embedding_passage_prompt: str | None = Field(
        default=None, max_length=1000, validation_alias="LECTERN_EMBEDDING_PASSAGE_PROMPT"
    )
    embedding_question_prompt: str | None = Field(
        default=None, max_length=1000, validation_alias="LECTERN_EMBEDDING_QUESTION_PROMPT"
    )
    embedding_batch_chunks: int = Field(default=128, ge=1, le=16_384, validation_alias="LECTERN_EMBEDDING_BATCH_CHUNKS")
    embedding_lease_seconds: float = Field(
        default=30, ge=1, le=3600, validation_alias="LECTERN_EMBEDDING_LEASE_SECONDS"
    )
    question_cache_entries: int = Field(
        default=10_000, ge=0, le=1_000_000, validation_alias="LECTERN_QUESTION_CACHE_ENTRIES"
    )
    embedding_enabled: bool = Field(default=True, validation_alias="LECTERN_EMBEDDING_ENABLED")
    question_embedding_timeout_seconds: float = Field(
        default=0.5, gt=0, le=30, validation_alias="LECTERN_QUESTION_EMBEDDING_TIMEOUT_SECONDS"
    )
    reranker_model: str = Field(default="", max_length=1000, validation_alias="LECTERN_RERANKER_MODEL")
    reranker_passages: int = Field(default=20, ge=2, le=100, validation_alias="LECTERN_RERANKER_PASSAGES")
    reranker_timeout_ms: int = Field(default=2000, ge=10, le=30_000, validation_alias="LECTERN_RERANKER_TIMEOUT_MS")
    reranker_max_tokens: int = Field(default=256, ge=0, le=131_072, validation_alias="LECTERN_RERANKER_MAX_TOKENS")
    extraction_processes: int = Field(
        default_factory=default_extraction_processes, ge=1, le=64, validation_alias="LECTERN_EXTRACTION_PROCESSES"
    )
    qdrant_collection: str = Field(default="lectern", validation_alias="LECTERN_QDRANT_COLLECTION")
    pod_allow_private: bool = Field(default=False, validation_alias="LECTERN_POD_ALLOW_PRIVATE")
    pod_timeout_seconds: float = Field(default=5, gt=0, le=60, validation_alias="LECTERN_POD_TIMEOUT_SECONDS")
    coverage_gate_percent: int = Field(default=70, ge=0, le=100, validation_alias="LECTERN_COVERAGE_GATE_PERCENT")
    answer_tokens: int = Field(default=3000, ge=100, le=50_000, validation_alias="LECTERN_ANSWER_TOKENS")
    max_answer_tokens: int = Field(default=20_000, ge=100, le=50_000, validation_alias="LECTERN_MAX_ANSWER_TOKENS")
    max_question_chars: int = Field(default=4000, ge=100, le=100_000, validation_alias="LECTERN_MAX_QUESTION_CHARS")
