"""The vector store behind one protocol: Qdrant Edge inside the process, or a Qdrant server by URL."""

from indexer.vectors.store import (
    Candidate,
    IndexedText,
    Meaning,
    VectorStore,
    open_vector_store,
)

__all__ = ["Candidate", "IndexedText", "Meaning", "VectorStore", "open_vector_store"]
