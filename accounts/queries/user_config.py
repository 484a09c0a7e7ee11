"""Statements on `user_config`: where a user's own data pod is."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from core.database import Connection, Row


@dataclass(frozen=True)
class StoredPod:
    """A data pod as it is stored."""

    user_id: UUID
    url: str
    sealed_key: bytes | None = field(repr=False)
    updated_at: datetime


async def upsert_pod(connection: Connection, user_id: UUID, url: str, sealed_key: bytes | None) -> StoredPod:
    """Gives a user a data pod, in place of the one before."""
    (row,) = await connection.fetch(
        """
        insert into user_config (id, user_id, data_pod_url, data_pod_api_key) values (gen_random_uuid(), $1, $2, $3)
        on conflict (user_id) do update set data_pod_url = excluded.data_pod_url,
            data_pod_api_key = excluded.data_pod_api_key, updated_at = now()
        returning user_id, data_pod_url, data_pod_api_key, updated_at
        """,
        user_id,
        url,
        sealed_key,
    )
    return _pod(row)


async def find_pod(connection: Connection, user_id: UUID) -> StoredPod | None:
    """Gives a user's data pod."""
    row = await connection.fetchrow(
        """
        select user_id, data_pod_url, data_pod_api_key, updated_at from user_config
        where user_id = $1 and data_pod_url is not null
        """,
        user_id,
    )
    return None if row is None else _pod(row)


async def users_with_pods(connection: Connection, user_ids: Collection[UUID]) -> frozenset[UUID]:
    """Gives those of the users who have a data pod."""
    rows = await connection.fetch(
        "select user_id from user_config where user_id = any($1::uuid[]) and data_pod_url is not null", list(user_ids)
    )
    return frozenset(row["user_id"] for row in rows)


async def pods_with_keys(connection: Connection) -> list[StoredPod]:
    """Gives every data pod that has a key, kept from changing until the transaction ends."""
    rows = await connection.fetch(
        """
        select user_id, data_pod_url, data_pod_api_key, updated_at from user_config
        where data_pod_api_key is not null order by user_id for update
        """
    )
    return [_pod(row) for row in rows]


async def update_sealed_key(connection: Connection, user_id: UUID, sealed_key: bytes) -> None:
    """Replaces a sealed key by one that says the same."""
    await connection.execute("update user_config set data_pod_api_key = $2 where user_id = $1", user_id, sealed_key)


async def forget_pod(connection: Connection, user_id: UUID) -> None:
    """Takes a user's data pod away."""
    await connection.execute(
        """
        update user_config set data_pod_url = null, data_pod_api_key = null, updated_at = now() where user_id = $1
        """,
        user_id,
    )


def _pod(row: Row) -> StoredPod:
    return StoredPod(row["user_id"], row["data_pod_url"], row["data_pod_api_key"], row["updated_at"])
