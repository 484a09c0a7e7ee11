"""One data pod as a vector store: opened when it is asked, and left alone for a while when it does not answer.

Whatever it answers, or does not, concerns nobody but its owner: every call has its time, few run at once, and after
two that failed the next ones fail at once.
"""

import asyncio
import socket
import ssl
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Protocol, TypeVar
from uuid import UUID

import structlog

from core.errors import LecternError, PodUnavailable
from indexer.vectors.store import DENSE, Candidate, FoundByWords, IndexedText, Meaning, VectorStore

log = structlog.get_logger(__name__)

_MOST_AT_ONCE = 4
_MOST_WAITING = 16
_MOST_FAILURES = 2
_REST_SECONDS = 15.0
_LOOK_SECONDS = 1.0
_MORE_TIME = 4
"""How many times as long as a question opening may take, and writing."""

_CONNECTION_PROBLEMS: tuple[tuple[type[BaseException], str], ...] = (
    (socket.gaierror, ": its host name does not resolve"),
    (ConnectionRefusedError, ": nothing listens there"),
    (ConnectionError, ": it was closed from there"),
    (ssl.SSLCertVerificationError, ": its certificate is not trusted"),
    (ssl.SSLError, ": it does not speak TLS"),
)

Result = TypeVar("Result")


class OpenStore(VectorStore, Protocol):
    """A store with connections to close."""

    async def close(self) -> None:
        """Closes the connections."""
        ...


Connect = Callable[[], Awaitable[OpenStore]]
Mark = Callable[[], Awaitable[object]]
"""Gives something that is another when the pod is at another address, or asked with another key."""


class Pod:
    """A user's own vector store.

    Args:
        connect: Opens it.
        mark: What it was opened by; looked at once a second, since other processes may have changed it.
        seconds: How long a question may take.
    """

    def __init__(
        self,
        connect: Connect,
        mark: Mark,
        seconds: float,
        *,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._connect = connect
        self._mark = mark
        self._opened_by: object = None
        self._looked_at = 0.0
        self._seconds = seconds
        self._monotonic = monotonic
        self._store: OpenStore | None = None
        self._known_spaces: set[str] = set()
        self._opening = asyncio.Lock()
        self._turns = asyncio.Semaphore(_MOST_AT_ONCE)
        self._failures = 0
        self._rests_until = 0.0
        self._last_problem = ""
        self.in_use = 0
        self.used_at = monotonic()

    @property
    def is_away(self) -> bool:
        """Whether it did not answer when it was asked last."""
        return self._failures > 0

    @property
    def is_resting(self) -> bool:
        """Whether it is left alone for now."""
        return self._failures >= _MOST_FAILURES and self._monotonic() < self._rests_until

    async def close(self) -> None:
        """Closes the connections; the next call opens them again."""
        store, self._store = self._store, None
        if store is not None:
            await store.close()

    async def put_words(self, texts: Sequence[IndexedText]) -> None:
        """See VectorStore."""
        await self._call(lambda store: store.put_words(texts), is_writing=True)

    async def add_space(self, space: str, dimension: int) -> None:
        """See VectorStore."""
        if space not in self._known_spaces:
            await self._call(lambda store: store.add_space(space, dimension), is_writing=True)
            self._known_spaces.add(space)

    async def drop_space(self, space: str) -> None:
        """See VectorStore."""
        self._known_spaces.discard(space)
        await self._call(lambda store: store.drop_space(space), is_writing=True)

    async def put_meanings(self, meanings: Mapping[UUID, Meaning], space: str = DENSE) -> None:
        """See VectorStore; makes room for them first."""
        for meaning in list(meanings.values())[:1]:
            await self.add_space(space, len(meaning))
        await self._call(lambda store: store.put_meanings(meanings, space), is_writing=True)

    async def meanings(self, ids: Sequence[UUID], space: str = DENSE) -> dict[UUID, Meaning]:
        """See VectorStore."""
        return await self._call(lambda store: store.meanings(ids, space), is_writing=True)

    async def delete(self, ids: Sequence[UUID]) -> None:
        """See VectorStore."""
        await self._call(lambda store: store.delete(ids), is_writing=True)

    async def best_by_words(self, version_id: UUID, question: str, limit: int) -> FoundByWords:
        """See VectorStore."""
        return await self._call(lambda store: store.best_by_words(version_id, question, limit))

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
        return await self._call(lambda store: store.candidates(version_id, question, meaning, limit, space, words))

    async def payloads(self, ids: Sequence[UUID]) -> dict[UUID, dict[str, Any]]:
        """See VectorStore."""
        return await self._call(lambda store: store.payloads(ids))

    async def optimize(self) -> None:
        """See VectorStore; a server does so by itself."""

    async def count(self, version_id: UUID | None = None) -> int:
        """See VectorStore."""
        return await self._call(lambda store: store.count(version_id))

    async def check(self, spaces: Mapping[str, int]) -> None:
        """Asks whether it answers, also while it is left alone, and takes meanings of these dimensions.

        Raises:
            PodUnavailable: It does not; the message says why.
        """
        self._failures = 0
        await self.count(UUID(int=0))
        for space, dimension in spaces.items():
            await self.add_space(space, dimension)

    async def _call(self, work: Callable[[VectorStore], Awaitable[Result]], *, is_writing: bool = False) -> Result:
        self._check_rest()
        if self.in_use >= _MOST_AT_ONCE + _MOST_WAITING:
            raise PodUnavailable("The data pod is asked too much at once. Try again in a moment.")
        self.in_use += 1
        try:
            async with asyncio.timeout(_MORE_TIME * self._seconds), self._turns:
                self._check_rest()
                store = await self._opened()
                async with asyncio.timeout(self._seconds * (_MORE_TIME if is_writing else 1)):
                    result = await work(store)
        except PodUnavailable:
            raise
        except Exception as error:
            # Whatever it is: what a pod answers is nobody's concern but its owner's.
            raise self._failed(error) from error
        finally:
            self.in_use -= 1
            self.used_at = self._monotonic()
        self._failures = 0
        return result

    def _check_rest(self) -> None:
        if self.is_resting:
            raise PodUnavailable(f"{self._last_problem} It is asked again in a few seconds.")

    async def _opened(self) -> VectorStore:
        async with self._opening:
            if self._store is None or self._monotonic() >= self._looked_at + _LOOK_SECONDS:
                mark, self._looked_at = await self._mark(), self._monotonic()
                if mark != self._opened_by:
                    await self.close()
                    self._opened_by = mark
            if self._store is None:
                self._store, self._known_spaces = await self._connect(), set()
            return self._store

    def _failed(self, error: Exception) -> PodUnavailable:
        self._failures += 1
        self._rests_until = self._monotonic() + _REST_SECONDS
        self._last_problem = f"The data pod does not answer: {problem_of(error, self._seconds)}."
        kinds = [type(link).__name__ for link in _chain(error)]
        log.warning("indexer.pod_failed", reason=self._last_problem, error=" from ".join(kinds))
        return PodUnavailable(f"{self._last_problem} Its owner can look with `lectern pod check`.")


def problem_of(error: BaseException, seconds: float) -> str:
    """Gives the reason in the words of whoever has to see to it; nothing a pod wrote is in it."""
    chain = _chain(error)
    for link in chain:
        status = getattr(link, "status_code", None)
        if status in (401, 403):
            return f"it refuses the API key (status {status})"
        if isinstance(status, int):
            return f"it answered with status {status}"
        if isinstance(link, TimeoutError) or type(link).__name__.endswith("Timeout"):
            return f"it took longer than {seconds:g} seconds"
    innermost = chain[-1]
    if isinstance(innermost, LecternError):
        return innermost.message.rstrip(".")
    why = next((words for kind, words in _CONNECTION_PROBLEMS if isinstance(innermost, kind)), "")
    return f"the connection failed{why}"


def _chain(error: BaseException) -> list[BaseException]:
    """Gives an error, and what it was raised for, the innermost last."""
    chain: list[BaseException] = []
    link: BaseException | None = error
    while link is not None and len(chain) < 10:  # noqa: PLR2004 - far longer than any
        chain.append(link)
        link = getattr(link, "source", None) or link.__cause__
    return chain
