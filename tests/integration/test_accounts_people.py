"""People in a real database."""

import asyncio

import pytest

from accounts.people import create_user, ensure_administrator, find_user_by_email
from core.database import Database
from core.errors import Conflict, InvalidInput
from tests.conftest import run_statement


async def test_replicas_that_start_together_make_one_administrator(accounts_database: Database) -> None:
    made = await asyncio.gather(*(ensure_administrator(accounts_database, "admin@localhost") for _ in range(5)))

    assert len({user.id for user in made}) == 1
    assert made[0].role == "ADMIN"


async def test_a_later_start_with_another_address_makes_no_second_administrator(accounts_database: Database) -> None:
    first = await ensure_administrator(accounts_database, "admin@localhost")

    assert await ensure_administrator(accounts_database, "other@example.org") == first


async def test_the_person_with_the_operators_address_becomes_the_first_administrator(
    accounts_database: Database,
) -> None:
    person = await create_user(accounts_database, "Ada@Example.org")

    administrator = await ensure_administrator(accounts_database, "ada@example.org")

    assert (administrator.id, administrator.role) == (person.id, "ADMIN")


async def test_an_address_is_taken_however_it_is_capitalised_until_its_account_is_deleted(
    accounts_database: Database, database_url: str
) -> None:
    await create_user(accounts_database, "ada@example.org")
    with pytest.raises(Conflict, match="ADA@example"):
        await create_user(accounts_database, "ADA@example.org")

    await run_statement(database_url, "update accounts.users set deleted_at = now()")
    assert await find_user_by_email(accounts_database, "ada@example.org") is None
    await create_user(accounts_database, "ada@example.org")


async def test_a_person_is_found_by_address(accounts_database: Database) -> None:
    person = await create_user(accounts_database, " ada@example.org ")

    assert await find_user_by_email(accounts_database, "ADA@EXAMPLE.ORG") == person
    assert await find_user_by_email(accounts_database, "eve@example.org") is None
    assert await find_user_by_email(accounts_database, "a\0@example.org") is None


@pytest.mark.parametrize("text", ["", "ada", "@example.org", "ada@", "a da@example.org", "a\n@b.c", f"{'x' * 255}@b.c"])
async def test_text_that_is_no_address_makes_nobody(accounts_database: Database, text: str) -> None:
    with pytest.raises(InvalidInput, match="e-mail"):
        await create_user(accounts_database, text)
