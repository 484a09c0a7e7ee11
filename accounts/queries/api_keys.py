"""Statements on `api_keys`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from ipaddress import IPv4Network, IPv6Network
from uuid import UUID

from core.database import Connection, Row
from core.errors import NotFound

Network = IPv4Network | IPv6Network


@dataclass(frozen=True)
class ApiKey:
    """A key as its owner may see it: everything but the key itself."""

    id: UUID
    user_id: UUID
    prefix: str
    last_four: str
    name: str
    scopes: tuple[str, ...]
    requests_per_minute: int
    requests_per_day: int
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None
    revoked_at: datetime | None


@dataclass(frozen=True)
class KeyRecord:
    """What decides whether a key is accepted, and for whom."""

    id: UUID
    user_id: UUID
    organization_id: UUID | None
    permissions: tuple[str, ...]
    requests_per_minute: int
    requests_per_day: int
    allowed_networks: tuple[Network, ...] | None
    expires_at: datetime | None
    revoked_at: datetime | None
    is_user_banned: bool
    is_user_deleted: bool


@dataclass(frozen=True)
class NewKeyRow:
    """The columns of a key that is being made; `digest` is all that is kept of its text."""

    id: UUID
    user_id: UUID
    digest: str
    prefix: str
    last_four: str
    name: str
    scopes: tuple[str, ...]
    requests_per_minute: int
    requests_per_day: int
    allowed_networks: tuple[Network, ...] | None
    expires_at: datetime | None


async def find_key_record(connection: Connection, digest: str) -> KeyRecord | None:
    """Gives what is known of the key with this digest."""
    row = await connection.fetchrow(
        "select k.id, k.user_id, coalesce(k.organization_id, u.organization_id) as organization_id, k.permissions, "
        "k.quota_requests_per_minute, k.quota_requests_per_day, k.allowed_networks, k.expires_at, k.revoked_at, "
        "u.role = 'BANNED' as is_user_banned, u.deleted_at is not null as is_user_deleted "
        "from api_keys k join users u on u.id = k.user_id where k.key_hash = $1",
        digest,
    )
    if row is None:
        return None
    networks = row["allowed_networks"]
    return KeyRecord(
        id=row["id"],
        user_id=row["user_id"],
        organization_id=row["organization_id"],
        permissions=tuple(row["permissions"]),
        requests_per_minute=row["quota_requests_per_minute"],
        requests_per_day=row["quota_requests_per_day"],
        allowed_networks=None if networks is None else tuple(networks),
        expires_at=row["expires_at"],
        revoked_at=row["revoked_at"],
        is_user_banned=row["is_user_banned"],
        is_user_deleted=row["is_user_deleted"],
    )


async def insert_key(connection: Connection, key: NewKeyRow) -> ApiKey:
    """Adds a key."""
    (row,) = await connection.fetch(
        "insert into api_keys (id, user_id, key_hash, key_prefix, key_last_four, name, permissions, "
        "quota_requests_per_minute, quota_requests_per_day, allowed_networks, expires_at) "
        "values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) "
        "returning id, user_id, key_prefix, key_last_four, name, permissions, quota_requests_per_minute, "
        "quota_requests_per_day, created_at, expires_at, last_used_at, revoked_at",
        key.id,
        key.user_id,
        key.digest,
        key.prefix,
        key.last_four,
        key.name,
        key.scopes,
        key.requests_per_minute,
        key.requests_per_day,
        key.allowed_networks,
        key.expires_at,
    )
    return _api_key(row)


async def count_usable_keys(connection: Connection, user_id: UUID, now: datetime) -> int:
    """Gives how many keys of the user are neither revoked nor expired."""
    return await connection.fetchval(
        "select count(*) from api_keys where user_id = $1 and revoked_at is null "
        "and (expires_at is null or expires_at > $2)",
        user_id,
        now,
    )


async def keys_of_user(connection: Connection, user_id: UUID, now: datetime, limit: int) -> list[ApiKey]:
    """Gives the user's keys, newest first; of more than `limit`, the oldest revoked and expired ones are left out."""
    rows = await connection.fetch(
        "select id, user_id, key_prefix, key_last_four, name, permissions, quota_requests_per_minute, "
        "quota_requests_per_day, created_at, expires_at, last_used_at, revoked_at "
        "from api_keys where user_id = $1 and id in (select id from api_keys where user_id = $1 "
        "order by revoked_at is not null or coalesce(expires_at <= $2, false), created_at desc, id limit $3) "
        "order by created_at desc, id",
        user_id,
        now,
        limit,
    )
    return [_api_key(row) for row in rows]


async def update_key_revoked(connection: Connection, key_id: UUID, revoked_at: datetime) -> ApiKey:
    """Revokes the key; one revoked before keeps its time.

    Raises:
        NotFound: There is no such key, or none of this tenant's.
    """
    row = await connection.fetchrow(
        "update api_keys set revoked_at = coalesce(revoked_at, $2) where id = $1 "
        "returning id, user_id, key_prefix, key_last_four, name, permissions, quota_requests_per_minute, "
        "quota_requests_per_day, created_at, expires_at, last_used_at, revoked_at",
        key_id,
        revoked_at,
    )
    if row is None:
        raise NotFound("There is no such key.")
    return _api_key(row)


async def update_last_used(connection: Connection, key_ids: Sequence[UUID], used_at: Sequence[datetime]) -> None:
    """Notes when keys were last used; an earlier time never replaces a later one.

    Rows are locked in the order of their ids, so that two replicas that note the same keys cannot block each other.
    """
    await connection.execute(
        "with uses as (select * from unnest($1::uuid[], $2::timestamptz[]) as use (id, used_at)), "
        "locked as (select k.id from api_keys k join uses on uses.id = k.id order by k.id for update of k) "
        "update api_keys k set last_used_at = uses.used_at from uses join locked on locked.id = uses.id "
        "where k.id = uses.id and (k.last_used_at is null or k.last_used_at < uses.used_at)",
        key_ids,
        used_at,
    )


def _api_key(row: Row) -> ApiKey:
    return ApiKey(
        id=row["id"],
        user_id=row["user_id"],
        prefix=row["key_prefix"],
        last_four=row["key_last_four"],
        name=row["name"] or "",
        scopes=tuple(row["permissions"]),
        requests_per_minute=row["quota_requests_per_minute"],
        requests_per_day=row["quota_requests_per_day"],
        created_at=row["created_at"],
        expires_at=row["expires_at"],
        last_used_at=row["last_used_at"],
        revoked_at=row["revoked_at"],
    )
