"""Taking back what a crawl left in the index: all of a first one, of a later one what does not answer yet."""

from uuid import UUID

from core.database import Connection, Database
from indexer.catalogue.catalogue import version_by_id
from indexer.queries import chunks as chunk_queries
from indexer.queries import pages as page_queries
from indexer.queries.versions import lock_versions


async def withdraw_crawl(database: Database, version_id: UUID, crawl_id: UUID) -> None:
    """Removes what only this crawl brought; the version answers as it did before it, a new one not at all.

    Points to remove are written down: call `Indexer.sync_removed` after it.

    Raises:
        VersionNotFound: The version was removed.
    """
    async with database.transaction() as connection:
        await lock_versions(connection, [version_id])
        version = await version_by_id(connection, version_id)
        is_first = version.indexed_at is None
        await chunk_queries.delete_chunks_of_crawl(connection, version_id, crawl_id, is_published=is_first)
        if is_first:
            await page_queries.delete_pages_of(connection, crawl_id)


async def forget_pages(connection: Connection, crawl_id: UUID) -> None:
    """Has every page of a crawl indexed again, as after a crawl whose passages were thrown away."""
    await page_queries.delete_pages_of(connection, crawl_id)
