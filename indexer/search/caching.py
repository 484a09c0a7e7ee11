"""Answers that were given before, as long as they are still what the index says.

A key carries the index generation of the version that is asked, so that a new crawl is a new key. Which version an id
means, its generation, and that its index is whole, is read from the database and taken for true for `KNOWN_FOR`: for no
longer than that an answer may hold what was removed. After that an answer is made from what was known while that is
asked again, and given only if it still holds. Only whole answers are kept: of a version whose first crawl is over, with
all its words and meanings in the vector store, compared by all that can be compared.
"""

import asyncio
import functools
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from datetime import timedelta
from hashlib import blake2b
from typing import TypeVar
from uuid import UUID

import structlog
from pydantic import TypeAdapter, ValidationError

from core.cache import Cache
from core.database import Database
from core.errors import NotFound, Unavailable
from core.library_ids import LibraryId
from indexer.answers import DocsAnswer, Resolution
from indexer.queries.chunks import is_settled
from indexer.queries.libraries import owns_libraries
from indexer.queries.versions import LibraryVersion
from indexer.search.flights import Flights
from indexer.search.service import AnswerService, DocsRequest
from indexer.settings import IndexerSettings

log = structlog.get_logger(__name__)

ANSWERS_LIVE = timedelta(hours=1)
RESOLUTIONS_LIVE = timedelta(seconds=2)
"""Any change of the catalogue may change what a name means, so the wait bounds how old an answer can be."""
KNOWN_FOR = timedelta(seconds=0.25)
_MOST_KNOWN = 10_000
_REST_SECONDS = 5.0
"""How long a cache that did not answer is left alone: nobody should wait for it with every question."""
_FORM = 2
"""Rises when the text of an answer or what is kept of it changes: processes of two releases may share a cache."""

Kept = TypeVar("Kept", DocsAnswer, Resolution)

_ANSWERS = TypeAdapter(DocsAnswer)
_RESOLUTIONS = TypeAdapter(Resolution)


def answer_recipe(settings: IndexerSettings) -> str:
    """Gives what answers of one index differ by: processes with other settings must not take each other's."""
    parts = [settings.embedding_model, settings.embedding_enabled]
    if settings.reranker_model:
        parts += [settings.reranker_model, settings.reranker_passages, settings.reranker_max_tokens]
    return " ".join(map(str, parts))


class CachedAnswers:
    """Resolves names and answers questions; what the MCP tools, the HTTP API and the command line call.

    Equal questions that are asked at once are answered once. Errors are never kept. Answers depend on who asks only for
    owners of private libraries: what names and ids mean to them is kept for each of them.

    Args:
        recipe: What else an answer depends on, as `answer_recipe` gives it.
        note_asked: Is told every version that is asked; must not take time.
    """

    def __init__(
        self,
        answers: AnswerService,
        database: Database,
        cache: Cache,
        recipe: str,
        *,
        monotonic: Callable[[], float] = time.monotonic,
        note_asked: Callable[[UUID], None] = lambda _version_id: None,
    ) -> None:
        self._answers = answers
        self._note_asked = note_asked
        self._database = database
        self._cache = cache
        self._recipe = f"{_FORM} {recipe}"
        self._monotonic = monotonic
        self._known: OrderedDict[str, tuple[float, LibraryVersion]] = OrderedDict()
        self._owners: OrderedDict[UUID, tuple[float, bool]] = OrderedDict()
        self._settled: OrderedDict[tuple[UUID, int], float] = OrderedDict()
        self._flights = Flights()
        self._away_until = 0.0

    async def resolve(self, query: str, library_name: str, *, viewer: UUID | None = None) -> Resolution:
        """Gives the libraries a name may mean, best first; private ones only to the viewer who owns them.

        Raises:
            InvalidInput: The name is empty or too long.
        """
        owner = await self._owner(viewer)
        key = f"library:resolve:{_digest(self._recipe, str(owner or ''), query, library_name)}"
        if (found := await self._get(key, _RESOLUTIONS)) is not None:
            return found

        async def make() -> Resolution:
            resolution = await self._answers.resolve(query, library_name, viewer=owner)
            await self._set(key, _RESOLUTIONS.dump_json(resolution), RESOLUTIONS_LIVE)
            return resolution

        return await self._flights.join(key, make)

    async def query_docs(
        self, library_id: str, query: str, tokens: int | None, page: int = 1, *, viewer: UUID | None = None
    ) -> DocsAnswer:
        """Answers a question from one version of a library, within a token budget.

        Raises:
            InvalidLibraryId, InvalidInput: The id, the question, the budget or the page cannot be used.
            LibraryNotFound, VersionNotFound: They carry what there is instead.
            NotFound: The version has nothing on the question, or nothing more.
        """
        request = self._answers.read(library_id, query, tokens, page)
        # Letter case does not tell libraries apart, but it may tell versions apart.
        name = f"{viewer or ''}{LibraryId(request.wanted.library.lower(), request.wanted.version)}"
        until, version = self._known.get(name, (0.0, None))
        finding = functools.partial(self._version, name, request.wanted, viewer)
        if version is None:
            return await self._answer(await finding(), request)
        if self._monotonic() < until:
            return await self._answer(version, request)
        return await self._answer_while(finding, version, request)

    async def _answer_while(
        self, finding: Callable[[], Awaitable[LibraryVersion]], known: LibraryVersion, request: DocsRequest
    ) -> DocsAnswer:
        """Answers from a version as it was known while it is asked whether it still is; if not, from what it is."""
        answering = asyncio.create_task(self._answer(known, request))
        try:
            version = await finding()
            return await (answering if version == known else self._answer(version, request))
        finally:
            answering.cancel()
            await asyncio.gather(answering, return_exceptions=True)

    async def _answer(self, version: LibraryVersion, request: DocsRequest) -> DocsAnswer:
        self._note_asked(version.id)
        key = self.key_of(version, request)
        if (found := await self._get(key, _ANSWERS)) is not None:
            return found
        return await self._flights.join(key, lambda: self._make(key, version, request))

    async def _make(self, key: str, version: LibraryVersion, request: DocsRequest) -> DocsAnswer:
        # Asked first: what becomes settled while the answer is made may have come too late for it.
        is_lasting = await self._is_lasting(version)
        answer = await self._answers.answer(version, request)
        if is_lasting and answer.notice is None:
            await self._set(key, _ANSWERS.dump_json(answer), ANSWERS_LIVE)
        return answer

    async def _is_lasting(self, version: LibraryVersion) -> bool:
        if version.indexed_at is None:
            return False
        state = version.id, version.index_generation
        now = self._monotonic()
        if now < self._settled.get(state, now):
            return True
        async with self._database.connection() as connection:
            settled = await is_settled(connection, version.id, with_meaning=self._answers.compares_meanings)
        self._settled.pop(state, None)
        if settled:
            self._settled[state] = now + KNOWN_FOR.total_seconds()
            if len(self._settled) > _MOST_KNOWN:
                self._settled.popitem(last=False)
        return settled

    async def _owner(self, viewer: UUID | None) -> UUID | None:
        """Gives the viewer, if they own private libraries: to everybody else the same things are there."""
        if viewer is None:
            return None
        known = self._owners.get(viewer)
        if known is None or self._monotonic() >= known[0]:
            until = self._monotonic() + KNOWN_FOR.total_seconds()
            async with self._database.connection() as connection:
                known = until, await owns_libraries(connection, viewer)
            self._owners[viewer] = known
            self._owners.move_to_end(viewer)
            if len(self._owners) > _MOST_KNOWN:
                self._owners.popitem(last=False)
        return viewer if known[1] else None

    async def _version(self, name: str, wanted: LibraryId, viewer: UUID | None) -> LibraryVersion:
        async def find() -> LibraryVersion:
            # Dated by when it was asked, not by when the answer came.
            until = self._monotonic() + KNOWN_FOR.total_seconds()
            try:
                version = await self._answers.version(wanted, viewer)
            except NotFound:
                self._known.pop(name, None)
                raise
            self._known[name] = until, version
            self._known.move_to_end(name)
            if len(self._known) > _MOST_KNOWN:
                self._known.popitem(last=False)
            return version

        return await self._flights.join(f"version:{name}", find)

    def key_of(self, version: LibraryVersion, request: DocsRequest) -> str:
        """Gives where the answer is kept, as long as the version is what it is now."""
        # A library that was removed and added again counts its generations from the start: the day tells them apart.
        state = (str(version.id), str(version.index_generation), str(version.indexed_at))
        asked = (request.question.text, str(request.budget_tokens), str(request.page))
        return f"docs:query:{version.library_id}:{_digest(self._recipe, *state, *asked)}"

    async def _get(self, key: str, adapter: "TypeAdapter[Kept]") -> Kept | None:
        value = await self._of_cache(lambda: self._cache.get(key))
        if value is None:
            return None
        try:
            return adapter.validate_json(value)
        except ValidationError:
            log.warning("indexer.cached_answer_unreadable", key=key)
            return None

    async def _set(self, key: str, value: bytes, ttl: timedelta) -> None:
        await self._of_cache(lambda: self._cache.set(key, value, ttl))

    async def _of_cache(self, ask: Callable[[], Awaitable[bytes | None]]) -> bytes | None:
        if self._monotonic() < self._away_until:
            return None
        try:
            return await ask()
        except Unavailable as error:
            self._away_until = self._monotonic() + _REST_SECONDS
            log.warning("indexer.cache_away", reason=error.message)
            return None


def _digest(*parts: str) -> str:
    """Gives a name for the parts; their lengths keep neighbours apart."""
    text = "".join(f"{len(part)}:{part}" for part in parts)
    return blake2b(text.encode("utf-8", "replace"), digest_size=16).hexdigest()
