"""The door to Qdrant Edge: the real engine inside the process, on a folder of its own."""

import asyncio
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

import qdrant_edge as engine

from core.disk import check_space
from core.errors import Misconfigured
from indexer.vectors.store import BODY, DENSE, GRAPH_SEARCH_WIDTH, HEAD, Candidate, CandidateLists, IndexedText, Meaning
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

    async def candidates(self, version_id: UUID, question: str, meaning: Meaning | None, limit: int) -> CandidateLists:
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
        points = [engine.Point(text.id, _sparse_vectors(text), dict(text.payload)) for text in texts]
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

    def _candidates(self, version_id: UUID, question: str, meaning: Meaning | None, limit: int) -> CandidateLists:
        words = question_words(question)
        of_version = _of_version(version_id)
        requests: dict[str, engine.QueryRequest] = {}
        if not words.is_empty:
            scored_in_version = engine.SearchParams(idf=engine.IdfParams(corpus=of_version))
            for field in (BODY, HEAD):
                query = engine.Query.Nearest(_sparse(words), using=field)
                requests[field] = engine.QueryRequest(
                    limit, query=query, filter=of_version, params=scored_in_version, with_payload=False
                )
        if meaning is not None:
            query = engine.Query.Nearest(meaning.tolist(), using=DENSE)
            thorough = engine.SearchParams(hnsw_ef=GRAPH_SEARCH_WIDTH)
            requests[DENSE] = engine.QueryRequest(
                limit, query=query, filter=of_version, params=thorough, with_payload=False
            )
        found = self._shard.query_batch(engine.QueryBatchRequest(list(requests.values()))) if requests else []
        lists = {field: _candidates(points) for field, points in zip(requests, found, strict=True)}
        return CandidateLists(lists.get(BODY, ()), lists.get(HEAD, ()), lists.get(DENSE, ()))


def _open_shard(folder: Path, dimension: int) -> engine.EdgeShard:
    idf = engine.EdgeSparseVectorParams(modifier=engine.Modifier.Idf)
    config = engine.EdgeConfig(
        vectors={DENSE: engine.EdgeVectorParams(size=dimension, distance=engine.Distance.Cosine)},
        sparse_vectors={BODY: idf, HEAD: idf},
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


def _sparse_vectors(text: IndexedText) -> dict[str, Any]:
    fields = {BODY: body_words(text.body), HEAD: head_words(text.head)}
    return {field: _sparse(words) for field, words in fields.items() if not words.is_empty}


def _sparse(words: Words) -> engine.SparseVector:
    return engine.SparseVector(words.indices, words.values)


def _candidates(points: Sequence[engine.ScoredPoint]) -> tuple[Candidate, ...]:
    found = [Candidate(UUID(str(point.id)), point.score) for point in points]
    # Equal scores in a fixed order, so that the same question gets the same answer.
    return tuple(sorted(found, key=lambda candidate: (-candidate.score, candidate.id)))
