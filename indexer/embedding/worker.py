"""Embeds what waits: one queue for all versions, shared by as many workers as there are.

A batch is leased, embedded, written to the vector store and then noted as done. Whoever is killed anywhere in between
loses nothing: his leases run out, and what is in the store already is found there.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid4

import structlog

from core.database import Database
from core.errors import LecternError
from indexer.embedding.choosing import (
    choose_model,
    drop_retired_models,
    is_chosen,
    settle_all,
    settle_versions,
)
from indexer.embedding.passages import passage_text
from indexer.embedding.process import EmbedderProcess, EmbedderUnavailable, TextsRefused
from indexer.queries import embedding_queue
from indexer.queries.embedding_models import EmbeddingModel
from indexer.queries.embedding_queue import WaitingChunk
from indexer.settings import IndexerSettings
from indexer.vectors import Meaning, VectorStore

log = structlog.get_logger(__name__)

_BATCHES_AT_ONCE = 3
"""One that is written, one that is embedded, one that waits for the model; what is asked for overtakes the rest."""
_LOOK_SECONDS, _IDLE_SECONDS = 0.2, 1.0
_VERSIONS_LOOKED_AT = 100
_REST_SECONDS = 3.0
_TIDY_SECONDS = 10.0
_RENEWALS_PER_LEASE = 3
_PASSAGES_PER_OPTIMIZATION = 16_384
_SUSPECT_DEATHS, _MOST_DEATHS = 4, 20
"""After so many ends of the embedding process a text is sent to it alone, and after so many not again."""


class EmbeddingWorker:
    """Works on the queue of passages to embed.

    Args:
        database: Where the queue is.
        store: Where vectors go.
        embedder: The process of the model to embed with.
        settings: How much is taken at once, and for how long.
        away: Tells whose data pods do not answer; what belongs into them is left for later.
    """

    def __init__(
        self,
        database: Database,
        store: VectorStore,
        embedder: EmbedderProcess,
        settings: IndexerSettings,
        away: Callable[[], Sequence[UUID]] = tuple,
    ) -> None:
        self._away = away
        self._database = database
        self._store = store
        self._embedder = embedder
        self._limit = settings.embedding_batch_chunks
        self._lease = timedelta(seconds=settings.embedding_lease_seconds)
        self._id = uuid4()
        self._held: set[UUID] = set()
        self._deaths: Counter[UUID] = Counter()
        self._tally = _Tally()
        self._tidied = 0.0

    async def run(self) -> None:
        """Embeds until cancelled; a lost database, store or embedder is waited for."""
        if not self._embedder.is_enabled:
            return
        model = await self._choose()
        renewing = asyncio.create_task(self._renew())
        try:
            await self._work(model)
        finally:
            renewing.cancel()
            with suppress(LecternError):
                async with self._database.transaction() as connection:
                    await embedding_queue.delete_leases(connection, self._id)

    async def _choose(self) -> EmbeddingModel:
        while True:
            loaded = await self._embedder.until_ready()
            try:
                return await choose_model(self._database, self._store, loaded)
            except LecternError as error:
                log.warning("indexer.embedding_put_off", reason=error.message)
                await asyncio.sleep(_REST_SECONDS)

    async def _work(self, model: EmbeddingModel) -> None:
        batches: set[asyncio.Task[None]] = set()
        try:
            while True:
                await self._embedder.until_ready()
                if len(batches) >= _BATCHES_AT_ONCE:
                    _, batches = await asyncio.wait(batches, return_when=asyncio.FIRST_COMPLETED)
                try:
                    batch = await self._next_batch(model)
                    if batch is not None:
                        batches.add(asyncio.create_task(self._do(model, batch)))
                    else:
                        batches = await self._rest(model, batches)
                except LecternError as error:
                    log.warning("indexer.embedding_put_off", reason=error.message)
                    await asyncio.sleep(_REST_SECONDS)
                except Exception:  # whatever it is, the queue goes on
                    log.exception("indexer.embedding_failed")
                    await asyncio.sleep(_REST_SECONDS)
        finally:
            for task in batches:
                task.cancel()
            await asyncio.gather(*batches, return_exceptions=True)

    async def _rest(self, model: EmbeddingModel, batches: "set[asyncio.Task[None]]") -> "set[asyncio.Task[None]]":
        """Waits for more to do; gives the batches that are still under way."""
        if batches:
            _, batches = await asyncio.wait(batches, timeout=_IDLE_SECONDS, return_when=asyncio.FIRST_COMPLETED)
            return batches
        has_worked = self._tally.report()
        if has_worked:
            await self._store.optimize()
        if has_worked or time.monotonic() >= self._tidied + _TIDY_SECONDS:
            await settle_all(self._database, model)
            await drop_retired_models(self._database, self._store)
            self._tidied = time.monotonic()
        await self._pause()
        return batches

    async def _pause(self) -> None:
        """Waits until another version is on the queue, at most for as long as other things can wait."""
        until = time.monotonic() + _IDLE_SECONDS
        known = waiting = await self._waiting_versions()
        while waiting <= known and time.monotonic() < until:
            await asyncio.sleep(_LOOK_SECONDS)
            waiting = await self._waiting_versions()

    async def _waiting_versions(self) -> set[UUID]:
        async with self._database.connection() as connection:
            return set(await embedding_queue.waiting_versions(connection, UUID(int=0), _VERSIONS_LOOKED_AT))

    async def _next_batch(self, model: EmbeddingModel) -> "_Batch | None":
        """Leases the next passages and looks for meanings they could take; none while another model is chosen."""
        if not await is_chosen(self._database, model):
            return None
        async with self._database.transaction() as connection:
            chunks = await embedding_queue.claim_chunks(
                connection, model.id, self._id, self._limit, self._lease, self._away()
            )
        return _Batch(chunks, await self._known_meanings(model, chunks)) if chunks else None

    async def _do(self, model: EmbeddingModel, batch: "_Batch") -> None:
        """Does a batch; one that fails is taken up again, at once or when its leases have run out."""
        self._held |= batch.texts
        try:
            await self._embed(model, batch)
        except EmbedderUnavailable:
            with suppress(LecternError):
                async with self._database.transaction() as connection:
                    await embedding_queue.delete_leases(connection, self._id, list(batch.texts))
        except LecternError as error:
            log.warning("indexer.batch_put_off", chunks=len(batch.chunks), reason=error.message)
        except Exception:  # the leases run out, and somebody tries again
            log.exception("indexer.batch_failed", chunks=len(batch.chunks))
        finally:
            self._held -= batch.texts

    async def _embed(self, model: EmbeddingModel, batch: "_Batch") -> None:
        made = await self._made_meanings(batch.missing)
        meanings = {**batch.known, **made}
        found = {chunk.id: meanings[chunk.text_hash] for chunk in batch.chunks if chunk.text_hash in meanings}
        await self._store.put_meanings(found, model.space)
        async with self._database.transaction() as connection:
            await embedding_queue.mark_embedded(connection, model.id, batch.chunks)
            await embedding_queue.delete_leases(connection, self._id, list(batch.texts))
        await settle_versions(self._database, model, sorted({chunk.version_id for chunk in batch.chunks}))
        if self._tally.add(embedded=len(made), reused=len(batch.chunks) - len(batch.missing)):
            await self._store.optimize()

    async def _known_meanings(self, model: EmbeddingModel, chunks: Sequence[WaitingChunk]) -> dict[UUID, Meaning]:
        """Gives the meanings of texts that this model has embedded before, by the texts' names.

        The passage's own is there after a kill between writing and noting it, and when a model is chosen again.
        """
        own = await self._store.meanings([chunk.id for chunk in chunks], model.space)
        known = {chunk.text_hash: own[chunk.id] for chunk in chunks if chunk.id in own}
        missing = {chunk.text_hash for chunk in chunks} - known.keys()
        async with self._database.connection() as connection:
            twins = await embedding_queue.chunks_with_texts(connection, sorted(missing), model.id)
        theirs = await self._store.meanings(list(twins.values()), model.space) if twins else {}
        return known | {text: theirs[chunk_id] for text, chunk_id in twins.items() if chunk_id in theirs}

    async def _made_meanings(self, texts: Mapping[UUID, str]) -> dict[UUID, Meaning]:
        """Embeds texts; one that the model refuses, or that ends it again and again, has no meaning."""
        together = {name: text for name, text in texts.items() if self._deaths[name] < _SUSPECT_DEATHS}
        made: dict[UUID, Meaning] = {}
        if together:
            with suppress(TextsRefused):
                made = await self._ask(together)
        for name, text in texts.items():
            if name not in made:
                made |= await self._made_alone(name, text)
        return made

    async def _made_alone(self, name: UUID, text: str) -> dict[UUID, Meaning]:
        if self._deaths[name] < _MOST_DEATHS:
            try:
                return await self._ask({name: text})
            except TextsRefused as error:
                log.warning("indexer.passage_refused", reason=error.message)
        del self._deaths[name]
        log.error("indexer.passage_without_meaning", text=text[:200])
        return {}

    async def _ask(self, texts: Mapping[UUID, str]) -> dict[UUID, Meaning]:
        try:
            made = await self._embedder.embed_passages(list(texts.values()))
        except TextsRefused:
            raise
        except EmbedderUnavailable:
            self._deaths.update(texts.keys())
            raise
        for name in texts:
            self._deaths.pop(name, None)
        return dict(zip(texts, made, strict=True))

    async def _renew(self) -> None:
        while True:
            await asyncio.sleep(self._lease.total_seconds() / _RENEWALS_PER_LEASE)
            with suppress(LecternError):
                async with self._database.transaction() as connection:
                    await embedding_queue.update_leases(connection, self._id, sorted(self._held), self._lease)
                    await embedding_queue.delete_expired_leases(connection, self._lease)


@dataclass(frozen=True, slots=True)
class _Batch:
    """Leased passages, and the meanings of their texts that are known, by the names of the texts."""

    chunks: Sequence[WaitingChunk]
    known: Mapping[UUID, Meaning]

    @property
    def texts(self) -> set[UUID]:
        """The names of all texts."""
        return {chunk.text_hash for chunk in self.chunks}

    @property
    def missing(self) -> dict[UUID, str]:
        """The texts without a meaning."""
        return {
            chunk.text_hash: passage_text(chunk.metadata, chunk.content)
            for chunk in self.chunks
            if chunk.text_hash not in self.known
        }


class _Tally:
    """What was done since the last report."""

    def __init__(self) -> None:
        self.embedded = self.reused = 0
        self._unoptimized = 0
        self._started = 0.0

    def add(self, *, embedded: int, reused: int) -> bool:
        """Counts a batch; tells whether so many have come together that the store should build its indexes."""
        if not self.embedded + self.reused:
            self._started = time.monotonic()
        self.embedded += embedded
        self.reused += reused
        self._unoptimized += embedded + reused
        is_due = self._unoptimized >= _PASSAGES_PER_OPTIMIZATION
        self._unoptimized %= _PASSAGES_PER_OPTIMIZATION
        return is_due

    def report(self) -> bool:
        """Logs what was done, if something was, and begins again; tells whether something was."""
        has_worked = self.embedded + self.reused > 0
        if has_worked:
            seconds = round(time.monotonic() - self._started, 1)
            log.info("indexer.passages_embedded", embedded=self.embedded, reused=self.reused, seconds=seconds)
        self.embedded = self.reused = 0
        return has_worked
