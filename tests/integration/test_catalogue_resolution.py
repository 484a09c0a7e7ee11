"""Names and the libraries they mean, through the index of names in PostgreSQL."""

import asyncio

import pytest

from core.database import Database
from core.errors import InvalidInput, LibraryNotFound
from core.library_ids import LibraryId
from indexer.catalogue import catalogue
from indexer.queries import libraries as library_queries
from tests.waiting import eventually

IDS = ("/pallets/flask", "/psycopg/psycopg", "/vercel/next.js")


@pytest.fixture
async def database(content_database: Database) -> Database:
    for library_id in IDS:
        async with content_database.transaction() as connection:
            await catalogue.add_version(connection, library_id, "1.0")
    return content_database


async def ids(database: Database, name: str) -> list[str]:
    return [library.id for library in (await catalogue.resolve(database, name)).libraries]


@pytest.mark.parametrize(
    ("name", "expected"),
    [("flask", ["/pallets/flask"]), ("falsk", ["/pallets/flask"]), ("NextJS docs", ["/vercel/next.js"]), ("numpy", [])],
)
async def test_a_name_is_resolved_as_written_or_misspelt_or_not_at_all(
    database: Database, name: str, expected: list[str]
) -> None:
    assert await ids(database, name) == expected


async def test_aliases_replace_those_before_them(database: Database) -> None:
    async with database.transaction() as connection:
        await catalogue.set_aliases(connection, "/Psycopg/Psycopg", ["pg-driver", "psycopg2"])
    assert await ids(database, "PG Driver") == ["/psycopg/psycopg"]

    async with database.transaction() as connection:
        await catalogue.set_aliases(connection, "/psycopg/psycopg", ["psycopg3"])
    assert await ids(database, "pg driver") == []


async def test_a_new_version_keeps_the_aliases(database: Database) -> None:
    async with database.transaction() as connection:
        await catalogue.set_aliases(connection, "/psycopg/psycopg", ["pg-driver"])
        await catalogue.add_version(connection, "/psycopg/psycopg", "2.0")

    assert await ids(database, "pg-driver") == ["/psycopg/psycopg"]


@pytest.mark.parametrize("aliases", [["x" * 101], [" "], [f"alias {number}" for number in range(51)]])
async def test_aliases_are_bounded(database: Database, aliases: list[str]) -> None:
    with pytest.raises(InvalidInput):
        async with database.transaction() as connection:
            await catalogue.set_aliases(connection, "/psycopg/psycopg", aliases)


async def test_aliases_of_no_library_are_refused_with_ids_that_look_alike(database: Database) -> None:
    with pytest.raises(LibraryNotFound, match="/pallets/flask"):
        async with database.transaction() as connection:
            await catalogue.set_aliases(connection, "/pallets/falsk", ["x"])


async def test_a_removed_library_is_found_by_no_name(database: Database) -> None:
    async with database.transaction() as connection:
        await library_queries.delete_library(connection, "/pallets/flask")

    assert await ids(database, "flask") == []
    async with database.connection() as connection:
        assert await connection.fetchval("select count(*) from library_names where library_id = '/pallets/flask'") == 0


async def test_names_of_a_transaction_that_fails_are_gone_with_it(database: Database) -> None:
    async def add_and_fail() -> None:
        async with database.transaction() as connection:
            await catalogue.add_version(connection, "/numpy/numpy", "2.0")
            raise LookupError

    with pytest.raises(LookupError):
        await add_and_fail()

    assert await ids(database, "numpy") == []


async def test_the_more_popular_library_of_one_name_comes_first(database: Database) -> None:
    async with database.transaction() as connection:
        await catalogue.add_version(connection, "/a-fork/flask", "1.0")
    assert await ids(database, "flask") == ["/a-fork/flask", "/pallets/flask"]

    async with database.connection() as connection:
        await connection.execute("update libraries set popularity_score = 60 where id = '/pallets/flask'")
    assert await ids(database, "flask") == ["/pallets/flask", "/a-fork/flask"]


async def test_names_can_be_written_anew(database: Database) -> None:
    async with database.connection() as connection:
        await connection.execute("delete from library_names")
    assert await ids(database, "flask") == []

    assert await catalogue.rebuild_names(database) == len(IDS)

    assert await ids(database, "flask") == ["/pallets/flask"]


async def test_names_an_earlier_release_derived_are_renewed_once(database: Database) -> None:
    assert await catalogue.renew_names(database) == 0
    async with database.connection() as connection:
        await connection.execute("update library_names set derivation = 0, typo_keys = null where form = 'flask'")
    assert await ids(database, "falsk") == []

    assert await catalogue.renew_names(database) == len(IDS)
    assert await ids(database, "falsk") == ["/pallets/flask"]
    assert await catalogue.renew_names(database) == 0


async def test_names_are_renewed_beside_a_version_that_is_being_added(database: Database) -> None:
    async with database.connection() as connection:
        await connection.execute("update library_names set derivation = 0")

    async def is_waited() -> bool:
        async with database.connection() as connection:
            return await connection.fetchval("select exists (select from pg_locks where not granted)")

    async with database.transaction() as connection:
        await catalogue.add_version(connection, "/pallets/flask", "9.9")
        renewing = asyncio.create_task(catalogue.renew_names(database))
        await eventually(is_waited)
    assert await renewing == len(IDS)
    assert await ids(database, "flask") == ["/pallets/flask"]


async def test_an_unknown_id_is_answered_with_ids_that_look_alike(database: Database) -> None:
    with pytest.raises(LibraryNotFound, match="Did you mean /pallets/flask"):
        async with database.connection() as connection:
            await catalogue.select_version(connection, LibraryId("/palets/flask"))
