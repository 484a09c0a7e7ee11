"""Fixtures all tests share: one embedded PostgreSQL per run, and a fresh database copied from a template per test."""

import signal
import uuid
from collections.abc import AsyncGenerator, Generator
from pathlib import Path
from typing import LiteralString, cast
from urllib.parse import urlsplit, urlunsplit

import pytest

from core.database import Database
from core.embedded_postgres import embedded_postgres
from migrations.runner import migrate

# A shell script that starts a run in the background has Ctrl-C ignored, in it and in all that it starts.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def postgres_url(tmp_path_factory: pytest.TempPathFactory) -> Generator[str]:
    """The embedded PostgreSQL, once per run."""
    with embedded_postgres(tmp_path_factory.mktemp("pg")) as url:
        yield url


def with_database(url: str, name: str) -> str:
    """Gives the URL with another database name."""
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


async def run_statement(url: str, statement: str) -> None:
    database = await Database.connect(url, pool_size=2)
    async with database.connection() as connection:
        await connection.execute(cast("LiteralString", statement))
    await database.close()


@pytest.fixture(scope="session")
async def template_database(postgres_url: str) -> str:
    """A database with both schemas, to be copied; creating one per test by migration would take too long."""
    name = "lectern_template"
    await run_statement(postgres_url, f"create database {name}")
    database = await Database.connect(with_database(postgres_url, name), pool_size=2)
    await migrate(database, "content")
    await migrate(database, "accounts")
    await database.close()
    return name


@pytest.fixture
async def database_url(postgres_url: str, template_database: str) -> AsyncGenerator[str]:
    """The URL of a fresh, migrated database of its own."""
    name = f"test_{uuid.uuid4().hex}"
    await run_statement(postgres_url, f"create database {name} template {template_database}")
    yield with_database(postgres_url, name)
    await run_statement(postgres_url, f"drop database {name} with (force)")


@pytest.fixture
async def content_database(database_url: str) -> AsyncGenerator[Database]:
    database = await Database.connect(database_url, pool_size=5, schema="content")
    yield database
    await database.close()


@pytest.fixture
async def accounts_database(database_url: str) -> AsyncGenerator[Database]:
    database = await Database.connect(database_url, pool_size=5, schema="accounts", role="lectern_service")
    yield database
    await database.close()


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    return tmp_path / "data"
