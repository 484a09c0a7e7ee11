"""What Lectern asks of a vector store, and the choice of one."""

from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from operator import attrgetter
from pathlib import Path
from typing import Any, Protocol
from uuid import UUID

import numpy as np
from pydantic import SecretStr

Meaning = np.ndarray[tuple[int], np.dtype[np.float32]]
"""A dense vector: float32, (dimension,), length 1."""

BODY, HEAD, SYMBOLS, DENSE = "body", "head", "symbols", "dense"
"""The named vectors of a point: words of the passage, words of its headings, exact names it defines, its meaning.

A meaning is kept in a space, a named vector for each embedding model; the first one's is called like the field.
"""


@dataclass(frozen=True, slots=True)
class IndexedText:
    """A chunk as the store takes it: its words in two fields, the names it defines, and what an answer shows of it.

    `mentions` are sentences of other pages that link to it: words of the body that count less.
    """

    id: UUID
    body: str
    head: str
    symbols: tuple[str, ...]
    payload: Mapping[str, Any]
    mentions: str = ""


@dataclass(slots=True)
class Candidate:
    """A point that some field found, with the score every field gives it; 0 where a field has nothing on it.

    `body` and `head` are BM25 scores, `symbols` is the weight of the names it shares with the question, `dense` the
    cosine of the meanings, None for a question without a vector and for a point that has none yet. `prominence`, 0 to
    1, is how much other pages link to it: stores do not know it.

    Not frozen: hundreds are made for every question, and to make frozen ones takes ten times as long.
    """

    id: UUID
    body: float = 0.0
    head: float = 0.0
    symbols: float = 0.0
    dense: float | None = None
    prominence: float = 0.0


Scores = Mapping[str, dict[UUID, float]]
"""What each field gives points."""


@dataclass(frozen=True, slots=True)
class FoundByWords:
    """The points that the fields of words find, each scored by all of these fields.

    `open_fields` found as many as they were asked for: they may know further points.
    """

    scores: Scores
    open_fields: frozenset[str]

    @property
    def ids(self) -> set[UUID]:
        """The points."""
        return found_ids(self.scores)


def found_ids(scores: Scores) -> set[UUID]:
    """Gives the points that some field gives a score."""
    # Sets take over the hashes that dictionaries keep: to hash an id anew takes ten times as long.
    return set[UUID]().union(*scores.values())


def unscored(best: Scores, open_fields: Iterable[str]) -> dict[str, set[UUID]]:
    """Gives the points that some field found and whose score by another one, which may have one, is not known."""
    ids = found_ids(best)
    return {field: missing for field in open_fields if (missing := ids.difference(best[field]))}


def united(best: Scores, more: Scores) -> dict[str, dict[UUID, float]]:
    """Gives the scores of both."""
    return {field: best.get(field, {}) | more.get(field, {}) for field in {**best, **more}}


def candidates_of(scores: Scores) -> tuple[Candidate, ...]:
    """Gives the points that any field found, ordered by their ids."""
    body, head, symbols, dense = (scores.get(field, {}) for field in (BODY, HEAD, SYMBOLS, DENSE))
    ids = sorted(found_ids(scores), key=attrgetter("int"))
    return tuple(
        Candidate(id_, body.get(id_, 0.0), head.get(id_, 0.0), symbols.get(id_, 0.0), dense.get(id_)) for id_ in ids
    )


class VectorStore(Protocol):
    """A store of points: id is the chunk's id, one dense and three sparse vectors, and a payload.

    Both doors compute the sparse vectors in the same way, with IDF over the library version at query time, so that the
    same points and the same question give the same scores. Of points with equal scores at a limit, either may come.

    Every call raises Unavailable while the store does not answer.
    """

    async def put_words(self, texts: Sequence[IndexedText]) -> None:
        """Writes points, or the words and payload of those that exist, which keep their meaning.

        Durable when it returns.
        """
        ...

    async def add_space(self, space: str, dimension: int) -> None:
        """Makes room for the meanings of a model; repeating it changes nothing.

        Raises:
            Misconfigured: The space is there with another dimension.
        """
        ...

    async def drop_space(self, space: str) -> None:
        """Removes a space with every meaning in it; one that is not there is no error."""
        ...

    async def put_meanings(self, meanings: Mapping[UUID, Meaning], space: str = DENSE) -> None:
        """Adds the dense vectors to existing points; ids that are gone are passed over. Durable when it returns."""
        ...

    async def meanings(self, ids: Sequence[UUID], space: str = DENSE) -> dict[UUID, Meaning]:
        """Gives the dense vectors that some of the points have in a space."""
        ...

    async def delete(self, ids: Sequence[UUID]) -> None:
        """Removes points; unknown ids are passed over."""
        ...

    async def best_by_words(self, version_id: UUID, question: str, limit: int) -> FoundByWords:
        """Gives the best `limit` points of one library version by each field but the meaning, scored by all of these.

        For `candidates`: the words can be looked up while the meaning of the question is still being found out.
        """
        ...

    async def candidates(
        self,
        version_id: UUID,
        question: str,
        meaning: Meaning | None,
        limit: int,
        space: str = DENSE,
        words: FoundByWords | None = None,
    ) -> tuple[Candidate, ...]:
        """Gives the best `limit` points of one library version by each field, scored by all fields, in no ranking.

        The meaning is compared with those in `space`; where the store has no such space it counts as none. `words` is
        what `best_by_words` gave for the same question, if that was asked.

        That a point is known by every field, also where it is not among the best of it, is worth one to two points of
        section recall and MRR; asking for the scores of known points costs little.
        """
        ...

    async def payloads(self, ids: Sequence[UUID]) -> dict[UUID, dict[str, Any]]:
        """Gives the payloads of the points that exist."""
        ...

    async def optimize(self) -> None:
        """Builds indexes over what was written lately; safe to call at any time."""
        ...

    async def count(self, version_id: UUID | None = None) -> int:
        """Gives the number of points of a library version, or of all there is; those of data pods are not in all."""
        ...


@asynccontextmanager
async def open_vector_store(
    folder: Path,
    *,
    dimension: int | None = None,
    url: str | None,
    api_key: SecretStr | None,
    collection: str,
    min_free_bytes: int = 0,
) -> AsyncGenerator[VectorStore]:
    """Opens the embedded store in `folder`, or the server at `url` when there is one.

    With a dimension the first space is there at once, else none is before `add_space`. With fewer than
    `min_free_bytes` left on its disk, the embedded store takes no more and raises DiskFull.

    Raises:
        Misconfigured: The first space holds vectors of another dimension, or the store cannot be opened.
        Unavailable: The server does not answer.
    """
    # Imported late: an installation uses one of the two engines and should not pay for both.
    if url is None:
        from indexer.vectors.edge import EdgeStore  # noqa: PLC0415 - only where it is chosen

        store = await EdgeStore.open(folder, min_free_bytes)
        try:
            if dimension is not None:
                await store.add_space(DENSE, dimension)
            yield store
        finally:
            await store.close()
    else:
        from indexer.vectors.server import ServerStore  # noqa: PLC0415 - only where it is chosen

        server = await ServerStore.open(url, api_key, collection)
        try:
            if dimension is not None:
                await server.add_space(DENSE, dimension)
            yield server
        finally:
            await server.close()
