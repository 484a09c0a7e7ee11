"""The vector store behind one protocol: Qdrant Edge inside the process, or a Qdrant server by URL."""

from indexer.vectors.store import (
    Candidate,
    CandidateLists,
    IndexedText,
    Meaning,
    VectorStore,
    open_vector_store,
)

__all__ = ["Candidate", "CandidateLists", "IndexedText", "Meaning", "VectorStore", "open_vector_store"]
