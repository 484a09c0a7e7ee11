"""People: the first administrator, and those who come after."""

from uuid import uuid4

from accounts.queries import users
from accounts.queries.users import User
from core.database import Database
from core.errors import Conflict, InvalidInput

__all__ = ["User", "create_user", "ensure_administrator", "find_user_by_email"]

MAX_EMAIL_CHARS = 255
"""The width of `users.email`."""


async def ensure_administrator(database: Database, email: str) -> User:
    """Gives the installation's first administrator, made now if it has none; every replica gets the same one.

    Raises:
        InvalidInput: The address is none.
    """
    address = _checked_email(email)
    async with database.transaction() as connection:
        await users.lock_administrators(connection)
        administrator = await users.find_administrator(connection)
        if administrator is not None:
            return administrator
        user = await users.find_user_by_email(connection, address)
        if user is not None:
            return await users.update_role(connection, user.id, "ADMIN")
        return await users.insert_user(connection, uuid4(), address, "ADMIN")


async def create_user(database: Database, email: str) -> User:
    """Adds a person.

    Raises:
        InvalidInput: The address is none.
        Conflict: Somebody has this address.
    """
    address = _checked_email(email)
    try:
        async with database.connection() as connection:
            return await users.insert_user(connection, uuid4(), address, "USER")
    except Conflict as error:
        raise Conflict(f"There is a user with the address {address} already.") from error


async def find_user_by_email(database: Database, email: str) -> User | None:
    """Gives the person with this address, however it is capitalised."""
    if not email.isprintable():
        return None
    async with database.connection() as connection:
        return await users.find_user_by_email(connection, email.strip())


def _checked_email(text: str) -> str:
    address = text.strip()
    name, at, host = address.rpartition("@")
    is_plain = address.isprintable() and " " not in address
    if not (name and at and host and is_plain and len(address) <= MAX_EMAIL_CHARS):
        raise InvalidInput(f"{address[:80]!r} is not an e-mail address.")
    return address
