"""Applies the numbered SQL files of a plane, forward only, each in its own transaction, one process at a time."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, LiteralString, cast

import structlog

from core.database import Connection, Database
from core.errors import Misconfigured

log = structlog.get_logger(__name__)

Plane = Literal["content", "accounts"]
_FILE_NAME = re.compile(r"^(\d{4})_[a-z0-9_]+\.sql$")
_LOCK_KEY = 0x1EC7E12  # any constant shared by all runners


@dataclass(frozen=True)
class Migration:
    """One file: its number orders it, its digest tells whether it was edited after being applied."""

    number: int
    name: str
    sql: str

    @property
    def digest(self) -> str:
        """SHA-256 of the text, in hex."""
        return hashlib.sha256(self.sql.encode()).hexdigest()


def migrations_of(plane: Plane, folder: Path | None = None) -> list[Migration]:
    """Gives the plane's migrations in order.

    Raises:
        Misconfigured: A file name has another form, or a number is missing or taken twice.
    """
    found: list[Migration] = []
    for path in sorted((folder or Path(__file__).parent / plane).glob("*.sql")):
        match = _FILE_NAME.match(path.name)
        if match is None or int(match[1]) != len(found) + 1:
            raise Misconfigured(f"The migration {path.name} does not continue the numbering 0001, 0002, ...")
        found.append(Migration(int(match[1]), path.stem, path.read_text()))
    return found


async def migrate(database: Database, plane: Plane, migrations: Sequence[Migration] | None = None) -> list[str]:
    """Brings the plane's schema up to this release and gives the names of what was applied.

    A failed migration leaves nothing behind; those before it stay.

    Raises:
        Misconfigured: The schema is newer than this release, or an applied file was edited.
    """
    known = migrations_of(plane) if migrations is None else list(migrations)
    applied: list[str] = []
    while True:
        async with database.transaction() as connection:
            await _prepare(connection, plane)
            done = await _applied(connection)
            _check_history(plane, known, done)
            if len(done) == len(known):
                return applied
            migration = known[len(done)]
            # The text is a file of this package, read whole; the cast is the only one of its kind.
            await connection.execute(cast("LiteralString", migration.sql))
            await connection.execute(
                "insert into schema_migrations (number, name, digest) values ($1, $2, $3)",
                migration.number,
                migration.name,
                migration.digest,
            )
        log.info("migrations.migration_applied", plane=plane, migration=migration.name)
        applied.append(migration.name)


async def check_schema(database: Database, plane: Plane) -> None:
    """Checks that the schema is exactly this release's.

    Raises:
        Misconfigured: It is older (run `lectern migrate`) or newer.
    """
    known = migrations_of(plane)
    async with database.transaction() as connection:
        await _prepare(connection, plane)
        done = await _applied(connection)
    _check_history(plane, known, done)
    if len(done) < len(known):
        raise Misconfigured(
            f"The {plane} schema is older than this release ({len(done)} of {len(known)}). Run `lectern migrate`."
        )


async def _prepare(connection: Connection, plane: Plane) -> None:
    await connection.execute("select pg_advisory_xact_lock($1)", _LOCK_KEY)
    if plane == "content":
        await connection.execute("create schema if not exists content")
        await connection.execute("set local search_path to content")
    else:
        await connection.execute("create schema if not exists accounts")
        await connection.execute("set local search_path to accounts")
    await connection.execute(
        "create table if not exists schema_migrations ("
        "number integer primary key, name text not null, digest text not null, "
        "applied_at timestamptz not null default now())"
    )


async def _applied(connection: Connection) -> list[tuple[str, str]]:
    rows = await connection.fetch("select name, digest from schema_migrations order by number")
    return [(row["name"], row["digest"]) for row in rows]


def _check_history(plane: Plane, known: Sequence[Migration], done: Sequence[tuple[str, str]]) -> None:
    if len(done) > len(known):
        raise Misconfigured(
            f"The {plane} schema was written by a newer release (it has {len(done)} migrations, this release knows "
            f"{len(known)}). Upgrade Lectern."
        )
    for migration, (name, digest) in zip(known, done, strict=False):
        if (migration.name, migration.digest) != (name, digest):
            raise Misconfigured(f"The {plane} schema differs from this release at migration {name}.")
