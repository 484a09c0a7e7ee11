"""The door to the embedding process: starts it, asks it, starts it again when it dies."""

import asyncio
import itertools
import sys
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any, Literal

import numpy as np
import orjson
import structlog

from core.errors import Misconfigured, Unavailable
from indexer.embedding.frames import LENGTHS, Frame
from indexer.settings import IndexerSettings
from indexer.vectors import Meaning

log = structlog.get_logger(__name__)

Lane = Literal["passages", "questions"]
_FIRST_BACKOFF_SECONDS = 1.0
_LONGEST_BACKOFF_SECONDS = 60.0


class EmbedderUnavailable(Unavailable):
    """The embedding process is starting, was killed, or cannot load its model; words still work."""

    code = "embedder_unavailable"


class EmbedderProcess:
    """A model behind a pipe. Use `running()`; between start and readiness, and after a crash, calls raise."""

    def __init__(self, settings: IndexerSettings) -> None:
        self._settings = settings
        self._process: asyncio.subprocess.Process | None = None
        self._ready = asyncio.Event()
        self._ids = itertools.count()
        self._waiting: dict[int, asyncio.Future[Frame]] = {}

    @asynccontextmanager
    async def running(self) -> "AsyncGenerator[EmbedderProcess]":
        """Keeps the process alive while the context is open."""
        if not self._settings.embedding_enabled:
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
    def is_enabled(self) -> bool:
        """Whether there is to be a process at all."""
        return self._settings.embedding_enabled

    @property
    def is_ready(self) -> bool:
        """Whether a question can be embedded now."""
        return self._ready.is_set()

    @property
    def pid(self) -> int | None:
        """The process id, while there is a process."""
        return self._process.pid if self._process and self._process.returncode is None else None

    async def until_ready(self) -> None:
        """Waits until the model is loaded."""
        await self._ready.wait()

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
        return await self._ask("passages", list(texts))

    async def _ask(self, lane: Lane, texts: list[str]) -> list[Meaning]:
        process = self._process
        if not self._ready.is_set() or process is None or process.stdin is None:
            raise EmbedderUnavailable("The embedder is not ready.")
        request = next(self._ids)
        answer: asyncio.Future[Frame] = asyncio.get_running_loop().create_future()
        self._waiting[request] = answer
        try:
            process.stdin.write(Frame({"id": request, "lane": lane, "texts": texts}).to_bytes())
            await process.stdin.drain()
            frame = await answer
        except (ConnectionError, OSError) as error:
            raise EmbedderUnavailable("The embedder went away.") from error
        finally:
            self._waiting.pop(request, None)
        if "error" in frame.header:
            raise EmbedderUnavailable(f"The embedder failed: {frame.header['error']}")
        rows = np.frombuffer(frame.body, np.float32).reshape(frame.header["shape"])
        return list(rows)

    async def _keep_alive(self) -> None:
        backoff = _FIRST_BACKOFF_SECONDS
        while True:
            was_ready = await self._run_once()
            backoff = _FIRST_BACKOFF_SECONDS if was_ready else min(backoff * 2, _LONGEST_BACKOFF_SECONDS)
            log.warning("indexer.embedder_ended", restart_seconds=backoff)
            await asyncio.sleep(backoff)

    async def _run_once(self) -> bool:
        settings = self._settings
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "indexer.embedding.child",
            f"--model={settings.embedding_model}",
            f"--device={settings.embedding_device}",
            f"--threads={settings.embedding_threads}",
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
                elif (waiting := self._waiting.get(frame.header["id"])) and not waiting.done():
                    waiting.set_result(frame)
        finally:
            self._ready.clear()
            for waiting in self._waiting.values():
                if not waiting.done():
                    waiting.set_exception(EmbedderUnavailable("The embedder went away."))
        await self._end_process()
        return was_ready

    def _become_ready(self, header: dict[str, Any]) -> None:
        if header["dimension"] != self._settings.embedding_dimension:
            raise Misconfigured(
                f"{self._settings.embedding_model} gives {header['dimension']} dimensions, "
                f"LECTERN_EMBEDDING_DIMENSION says {self._settings.embedding_dimension}."
            )
        self._ready.set()
        log.info("indexer.embedder_ready", model=self._settings.embedding_model, dimension=header["dimension"])

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


async def _read_frame(stream: asyncio.StreamReader | None) -> Frame | None:
    if stream is None:
        return None
    try:
        header_bytes, body_bytes = LENGTHS.unpack(await stream.readexactly(LENGTHS.size))
        header = orjson.loads(await stream.readexactly(header_bytes))
        return Frame(header, await stream.readexactly(body_bytes))
    except (asyncio.IncompleteReadError, ConnectionError):
        return None
