"""The answer to a question about one library version."""

import asyncio
import functools
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from core.database import Database
from core.errors import InvalidInput, NotFound
from core.library_ids import LibraryId, parse_library_id
from indexer.answers import DocsAnswer, Resolution
from indexer.catalogue import catalogue
from indexer.catalogue.topics import Topics
from indexer.embedding.embedders import AskedMeaning, Embedders
from indexer.embedding.process import EmbedderUnavailable
from indexer.embedding.reranker import RerankerProcess
from indexer.queries import blocks as block_queries
from indexer.queries import chunks as chunk_queries
from indexer.queries.versions import LibraryVersion
from indexer.search.fusion import Ranked, rank
from indexer.search.packing import MAX_PAGE, Packed
from indexer.search.pages import page_of
from indexer.search.prominences import Prominences
from indexer.search.question import Question, cleaned, read_question
from indexer.search.reranking import Reranking
from indexer.settings import IndexerSettings
from indexer.vectors import Candidate, VectorStore

_CANDIDATES = 100
_MOST_BLOCKED = 1000
_NO_VECTORS = "The vectors of this version are still being made; this answer compares words only."


@dataclass(frozen=True, slots=True)
class DocsRequest:
    """A question as it is asked of one version of a library: checked, and cut to what is allowed."""

    wanted: LibraryId
    question: Question
    budget_tokens: int
    page: int


class AnswerService:
    """Resolves names and answers questions from the index as it is at this moment."""

    def __init__(
        self,
        database: Database,
        store: VectorStore,
        embedder: Embedders,
        settings: IndexerSettings,
        reranker: RerankerProcess | None = None,
    ) -> None:
        self._database = database
        self._store = store
        self._embedder = embedder
        self._settings = settings
        self._prominences = Prominences(database)
        self._reranking = Reranking(reranker or RerankerProcess(settings), store, settings)
        self._topics = Topics(database, store, embedder)

    async def resolve(self, query: str, library_name: str, *, viewer: UUID | None = None) -> Resolution:
        """Gives the libraries a name may mean, best first; private ones only to the viewer who owns them.

        Raises:
            InvalidInput: The name is empty or too long.
        """
        name = read_question(library_name or query, self._settings.max_question_chars)
        return await catalogue.resolve(self._database, name.text, viewer, query=cleaned(query), topics=self._topics)

    async def query_docs(
        self, library_id: str, query: str, tokens: int | None, page: int = 1, *, viewer: UUID | None = None
    ) -> DocsAnswer:
        """Answers a question from one version of a library, within a token budget.

        Raises:
            InvalidLibraryId, InvalidInput: The id, the question, the budget or the page cannot be used.
            LibraryNotFound, VersionNotFound: They carry what there is instead.
            NotFound: The version has nothing on the question, or nothing more.
        """
        request = self.read(library_id, query, tokens, page)
        return await self.answer(await self.version(request.wanted, viewer), request)

    def read(self, library_id: str, query: str, tokens: int | None, page: int) -> DocsRequest:
        """Checks what is asked.

        Raises:
            InvalidLibraryId, InvalidInput: The id, the question, the budget or the page cannot be used.
        """
        if not 1 <= page <= MAX_PAGE:
            raise InvalidInput(f"`page` must be a number from 1 to {MAX_PAGE}.")
        question = read_question(query, self._settings.max_question_chars)
        return DocsRequest(parse_library_id(library_id), question, self.budget(tokens), page)

    async def version(self, wanted: LibraryId, viewer: UUID | None = None) -> LibraryVersion:
        """Gives the version an id means for the viewer.

        Raises:
            LibraryNotFound, VersionNotFound: They carry what there is instead.
        """
        async with self._database.connection() as connection:
            return await catalogue.select_version(connection, wanted, viewer)

    async def answer(self, version: LibraryVersion, request: DocsRequest) -> DocsAnswer:
        """Answers a question from a version.

        Raises:
            NotFound: The version has nothing on the question, or nothing more.
        """
        candidates, notice = await self.candidates(version, request.question, without=await self._blocked(version))
        ordered, unread = await self.ordered(request.question, candidates)
        packed = await self.page(request.question, ordered, request.budget_tokens, request.page)
        if not ordered or (request.page == 1 and not packed.snippets):
            raise NotFound(await self._nothing_found(version.id, version.shown_id, version.version))
        if not packed.snippets:
            raise NotFound(f"There is no page {request.page}: the pages before it hold all there is on this question.")
        return DocsAnswer(
            library_id=version.shown_id,
            version=version.version,
            text=packed.text,
            token_count=packed.token_count,
            snippets=packed.snippets,
            uses_meaning=any(candidate.dense is not None for candidate in candidates),
            notice=notice or unread,
            page=request.page,
            budget_tokens=request.budget_tokens,
            links=packed.links,
            has_more=packed.has_more,
        )

    @property
    def compares_meanings(self) -> bool:
        """Whether answers are to compare meanings as well, where they can."""
        return self._embedder.is_enabled

    async def candidates(
        self,
        version: LibraryVersion,
        question: Question,
        *,
        by_meaning: bool = True,
        without: frozenset[UUID] = frozenset(),
    ) -> tuple[tuple[Candidate, ...], str | None]:
        """Gives what any field finds, and why meanings were not compared, if they should have been.

        What is `without` is left out, and as many more are looked at in its place.
        """
        limit = _CANDIDATES + min(len(without), _MOST_BLOCKED)
        meaning, notice, seen = await self._seen(version, question, limit, by_meaning=by_meaning)
        found = [candidate for candidate in seen if candidate.id not in without]
        if meaning is not None and found and not any(candidate.dense is not None for candidate in found):
            notice = _NO_VECTORS
        prominences = await self._prominences.of(version, [candidate.id for candidate in found])
        for candidate, prominence in zip(found, prominences, strict=True):
            candidate.prominence = prominence
        return tuple(found), notice

    async def _seen(
        self, version: LibraryVersion, question: Question, limit: int, *, by_meaning: bool
    ) -> tuple[AskedMeaning | None, str | None, tuple[Candidate, ...]]:
        """Gives the meaning of the question, why there is none, and what the store finds."""
        search = functools.partial(self._store.candidates, version.id, question.text)
        if not by_meaning or not self._embedder.is_enabled:
            return None, None, await search(None, limit)
        # Words are looked up while the question is embedded, which takes longer.
        words, (meaning, notice) = await asyncio.gather(
            self._store.best_by_words(version.id, question.text, limit), self._meaning(version, question)
        )
        if meaning is None:
            return None, notice, await search(None, limit, words=words)
        return meaning, notice, await search(meaning.vector, limit, meaning.space, words=words)

    async def _blocked(self, version: LibraryVersion) -> frozenset[UUID]:
        if not version.has_blocks:
            return frozenset()
        async with self._database.connection() as connection:
            return await block_queries.blocked_chunks(connection, version.id)

    async def ordered(
        self, question: Question, candidates: Sequence[Candidate], *, reranks: bool = True
    ) -> tuple[list[Ranked], str | None]:
        """Gives the candidates best first, and why the reranker did not read them, if it should have."""
        ranked = rank(question, candidates)
        return await self._reranking.reordered(question, ranked, candidates) if reranks else (ranked, None)

    async def page(self, question: Question, ranked: Sequence[Ranked], budget_tokens: int, number: int = 1) -> Packed:
        """Gives a page of the answer that the passages make; one beyond the last has no snippets."""
        return await page_of(self._store, question, ranked, budget_tokens, number)

    async def _meaning(self, version: LibraryVersion, question: Question) -> tuple[AskedMeaning | None, str | None]:
        if not self._embedder.is_enabled:
            return None, None
        if version.embedding_model is None:
            return (
                None,
                f"{self._embedder.problem} This answer compares words only." if self._embedder.problem else _NO_VECTORS,
            )
        try:
            return await self._embedder.embed_question(question.text, version.embedding_model), None
        except EmbedderUnavailable as error:
            return None, f"{error.message} This answer compares words only."

    def budget(self, tokens: int | None) -> int:
        """Gives the most tokens of an answer for which so many were asked.

        Raises:
            InvalidInput: It is no positive number.
        """
        if tokens is None:
            return self._settings.answer_tokens
        if tokens < 1:
            raise InvalidInput("`tokens` must be a positive number.")
        return min(tokens, self._settings.max_answer_tokens)

    async def _nothing_found(self, version_id: UUID, library_id: str, version: str) -> str:
        async with self._database.connection() as connection:
            counts = await chunk_queries.count_chunks(connection, version_id)
        if counts.with_words == 0:
            return f"{library_id} {version} is not indexed yet. Try again in a minute."
        return f"{library_id} {version} has nothing on this question. Ask in other words, or for another library."
