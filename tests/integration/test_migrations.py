"""The schemas: every table and column the users asked for exists, and row-level security is on."""

import re
from pathlib import Path

import pytest

from core.database import Database
from core.errors import Misconfigured
from migrations.runner import Migration, check_schema, migrate, migrations_of

TENANT_TABLES_WITHOUT_ROWS_OF_A_USER = {
    "plans",
    "stripe_products",
    "stripe_prices",
    "schema_migrations",
}


async def test_a_second_run_applies_nothing(content_database: Database) -> None:
    assert await migrate(content_database, "content") == []
    await check_schema(content_database, "content")


async def test_a_failed_migration_leaves_nothing_behind(content_database: Database) -> None:
    known = migrations_of("content")
    broken = Migration(len(known) + 1, "9999_broken", "create table half_done (id int); select 1/0;")

    with pytest.raises(Exception, match="division by zero"):
        await migrate(content_database, "content", [*known, broken])

    async with content_database.connection() as connection:
        assert await connection.fetchval("select to_regclass('half_done')") is None
    await check_schema(content_database, "content")


async def test_the_server_refuses_an_older_schema(content_database: Database) -> None:
    async with content_database.connection() as connection:
        await connection.execute(
            "delete from schema_migrations where number = (select max(number) from schema_migrations)"
        )

    with pytest.raises(Misconfigured, match="lectern migrate"):
        await check_schema(content_database, "content")


async def test_the_server_refuses_a_newer_schema(content_database: Database) -> None:
    async with content_database.connection() as connection:
        await connection.execute("insert into schema_migrations values (99, 'from_the_future', 'x')")

    with pytest.raises(Misconfigured, match="newer release"):
        await check_schema(content_database, "content")


async def test_row_level_security_is_forced_on_every_table_with_rows_of_a_user(accounts_database: Database) -> None:
    async with accounts_database.connection() as connection:
        rows = await connection.fetch(
            "select relname, relrowsecurity and relforcerowsecurity as is_on from pg_class "
            "where relnamespace = 'accounts'::regnamespace and relkind in ('r', 'p')"
        )
    unprotected = {row["relname"] for row in rows if not row["is_on"]}
    assert unprotected == TENANT_TABLES_WITHOUT_ROWS_OF_A_USER


def test_migration_files_continue_the_numbering(tmp_path: Path) -> None:
    (tmp_path / "0001_first.sql").write_text("select 1")
    (tmp_path / "0003_third.sql").write_text("select 1")

    with pytest.raises(Misconfigured, match=re.escape("0003_third.sql")):
        migrations_of("content", tmp_path)
