"""Chunks whose meaning is missing, embedded in the background until there are none."""

from collections.abc import Sequence
from uuid import UUID

import structlog

from core.clock import Clock, utc_now
from core.database import Database
from indexer.embedding.process import EmbedderProcess
from indexer.indexing import passage_text
from indexer.queries import chunks as chunk_queries
from indexer.queries.chunks import ChunkRow
from indexer.vectors import VectorStore

log = structlog.get_logger(__name__)

_CHUNKS_PER_STEP = 256
_CHUNKS_PER_REQUEST = 32


async def embed_backlog(
    database: Database, store: VectorStore, embedder: EmbedderProcess, version_id: UUID, clock: Clock = utc_now
) -> int:
    """Embeds what a version still lacks and gives how many chunks that were.

    A batch counts once its vectors are in the store and that is committed: killed in between, it is done again.

    Raises:
        EmbedderUnavailable: The embedding process went away.
    """
    done = 0
    while True:
        async with database.connection() as connection:
            rows = await chunk_queries.chunks_without_meaning(connection, version_id, _CHUNKS_PER_STEP)
        if not rows:
            break
        # Texts of one length together: a batch is padded to its longest.
        rows.sort(key=lambda row: row.token_count)
        for start in range(0, len(rows), _CHUNKS_PER_REQUEST):
            await _embed_batch(database, store, embedder, rows[start : start + _CHUNKS_PER_REQUEST], clock)
        done += len(rows)
    if done:
        await store.optimize()
        log.info("indexer.version_embedded", version_id=str(version_id), chunks=done)
    return done


async def _embed_batch(
    database: Database, store: VectorStore, embedder: EmbedderProcess, rows: Sequence[ChunkRow], clock: Clock
) -> None:
    meanings = await embedder.embed_passages([passage_text(row) for row in rows])
    await store.put_meanings({row.id: meaning for row, meaning in zip(rows, meanings, strict=True)})
    async with database.transaction() as connection:
        await chunk_queries.mark_embedded(connection, [row.id for row in rows], clock())
