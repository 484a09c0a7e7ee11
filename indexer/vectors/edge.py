"""The door to Qdrant Edge: the real engine inside the process, on a folder of its own."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, cast
from uuid import UUID

import numpy as np
import orjson
import qdrant_edge as engine

from core.disk import check_space
from core.errors import Misconfigured
from indexer.vectors import layout
from indexer.vectors.edge_shard import PAYLOAD_INDEXES, spaces_in
from indexer.vectors.live_shard import LiveShard
from indexer.vectors.store import (
    BODY,
    DENSE,
    HEAD,
    SYMBOLS,
    Candidate,
    FoundByWords,
    IndexedText,
    Meaning,
    candidates_of,
    united,
    unscored,
)
from indexer.vectors.symbols import question_symbols, symbol_words
from indexer.vectors.words import Words, head_words, passage_words, question_words

_OWN_FIELDS = frozenset({*PAYLOAD_INDEXES, "version", "source_url", "chunk_text"})
_DETAILS = "details"
"""All other fields as one JSON text: the engine takes 3 us for each field it is given, and again for each it gives."""

_POINTS_PER_UPDATE = 256
_NEAREST, _KNOWN = "nearest", "known"


class EdgeStore:
    """A vector store in one process."""

    def __init__(self, live: LiveShard, folder: Path, min_free_bytes: int) -> None:
        self._live = live
        self._folder = folder
        self._min_free_bytes = min_free_bytes
        self._spaces = spaces_in(folder)

    @classmethod
    async def open(cls, folder: Path, min_free_bytes: int = 0) -> "EdgeStore":
        """Opens the store in `folder`, creating it on first use.

        Raises:
            Misconfigured: The engine cannot read what is there.
        """
        return cls(await LiveShard.open(folder, min_free_bytes), folder, min_free_bytes)

    async def close(self) -> None:
        """Flushes and closes the store."""
        await self._live.close()

    async def put_words(self, texts: Sequence[IndexedText]) -> None:
        """See VectorStore."""
        self._check_space()
        await self._live.write(self._put_words, texts)

    async def add_space(self, space: str, dimension: int) -> None:
        """See VectorStore."""
        if self._spaces.get(space, dimension) != dimension:
            raise Misconfigured(_other_dimension(self._folder, self._spaces[space], dimension))
        if space not in self._spaces:
            new = engine.UpdateOperation.create_dense_vector(space, dimension, engine.Distance.Cosine)
            await self._live.alter(partial(self._update, (), [new]))
            self._spaces[space] = dimension

    async def drop_space(self, space: str) -> None:
        """See VectorStore."""
        if self._spaces.pop(space, None) is not None:
            gone = engine.UpdateOperation.delete_vector_name(space)
            await self._live.alter(partial(self._update, (), [gone]))

    async def put_meanings(self, meanings: Mapping[UUID, Meaning], space: str = DENSE) -> None:
        """See VectorStore."""
        self._check_space()
        await self._live.write(self._put_meanings, meanings, space)

    async def meanings(self, ids: Sequence[UUID], space: str = DENSE) -> dict[UUID, Meaning]:
        """See VectorStore."""
        return await self._live.read(self._meanings, ids, space)

    async def delete(self, ids: Sequence[UUID]) -> None:
        """See VectorStore."""
        await self._live.write(self._delete, ids)

    async def best_by_words(self, version_id: UUID, question: str, limit: int) -> FoundByWords:
        """See VectorStore."""
        return await self._live.read(self._best_by_words, version_id, question, limit)

    async def candidates(
        self,
        version_id: UUID,
        question: str,
        meaning: Meaning | None,
        limit: int,
        space: str = DENSE,
        words: FoundByWords | None = None,
    ) -> tuple[Candidate, ...]:
        """See VectorStore."""
        if space not in self._spaces:
            meaning = None
        return await self._live.read(self._candidates, version_id, question, meaning, limit, space, words)

    async def payloads(self, ids: Sequence[UUID]) -> dict[UUID, dict[str, Any]]:
        """See VectorStore."""
        records = await self._live.read(self._retrieve, ids)
        return {cast("UUID", record.id): _unpacked(record.payload or {}) for record in records}

    async def optimize(self) -> None:
        """See VectorStore."""
        await self._live.optimize()

    async def in_order(self) -> None:
        """Waits until files that `optimize` has found worthwhile to put in order are so."""
        await self._live.in_order()

    async def count(self, version_id: UUID | None = None) -> int:
        """See VectorStore."""
        request = engine.CountRequest(exact=True, filter=_of_version(version_id) if version_id else None)
        return await self._live.read(self._count, request)

    def _retrieve(self, ids: Sequence[UUID]) -> list[engine.Record]:
        return self._live.engine.retrieve(list(ids), True, False)  # noqa: FBT003 - it takes them by place

    def _count(self, request: engine.CountRequest) -> int:
        return self._live.engine.count(request)

    def _check_space(self) -> None:
        # The engine maps sparse files: a write that finds no block would not fail, it would kill the process.
        check_space(self._folder, self._min_free_bytes)

    def _put_words(self, texts: Sequence[IndexedText]) -> None:
        words = {text.id: _sparse_vectors(text) for text in texts}
        known = self._live.engine.retrieve(list(words), False, list(self._spaces))  # noqa: FBT003 - it takes them by place
        meanings = {record.id: cast("dict[str, Any]", record.vector or {}) for record in known}
        points = [
            engine.Point(text.id, {**words[text.id], **meanings.get(text.id, {})}, _packed(text.payload))
            for text in texts
        ]
        self._update(
            list(words),
            (
                engine.UpdateOperation.upsert_points(points[start : start + _POINTS_PER_UPDATE])
                for start in range(0, len(points), _POINTS_PER_UPDATE)
            ),
        )

    def _meanings(self, ids: Sequence[UUID], space: str) -> dict[UUID, Meaning]:
        if space not in self._spaces:
            return {}
        records = self._live.engine.retrieve(list(ids), False, [space])  # noqa: FBT003 - it takes them by place
        vectors = {record.id: cast("dict[str, Any]", record.vector or {}).get(space) for record in records}
        return {cast("UUID", id_): np.asarray(vector, np.float32) for id_, vector in vectors.items() if vector}

    def _put_meanings(self, meanings: Mapping[UUID, Meaning], space: str) -> None:
        # An update of a point that is gone is an error of the whole batch.
        known = {cast("UUID", record.id) for record in self._live.engine.retrieve(list(meanings), False, False)}  # noqa: FBT003 - it takes them by place
        vectors = [
            engine.PointVectors(id_, {space: meaning.tolist()}) for id_, meaning in meanings.items() if id_ in known
        ]
        if vectors:
            self._update(known, [engine.UpdateOperation.update_vectors(vectors)])

    def _delete(self, ids: Sequence[UUID]) -> None:
        self._update(ids, [engine.UpdateOperation.delete_points(list(ids))])

    def _update(self, ids: Collection[UUID], operations: Iterable[Any]) -> None:
        """Does what changes some points."""
        self._live.note(ids)
        for operation in operations:
            self._live.engine.update(operation)
        self._live.engine.flush()

    def _best_by_words(self, version_id: UUID, question: str, limit: int) -> FoundByWords:
        queries, of_version = _word_queries(version_id, question), _of_version(version_id)
        best = self._scores({field: query.among(of_version, limit) for field, query in queries.items()})
        open_fields = frozenset(field for field, scores in best.items() if len(scores) >= limit)
        unknown = unscored(best, open_fields)
        more = self._scores({field: queries[field].among(_these(ids), len(ids)) for field, ids in unknown.items()})
        return FoundByWords(united(best, more), open_fields)

    def _candidates(
        self,
        version_id: UUID,
        question: str,
        meaning: Meaning | None,
        limit: int,
        space: str,
        words: FoundByWords | None,
    ) -> tuple[Candidate, ...]:
        words = words or self._best_by_words(version_id, question, limit)
        if meaning is None:
            return candidates_of(words.scores)
        query, known = _meaning_query(meaning, space), words.ids
        asked = {_NEAREST: query.among(_of_version(version_id), limit)}
        if known:
            asked[_KNOWN] = query.among(_these(known), len(known))
        found = self._scores(asked)
        more = self._words_of(version_id, question, words.open_fields, found[_NEAREST].keys() - known)
        return candidates_of({**united(words.scores, more), DENSE: found.get(_KNOWN, {}) | found[_NEAREST]})

    def _words_of(
        self, version_id: UUID, question: str, fields: frozenset[str], ids: set[UUID]
    ) -> dict[str, dict[UUID, float]]:
        """Gives the scores that some fields of words give these points."""
        if not fields or not ids:
            return {}
        queries, these = _word_queries(version_id, question), _these(ids)
        return self._scores({field: queries[field].among(these, len(ids)) for field in fields})

    def _scores(self, requests: Mapping[str, engine.QueryRequest]) -> dict[str, dict[UUID, float]]:
        """Gives the best points of each request, with their scores."""
        if not requests:
            return {}
        found = self._live.engine.query_batch(engine.QueryBatchRequest(list(requests.values())))
        return {
            name: {cast("UUID", point.id): point.score for point in points}
            for name, points in zip(requests, found, strict=True)
        }


@dataclass(frozen=True, slots=True)
class _Query:
    """What to ask a named vector, and how."""

    nearest: Any
    params: engine.SearchParams | None = None

    def among(self, points: engine.Filter, limit: int) -> engine.QueryRequest:
        """Gives the request for the best of some points."""
        return engine.QueryRequest(limit, query=self.nearest, filter=points, params=self.params)


def _other_dimension(folder: Path, known: int, dimension: int) -> str:
    return (
        f"The vector store in {folder} holds vectors of dimension {known}, the model gives {dimension}. Start once "
        "with the model the index was made with."
    )


def _packed(payload: Mapping[str, Any]) -> dict[str, Any]:
    details = {name: value for name, value in payload.items() if name not in _OWN_FIELDS}
    own = {name: value for name, value in payload.items() if name in _OWN_FIELDS}
    return {**own, _DETAILS: orjson.dumps(details).decode()}


def _unpacked(payload: dict[str, Any]) -> dict[str, Any]:
    """Gives a payload as it was put; those of earlier releases have all fields of their own."""
    details = payload.pop(_DETAILS, None)
    return payload if details is None else {**payload, **orjson.loads(details)}


def _of_version(version_id: UUID) -> engine.Filter:
    return engine.Filter(must=[engine.FieldCondition("version_id", match=engine.MatchValue(str(version_id)))])


def _these(ids: set[UUID]) -> engine.Filter:
    return engine.Filter(must=[engine.HasIdCondition(cast("Any", ids))])


def _word_queries(version_id: UUID, question: str) -> dict[str, _Query]:
    """Gives what to ask each field of words; fields that have nothing to go by are left out."""
    queries: dict[str, _Query] = {}
    words = question_words(question).within(version_id)
    names = question_symbols(question).within(version_id)
    if not words.is_empty:
        scored_in_version = engine.SearchParams(idf=engine.IdfParams(corpus=_of_version(version_id)))
        for field in (BODY, HEAD):
            queries[field] = _Query(engine.Query.Nearest(_sparse(words), using=field), scored_in_version)
    if not names.is_empty:
        queries[SYMBOLS] = _Query(engine.Query.Nearest(_sparse(names), using=SYMBOLS))
    return queries


def _meaning_query(meaning: Meaning, space: str) -> _Query:
    again = engine.QuantizationSearchParams(rescore=True, oversampling=layout.OVERSAMPLING)
    thorough = engine.SearchParams(hnsw_ef=layout.GRAPH_SEARCH_WIDTH, quantization=again)
    return _Query(engine.Query.Nearest(meaning.tolist(), using=space), thorough)


def _sparse_vectors(text: IndexedText) -> dict[str, Any]:
    version_id = UUID(str(text.payload["version_id"]))
    body = passage_words(text.body, text.mentions)
    fields = {BODY: body, HEAD: head_words(text.head), SYMBOLS: symbol_words(text.symbols)}
    return {field: _sparse(words.within(version_id)) for field, words in fields.items() if not words.is_empty}


def _sparse(words: Words) -> engine.SparseVector:
    return engine.SparseVector(words.indices, words.values)
