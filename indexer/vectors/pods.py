"""The vector store of an installation together with the data pods of its users, as one vector store.

Where the points of a version are stands in the database. A pod is somebody's own machine and may say anything: only ids
and scores are taken from it, only ids of the version that was asked, and what answers show is read from the database.
"""

import asyncio
import time
from collections import OrderedDict, defaultdict
from collections.abc import AsyncGenerator, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any, Protocol, Self
from uuid import UUID

from core.database import Database
from core.errors import PodUnavailable
from indexer.queries import places
from indexer.vectors.pod import OpenStore, Pod
from indexer.vectors.store import DENSE, Candidate, FoundByWords, IndexedText, Meaning, VectorStore


class PodConnector(Protocol):
    """The way to the pods of users."""

    async def connect(self, owner_id: UUID) -> OpenStore:
        """Opens the pod of a user.

        Raises:
            PodUnavailable: There is none, or it does not answer.
            InvalidInput: Its address may not be asked.
        """
        ...

    async def mark(self, owner_id: UUID) -> object:
        """Gives something that is another when the user has set another pod, or none."""
        ...


_MOST_OPEN = 256
_IDLE_SECONDS = 300.0
_CLOSE_SECONDS = 10.0
_REMEMBERED_SECONDS = 1.0


class Pods:
    """The pods that were asked lately."""

    def __init__(
        self, connector: PodConnector, seconds: float, *, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._connector = connector
        self._seconds = seconds
        self._monotonic = monotonic
        self._pods: OrderedDict[UUID, Pod] = OrderedDict()
        self._leaving: list[Pod] = []

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[Self]:
        """Closes what nobody asks any more while the context is open, and everything at its end."""
        closer = asyncio.create_task(self._close_forever())
        try:
            yield self
        finally:
            closer.cancel()
            with suppress(asyncio.CancelledError):
                await closer
            await self.close()

    def of(self, owner_id: UUID) -> Pod:
        """Gives a user's pod, which is opened when it is asked.

        Raises:
            PodUnavailable: As many as may be are being asked.
        """
        pod = self._pods.get(owner_id)
        if pod is None:
            if len(self._pods) >= _MOST_OPEN:
                self._make_room()
            connector = self._connector
            pod = self._pods[owner_id] = Pod(
                lambda: connector.connect(owner_id),
                lambda: connector.mark(owner_id),
                self._seconds,
                monotonic=self._monotonic,
            )
        self._pods.move_to_end(owner_id)
        return pod

    def away(self) -> list[UUID]:
        """Gives whose pods did not answer when they were asked last."""
        return [owner_id for owner_id, pod in self._pods.items() if pod.is_away]

    async def probe(self) -> frozenset[UUID]:
        """Asks those that were away, and gives whose are back: what waits for them can be written."""
        asked = {owner_id: pod for owner_id, pod in self._pods.items() if pod.is_away and not pod.is_resting}
        await asyncio.gather(*(pod.count(UUID(int=0)) for pod in asked.values()), return_exceptions=True)
        return frozenset(owner_id for owner_id, pod in asked.items() if not pod.is_away)

    async def close_idle(self) -> None:
        """Closes those nobody has asked for a while."""
        now, leaving = self._monotonic(), self._leaving
        self._leaving = []
        for pod in leaving:
            await _close(pod)
        for owner_id, pod in list(self._pods.items()):
            if not pod.in_use and now - pod.used_at > _IDLE_SECONDS:
                await self.drop(owner_id)

    async def drop(self, owner_id: UUID) -> None:
        """Closes a pod, such as one whose address has changed."""
        pod = self._pods.pop(owner_id, None)
        if pod is not None:
            await _close(pod)

    async def close(self) -> None:
        """Closes all of them."""
        for owner_id in list(self._pods):
            await self.drop(owner_id)
        await self.close_idle()

    def _make_room(self) -> None:
        unasked = next((owner_id for owner_id, pod in self._pods.items() if not pod.in_use), None)
        if unasked is None:
            raise PodUnavailable("Too many data pods are being asked. Try again in a moment.")
        self._leaving.append(self._pods.pop(unasked))

    async def _close_forever(self) -> None:
        while True:
            await asyncio.sleep(_CLOSE_SECONDS)
            await self.close_idle()


async def _close(pod: Pod) -> None:
    with suppress(Exception):  # it is not asked any more
        await pod.close()


class PodRouter:
    """A vector store that asks the place where the points are."""

    def __init__(
        self,
        default: VectorStore,
        pods: Pods,
        database: Database,
        *,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.pods = pods
        self._default = default
        self._database = database
        self._monotonic = monotonic
        self._has_pods = (0.0, False)

    def at(self, pod_owner_id: UUID | None) -> VectorStore:
        """Gives a user's pod, or the installation's store."""
        return self._default if pod_owner_id is None else self.pods.of(pod_owner_id)

    async def put_words(self, texts: Sequence[IndexedText]) -> None:
        """See VectorStore."""
        by_version: defaultdict[UUID, list[IndexedText]] = defaultdict(list)
        for text in texts:
            by_version[UUID(str(text.payload["version_id"]))].append(text)
        for version_id, group in by_version.items():
            await self.at(await self._place(version_id)).put_words(group)

    async def add_space(self, space: str, dimension: int) -> None:
        """See VectorStore; pods make room when meanings come."""
        await self._default.add_space(space, dimension)

    async def drop_space(self, space: str) -> None:
        """See VectorStore; in pods, what nobody asks for any more is left to their owners."""
        await self._default.drop_space(space)

    async def put_meanings(self, meanings: Mapping[UUID, Meaning], space: str = DENSE) -> None:
        """See VectorStore."""
        for place, ids in (await self._places(meanings)).items():
            await self.at(place).put_meanings({id_: meanings[id_] for id_ in ids}, space)

    async def meanings(self, ids: Sequence[UUID], space: str = DENSE) -> dict[UUID, Meaning]:
        """See VectorStore; what is in pods is not given, since others' passages may get it."""
        return await self._default.meanings((await self._places(ids)).get(None, []), space)

    async def delete(self, ids: Sequence[UUID]) -> None:
        """See VectorStore; what is to leave a pod is deleted `at` it."""
        await self._default.delete(ids)

    async def best_by_words(self, version_id: UUID, question: str, limit: int) -> FoundByWords:
        """See VectorStore."""
        place = await self._place(version_id) if await self._any_pods() else None
        return await self.at(place).best_by_words(version_id, question, limit)

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
        place = await self._place(version_id) if await self._any_pods() else None
        found = await self.at(place).candidates(version_id, question, meaning, limit, space, words)
        if place is None or not found:
            return found
        async with self._database.connection() as connection:
            own = await places.points_of_version(connection, version_id, [candidate.id for candidate in found])
        return tuple(candidate for candidate in found if candidate.id in own)

    async def payloads(self, ids: Sequence[UUID]) -> dict[UUID, dict[str, Any]]:
        """See VectorStore."""
        if not await self._any_pods():
            return await self._default.payloads(ids)
        by_place = await self._places(ids)
        there = by_place.pop(None, [])
        found = await self._default.payloads(there) if there else {}
        if by_place:
            async with self._database.connection() as connection:
                in_pods = [id_ for group in by_place.values() for id_ in group]
                found |= await places.payloads_of_points(connection, in_pods)
        return found

    async def optimize(self) -> None:
        """See VectorStore."""
        await self._default.optimize()

    async def count(self, version_id: UUID | None = None) -> int:
        """See VectorStore."""
        if version_id is None:
            return await self._default.count()
        return await self.at(await self._place(version_id)).count(version_id)

    async def _any_pods(self) -> bool:
        """Tells whether any points are in pods; remembered for a second, as every question asks."""
        until, known = self._has_pods
        if self._monotonic() >= until:
            until = self._monotonic() + _REMEMBERED_SECONDS
            async with self._database.connection() as connection:
                known = await places.has_pods(connection)
            self._has_pods = until, known
        return known

    async def _place(self, version_id: UUID) -> UUID | None:
        async with self._database.connection() as connection:
            return await places.pod_of_version(connection, version_id)

    async def _places(self, ids: Iterable[UUID]) -> dict[UUID | None, list[UUID]]:
        ids = list(ids)
        async with self._database.connection() as connection:
            in_pods = await places.pods_of_points(connection, ids)
        by_place: defaultdict[UUID | None, list[UUID]] = defaultdict(list)
        for id_ in ids:
            by_place[in_pods.get(id_)].append(id_)
        return by_place
