"""What the database refuses, in words for who asked."""

import asyncio

import pytest

from core.database import Connection, Database
from core.errors import DatabaseUnavailable


async def test_of_two_changes_that_wait_for_each_other_one_is_told_so_and_the_other_is_made(
    content_database: Database,
) -> None:
    async with content_database.transaction() as connection:
        await connection.execute("insert into libraries (id, name) values ('/a/one', 'One'), ('/a/two', 'Two')")
    both = asyncio.Barrier(2)

    async def change(first: str, second: str) -> None:
        async with content_database.transaction() as connection:
            await rename(connection, first)
            await both.wait()
            await rename(connection, second)

    ends = await asyncio.gather(change("/a/one", "/a/two"), change("/a/two", "/a/one"), return_exceptions=True)
    (refusal,) = [end for end in ends if end is not None]
    with pytest.raises(DatabaseUnavailable, match="Somebody else changed the same"):
        raise refusal


async def rename(connection: Connection, library_id: str) -> None:
    await connection.execute("update libraries set name = name || '!' where id = $1", library_id)
