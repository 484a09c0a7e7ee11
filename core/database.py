"""The one door to PostgreSQL: a bounded pool, transactions, and driver errors turned into ours.

Queries elsewhere take a `Connection` as their first argument and pass SQL literals only.
"""

# asyncpg carries no complete types; they stop at this door.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownParameterType=false

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from typing import Any, Literal, LiteralString, Protocol, cast

import asyncpg
import orjson

from core.errors import Conflict, DatabaseUnavailable, InvalidInput, Misconfigured, NotAllowed

_ACQUIRE_SECONDS = 15

Row = asyncpg.Record
"""One row as the driver gives it; queries turn it into a frozen dataclass before it leaves them."""


class Connection(Protocol):
    """What a query may ask of a connection; statements are literals, so that composed SQL does not type-check."""

    async def fetch(self, query: LiteralString, /, *args: object) -> list[Row]:
        """Gives all rows."""
        ...

    async def fetchrow(self, query: LiteralString, /, *args: object) -> Row | None:
        """Gives the first row, if any."""
        ...

    async def fetchval(self, query: LiteralString, /, *args: object) -> Any:  # noqa: ANN401 - the caller knows the column it asked for
        """Gives the first column of the first row, if any."""
        ...

    async def execute(self, query: LiteralString, /, *args: object) -> str:
        """Runs a statement and gives its command tag."""
        ...

    async def executemany(self, command: LiteralString, args: Sequence[Sequence[object]], /) -> None:
        """Runs a statement once for each tuple of arguments, in one round trip and one transaction."""
        ...


class Database:
    """A pool of connections to one database. The owner closes it."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    @classmethod
    async def connect(
        cls, url: str, *, pool_size: int, schema: Literal["content", "accounts"] | None = None, role: str | None = None
    ) -> "Database":
        """Opens the pool.

        Args:
            url: A libpq URL.
            pool_size: Most connections at once.
            schema: The plane; statements then name their tables without it.
            role: The database role every connection works as; the login role must be a member of it.

        Raises:
            DatabaseUnavailable: Nothing answers there.
            Misconfigured: The server refuses the user, the password or the database name.
        """
        try:
            pool = await asyncpg.create_pool(
                url,
                min_size=1,
                max_size=pool_size,
                init=_register_codecs,
                reset=_keep_session,
                command_timeout=60,
                timeout=15,
                server_settings={"application_name": "lectern"}
                | ({"search_path": schema} if schema else {})
                | ({"role": role} if role else {}),
            )
        except (OSError, TimeoutError, asyncpg.CannotConnectNowError) as error:
            raise DatabaseUnavailable(f"The database does not answer: {error}. Check DATABASE_URL.") from error
        except asyncpg.PostgresError as error:
            raise Misconfigured(f"The database refuses the connection: {error}") from error
        except ValueError as error:
            raise Misconfigured(f"DATABASE_URL is not a database address: {error}") from error
        return cls(pool)

    async def close(self) -> None:
        """Closes every connection, waiting a few seconds for running statements."""
        try:
            async with asyncio.timeout(5):
                await self._pool.close()
        except TimeoutError:
            self._pool.terminate()

    @asynccontextmanager
    async def connection(self) -> AsyncGenerator[Connection]:
        """Lends a connection; each statement is its own transaction."""
        async with translated_errors(), self._pool.acquire(timeout=_ACQUIRE_SECONDS) as connection:
            yield cast("Connection", connection)

    @asynccontextmanager
    async def transaction(self) -> AsyncGenerator[Connection]:
        """Lends a connection inside one transaction: committed on a clean exit, rolled back on an error."""
        async with (
            translated_errors(),
            self._pool.acquire(timeout=_ACQUIRE_SECONDS) as connection,
            connection.transaction(),
        ):
            yield cast("Connection", connection)

    @property
    def pool(self) -> asyncpg.Pool:
        """The driver's own pool, for the job queue, which brings its own statements."""
        return self._pool


@asynccontextmanager
async def translated_errors() -> AsyncGenerator[None]:
    """Turns the driver's errors into ours, most specific first.

    Raises:
        Conflict: What is written exists already.
        InvalidInput: A value is not one the database takes, or refers to nothing.
        NotAllowed: The role may not do this.
        DatabaseUnavailable: The database does not answer, its disk is full, or two changes waited for each other.
    """
    try:
        yield
    except asyncpg.UniqueViolationError as error:
        raise Conflict(f"It exists already ({_constraint(error)}).") from error
    except asyncpg.ForeignKeyViolationError as error:
        raise InvalidInput(f"It refers to something that does not exist ({_constraint(error)}).") from error
    except (asyncpg.CheckViolationError, asyncpg.DataError) as error:
        raise InvalidInput(f"The database does not take this value: {error}") from error
    except asyncpg.DiskFullError as error:
        raise DatabaseUnavailable("The disk of the database is full. Free some space and try again.") from error
    except asyncpg.InsufficientPrivilegeError as error:
        raise NotAllowed("The database does not allow this to this caller.") from error
    except asyncpg.InterfaceError as error:
        # The driver's own errors: about an argument it cannot send, or about a connection that is gone.
        if isinstance(error, ValueError):
            raise InvalidInput("A value cannot be stored as it is.") from error
        raise DatabaseUnavailable("The database does not answer. Try again in a moment.") from error
    except (asyncpg.DeadlockDetectedError, asyncpg.SerializationError) as error:
        raise DatabaseUnavailable("Somebody else changed the same at the same time. Try again in a moment.") from error
    except (
        asyncpg.QueryCanceledError,
        asyncpg.CrashShutdownError,
        asyncpg.PostgresConnectionError,
        asyncpg.CannotConnectNowError,
        asyncpg.TooManyConnectionsError,
        asyncpg.AdminShutdownError,
        asyncpg.InternalClientError,  # what the driver says of a connection that was cut while it was written to
        TimeoutError,
        OSError,
    ) as error:
        raise DatabaseUnavailable("The database does not answer. Try again in a moment.") from error


def _constraint(error: asyncpg.PostgresError) -> str:
    return str(getattr(error, "constraint_name", None) or "a rule")


def _to_json(value: object) -> str:
    # The job queue gives its JSON as text already.
    return value if isinstance(value, str) else orjson.dumps(value).decode()


async def _register_codecs(connection: asyncpg.Connection) -> None:
    for name in ("json", "jsonb"):
        await connection.set_type_codec(name, encoder=_to_json, decoder=orjson.loads, schema="pg_catalog")


async def _keep_session(_connection: asyncpg.Connection) -> None:
    """Asks the server nothing when a connection comes back, where the driver would reset the session each time.

    Statements leave nothing behind in it: settings, roles and locks are those of a transaction, and the driver has
    ended that before.
    """
