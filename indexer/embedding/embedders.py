"""The models that are loaded: the one that is set, and others for as long as their vectors answer for some version."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from hashlib import blake2b

import numpy as np
import structlog

from core.cache import Cache
from core.database import Database
from core.errors import Unavailable
from indexer.embedding.process import EmbedderProcess, EmbedderUnavailable, LoadedModel
from indexer.queries import embedding_models
from indexer.queries.embedding_models import EmbeddingModel
from indexer.settings import IndexerSettings
from indexer.vectors import Meaning

log = structlog.get_logger(__name__)

_LOOK_SECONDS = 5.0
_CACHE_RESTS_SECONDS = 5.0
"""How long a cache that did not answer is left alone: nobody should wait for it with every question."""
_VECTORS_LIVE = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class AskedMeaning:
    """The meaning of a question, and the space whose vectors it can be compared with."""

    vector: Meaning
    space: str


class Embedders:
    """Gives the meaning of questions, each by the model that made the vectors it is compared with.

    Args:
        settings: Which model is set, and where models run.
        database: Where it stands which models answer.
        cache: What several servers share; None keeps the vectors of questions in this process alone.
    """

    def __init__(self, settings: IndexerSettings, database: Database, cache: Cache | None = None) -> None:
        self._settings = settings
        self._database = database
        self._cache = cache
        self._process = EmbedderProcess(settings)
        self._others: dict[str, tuple[EmbedderProcess, asyncio.Task[None]]] = {}
        self._models: dict[int, EmbeddingModel] = {}
        self._set_model: EmbeddingModel | None = None
        self._questions: OrderedDict[str, Meaning] = OrderedDict()
        self._cache_rests_until = 0.0

    @asynccontextmanager
    async def running(self) -> "AsyncGenerator[Embedders]":
        """Keeps the model that is set loaded while the context is open."""
        async with self._process.running():
            yield self

    @asynccontextmanager
    async def answering(self) -> AsyncGenerator[None]:
        """Keeps the other models that questions need loaded as well while the context is open."""
        watching = asyncio.create_task(self._watch()) if self.is_enabled else None
        try:
            yield
        finally:
            for task in (watching, *(task for _, task in self._others.values())):
                if task is not None:
                    await _end(task)

    @property
    def is_enabled(self) -> bool:
        """Whether there are to be models at all."""
        return self._process.is_enabled

    @property
    def is_ready(self) -> bool:
        """Whether the model that is set is loaded."""
        return self._process.is_ready

    @property
    def problem(self) -> str | None:
        """Why the model that is set could not be loaded."""
        return self._process.problem if self.is_enabled else None

    @property
    def process(self) -> EmbedderProcess:
        """The process of the model that is set."""
        return self._process

    @property
    def loaded_models(self) -> set[str]:
        """The names of the models that have a process."""
        return {self._settings.embedding_model, *self._others}

    async def until_ready(self) -> LoadedModel:
        """Waits until the model that is set is loaded."""
        return await self._process.until_ready()

    async def set_model(self) -> EmbeddingModel:
        """Gives what is recorded of the model that is set.

        Raises:
            EmbedderUnavailable: It is not loaded, or no worker has chosen it yet.
        """
        loaded = self._process.loaded
        if loaded is None:
            raise EmbedderUnavailable(self.problem or "The embedder is not ready.")
        if self._set_model is None or self._set_model.id not in self._models:
            async with self._database.connection() as connection:
                identity = (loaded.name, loaded.passage_prompt, loaded.dimension)
                self._set_model = await embedding_models.find_model(connection, *identity)
        if self._set_model is None:
            raise EmbedderUnavailable("No worker has chosen the embedding model yet.")
        return self._set_model

    async def embed_passages(self, texts: Sequence[str]) -> list[Meaning]:
        """Gives one meaning for each text, made by the model that is set.

        Raises:
            EmbedderUnavailable: It is not loaded, or its process died meanwhile.
        """
        return await self._process.embed_passages(texts)

    async def embed_question(self, text: str, model_id: int | None = None) -> AskedMeaning:
        """Gives the meaning of a question as a model sees it: the one named, else the one that is set.

        Raises:
            EmbedderUnavailable: The model is not loaded, or does not answer in time.
        """
        model = await self.set_model() if model_id is None else await self._model(model_id)
        key = self._key(model, text)
        vector = self._remembered(key)
        if vector is None:
            vector = await self._shared(key, model.dimension)
            if vector is None:
                vector = await self._process_of(model).embed_question(text)
                if vector.shape != (model.dimension,):
                    raise EmbedderUnavailable(f"{model.name} is not the model any more that made the vectors.")
                await self._share(key, vector)
            self._remember(key, vector)
        return AskedMeaning(vector, model.space)

    async def _model(self, model_id: int) -> EmbeddingModel:
        if model_id not in self._models:
            await self._look()
        if model_id not in self._models:
            raise EmbedderUnavailable("The embedding model was changed a moment ago.")
        return self._models[model_id]

    def _process_of(self, model: EmbeddingModel) -> EmbedderProcess:
        if model.name == self._settings.embedding_model:
            return self._process
        if model.name in self._others:
            return self._others[model.name][0]
        raise EmbedderUnavailable(f"The embedding model {model.name} is not loaded.")

    async def _watch(self) -> None:
        while True:
            try:
                await self._look()
            except Unavailable as error:
                log.warning("indexer.embedding_models_unknown", reason=error.message)
            else:
                await self._load_others()
            await asyncio.sleep(_LOOK_SECONDS)

    async def _look(self) -> None:
        async with self._database.connection() as connection:
            self._models = {model.id: model for model in await embedding_models.models_in_use(connection)}

    async def _load_others(self) -> None:
        wanted = {model.name for model in self._models.values()} - {self._settings.embedding_model}
        for name in self._others.keys() - wanted:
            await _end(self._others[name][1])
            del self._others[name]
        for name in wanted - self._others.keys():
            process = EmbedderProcess(self._settings, name)
            self._others[name] = process, asyncio.create_task(_keep(process))

    def _key(self, model: EmbeddingModel, text: str) -> str:
        prompt = self._settings.embedding_question_prompt
        parts = (model.name, str(model.dimension), str(prompt), text)
        asked = "".join(f"{len(part)}:{part}" for part in parts)
        return f"embedding:question:{blake2b(asked.encode('utf-8', 'replace'), digest_size=16).hexdigest()}"

    def _remembered(self, key: str) -> Meaning | None:
        if (vector := self._questions.get(key)) is not None:
            self._questions.move_to_end(key)
        return vector

    def _remember(self, key: str, vector: Meaning) -> None:
        self._questions[key] = vector
        if len(self._questions) > self._settings.question_cache_entries:
            self._questions.popitem(last=False)

    async def _shared(self, key: str, dimension: int) -> Meaning | None:
        value = await self._of_cache(lambda cache: cache.get(key))
        if value is None or len(value) != dimension * np.float32().nbytes:
            return None
        return np.frombuffer(value, np.float32)

    async def _share(self, key: str, vector: Meaning) -> None:
        await self._of_cache(lambda cache: cache.set(key, vector.tobytes(), _VECTORS_LIVE))

    async def _of_cache(self, ask: Callable[[Cache], Awaitable[bytes | None]]) -> bytes | None:
        if self._cache is None or time.monotonic() < self._cache_rests_until:
            return None
        try:
            return await ask(self._cache)
        except Unavailable as error:
            self._cache_rests_until = time.monotonic() + _CACHE_RESTS_SECONDS
            log.warning("indexer.question_cache_away", reason=error.message)
            return None


async def _keep(process: EmbedderProcess) -> None:
    async with process.running():
        await asyncio.Event().wait()


async def _end(task: "asyncio.Task[None]") -> None:
    if not task.cancelling():  # twice would cut its own cleaning up short
        task.cancel()
    await asyncio.wait({task})
