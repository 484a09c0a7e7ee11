"""The door to a Qdrant server or cluster, through qdrant-client."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast
from uuid import UUID

from pydantic import SecretStr
from qdrant_client import AsyncQdrantClient, models
from qdrant_client.http.exceptions import ApiException, ResponseHandlingException

from core.errors import Misconfigured, Unavailable
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

_POINTS_PER_REQUEST = 256
_TIMEOUT_SECONDS = 30


class ServerStore:
    """A vector store on another machine; several Lectern processes may use the same collection."""

    def __init__(self, client: AsyncQdrantClient, collection: str) -> None:
        self._client = client
        self._collection = collection

    @classmethod
    async def open(cls, url: str, api_key: SecretStr | None, collection: str, dimension: int) -> "ServerStore":
        """Connects, and creates the collection if it is not there.

        Raises:
            Unavailable: Nothing answers at `url`.
            Misconfigured: The collection holds vectors of another dimension.
        """
        secret = api_key.get_secret_value() if api_key else None
        client = AsyncQdrantClient(url, api_key=secret, timeout=_TIMEOUT_SECONDS)
        return await cls.over(client, collection, dimension)

    @classmethod
    async def over(cls, client: AsyncQdrantClient, collection: str, dimension: int) -> "ServerStore":
        """Uses a client that is already there; the store closes it."""
        try:
            if not await client.collection_exists(collection):
                await _create_collection(client, collection, dimension)
            info = await client.get_collection(collection)
        except (ApiException, ResponseHandlingException, OSError) as error:
            await client.close()
            raise Unavailable(f"The Qdrant server does not answer: {error}. Check QDRANT_URL.") from error
        vectors = info.config.params.vectors
        size = vectors[DENSE].size if isinstance(vectors, dict) and DENSE in vectors else None
        if size != dimension:
            await client.close()
            raise Misconfigured(
                f"The collection {collection!r} holds vectors of dimension {size}, the model gives {dimension}. "
                "Set LECTERN_QDRANT_COLLECTION to a new name, or use the model the collection was made with."
            )
        return cls(client, collection)

    async def close(self) -> None:
        """Closes the connections."""
        await self._client.close()

    async def put_words(self, texts: Sequence[IndexedText]) -> None:
        """See VectorStore."""
        for start in range(0, len(texts), _POINTS_PER_REQUEST):
            batch = texts[start : start + _POINTS_PER_REQUEST]
            known = await self._retrieve([text.id for text in batch], with_payload=False, with_vectors=[DENSE])
            meanings = {UUID(str(record.id)): cast("dict[str, Any]", record.vector or {}) for record in known}
            points = [
                models.PointStruct(
                    id=str(text.id),
                    vector={**_sparse_vectors(text), **meanings.get(text.id, {})},
                    payload=dict(text.payload),
                )
                for text in batch
            ]
            await self._client.upsert(self._collection, points, wait=True)

    async def put_meanings(self, meanings: Mapping[UUID, Meaning]) -> None:
        """See VectorStore."""
        known = {UUID(str(record.id)) for record in await self._retrieve(list(meanings), with_payload=False)}
        vectors = [
            models.PointVectors(id=str(id_), vector={DENSE: meaning.tolist()})
            for id_, meaning in meanings.items()
            if id_ in known
        ]
        if vectors:
            await self._client.update_vectors(self._collection, vectors, wait=True)

    async def delete(self, ids: Sequence[UUID]) -> None:
        """See VectorStore."""
        await self._client.delete(self._collection, models.PointIdsList(points=[str(id_) for id_ in ids]), wait=True)

    async def candidates(
        self, version_id: UUID, question: str, meaning: Meaning | None, limit: int
    ) -> tuple[Candidate, ...]:
        """See VectorStore."""
        queries = _queries(_of_version(version_id), question, meaning)
        best = await self._query(queries, _of_version(version_id), limit)
        ids = {id_ for scores in best.values() for id_ in scores}
        return merged_candidates(await self._query(queries, _among(ids), len(ids)) if ids else {})

    async def _query(
        self, queries: Mapping[str, tuple[Any, models.SearchParams | None]], among: models.Filter, limit: int
    ) -> dict[str, dict[UUID, float]]:
        """Gives the best points of a filter by each field, with their scores."""
        requests = [
            models.QueryRequest(query=query, using=field, filter=among, params=params, limit=limit)
            for field, (query, params) in queries.items()
        ]
        if not requests:
            return {}
        try:
            found = await self._client.query_batch_points(self._collection, requests)
        except (ApiException, ResponseHandlingException, OSError) as error:
            raise Unavailable("The vector store does not answer. Try again in a moment.") from error
        return {
            field: {UUID(str(point.id)): point.score for point in answer.points}
            for field, answer in zip(queries, found, strict=True)
        }

    async def payloads(self, ids: Sequence[UUID]) -> dict[UUID, dict[str, Any]]:
        """See VectorStore."""
        records = await self._retrieve(ids, with_payload=True)
        return {UUID(str(record.id)): dict(record.payload or {}) for record in records}

    async def optimize(self) -> None:
        """See VectorStore; a server does so by itself."""

    async def count(self, version_id: UUID) -> int:
        """See VectorStore."""
        answer = await self._client.count(self._collection, count_filter=_of_version(version_id), exact=True)
        return answer.count

    async def _retrieve(
        self, ids: Sequence[UUID], *, with_payload: bool, with_vectors: Sequence[str] = ()
    ) -> list[models.Record]:
        try:
            return await self._client.retrieve(
                self._collection,
                [str(id_) for id_ in ids],
                with_payload=with_payload,
                with_vectors=list(with_vectors) or False,
            )
        except (ApiException, ResponseHandlingException, OSError) as error:
            raise Unavailable("The vector store does not answer. Try again in a moment.") from error


async def _create_collection(client: AsyncQdrantClient, collection: str, dimension: int) -> None:
    idf = models.SparseVectorParams(modifier=models.Modifier.IDF)
    await client.create_collection(
        collection,
        vectors_config={DENSE: models.VectorParams(size=dimension, distance=models.Distance.COSINE)},
        sparse_vectors_config={BODY: idf, HEAD: idf, SYMBOLS: models.SparseVectorParams()},
    )
    tenant = models.KeywordIndexParams(type=models.KeywordIndexType.KEYWORD, is_tenant=True)
    await client.create_payload_index(collection, "version_id", tenant)
    for field in ("library_id", "content_type"):
        await client.create_payload_index(collection, field, models.PayloadSchemaType.KEYWORD)


def _of_version(version_id: UUID) -> models.Filter:
    return models.Filter(must=[models.FieldCondition(key="version_id", match=models.MatchValue(value=str(version_id)))])


def _among(ids: Iterable[UUID]) -> models.Filter:
    return models.Filter(must=[models.HasIdCondition(has_id=[str(id_) for id_ in ids])])


def _queries(
    of_version: models.Filter, question: str, meaning: Meaning | None
) -> dict[str, tuple[Any, models.SearchParams | None]]:
    """Gives what to ask each field, and how; fields that have nothing to go by are left out."""
    queries: dict[str, tuple[Any, models.SearchParams | None]] = {}
    words, names = question_words(question), question_symbols(question)
    if not words.is_empty:
        scored_in_version = models.SearchParams(idf=models.IdfCorpusParams(corpus=of_version))
        queries |= {field: (_sparse(words), scored_in_version) for field in (BODY, HEAD)}
    if not names.is_empty:
        queries[SYMBOLS] = (_sparse(names), None)
    if meaning is not None:
        queries[DENSE] = (meaning.tolist(), models.SearchParams(hnsw_ef=GRAPH_SEARCH_WIDTH))
    return queries


def _sparse_vectors(text: IndexedText) -> dict[str, Any]:
    fields = {BODY: body_words(text.body), HEAD: head_words(text.head), SYMBOLS: symbol_words(text.symbols)}
    return {field: _sparse(words) for field, words in fields.items() if not words.is_empty}


def _sparse(words: Words) -> models.SparseVector:
    return models.SparseVector(indices=words.indices, values=words.values)
