"""The doors to processes that hold a model: they start it, ask it, start it again when it dies."""

import asyncio
import itertools
import sys
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, Literal, Self, TypeVar

import numpy as np
import orjson
import structlog

from core.errors import Unavailable
from indexer.embedding.frames import LENGTHS, Frame, Numbers
from indexer.settings import IndexerSettings
from indexer.vectors import Meaning

log = structlog.get_logger(__name__)

Lane = Literal["passages", "questions", "pairs"]
Loaded = TypeVar("Loaded")
"""What a model says of itself once it is loaded."""
_FIRST_BACKOFF_SECONDS = 1.0
_LONGEST_BACKOFF_SECONDS = 60.0


class EmbedderUnavailable(Unavailable):
    """The embedding process is starting, was killed, or cannot load its model; words still work."""

    code = "embedder_unavailable"


class TextsRefused(EmbedderUnavailable):
    """The model answered that it cannot embed one of these texts."""

    code = "texts_refused"


@dataclass(frozen=True, slots=True)
class LoadedModel:
    """What a model says of itself once it is loaded."""

    name: str
    dimension: int
    passage_prompt: str


class ModelProcess(ABC, Generic[Loaded]):
    """A model behind a pipe. Use `running()`; between start and readiness, and after a crash, calls raise.

    Args:
        settings: Where and how the model runs.
        model: Its name or folder.
    """

    part: ClassVar[str]
    """What the process is called in messages and in the log."""
    kind: ClassVar[str]
    """What its model is called."""
    lost: ClassVar[type[Unavailable]]
    """Raised when the process is not there."""
    refused: ClassVar[type[Unavailable]]
    """Raised when the model answers that it cannot."""

    def __init__(self, settings: IndexerSettings, model: str) -> None:
        self._settings = settings
        self._name = model
        self._loaded: Loaded | None = None
        self._problem: str | None = None
        self._tried = asyncio.Event()
        self._process: asyncio.subprocess.Process | None = None
        self._ready = asyncio.Event()
        self._ids = itertools.count()
        self._waiting: dict[int, asyncio.Future[Frame]] = {}

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[Self]:
        """Keeps the process alive while the context is open."""
        if not self.is_enabled:
            yield self
            return
        keeper = asyncio.create_task(self._keep_alive())
        try:
            yield self
        finally:
            keeper.cancel()
            with suppress(asyncio.CancelledError):
                await keeper
            await self._end_process()

    @property
    @abstractmethod
    def is_enabled(self) -> bool:
        """Whether there is to be a process at all."""

    @abstractmethod
    def _arguments(self) -> list[str]:
        """Gives the module that is run as the process, and what it is told."""

    @abstractmethod
    def _read_ready(self, header: dict[str, Any]) -> Loaded:
        """Reads what the model says of itself."""

    @property
    def is_ready(self) -> bool:
        """Whether the model is loaded."""
        return self._ready.is_set()

    @property
    def pid(self) -> int | None:
        """The process id, while there is a process."""
        return self._process.pid if self._process and self._process.returncode is None else None

    @property
    def loaded(self) -> Loaded | None:
        """The model, while it is loaded."""
        return self._loaded if self._ready.is_set() else None

    @property
    def problem(self) -> str | None:
        """Why the model could not be loaded when that was last tried; it is tried again and again."""
        return self._problem

    async def until_ready(self) -> Loaded:
        """Waits until the model is loaded."""
        loaded: Loaded | None = None
        while loaded is None:  # it may have died between its readiness and our turn
            await self._ready.wait()
            loaded = self._loaded
        return loaded

    async def until_tried(self) -> None:
        """Waits until the model is loaded, or could not be."""
        await self._tried.wait()

    async def _ask(self, lane: Lane, texts: list[str]) -> Numbers:
        process = self._process
        if not self._ready.is_set() or process is None or process.stdin is None:
            raise self.lost(self._problem or f"The {self.part} is not ready.")
        request = next(self._ids)
        answer: asyncio.Future[Frame] = asyncio.get_running_loop().create_future()
        self._waiting[request] = answer
        try:
            process.stdin.write(Frame({"id": request, "lane": lane, "texts": texts}).to_bytes())
            await process.stdin.drain()
            frame = await answer
        except (ConnectionError, OSError) as error:
            raise self.lost(f"The {self.part} went away.") from error
        finally:
            self._waiting.pop(request, None)
        if "error" in frame.header:
            raise self.refused(f"The {self.part} failed: {frame.header['error']}")
        return np.frombuffer(frame.body, np.float32).reshape(frame.header["shape"])

    async def _keep_alive(self) -> None:
        backoff = _FIRST_BACKOFF_SECONDS
        while True:
            was_ready = await self._run_once()
            backoff = _FIRST_BACKOFF_SECONDS if was_ready else min(backoff * 2, _LONGEST_BACKOFF_SECONDS)
            log.warning("indexer.model_ended", part=self.part, restart_seconds=backoff)
            await asyncio.sleep(backoff)

    async def _run_once(self) -> bool:
        problem = "the process ended before it was ready"
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            *self._arguments(),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            # A Ctrl-C in the terminal is for the server, which then ends this process in order.
            start_new_session=True,
        )
        was_ready = False
        try:
            while (frame := await _read_frame(self._process.stdout)) is not None:
                if frame.header.get("ready"):
                    self._become_ready(frame.header)
                    was_ready = True
                elif "problem" in frame.header:
                    problem = frame.header["problem"]
                elif (waiting := self._waiting.get(frame.header["id"])) and not waiting.done():
                    waiting.set_result(frame)
        finally:
            self._ready.clear()
            for waiting in self._waiting.values():
                if not waiting.done():
                    waiting.set_exception(self.lost(f"The {self.part} went away."))
        await self._end_process()
        if not was_ready:
            self._fail(problem)
        return was_ready

    def _become_ready(self, header: dict[str, Any]) -> None:
        self._loaded = self._read_ready(header)
        self._problem = None
        self._ready.set()
        self._tried.set()
        log.info("indexer.model_ready", part=self.part, model=self._name)

    def _fail(self, problem: str) -> None:
        self._problem = f"The {self.kind} {self._name} cannot be loaded: {problem}."
        self._tried.set()
        log.error("indexer.model_failed", part=self.part, model=self._name, problem=problem)

    async def _end_process(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        if process.stdin:
            process.stdin.close()
        try:
            async with asyncio.timeout(2):
                await process.wait()
        except TimeoutError:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
        if process.stdin:
            # What a killed process no longer read is an error of the pipe, which nobody else would ask for.
            with suppress(OSError, TimeoutError):
                async with asyncio.timeout(2):
                    await process.stdin.wait_closed()


class EmbedderProcess(ModelProcess[LoadedModel]):
    """The process that embeds.

    Args:
        settings: Where and how the model runs, and which one unless another is named.
        model: The name or folder of another model.
    """

    part, kind = "embedder", "embedding model"
    lost, refused = EmbedderUnavailable, TextsRefused

    def __init__(self, settings: IndexerSettings, model: str | None = None) -> None:
        super().__init__(settings, model or settings.embedding_model)

    @property
    def is_enabled(self) -> bool:
        """Whether there is to be a process at all."""
        return self._settings.embedding_enabled

    async def embed_question(self, text: str) -> Meaning:
        """Gives the meaning of a question.

        Raises:
            EmbedderUnavailable: The process is not there, or does not answer in time.
        """
        try:
            async with asyncio.timeout(self._settings.question_embedding_timeout_seconds):
                return (await self._ask("questions", [text]))[0]
        except TimeoutError as error:
            raise EmbedderUnavailable("The embedder is busy.") from error

    async def embed_passages(self, texts: Sequence[str]) -> list[Meaning]:
        """Gives one meaning for each text.

        Raises:
            EmbedderUnavailable: The process is not there, or died meanwhile.
        """
        return list(await self._ask("passages", list(texts)))

    def _arguments(self) -> list[str]:
        return [
            "indexer.embedding.child",
            f"--name={self._name}",
            f"--device={self._settings.embedding_device}",
            f"--threads={self._settings.embedding_threads}",
            f"--max-tokens={self._settings.embedding_max_tokens}",
            *_given("passage-prompt", self._settings.embedding_passage_prompt),
            *_given("question-prompt", self._settings.embedding_question_prompt),
        ]

    def _read_ready(self, header: dict[str, Any]) -> LoadedModel:
        return LoadedModel(self._name, header["dimension"], header["passage_prompt"])


def _given(option: str, value: str | None) -> list[str]:
    return [] if value is None else [f"--{option}={value}"]


async def _read_frame(stream: asyncio.StreamReader | None) -> Frame | None:
    if stream is None:
        return None
    try:
        header_bytes, body_bytes = LENGTHS.unpack(await stream.readexactly(LENGTHS.size))
        header = orjson.loads(await stream.readexactly(header_bytes))
        return Frame(header, await stream.readexactly(body_bytes))
    except (asyncio.IncompleteReadError, ConnectionError):
        return None
