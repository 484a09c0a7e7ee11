"""What the vector store keeps of a chunk beside its vectors, and answers show."""

from datetime import date
from typing import Any
from uuid import UUID

from indexer.queries.chunks import ChunkRow


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
    for key in ("title", "page_title", "section", "anchor_aliases", "code_language", "symbols"):
        if key in row.metadata:
            payload[key] = row.metadata[key]
    return payload
