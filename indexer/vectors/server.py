"""The door to a Qdrant server or cluster, through qdrant-client."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from pydantic import SecretStr
from qdrant_client import AsyncQdrantClient, models
from qdrant_client.http.exceptions import ApiException, ResponseHandlingException

from core.errors import Misconfigured, Unavailable
from indexer.vectors.store import BODY, DENSE, GRAPH_SEARCH_WIDTH, HEAD, Candidate, CandidateLists, IndexedText, Meaning
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
            points = [
                models.PointStruct(id=str(text.id), vector=_sparse_vectors(text), payload=dict(text.payload))
                for text in texts[start : start + _POINTS_PER_REQUEST]
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

    async def candidates(self, version_id: UUID, question: str, meaning: Meaning | None, limit: int) -> CandidateLists:
        """See VectorStore."""
        words = question_words(question)
        of_version = _of_version(version_id)
        requests: dict[str, models.QueryRequest] = {}
        if not words.is_empty:
            scored_in_version = models.SearchParams(idf=models.IdfCorpusParams(corpus=of_version))
            for field in (BODY, HEAD):
                requests[field] = models.QueryRequest(
                    query=_sparse(words), using=field, filter=of_version, params=scored_in_version, limit=limit
                )
        if meaning is not None:
            requests[DENSE] = models.QueryRequest(
                query=meaning.tolist(),
                using=DENSE,
                filter=of_version,
                params=models.SearchParams(hnsw_ef=GRAPH_SEARCH_WIDTH),
                limit=limit,
            )
        if not requests:
            return CandidateLists((), (), ())
        try:
            found = await self._client.query_batch_points(self._collection, list(requests.values()))
        except (ApiException, ResponseHandlingException, OSError) as error:
            raise Unavailable("The vector store does not answer. Try again in a moment.") from error
        lists = {field: _candidates(answer.points) for field, answer in zip(requests, found, strict=True)}
        return CandidateLists(lists.get(BODY, ()), lists.get(HEAD, ()), lists.get(DENSE, ()))

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

    async def _retrieve(self, ids: Sequence[UUID], *, with_payload: bool) -> list[models.Record]:
        try:
            return await self._client.retrieve(
                self._collection, [str(id_) for id_ in ids], with_payload=with_payload, with_vectors=False
            )
        except (ApiException, ResponseHandlingException, OSError) as error:
            raise Unavailable("The vector store does not answer. Try again in a moment.") from error


async def _create_collection(client: AsyncQdrantClient, collection: str, dimension: int) -> None:
    idf = models.SparseVectorParams(modifier=models.Modifier.IDF)
    await client.create_collection(
        collection,
        vectors_config={DENSE: models.VectorParams(size=dimension, distance=models.Distance.COSINE)},
        sparse_vectors_config={BODY: idf, HEAD: idf},
    )
    tenant = models.KeywordIndexParams(type=models.KeywordIndexType.KEYWORD, is_tenant=True)
    await client.create_payload_index(collection, "version_id", tenant)
    for field in ("library_id", "content_type"):
        await client.create_payload_index(collection, field, models.PayloadSchemaType.KEYWORD)


def _of_version(version_id: UUID) -> models.Filter:
    return models.Filter(must=[models.FieldCondition(key="version_id", match=models.MatchValue(value=str(version_id)))])


def _sparse_vectors(text: IndexedText) -> dict[str, Any]:
    fields = {BODY: body_words(text.body), HEAD: head_words(text.head)}
    return {field: _sparse(words) for field, words in fields.items() if not words.is_empty}


def _sparse(words: Words) -> models.SparseVector:
    return models.SparseVector(indices=words.indices, values=words.values)


def _candidates(points: Sequence[models.ScoredPoint]) -> tuple[Candidate, ...]:
    found = [Candidate(UUID(str(point.id)), point.score) for point in points]
    return tuple(sorted(found, key=lambda candidate: (-candidate.score, candidate.id)))
