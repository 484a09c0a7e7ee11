"""Isolation of tenants, proven against the database itself: the statements here carry no condition of their own."""

from contextlib import nullcontext
from typing import LiteralString
from uuid import UUID, uuid4

import pytest
from pydantic import SecretStr

from accounts.keys import KeyRing
from accounts.people import create_user
from accounts.tenant import tenant
from core.database import Connection, Database
from core.errors import NotAllowed

PEPPER = SecretStr("a pepper of more than thirty-two characters")


@pytest.fixture
async def people(accounts_database: Database) -> tuple[UUID, UUID]:
    """Two users with a key each."""
    key_ring = KeyRing(accounts_database, PEPPER)
    ids: list[UUID] = []
    for email in ("ada@example.org", "eve@example.org"):
        user = await create_user(accounts_database, email)
        await key_ring.create(user.id, email, ["docs:read"])
        ids.append(user.id)
    return ids[0], ids[1]


async def insert_key(connection: Connection, user_id: UUID) -> None:
    await connection.execute(
        "insert into api_keys (id, user_id, key_hash, key_prefix, key_last_four) values ($1, $2, $3, 'p', 'last')",
        uuid4(),
        user_id,
        uuid4().hex,
    )


async def test_a_tenant_sees_their_own_rows_only(accounts_database: Database, people: tuple[UUID, UUID]) -> None:
    ada, eve = people

    async with tenant(accounts_database, ada) as connection:
        keys = await connection.fetch("select user_id from api_keys")
        users = await connection.fetch("select id from users")
        assert await connection.fetchval("select count(*) from api_keys where user_id = $1", eve) == 0

    assert [row["user_id"] for row in keys] == [ada]
    assert [row["id"] for row in users] == [ada]


async def test_a_tenant_changes_their_own_rows_only(accounts_database: Database, people: tuple[UUID, UUID]) -> None:
    ada, eve = people

    async with tenant(accounts_database, ada) as connection:
        assert await connection.execute("update api_keys set revoked_at = now()") == "UPDATE 1"
    async with accounts_database.connection() as connection:
        assert await connection.fetchval("select revoked_at from api_keys where user_id = $1", eve) is None


async def test_a_row_for_another_tenant_is_refused(accounts_database: Database, people: tuple[UUID, UUID]) -> None:
    ada, eve = people

    with pytest.raises(NotAllowed):
        async with tenant(accounts_database, ada) as connection:
            await insert_key(connection, eve)
    async with tenant(accounts_database, ada) as connection:
        await insert_key(connection, ada)


@pytest.mark.usefixtures("people")
async def test_without_a_tenant_there_are_no_rows(accounts_database: Database) -> None:
    async with accounts_database.transaction() as connection:
        await connection.execute("set local role lectern_tenant")
        assert await connection.fetchval("select count(*) from api_keys") == 0
        assert await connection.fetchval("select count(*) from users") == 0


@pytest.mark.parametrize("fails", [False, True])
async def test_role_and_tenant_end_with_the_transaction(
    database_url: str, people: tuple[UUID, UUID], *, fails: bool
) -> None:
    ada, eve = people
    # The same connection is lent twice.
    database = await Database.connect(database_url, pool_size=1, schema="accounts", role="lectern_service")
    with pytest.raises(NotAllowed) if fails else nullcontext():
        async with tenant(database, ada, uuid4()) as connection:
            first = await connection.fetchval("select pg_backend_pid()")
            assert await connection.fetchval("select current_user") == "lectern_tenant"
            if fails:
                await insert_key(connection, eve)
    async with database.connection() as connection:
        assert await connection.fetchval("select pg_backend_pid()") == first
        assert await connection.fetchval("select current_user") == "lectern_service"
        assert await connection.fetchval("select current_user_id()") is None
        assert await connection.fetchval("select current_organization_id()") is None
        assert await connection.fetchval("select count(*) from api_keys") == 2
    await database.close()


@pytest.mark.parametrize(
    "statement",
    [
        "update users set role = 'ADMIN'",
        "update users set tokens = 1000000",
        "update api_keys set quota_requests_per_day = 1000000",
        "update plans set amount = 0",
        "delete from api_keys",
        "delete from usage_logs",
        "update usage_logs set is_billed = false",
        "update invoices set status = 'paid'",
        "select hashed_password from users",
        "alter table api_keys disable row level security",
        "select * from pg_authid",
        "select ensure_usage_partition('2030-01-01')",
    ],
)
async def test_a_tenant_decides_nothing_that_is_the_operators(
    accounts_database: Database, people: tuple[UUID, UUID], statement: LiteralString
) -> None:
    with pytest.raises(NotAllowed):
        async with tenant(accounts_database, people[0]) as connection:
            await connection.execute(statement)


async def test_the_service_cannot_lift_the_policies(accounts_database: Database) -> None:
    async with accounts_database.connection() as connection:
        row = await connection.fetchrow(
            "select rolsuper, rolbypassrls from pg_roles where rolname = current_user and rolname = 'lectern_service'"
        )
        owned = await connection.fetchval(
            "select count(*) from pg_class where relowner in ('lectern_service'::regrole, 'lectern_tenant'::regrole)"
        )
    assert row is not None
    assert (row["rolsuper"], row["rolbypassrls"], owned) == (False, False, 0)
