"""Data pods: the own vector stores of users. Their keys are sealed, and given to nobody but whoever connects."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

import structlog
from pydantic import SecretStr

from accounts.queries import user_config
from accounts.queries.user_config import StoredPod
from accounts.tenant import tenant
from core.database import Connection, Database
from core.errors import Misconfigured
from core.sealing import SecretKeys

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class DataPod:
    """Where a user's pod is, and what it is asked with."""

    url: str
    api_key: SecretStr | None


class DataPods:
    """The data pods of an installation."""

    def __init__(self, database: Database, keys: SecretKeys) -> None:
        self._database = database
        self._keys = keys

    async def keep(self, user_id: UUID, url: str, api_key: SecretStr | None) -> None:
        """Gives a user a data pod, in place of the one before; the key opens with this address alone."""
        sealed = None if api_key is None else self._keys.seal(api_key.get_secret_value(), _binding(user_id, url))
        async with tenant(self._database, user_id) as connection:
            await user_config.upsert_pod(connection, user_id, url, sealed)

    async def find(self, user_id: UUID) -> DataPod | None:
        """Gives a user's data pod.

        Raises:
            Misconfigured: No key here opens what it is asked with.
        """
        stored = await self.stored(user_id)
        return None if stored is None else DataPod(stored.url, self._open(stored))

    async def stored(self, user_id: UUID) -> StoredPod | None:
        """Gives the same with its key sealed, which needs no key here to open it."""
        async with tenant(self._database, user_id) as connection:
            return await user_config.find_pod(connection, user_id)

    async def owners_among(self, user_ids: Collection[UUID]) -> frozenset[UUID]:
        """Gives those of the users who have a data pod."""
        async with self._database.connection() as connection:
            return await user_config.users_with_pods(connection, user_ids)

    async def forget(self, user_id: UUID) -> None:
        """Takes a user's data pod away; its key is gone for good."""
        async with tenant(self._database, user_id) as connection:
            await user_config.forget_pod(connection, user_id)

    async def reseal(self) -> tuple[int, int]:
        """Seals every key anew with the newest; gives how many bear it now, and how many no key here opens."""
        resealed = unreadable = 0
        async with self._database.transaction() as connection:
            for pod in await user_config.pods_with_keys(connection):
                try:
                    await self._reseal(connection, pod)
                    resealed += 1
                except Misconfigured:
                    log.warning("accounts.data_pod_unreadable", user_id=str(pod.user_id))
                    unreadable += 1
        return resealed, unreadable

    async def _reseal(self, connection: Connection, pod: StoredPod) -> None:
        text, sealed = self._open(pod), pod.sealed_key
        if text is not None and sealed is not None and not self._keys.is_sealed_with_first(sealed):
            again = self._keys.seal(text.get_secret_value(), _binding(pod.user_id, pod.url))
            await user_config.update_sealed_key(connection, pod.user_id, again)

    def _open(self, pod: StoredPod) -> SecretStr | None:
        if pod.sealed_key is None:
            return None
        return SecretStr(self._keys.open(pod.sealed_key, _binding(pod.user_id, pod.url)))


def _binding(user_id: UUID, url: str) -> str:
    return f"data pod {user_id} {url}"
