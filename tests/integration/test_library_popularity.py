"""How often libraries are asked decides which of one name comes first."""

from uuid import UUID

import pytest

from core.database import Database
from indexer.catalogue import catalogue
from indexer.queries import library_names as name_queries
from indexer.search.askings import Askings

ONE, OTHER = "/acme/widget", "/beta/widget"


@pytest.fixture
async def versions(content_database: Database) -> dict[str, UUID]:
    """Two libraries of one name, and their versions."""
    async with content_database.transaction() as connection:
        return {id_: (await catalogue.add_version(connection, id_, "1.0")).id for id_ in (ONE, OTHER)}


async def ask(database: Database, *version_ids: UUID) -> None:
    """Has some other process tell of questions."""
    askings = Askings(database)
    for version_id in version_ids:
        askings.note(version_id)
    await askings.write()


async def ask_for_minutes(database: Database, version_id: UUID, minutes: int) -> None:
    for _ in range(minutes):
        await ask(database, version_id)
        async with database.connection() as connection:
            await connection.execute("update libraries set asked_at = asked_at - interval '1 minute'")


async def let_pass(database: Database, days: int) -> None:
    """What was asked so far was asked so many days earlier."""
    async with database.connection() as connection:
        await connection.execute(
            """
            update libraries set askings = askings - $1::integer / 30.0, asked_at = asked_at - $1 * interval '1 day',
                popularity_score = round(askings - $1 / 30.0)
            where askings is not null
            """,
            days,
        )


async def popularity(database: Database, library_id: str) -> int:
    async with database.connection() as connection:
        return await connection.fetchval("select popularity_score from libraries where id = $1", library_id)


async def first(database: Database) -> str:
    return (await catalogue.resolve(database, "widget")).libraries[0].id


async def test_the_library_that_is_asked_comes_first(content_database: Database, versions: dict[str, UUID]) -> None:
    assert await first(content_database) == ONE
    await ask(content_database, versions[OTHER])
    assert await first(content_database) == OTHER
    await ask_for_minutes(content_database, versions[ONE], 5)
    assert await first(content_database) == ONE


async def test_a_minute_counts_once_whoever_tells_of_it(content_database: Database, versions: dict[str, UUID]) -> None:
    async with content_database.transaction() as connection:
        newer = (await catalogue.add_version(connection, ONE, "2.0")).id
    await ask(content_database, versions[ONE])
    once = await popularity(content_database, ONE)
    for _ in range(5):
        await ask(content_database, versions[ONE], newer)
    assert await popularity(content_database, ONE) == once > await popularity(content_database, OTHER)


async def test_a_point_is_twice_as_many_minutes(content_database: Database, versions: dict[str, UUID]) -> None:
    await ask_for_minutes(content_database, versions[OTHER], 1)
    await ask_for_minutes(content_database, versions[ONE], 8)
    assert await popularity(content_database, ONE) - await popularity(content_database, OTHER) == 3


async def test_what_was_asked_half_a_year_ago_comes_behind_what_is_asked_now(
    content_database: Database, versions: dict[str, UUID]
) -> None:
    await ask_for_minutes(content_database, versions[ONE], 8)
    await let_pass(content_database, 180)
    await ask(content_database, versions[OTHER])
    assert await first(content_database) == OTHER
    await ask_for_minutes(content_database, versions[ONE], 4)
    assert await first(content_database) == ONE


async def test_a_library_that_was_removed_meanwhile_is_passed_over(
    content_database: Database, versions: dict[str, UUID]
) -> None:
    async with content_database.transaction() as connection:
        version = await catalogue.version_by_id(connection, versions[ONE])
        await catalogue.remove_version(connection, version)
    await ask(content_database, versions[ONE], versions[OTHER])
    assert await popularity(content_database, OTHER) > 0


async def test_equally_popular_libraries_are_cut_in_the_order_of_their_ids(content_database: Database) -> None:
    ids = [f"/{owner}/widget" for owner in ("d", "b", "a", "c")]
    async with content_database.transaction() as connection:
        for library_id in ids:
            await catalogue.add_version(connection, library_id, "1.0")
        as_written = await name_queries.names_of_forms(connection, ["widget"], 2)
        keys = await connection.fetchval("select typo_keys from library_names where form = 'widget' limit 1")
        misspelt = await name_queries.names_near(connection, keys, 1, 20, 2)
    assert sorted(name.library_id for name in as_written) == ["/a/widget", "/b/widget"]
    assert sorted(name.library_id for name in misspelt) == ["/a/widget", "/b/widget"]
