"""Work on behalf of one user, who can see and change nothing but their own rows, whatever the statement says."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from uuid import UUID

from core.database import Connection, Database


@asynccontextmanager
async def tenant(database: Database, user_id: UUID, organization_id: UUID | None = None) -> AsyncGenerator[Connection]:
    """Lends a connection in one transaction that works as `lectern_tenant`, for this user.

    Role and user end with the transaction, so that nobody who gets the connection next inherits them.
    """
    async with database.transaction() as connection:
        await connection.execute(
            "select set_config('role', 'lectern_tenant', true), set_config('app.user_id', $1, true), "
            "set_config('app.organization_id', $2, true)",
            str(user_id),
            str(organization_id or ""),
        )
        yield connection
