"""The answer to a question about one library version."""

from collections.abc import Sequence
from uuid import UUID

from core.database import Database
from core.errors import InvalidInput, NotFound
from core.library_ids import parse_library_id
from indexer.answers import DocsAnswer, Resolution
from indexer.catalogue import catalogue
from indexer.embedding.process import EmbedderProcess, EmbedderUnavailable
from indexer.queries import chunks as chunk_queries
from indexer.search.fusion import fuse, weights_for, worth_showing
from indexer.search.packing import Passage, pack, passage_from, without_repetition
from indexer.search.question import Question, read_question
from indexer.settings import IndexerSettings
from indexer.vectors import Candidate, Meaning, VectorStore

_CANDIDATES = 100
_MOST_PASSAGES = 40


class AnswerService:
    """Resolves names and answers questions; what the MCP tools, the HTTP API and the command line call."""

    def __init__(
        self, database: Database, store: VectorStore, embedder: EmbedderProcess, settings: IndexerSettings
    ) -> None:
        self._database = database
        self._store = store
        self._embedder = embedder
        self._settings = settings

    async def resolve(self, query: str, library_name: str) -> Resolution:
        """Gives the libraries a name may mean, best first.

        Raises:
            InvalidInput: The name is empty or too long.
        """
        name = read_question(library_name or query, self._settings.max_question_chars)
        return await catalogue.resolve(self._database, name.text)

    async def query_docs(self, library_id: str, query: str, tokens: int | None) -> DocsAnswer:
        """Answers a question from one version of a library, within a token budget.

        Raises:
            InvalidLibraryId, InvalidInput: The id or the question cannot be used.
            LibraryNotFound, VersionNotFound: They carry what there is instead.
            NotFound: The version has nothing on the question.
        """
        wanted = parse_library_id(library_id)
        question = read_question(query, self._settings.max_question_chars)
        budget = self._budget(tokens)
        async with self._database.connection() as connection:
            version = await catalogue.select_version(connection, wanted)
        meaning, notice = await self._meaning(question)
        candidates = await self._store.candidates(version.id, question.text, meaning, _CANDIDATES)
        passages = await self.ranked(question, candidates)
        if not passages:
            raise NotFound(await self._nothing_found(version.id, version.library_id, version.version))
        uses_meaning = any(candidate.dense is not None for candidate in candidates)
        if meaning is not None and not uses_meaning:
            notice = "The vectors of this version are still being made; this answer compares words only."
        packed = pack(passages, budget)
        return DocsAnswer(
            library_id=version.library_id,
            version=version.version,
            text=packed.text,
            token_count=packed.token_count,
            snippets=packed.snippets,
            uses_meaning=uses_meaning,
            notice=notice,
        )

    async def ranked(self, question: Question, candidates: Sequence[Candidate]) -> list[Passage]:
        """Gives the passages of the candidates, best first, without repetition."""
        best = worth_showing(fuse(candidates, weights_for(question)))[:_MOST_PASSAGES]
        payloads = await self._store.payloads([candidate.id for candidate in best])
        found = [passage_from(c.id, payloads[c.id]) for c in best if c.id in payloads]
        return without_repetition(found)

    async def _meaning(self, question: Question) -> tuple[Meaning | None, str | None]:
        if not self._embedder.is_enabled:
            return None, None
        try:
            return await self._embedder.embed_question(question.text), None
        except EmbedderUnavailable as error:
            return None, f"{error.message} This answer compares words only."

    def _budget(self, tokens: int | None) -> int:
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
