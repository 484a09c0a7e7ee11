"""The door to a Qdrant server or cluster, through qdrant-client."""

from collections.abc import Awaitable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from json import JSONDecodeError
from typing import Any, TypeVar, cast
from uuid import UUID

import numpy as np
import structlog
from pydantic import SecretStr
from qdrant_client import AsyncQdrantClient, models
from qdrant_client.common.client_exceptions import QdrantException
from qdrant_client.http.exceptions import ApiException

from core.errors import Misconfigured, Unavailable
from indexer.vectors import layout
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

log = structlog.get_logger(__name__)

Result = TypeVar("Result")

_NO_ANSWER = (ApiException, QdrantException, OSError, JSONDecodeError, UnicodeDecodeError)
"""What the client raises for a server that is away, refuses, or answers something else than Qdrant does."""

_POINTS_PER_REQUEST = 256
_TIMEOUT_SECONDS = 30
_NEAREST, _KNOWN = "nearest", "known"
_GRAPHS = models.HnswConfigDiff(
    m=0,
    payload_m=layout.GRAPH_EDGES,
    ef_construct=layout.GRAPH_BUILD_WIDTH,
    full_scan_threshold=layout.SCANNED_KIB,
)
_BYTES = models.ScalarQuantization(
    scalar=models.ScalarQuantizationConfig(type=models.ScalarType.INT8, quantile=layout.BYTES_QUANTILE, always_ram=True)
)
_THOROUGH = models.SearchParams(
    hnsw_ef=layout.GRAPH_SEARCH_WIDTH,
    quantization=models.QuantizationSearchParams(rescore=True, oversampling=layout.OVERSAMPLING),
)
_KEYWORD = models.KeywordIndexType.KEYWORD
_PAYLOAD_INDEXES = {
    "version_id": models.KeywordIndexParams(type=_KEYWORD, is_tenant=True),
    "library_id": models.KeywordIndexParams(type=_KEYWORD, enable_hnsw=False),
    "content_type": models.KeywordIndexParams(type=_KEYWORD, enable_hnsw=False),
    "code_language": models.KeywordIndexParams(type=_KEYWORD, enable_hnsw=False),
}
"""By what is asked, here and with other tools; graphs are built for versions alone."""


class ServerStore:
    """A vector store on another machine; several Lectern processes may use the same collection."""

    def __init__(self, client: AsyncQdrantClient, collection: str) -> None:
        self._client = client
        self._collection = collection
        self._spaces: dict[str, int] = {}

    @classmethod
    async def open(cls, url: str, api_key: SecretStr | None, collection: str) -> "ServerStore":
        """Connects, and creates the collection if it is not there.

        Raises:
            Unavailable: Nothing answers at `url`.
        """
        secret = api_key.get_secret_value() if api_key else None
        # The client's own check of versions only warns, from a thread that may outlive the store.
        client = AsyncQdrantClient(url, api_key=secret, timeout=_TIMEOUT_SECONDS, check_compatibility=False)
        return await cls.over(client, collection)

    @classmethod
    async def over(cls, client: AsyncQdrantClient, collection: str) -> "ServerStore":
        """Uses a client that is already there; the store closes it."""
        store = cls(client, collection)
        try:
            if not await _answered(client.collection_exists(collection)):
                await _create_collection(client, collection)
            await store.look_for_spaces()
            await _take_layout(client, collection)
        except Unavailable as error:
            await client.close()
            raise Unavailable(f"The Qdrant server does not answer: {error.__cause__}. Check QDRANT_URL.") from error
        return store

    async def close(self) -> None:
        """Closes the connections."""
        await self._client.close()

    async def look_for_spaces(self) -> None:
        """Takes note of the spaces there are: other processes add and drop them as well."""
        info = await _answered(self._client.get_collection(self._collection))
        vectors = info.config.params.vectors
        known = vectors if isinstance(vectors, dict) else {}
        self._spaces = {space: parameters.size for space, parameters in known.items()}

    async def add_space(self, space: str, dimension: int) -> None:
        """See VectorStore."""
        new = models.DenseVectorConfig(size=dimension, distance=models.Distance.COSINE)
        await self.look_for_spaces()
        if space not in self._spaces:
            name = models.DenseVectorNameConfig(dense=new)
            await _answered(self._client.create_vector_name(self._collection, space, name, wait=True))
            await self.look_for_spaces()
        if self._spaces[space] != dimension:
            raise Misconfigured(
                f"The collection {self._collection!r} holds vectors of dimension {self._spaces[space]}, the model "
                f"gives {dimension}. Start once with the model the index was made with."
            )

    async def drop_space(self, space: str) -> None:
        """See VectorStore."""
        await self.look_for_spaces()
        if self._spaces.pop(space, None) is not None:
            await _answered(self._client.delete_vector_name(self._collection, space, wait=True))

    async def put_words(self, texts: Sequence[IndexedText]) -> None:
        """See VectorStore."""
        await self.look_for_spaces()
        for start in range(0, len(texts), _POINTS_PER_REQUEST):
            batch = texts[start : start + _POINTS_PER_REQUEST]
            ids = [text.id for text in batch]
            known = await self._retrieve(ids, with_payload=False, with_vectors=list(self._spaces))
            meanings = {UUID(str(record.id)): cast("dict[str, Any]", record.vector or {}) for record in known}
            points = [
                models.PointStruct(
                    id=str(text.id),
                    vector={**_sparse_vectors(text), **meanings.get(text.id, {})},
                    payload=dict(text.payload),
                )
                for text in batch
            ]
            await _answered(self._client.upsert(self._collection, points, wait=True))

    async def put_meanings(self, meanings: Mapping[UUID, Meaning], space: str = DENSE) -> None:
        """See VectorStore."""
        known = {UUID(str(record.id)) for record in await self._retrieve(list(meanings), with_payload=False)}
        vectors = [
            models.PointVectors(id=str(id_), vector={space: meaning.tolist()})
            for id_, meaning in meanings.items()
            if id_ in known
        ]
        if vectors:
            await _answered(self._client.update_vectors(self._collection, vectors, wait=True))

    async def meanings(self, ids: Sequence[UUID], space: str = DENSE) -> dict[UUID, Meaning]:
        """See VectorStore."""
        if not await self._has_space(space):
            return {}
        records = await self._retrieve(ids, with_payload=False, with_vectors=[space])
        vectors = {UUID(str(record.id)): cast("dict[str, Any]", record.vector or {}).get(space) for record in records}
        return {id_: np.asarray(vector, np.float32) for id_, vector in vectors.items() if vector}

    async def delete(self, ids: Sequence[UUID]) -> None:
        """See VectorStore."""
        points = models.PointIdsList(points=[str(id_) for id_ in ids])
        await _answered(self._client.delete(self._collection, points, wait=True))

    async def best_by_words(self, version_id: UUID, question: str, limit: int) -> FoundByWords:
        """See VectorStore."""
        queries, of_version = _word_queries(version_id, question), _of_version(version_id)
        best = await self._scores({field: query.among(of_version, limit) for field, query in queries.items()})
        open_fields = frozenset(field for field, scores in best.items() if len(scores) >= limit)
        unknown = unscored(best, open_fields)
        wanted = {field: queries[field].among(_these(ids), len(ids)) for field, ids in unknown.items()}
        return FoundByWords(united(best, await self._scores(wanted)), open_fields)

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
        words = words or await self.best_by_words(version_id, question, limit)
        if meaning is None or not await self._has_space(space):
            return candidates_of(words.scores)
        query, known = _Query(meaning.tolist(), space, _THOROUGH), words.ids
        asked = {_NEAREST: query.among(_of_version(version_id), limit)}
        if known:
            asked[_KNOWN] = query.among(_these(known), len(known))
        found = await self._scores(asked)
        more = await self._words_of(version_id, question, words.open_fields, found[_NEAREST].keys() - known)
        return candidates_of({**united(words.scores, more), DENSE: found.get(_KNOWN, {}) | found[_NEAREST]})

    async def _words_of(
        self, version_id: UUID, question: str, fields: frozenset[str], ids: set[UUID]
    ) -> dict[str, dict[UUID, float]]:
        """Gives the scores that some fields of words give these points."""
        if not fields or not ids:
            return {}
        queries, these = _word_queries(version_id, question), _these(ids)
        return await self._scores({field: queries[field].among(these, len(ids)) for field in fields})

    async def _scores(self, requests: Mapping[str, models.QueryRequest]) -> dict[str, dict[UUID, float]]:
        """Gives the best points of each request, with their scores."""
        if not requests:
            return {}
        found = await _answered(self._client.query_batch_points(self._collection, list(requests.values())))
        return {
            name: {UUID(str(point.id)): point.score for point in answer.points}
            for name, answer in zip(requests, found, strict=True)
        }

    async def payloads(self, ids: Sequence[UUID]) -> dict[UUID, dict[str, Any]]:
        """See VectorStore."""
        records = await self._retrieve(ids, with_payload=True)
        return {UUID(str(record.id)): dict(record.payload or {}) for record in records}

    async def optimize(self) -> None:
        """See VectorStore; a server does so by itself."""

    async def count(self, version_id: UUID | None = None) -> int:
        """See VectorStore."""
        wanted = _of_version(version_id) if version_id else None
        counting = self._client.count(self._collection, count_filter=wanted, exact=True)
        return (await _answered(counting)).count

    async def _has_space(self, space: str) -> bool:
        if space not in self._spaces:
            await self.look_for_spaces()
        return space in self._spaces

    async def _retrieve(
        self, ids: Sequence[UUID], *, with_payload: bool, with_vectors: Sequence[str] = ()
    ) -> list[models.Record]:
        points, vectors = [str(id_) for id_ in ids], list(with_vectors) or False
        return await _answered(
            self._client.retrieve(self._collection, points, with_payload=with_payload, with_vectors=vectors)
        )


@dataclass(frozen=True, slots=True)
class _Query:
    """What to ask a named vector, and how."""

    query: Any
    using: str
    params: models.SearchParams | None = None

    def among(self, points: models.Filter, limit: int) -> models.QueryRequest:
        """Gives the request for the best of some points."""
        return models.QueryRequest(query=self.query, using=self.using, filter=points, params=self.params, limit=limit)


async def _answered(call: Awaitable[Result]) -> Result:
    """Gives what the server answers; every call of the client goes through here.

    Raises:
        Unavailable: It is away, refuses, or answers something else.
    """
    try:
        return await call
    except _NO_ANSWER as error:
        raise Unavailable("The vector store does not answer. Try again in a moment.") from error


async def _create_collection(client: AsyncQdrantClient, collection: str) -> None:
    postings = models.SparseIndexParams(full_scan_threshold=layout.SCANNED_PASSAGES)
    idf = models.SparseVectorParams(modifier=models.Modifier.IDF, index=postings)
    creating = client.create_collection(
        collection,
        vectors_config={},
        sparse_vectors_config={BODY: idf, HEAD: idf, SYMBOLS: models.SparseVectorParams(index=postings)},
        hnsw_config=_GRAPHS,
        quantization_config=_BYTES,
        on_disk_payload=True,
    )
    await _answered(creating)


async def _take_layout(client: AsyncQdrantClient, collection: str) -> None:
    """Gives a collection that is new or of an earlier release today's layout; the server rewrites it meanwhile."""
    info = await _answered(client.get_collection(collection))
    known = set(info.payload_schema)
    if info.config.hnsw_config.payload_m != layout.GRAPH_EDGES:
        log.info("indexer.vector_layout_changed", collection=collection, note="The server rewrites it meanwhile.")
        await _answered(client.update_collection(collection, hnsw_config=_GRAPHS, quantization_config=_BYTES))
        for field in known.intersection(_PAYLOAD_INDEXES):
            await _answered(client.delete_payload_index(collection, field))
        known.clear()
    for field, params in _PAYLOAD_INDEXES.items():
        if field not in known:
            await _answered(client.create_payload_index(collection, field, params, wait=False))


def _of_version(version_id: UUID) -> models.Filter:
    return models.Filter(must=[models.FieldCondition(key="version_id", match=models.MatchValue(value=str(version_id)))])


def _these(ids: Iterable[UUID]) -> models.Filter:
    return models.Filter(must=[models.HasIdCondition(has_id=[str(id_) for id_ in ids])])


def _word_queries(version_id: UUID, question: str) -> dict[str, _Query]:
    """Gives what to ask each field of words; fields that have nothing to go by are left out."""
    queries: dict[str, _Query] = {}
    words = question_words(question).within(version_id)
    names = question_symbols(question).within(version_id)
    if not words.is_empty:
        scored_in_version = models.SearchParams(idf=models.IdfCorpusParams(corpus=_of_version(version_id)))
        queries |= {field: _Query(_sparse(words), field, scored_in_version) for field in (BODY, HEAD)}
    if not names.is_empty:
        queries[SYMBOLS] = _Query(_sparse(names), SYMBOLS)
    return queries


def _sparse_vectors(text: IndexedText) -> dict[str, Any]:
    version_id = UUID(str(text.payload["version_id"]))
    body = passage_words(text.body, text.mentions)
    fields = {BODY: body, HEAD: head_words(text.head), SYMBOLS: symbol_words(text.symbols)}
    return {field: _sparse(words.within(version_id)) for field, words in fields.items() if not words.is_empty}


def _sparse(words: Words) -> models.SparseVector:
    return models.SparseVector(indices=words.indices, values=words.values)
