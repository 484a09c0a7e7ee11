"""What libraries are about: kept beside the passages in the vector store, and searched where no name is near."""

from collections.abc import Iterable, Sequence
from typing import cast
from uuid import NAMESPACE_URL, UUID, uuid5

import structlog

from core.database import Connection, Database
from indexer.catalogue.lookup import Found
from indexer.catalogue.names import MatchKind
from indexer.embedding.embedders import AskedMeaning, Embedders
from indexer.embedding.process import EmbedderUnavailable
from indexer.queries import topics as topic_queries
from indexer.queries.topics import DueTopic, Topic
from indexer.vectors import Candidate, IndexedText, VectorStore
from indexer.vectors.store import DENSE
from indexer.vectors.words import body_words, question_words

log = structlog.get_logger(__name__)

TOPICS = uuid5(NAMESPACE_URL, "lectern:topics")
"""In place of a version's id, so that no passage is ever among the topics, nor a topic among the passages."""

_MOST_PAGES = 24
_MOST_TITLE_CHARS = 80
_MOST_TAGS = 20
_TOPICS_PER_STEP = 256
_TEXTS_PER_REQUEST = 32

_CANDIDATES = 50
_FEWEST_WORDS = 2
"""One word is a name: of a library that is not here."""
_WORDS_WEIGHT = 0.4
_NEAR = 0.65
_NEAR_BY_WORDS = 0.75
_FITS = 4
"""Quarters of the words are told apart; what is equal after that is ordered by popularity."""
_BEST_SCORE = 0.49
"""Below that of any name: a guess is never taken for an answer."""


class Topics:
    """The topics of all public libraries."""

    def __init__(self, database: Database, store: VectorStore, embedder: Embedders) -> None:
        self._database = database
        self._store = store
        self._embedder = embedder
        self._space: str | None = None
        self._is_looked_at = False

    async def find(self, wanted: str) -> list[Found]:
        """Gives libraries that are about what is wanted, best first; none where none is clearly near."""
        words = frozenset(question_words(wanted).indices)
        if len(words) < _FEWEST_WORDS:
            return []
        meaning = await self._meaning(wanted)
        vector, space = (meaning.vector, meaning.space) if meaning else (None, DENSE)
        candidates = shortlist(await self._store.candidates(TOPICS, wanted, vector, _CANDIDATES, space))
        # None has one while a new model's are being made.
        by_meaning = any(candidate.dense is not None for candidate in candidates.values())
        async with self._database.connection() as connection:
            topics = await topic_queries.topics_of_points(connection, list(candidates))
        return rank_topics(words, topics, candidates, by_meaning=by_meaning)

    async def sync(self) -> int:
        """Brings the topics of new and changed libraries into the vector store; gives how many."""
        if not self._is_looked_at:
            await self._forget_lost()
            self._is_looked_at = True
        done = await self._sync_words()
        if self._embedder.is_ready:
            await self._sync_meanings()
        return done

    async def _forget_lost(self) -> None:
        """Has all topics written anew if the vector store has fewer than it should: it may be another one."""
        async with self._database.connection() as connection:
            known = await topic_queries.count_with_words(connection)
        if await self._store.count(TOPICS) < known:
            log.warning("indexer.topics_lost", note="They are written anew.")
            async with self._database.transaction() as connection:
                await topic_queries.forget_points(connection)

    async def _sync_words(self) -> int:
        done = 0
        while True:
            async with self._database.connection() as connection:
                due = await topic_queries.topics_without_words(connection, _TOPICS_PER_STEP, _MOST_PAGES)
            if not due:
                return done
            topics = [Topic(one.library_id, one.point_id, one.revision, topic_text(one)) for one in due]
            await self._store.put_words([_indexed_text(topic) for topic in topics])
            async with self._database.transaction() as connection:
                await topic_queries.mark_words(connection, topics)
            done += len(topics)

    async def _sync_meanings(self) -> None:
        try:
            space = (await self._embedder.set_model()).space
        except EmbedderUnavailable:
            return
        if space != self._space:
            async with self._database.transaction() as connection:
                await topic_queries.forget_meanings_not_of(connection, space)
            self._space = space
        while True:
            async with self._database.connection() as connection:
                topics = await topic_queries.topics_without_meaning(connection, _TEXTS_PER_REQUEST)
            if not topics:
                return
            try:
                meanings = await self._embedder.embed_passages([topic.content for topic in topics])
            except EmbedderUnavailable as error:
                log.warning("indexer.topics_put_off", reason=error.message)
                return
            await self._store.put_meanings(
                {topic.point_id: meaning for topic, meaning in zip(topics, meanings, strict=True)}, space
            )
            async with self._database.transaction() as connection:
                await topic_queries.mark_meanings(connection, topics, space)

    async def _meaning(self, wanted: str) -> AskedMeaning | None:
        if not self._embedder.is_enabled:
            return None
        try:
            return await self._embedder.embed_question(wanted)
        except EmbedderUnavailable:
            return None


async def fitting_first(connection: Connection, ranked: Sequence[Found], query: str) -> list[Found]:
    """Orders libraries that are called so equally by how much of what they are wanted for their topics speak of."""
    words = frozenset(question_words(query).indices)
    if not words or len({found.score for found in ranked}) == len(ranked):
        return list(ranked)
    contents = await topic_queries.contents_of(connection, [found.library_id for found in ranked])
    known = {library_id: words.intersection(body_words(text).indices) for library_id, text in contents.items()}
    telling = set(words)
    if len(known) == len(ranked):
        # A word that all of them have, such as their name, tells nothing.
        telling.difference_update(words.intersection(*known.values()))
    fits = {id_: round(_FITS * len(telling & said) / len(telling)) for id_, said in known.items()} if telling else {}
    return sorted(ranked, key=lambda found: (-found.score, -fits.get(found.library_id, 0)))


def topic_text(due: DueTopic) -> str:
    """Gives what a library is about as text: its name and description, what its pages are called, its languages."""
    pages = dict.fromkeys(title[:_MOST_TITLE_CHARS] for title in due.pages)
    given = due.metadata.get("tags")
    tags = (
        [str(tag)[:_MOST_TITLE_CHARS] for tag in cast("list[object]", given)[:_MOST_TAGS]]
        if isinstance(given, list)
        else []
    )
    lines = (
        f"{due.name}: {due.metadata.get('description', '')}",
        ", ".join(tags),
        ", ".join(pages),
        " ".join(due.languages),
    )
    return "\n".join(line for line in lines if line)


def shortlist(candidates: Sequence[Candidate]) -> dict[UUID, Candidate]:
    """Gives the candidates that may come first, as many as one field gives."""
    best = max((candidate.body for candidate in candidates), default=0.0) or 1.0
    ordered = sorted(candidates, key=lambda one: (-(one.dense or 0.0) - _WORDS_WEIGHT * one.body / best, one.id))
    return {candidate.id: candidate for candidate in ordered[:_CANDIDATES]}


def rank_topics(
    words: frozenset[int], topics: Iterable[Topic], candidates: dict[UUID, Candidate], *, by_meaning: bool
) -> list[Found]:
    """Orders libraries by how near they are to what is asked: the cosine, and how many of the words they have.

    Both are alike in small catalogues and large ones, which scores of words are not. Equally near ones, in hundredths,
    are ordered by popularity, coverage and freshness.
    """
    nearest, most = (_NEAR, 1.0 + _WORDS_WEIGHT) if by_meaning else (_NEAR_BY_WORDS, 1.0)
    near: list[tuple[float, Topic]] = []
    for topic in topics:
        share = len(words.intersection(body_words(topic.content).indices)) / len(words)
        score = (candidates[topic.point_id].dense or 0.0) + _WORDS_WEIGHT * share if by_meaning else share
        if score >= nearest:
            near.append((round(score, 2), topic))
    near.sort(key=lambda pair: _order(*pair))
    return [Found(topic.library_id, _BEST_SCORE * min(score / most, 1.0), MatchKind.TOPIC) for score, topic in near]


def _order(score: float, topic: Topic) -> tuple[float, int, int, float, str]:
    indexed = topic.last_crawled_at.timestamp() if topic.last_crawled_at else 0.0
    return (-score, -topic.popularity, -topic.total_snippets, -indexed, topic.library_id)


def _indexed_text(topic: Topic) -> IndexedText:
    payload = {"version_id": str(TOPICS), "library_id": topic.library_id}
    return IndexedText(topic.point_id, topic.content, "", (), payload)
