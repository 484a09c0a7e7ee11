"""The door to Qdrant Edge: the real engine inside the process, on a folder of its own."""

import asyncio
import threading
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, cast
from uuid import UUID

import qdrant_edge as engine

from core.disk import check_space
from core.errors import Misconfigured
from indexer.vectors.store import (
    BODY,
    DENSE,
    GRAPH_SEARCH_WIDTH,
    HEAD,
    SYMBOLS,
    Candidate,
    IndexedText,
    Meaning,
    merged_candidates,
)
from indexer.vectors.symbols import question_symbols, symbol_words
from indexer.vectors.words import Words, body_words, head_words, question_words

_POINTS_PER_UPDATE = 256


class EdgeStore:
    """A vector store in one process. Calls run in threads; the engine releases the interpreter while it works."""

    def __init__(self, shard: engine.EdgeShard, folder: Path, min_free_bytes: int) -> None:
        self._shard = shard
        self._folder = folder
        self._min_free_bytes = min_free_bytes
        self._writing = threading.Lock()

    @classmethod
    async def open(cls, folder: Path, dimension: int, min_free_bytes: int = 0) -> "EdgeStore":
        """Opens the store in `folder`, creating it on first use."""
        return cls(await asyncio.to_thread(_open_shard, folder, dimension), folder, min_free_bytes)

    async def close(self) -> None:
        """Flushes and closes the store."""
        await asyncio.to_thread(self._shard.close)

    async def put_words(self, texts: Sequence[IndexedText]) -> None:
        """See VectorStore."""
        self._check_space()
        await asyncio.to_thread(self._put_words, texts)

    async def put_meanings(self, meanings: Mapping[UUID, Meaning]) -> None:
        """See VectorStore."""
        self._check_space()
        await asyncio.to_thread(self._put_meanings, meanings)

    async def delete(self, ids: Sequence[UUID]) -> None:
        """See VectorStore."""
        await asyncio.to_thread(self._update, [engine.UpdateOperation.delete_points(list(ids))])

    async def candidates(
        self, version_id: UUID, question: str, meaning: Meaning | None, limit: int
    ) -> tuple[Candidate, ...]:
        """See VectorStore."""
        return await asyncio.to_thread(self._candidates, version_id, question, meaning, limit)

    async def payloads(self, ids: Sequence[UUID]) -> dict[UUID, dict[str, Any]]:
        """See VectorStore."""
        records = await asyncio.to_thread(self._shard.retrieve, list(ids), True, False)  # noqa: FBT003
        return {UUID(str(record.id)): dict(record.payload or {}) for record in records}

    async def optimize(self) -> None:
        """See VectorStore."""
        await asyncio.to_thread(self._shard.optimize)

    async def count(self, version_id: UUID) -> int:
        """See VectorStore."""
        request = engine.CountRequest(exact=True, filter=_of_version(version_id))
        return await asyncio.to_thread(self._shard.count, request)

    def _check_space(self) -> None:
        # The engine maps sparse files: a write that finds no block would not fail, it would kill the process.
        check_space(self._folder, self._min_free_bytes)

    def _put_words(self, texts: Sequence[IndexedText]) -> None:
        with self._writing:
            known = self._shard.retrieve([text.id for text in texts], False, [DENSE])  # noqa: FBT003
        meanings = {UUID(str(record.id)): cast("dict[str, Any]", record.vector or {}) for record in known}
        points = [
            engine.Point(text.id, {**_sparse_vectors(text), **meanings.get(text.id, {})}, dict(text.payload))
            for text in texts
        ]
        self._update(
            engine.UpdateOperation.upsert_points(points[start : start + _POINTS_PER_UPDATE])
            for start in range(0, len(points), _POINTS_PER_UPDATE)
        )

    def _put_meanings(self, meanings: Mapping[UUID, Meaning]) -> None:
        with self._writing:
            # An update of a point that is gone is an error of the whole batch.
            known = {UUID(str(r.id)) for r in self._shard.retrieve(list(meanings), False, False)}  # noqa: FBT003
        vectors = [
            engine.PointVectors(id_, {DENSE: meaning.tolist()}) for id_, meaning in meanings.items() if id_ in known
        ]
        if vectors:
            self._update([engine.UpdateOperation.update_vectors(vectors)])

    def _update(self, operations: Any) -> None:  # noqa: ANN401 - an iterable of engine operations
        with self._writing:
            for operation in operations:
                self._shard.update(operation)
            self._shard.flush()

    def _candidates(
        self, version_id: UUID, question: str, meaning: Meaning | None, limit: int
    ) -> tuple[Candidate, ...]:
        queries = _queries(_of_version(version_id), question, meaning)
        best = self._query(queries, _of_version(version_id), limit)
        ids = {id_ for scores in best.values() for id_ in scores}
        return merged_candidates(self._query(queries, _among(ids), len(ids)) if ids else {})

    def _query(
        self, queries: Mapping[str, tuple[Any, engine.SearchParams | None]], among: engine.Filter, limit: int
    ) -> dict[str, dict[UUID, float]]:
        """Gives the best points of a filter by each field, with their scores."""
        requests = [
            engine.QueryRequest(limit, query=query, filter=among, params=params, with_payload=False)
            for query, params in queries.values()
        ]
        found = self._shard.query_batch(engine.QueryBatchRequest(requests)) if requests else []
        return {
            field: {UUID(str(point.id)): point.score for point in points}
            for field, points in zip(queries, found, strict=True)
        }


def _open_shard(folder: Path, dimension: int) -> engine.EdgeShard:
    idf = engine.EdgeSparseVectorParams(modifier=engine.Modifier.Idf)
    config = engine.EdgeConfig(
        vectors={DENSE: engine.EdgeVectorParams(size=dimension, distance=engine.Distance.Cosine)},
        sparse_vectors={BODY: idf, HEAD: idf, SYMBOLS: engine.EdgeSparseVectorParams()},
    )
    try:
        if (folder / "edge_config.json").exists():
            return engine.EdgeShard.load(str(folder), config)
        folder.mkdir(parents=True, exist_ok=True)
        shard = engine.EdgeShard.create(str(folder), config)
    except Exception as error:  # the engine raises plain exceptions with its own text
        raise Misconfigured(f"The vector store in {folder} cannot be opened: {error}") from error
    tenant = engine.KeywordIndexParams(is_tenant=True)
    shard.update(engine.UpdateOperation.create_field_index("version_id", tenant))
    for field in ("library_id", "content_type"):
        shard.update(engine.UpdateOperation.create_field_index(field, engine.PayloadSchemaType.Keyword))
    shard.flush()
    return shard


def _of_version(version_id: UUID) -> engine.Filter:
    return engine.Filter(must=[engine.FieldCondition("version_id", match=engine.MatchValue(str(version_id)))])


def _among(ids: Iterable[UUID]) -> engine.Filter:
    return engine.Filter(must=[engine.HasIdCondition(set(ids))])


def _queries(
    of_version: engine.Filter, question: str, meaning: Meaning | None
) -> dict[str, tuple[Any, engine.SearchParams | None]]:
    """Gives what to ask each field, and how; fields that have nothing to go by are left out."""
    queries: dict[str, tuple[Any, engine.SearchParams | None]] = {}
    words, names = question_words(question), question_symbols(question)
    if not words.is_empty:
        scored_in_version = engine.SearchParams(idf=engine.IdfParams(corpus=of_version))
        for field in (BODY, HEAD):
            queries[field] = (engine.Query.Nearest(_sparse(words), using=field), scored_in_version)
    if not names.is_empty:
        queries[SYMBOLS] = (engine.Query.Nearest(_sparse(names), using=SYMBOLS), None)
    if meaning is not None:
        thorough = engine.SearchParams(hnsw_ef=GRAPH_SEARCH_WIDTH)
        queries[DENSE] = (engine.Query.Nearest(meaning.tolist(), using=DENSE), thorough)
    return queries


def _sparse_vectors(text: IndexedText) -> dict[str, Any]:
    fields = {BODY: body_words(text.body), HEAD: head_words(text.head), SYMBOLS: symbol_words(text.symbols)}
    return {field: _sparse(words) for field, words in fields.items() if not words.is_empty}


def _sparse(words: Words) -> engine.SparseVector:
    return engine.SparseVector(words.indices, words.values)
