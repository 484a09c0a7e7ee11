"""Statements on `users`."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from core.database import Connection, Row
from core.errors import NotFound


@dataclass(frozen=True)
class User:
    """A person, or the administrator an installation starts with."""

    id: UUID
    email: str
    name: str | None
    role: str
    organization_id: UUID | None
    created_at: datetime


async def lock_administrators(connection: Connection) -> None:
    """Waits until no other transaction is making the first administrator."""
    await connection.execute("select pg_advisory_xact_lock(hashtextextended('accounts.first_administrator', 0))")


async def find_administrator(connection: Connection) -> User | None:
    """Gives the administrator that has been one longest."""
    row = await connection.fetchrow(
        "select id, email, name, role, organization_id, created_at from users "
        "where role = 'ADMIN' and deleted_at is null order by created_at, id limit 1"
    )
    return None if row is None else _user(row)


async def find_user_by_email(connection: Connection, email: str) -> User | None:
    """Gives the user with this address, however it is capitalised; deleted ones count as none."""
    row = await connection.fetchrow(
        "select id, email, name, role, organization_id, created_at from users "
        "where lower(email) = lower($1) and deleted_at is null",
        email,
    )
    return None if row is None else _user(row)


async def insert_user(connection: Connection, user_id: UUID, email: str, role: str) -> User:
    """Adds a user.

    Raises:
        Conflict: Somebody has this address.
    """
    (row,) = await connection.fetch(
        "insert into users (id, email, role) values ($1, $2, $3) "
        "returning id, email, name, role, organization_id, created_at",
        user_id,
        email,
        role,
    )
    return _user(row)


async def update_role(connection: Connection, user_id: UUID, role: str) -> User:
    """Gives the user another role.

    Raises:
        NotFound: There is no such user, or it was deleted.
    """
    row = await connection.fetchrow(
        "update users set role = $2, updated_at = now() where id = $1 and deleted_at is null "
        "returning id, email, name, role, organization_id, created_at",
        user_id,
        role,
    )
    if row is None:
        raise NotFound("There is no such user.")
    return _user(row)


def _user(row: Row) -> User:
    return User(
        id=row["id"],
        email=row["email"],
        name=row["name"],
        role=row["role"],
        organization_id=row["organization_id"],
        created_at=row["created_at"],
    )
