"""Data pods of users: set, shown, checked and removed, and what is done for them meanwhile.

Private libraries of a user with a pod have their points there. Setting and removing one moves them, as a job; what a
pod does not take now waits in the database.
"""

import asyncio
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

import structlog
from pydantic import SecretStr

from accounts.data_pods import DataPods
from core.clock import utc_now
from core.database import Database
from core.errors import Conflict, InvalidInput, LecternError, NotFound, PodUnavailable, VersionNotFound
from core.jobs import Handler, JobQueue
from indexer import placing
from indexer.indexing import Indexer
from indexer.queries import embedding_models, embedding_queue
from indexer.queries import places as place_queries
from indexer.queries.places import OwnedVersion
from indexer.queries.versions import lock_versions
from indexer.vectors.pod import Pod
from indexer.vectors.pod_address import PodAddress, check_pod_url
from indexer.vectors.pods import PodRouter
from server.pod_connections import PodConnections, refusal_behind

log = structlog.get_logger(__name__)

POD_JOB = "pod"
MAX_KEY_CHARS = 1000
_CHECKS_AT_ONCE = 4
_EMPTYING_SECONDS = 10.0
_SETTLING_SECONDS = 2.0
_LOOK_FOR_MISPLACED_SECONDS = 60.0


@dataclass(frozen=True)
class PodState:
    """A user's pod as its owner may see it: not its key."""

    url: str
    has_key: bool
    updated_at: datetime
    versions: int
    in_pod: int
    """How many of the versions of their private libraries answer from it."""


class PodKeeper:
    """Looks after the pods of users."""

    def __init__(
        self,
        database: Database,
        jobs: JobQueue,
        store: PodRouter,
        indexer: Indexer,
        pods: DataPods,
        connections: PodConnections,
    ) -> None:
        self._database = database
        self._jobs = jobs
        self._store = store
        self._indexer = indexer
        self._pods = pods
        self._connections = connections
        self._checks = asyncio.Semaphore(_CHECKS_AT_ONCE)
        self._looked_at = 0.0

    @property
    def handlers(self) -> dict[str, Handler]:
        """The jobs this keeper does."""
        return {POD_JOB: self._settle}

    async def set(self, user_id: UUID, url: str, api_key: SecretStr | None) -> PodState:
        """Gives a user a pod that was asked and answers; their private libraries move into it.

        Raises:
            InvalidInput: The address or the key is none.
            AddressRefused: The address is not one that may be asked.
            PodUnavailable: It does not answer.
            Conflict: Libraries are in another one.
        """
        address = PodAddress(check_pod_url(url, allow_private=self._connections.allow_private), _checked_key(api_key))
        before = await self._pods.stored(user_id)
        versions = await self._versions(user_id)
        if before is not None and before.url != address.url and any(version.pod_owner_id for version in versions):
            raise Conflict("Your libraries are in another data pod. Remove it first, which brings them back.")
        await self._check(self._connections.pod_at(address), is_once=True)
        await self._pods.keep(user_id, address.url, address.api_key)
        await self._store.pods.drop(user_id)
        await self._enqueue(user_id, again=True)
        return await self.state(user_id)

    async def state(self, user_id: UUID) -> PodState:
        """Gives a user's pod.

        Raises:
            NotFound: They have none.
        """
        found = await self._pods.stored(user_id)
        if found is None:
            raise NotFound("You have no data pod.")
        versions = await self._versions(user_id)
        in_pod = sum(version.pod_owner_id is not None for version in versions)
        return PodState(found.url, found.sealed_key is not None, found.updated_at, len(versions), in_pod)

    async def check(self, user_id: UUID) -> PodState:
        """Asks a user's pod whether it answers, and has what waits for it written.

        Raises:
            NotFound: They have none.
            AddressRefused, PodUnavailable: It may not be asked, or does not answer.
        """
        state = await self.state(user_id)
        await self._check(self._store.pods.of(user_id))
        await self._enqueue(user_id, again=True)
        return state

    async def remove(self, user_id: UUID) -> bool:
        """Forgets a user's pod; their libraries come back. Tells whether what was in it could be deleted there.

        Raises:
            NotFound: They have none.
        """
        if not await self._pods.owners_among([user_id]):
            raise NotFound("You have no data pod.")
        there = [version for version in await self._versions(user_id) if version.pod_owner_id is not None]
        for version in there:
            await placing.bring_back(self._database, version.id)
        is_emptied = await self._empty(user_id, there)
        await self._pods.forget(user_id)
        await self._store.pods.drop(user_id)
        async with self._database.transaction() as connection:
            await place_queries.forget_removed_points(connection, user_id)
        await self._enqueue(user_id, again=True)
        return is_emptied

    async def has_pod(self, user_id: UUID) -> bool:
        """Tells whether a user has a pod."""
        return bool(await self._pods.owners_among([user_id]))

    async def catch_up(self) -> None:
        """Has written what waits for pods that answer again."""
        back = await self._store.pods.probe()
        async with self._database.connection() as connection:
            waiting = await place_queries.pods_with_work(connection)
        for owner_id in (waiting | back).difference(self._store.pods.away()):
            await self._enqueue(owner_id)
        if time.monotonic() >= self._looked_at + _LOOK_FOR_MISPLACED_SECONDS:
            self._looked_at = time.monotonic()
            await self._enqueue_misplaced()

    async def _settle(self, subject: str) -> None:
        """Brings the versions of a user's private libraries to where they belong, and what waits for their pod."""
        with suppress(VersionNotFound):  # a version that is removed meanwhile belongs nowhere
            await self._settle_versions(UUID(subject.partition("/")[0]))

    async def _settle_versions(self, user_id: UUID) -> None:
        began = utc_now()
        into_pod = await self.has_pod(user_id)
        versions = await self._versions(user_id)
        moved = [version for version in versions if (version.pod_owner_id is not None) != into_pod]
        try:
            for version in moved:
                if into_pod:
                    await placing.move_into_pod(self._database, self._store, version.id, user_id)
                else:
                    await placing.bring_back(self._database, version.id)
        except PodUnavailable as error:  # it is tried again once a minute
            log.warning("server.pod_move_put_off", user_id=str(user_id), reason=error.message)
            return
        for version in versions:
            await self._indexer.sync_words(version.id)
        await self._indexer.sync_removed()
        if into_pod:
            with suppress(PodUnavailable):
                await placing.empty_pod(self._database, self._store, user_id)
        if moved:
            # Whoever was writing a meaning to the old place has noted it by now.
            await asyncio.sleep(_SETTLING_SECONDS)
            async with self._database.transaction() as connection:
                await lock_versions(connection, [version.id for version in moved])
                for version in moved:
                    await place_queries.forget_written_meanings(connection, version.id, began)
                    await embedding_queue.update_waiting(connection, version.id)

    async def _check(self, pod: Pod, *, is_once: bool = False) -> None:
        if self._checks.locked():
            raise PodUnavailable("Several data pods are being checked. Try again in a moment.")
        async with self._database.connection() as connection:
            models = await embedding_models.kept_models(connection)
        async with self._checks:
            try:
                await pod.check({model.space: model.dimension for model in models})
            except PodUnavailable as error:
                if refused := refusal_behind(error):
                    raise refused from error
                raise
            finally:
                if is_once:
                    await pod.close()

    async def _empty(self, user_id: UUID, versions: list[OwnedVersion]) -> bool:
        """Deletes what is in a pod, if it answers in time: its owner may well be without it."""
        try:
            async with asyncio.timeout(_EMPTYING_SECONDS):
                for version in versions:
                    await placing.delete_from_pod(self._database, self._store, user_id, version.id)
                await placing.empty_pod(self._database, self._store, user_id)
        except (LecternError, TimeoutError) as error:
            log.warning("server.pod_not_emptied", user_id=str(user_id), reason=str(error))
            return False
        return True

    async def _enqueue_misplaced(self) -> None:
        async with self._database.connection() as connection:
            outside = await place_queries.owners(connection, in_pods=False)
            inside = await place_queries.owners(connection, in_pods=True)
        with_pods = await self._pods.owners_among(outside | inside)
        for user_id in (outside & with_pods) | (inside - with_pods):
            await self._enqueue(user_id)

    async def _enqueue(self, user_id: UUID, *, again: bool = False) -> None:
        """Queues the work on a user's pod; `again` also while it is being done, which may have come too late."""
        subject = f"{user_id}/{uuid4()}" if again else str(user_id)
        async with self._database.transaction() as connection:
            await self._jobs.enqueue(connection, POD_JOB, subject)

    async def _versions(self, user_id: UUID) -> list[OwnedVersion]:
        async with self._database.connection() as connection:
            return await place_queries.owned_versions(connection, user_id)


def _checked_key(api_key: SecretStr | None) -> SecretStr | None:
    text = api_key.get_secret_value() if api_key else ""
    if not (text.isascii() and text.isprintable() and len(text) <= MAX_KEY_CHARS):
        raise InvalidInput(f"The key of a data pod has at most {MAX_KEY_CHARS} printable characters.")
    return api_key if text else None
