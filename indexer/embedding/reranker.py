"""The door to the reranking process, which never keeps an answer waiting for longer than was set."""

import asyncio
import time
from collections.abc import Sequence
from typing import Any

from core.errors import Unavailable
from indexer.embedding.frames import Numbers
from indexer.embedding.process import ModelProcess
from indexer.settings import IndexerSettings


class RerankerUnavailable(Unavailable):
    """The reranker is starting, was killed, has too much to do, or cannot load its model."""

    code = "reranker_unavailable"


class RerankerProcess(ModelProcess[int]):
    """The process that reads questions with passages, one question after the other.

    Once it is loaded it tells how many tokens of a question and a passage together it reads.
    """

    part, kind = "reranker", "reranker"
    lost = refused = RerankerUnavailable

    def __init__(self, settings: IndexerSettings) -> None:
        super().__init__(settings, settings.reranker_model)
        self._most_seconds = settings.reranker_timeout_ms / 1000
        self._under_way = 0
        self._usual_seconds = 0.0
        self._since = 0.0

    @property
    def is_enabled(self) -> bool:
        """Whether there is to be a process at all."""
        return bool(self._settings.reranker_model)

    async def score(self, question: str, passages: Sequence[str]) -> list[float]:
        """Gives how well each passage answers the question, the higher the better.

        Who would have to wait too long goes without at once. So nothing is begun that comes too late, and what nobody
        waits for any more does not stand in the way for long.

        Raises:
            RerankerUnavailable: The process is not there, refuses the texts, or does not answer in time.
        """
        now = time.monotonic()
        if not self._under_way:
            self._since = now
        elif (self._under_way + 1) * max(self._usual_seconds, now - self._since) > self._most_seconds:
            raise RerankerUnavailable("The reranker is busy.")
        self._under_way += 1
        asking = asyncio.create_task(self._ask("pairs", [question, *passages]))
        asking.add_done_callback(self._note_end)
        try:
            async with asyncio.timeout(self._most_seconds):
                return (await asyncio.shield(asking)).tolist()
        except TimeoutError as error:
            raise RerankerUnavailable("The reranker did not answer in time.") from error

    def _note_end(self, asking: asyncio.Task[Numbers]) -> None:
        """Notes how long the process was at work: it reads one question after the other."""
        now = time.monotonic()
        self._under_way -= 1
        self._usual_seconds, self._since = now - self._since, now
        if not asking.cancelled():
            asking.exception()  # what fails when nobody waits any more is nobody's error

    def _arguments(self) -> list[str]:
        return [
            "indexer.embedding.reranking_child",
            f"--name={self._name}",
            f"--device={self._settings.embedding_device}",
            f"--threads={self._settings.embedding_threads}",
            f"--max-tokens={self._settings.reranker_max_tokens}",
        ]

    def _read_ready(self, header: dict[str, Any]) -> int:
        return header["max_tokens"]
