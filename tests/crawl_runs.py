"""Runs of the crawler over test sources, and what they left in the database."""

import asyncio
import sys
import uuid
from uuid import UUID

from core.database import Database, Row
from core.objects import ObjectStore, open_object_store
from core.snapshots import read_record
from crawler import service
from crawler.crawl import CrawlReport, run_crawl
from crawler.records import Source
from crawler.rules import CrawlRules
from crawler.settings import CrawlerSettings
from tests.crawl_site import Site

SETTINGS = CrawlerSettings(allow_private=True, retry_base_seconds=0, delay_seconds=0, break_seconds=0)


async def add_source(
    database: Database, address: str, rules: CrawlRules | None = None, *, is_single: bool = False
) -> Source:
    """Adds a library with one version whose source is the address."""
    version_id = uuid.uuid4()
    found = service.recognise_source(address, is_single=is_single)
    async with database.transaction() as connection:
        await connection.execute("insert into libraries (id, name) values ($1, 'Test')", f"/test/{version_id.hex}")
        await connection.execute(
            "insert into library_versions (id, library_id, version) values ($1, $2, '1.0')",
            version_id,
            f"/test/{version_id.hex}",
        )
        return await service.save_source(connection, version_id, found.kind, found.address, rules or CrawlRules())


async def crawl(
    database: Database, store: ObjectStore, source: Source, settings: CrawlerSettings = SETTINGS
) -> CrawlReport:
    started = await service.start_crawl(database, source.id)
    async with asyncio.timeout(30):
        return await run_crawl(database, store, settings, started.id)


async def crawl_site(
    database: Database,
    store: ObjectStore,
    address: str,
    rules: CrawlRules | None = None,
    *,
    is_single: bool = False,
    **settings: object,
) -> CrawlReport:
    source = await add_source(database, address, rules, is_single=is_single)
    return await crawl(database, store, source, SETTINGS.model_copy(update=settings))


async def rows_of(database: Database, crawl_id: UUID) -> dict[str, Row]:
    async with database.connection() as connection:
        rows = await connection.fetch(
            "select url, state, http_status, reason, final_url, content_type, is_unchanged, tries, body_sha256, "
            "snapshot_key, snapshot_offset, snapshot_length from crawl_pages where crawl_id = $1",
            crawl_id,
        )
    return {row["url"]: row for row in rows}


async def states_of(database: Database, site: Site, crawl_id: UUID) -> dict[str, str]:
    rows = await rows_of(database, crawl_id)
    return {url.removeprefix(site.url): row["state"] for url, row in rows.items()}


async def stored_bodies(database: Database, store: ObjectStore, crawl_id: UUID) -> dict[str, bytes]:
    """Reads the record of every page that counts as fetched."""
    rows = (await rows_of(database, crawl_id)).values()
    place = ("snapshot_key", "snapshot_offset", "snapshot_length")
    records = [await read_record(store, *(row[name] for name in place)) for row in rows if row["state"] == "fetched"]
    return {record.url: record.body for record in records}


async def expire_leases(database: Database, crawl_id: UUID) -> None:
    async with database.connection() as connection:
        await connection.execute(
            "update crawl_pages set leased_until = now() - interval '1 second' where crawl_id = $1", crawl_id
        )


async def complete(database: Database, crawl_id: UUID) -> None:
    async with database.connection() as connection:
        await service.complete_crawl(connection, crawl_id)


async def main(database_url: str, snapshots: str, crawl_id: str) -> None:
    """Runs a crawl as a process of its own, to be killed."""
    database = await Database.connect(database_url, pool_size=5, schema="content")
    await run_crawl(database, open_object_store(snapshots), SETTINGS, UUID(crawl_id))


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
