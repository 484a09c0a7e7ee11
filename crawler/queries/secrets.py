"""Statements about `source_secrets`."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from core.database import Connection, Row


@dataclass(frozen=True)
class SealedSecrets:
    """The secrets of a source as they are stored."""

    source_id: UUID
    origin: str
    names: tuple[str, ...]
    sealed: bytes = field(repr=False)
    updated_at: datetime


async def upsert_secrets(
    connection: Connection, source_id: UUID, origin: str, names: Sequence[str], sealed: bytes
) -> None:
    """Gives a source its secrets, in place of those it had."""
    await connection.execute(
        """
        insert into source_secrets (source_id, origin, names, sealed) values ($1, $2, $3, $4)
        on conflict (source_id) do update
            set origin = excluded.origin, names = excluded.names, sealed = excluded.sealed, updated_at = now()
        """,
        source_id,
        origin,
        list(names),
        sealed,
    )


async def find_secrets(connection: Connection, source_id: UUID) -> SealedSecrets | None:
    """Gives the secrets of a source."""
    row = await connection.fetchrow(
        "select source_id, origin, names, sealed, updated_at from source_secrets where source_id = $1", source_id
    )
    return _secrets(row) if row is not None else None


async def all_secrets(connection: Connection) -> list[SealedSecrets]:
    """Gives all secrets, kept from changing until the transaction ends."""
    rows = await connection.fetch(
        "select source_id, origin, names, sealed, updated_at from source_secrets order by source_id for update"
    )
    return [_secrets(row) for row in rows]


async def update_sealed(connection: Connection, source_id: UUID, sealed: bytes) -> None:
    """Replaces the sealed text by one that says the same."""
    await connection.execute("update source_secrets set sealed = $2 where source_id = $1", source_id, sealed)


async def delete_secrets(connection: Connection, source_id: UUID) -> None:
    """Forgets the secrets of a source."""
    await connection.execute("delete from source_secrets where source_id = $1", source_id)


def _secrets(row: Row) -> SealedSecrets:
    return SealedSecrets(row["source_id"], row["origin"], tuple(row["names"]), row["sealed"], row["updated_at"])
