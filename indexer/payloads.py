"""What the vector store keeps of a chunk beside its vectors, and answers show."""

from datetime import date
from typing import Any
from uuid import UUID

from indexer.chunking.chunks import source_url
from indexer.queries.chunks import ChunkRow

_OF_METADATA = ("title", "page_title", "section", "anchor", "anchor_aliases", "code_language", "symbols")


def payload_of(library_id: str, version: str, version_id: UUID, row: ChunkRow, indexed_on: date) -> dict[str, Any]:
    """Gives the payload of a chunk; the library's id as it is shown."""
    payload: dict[str, Any] = {
        "library_id": library_id,
        "version": version,
        "version_id": str(version_id),
        "content_type": row.content_type,
        "source_url": row.source_url,
        "page_url": row.page_url,
        "chunk_text": row.content,
        "chunk_index": row.chunk_index,
        "token_count": row.token_count,
        "indexed_on": indexed_on.isoformat(),
    }
    payload |= {key: row.metadata[key] for key in _OF_METADATA if key in row.metadata}
    if parent := row.metadata.get("parent_anchor"):
        payload["parent"] = source_url(row.page_url, parent)
    return payload
