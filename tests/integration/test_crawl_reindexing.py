"""An index that is built anew from the snapshot, without the site."""

from pathlib import Path

import numpy as np
import pytest

from core.errors import Conflict
from core.library_ids import LibraryId
from crawler.rules import CrawlRules
from indexer.catalogue import catalogue
from indexer.queries.versions import LibraryVersion
from tests.crawl_site import Site, serve_site
from tests.workshop import LIBRARY, Workshop, write_pages

ONE_BY_ONE = CrawlRules(connections=1)


async def find_version(workshop: Workshop) -> LibraryVersion:
    async with workshop.database.connection() as connection:
        return await catalogue.select_version(connection, LibraryId(LIBRARY))


async def test_an_index_is_built_anew_with_the_site_switched_off(workshop: Workshop) -> None:
    async with serve_site() as site:
        write_pages(site, 4)
        first = await workshop.work(await workshop.add(site.url))
    async with workshop.database.connection() as connection:
        rows = await connection.fetch("select id from documentation_chunks")
        await workshop.store.put_meanings({row["id"]: np.ones(384, np.float32) / 384**0.5 for row in rows})
        await connection.execute("update documentation_chunks set embedded_at = now()")
    version = await find_version(workshop)

    crawl = await workshop.ingest.reindex(version)
    assert (crawl.origin, (await workshop.ingest.reindex(version)).id) == ("snapshot", crawl.id)
    crawl = await workshop.work(crawl)

    assert (crawl.status, crawl.reason) == ("completed", None)
    assert crawl.id != first.id
    counts = await workshop.indexer.counts(version.id)
    assert counts.with_meaning == counts.chunks == len(rows)
    assert "shade3" in await workshop.ask("colour of widget 3")


async def test_a_reindexing_that_was_paused_goes_on_without_the_site(workshop: Workshop) -> None:
    async with serve_site() as site:
        write_pages(site, 3)
        await workshop.work(await workshop.add(site.url))
    crawl = await workshop.ingest.reindex(await find_version(workshop))
    await workshop.ingest.pause(crawl.id)
    assert (await workshop.ingest.resume(crawl.id)).status == "crawled"
    assert (await workshop.work(crawl)).status == "completed"


async def test_without_a_whole_snapshot_nothing_is_reindexed(workshop: Workshop, site: Site, tmp_path: Path) -> None:
    write_pages(site, 3)
    crawl = await workshop.add(site.url)
    version = await find_version(workshop)
    with pytest.raises(Conflict, match="is queued"):
        await workshop.ingest.reindex(version)
    await workshop.work(crawl)
    for segment in (tmp_path / "snapshots").rglob("*.warc.gz"):
        segment.unlink()

    crawl = await workshop.work(await workshop.ingest.reindex(version))
    assert crawl.status == "failed"
    assert crawl.reason is not None
    assert "`lectern refresh` fetches it again" in crawl.reason
    assert "shade1" in await workshop.ask("colour of widget 1")


async def add_passages(workshop: Workshop, page: str) -> None:
    """Adds nine passages to each page, or to pages that are in no snapshot: what an older release made of them."""
    async with workshop.database.connection() as connection:
        await connection.execute(
            """
            insert into documentation_chunks
            select (jsonb_populate_record(c, jsonb_build_object(
                'id', gen_random_uuid(), 'page_url', c.page_url || $1, 'chunk_index', 100 + n))).*
            from documentation_chunks c, generate_series(1, 9) n
            """,
            page,
        )


async def test_pages_of_which_a_release_makes_fewer_passages_are_not_lost(workshop: Workshop, site: Site) -> None:
    write_pages(site, 4)
    await workshop.work(await workshop.add(site.url))
    await add_passages(workshop, "")

    crawl = await workshop.work(await workshop.ingest.reindex(await find_version(workshop)))
    assert (crawl.status, crawl.reason) == ("completed", None)


async def test_pages_of_which_nothing_is_read_any_more_are_lost(workshop: Workshop, site: Site) -> None:
    write_pages(site, 4)
    await workshop.work(await workshop.add(site.url))
    await add_passages(workshop, "-gone")

    crawl = await workshop.work(await workshop.ingest.reindex(await find_version(workshop)))
    assert crawl.status == "failed"
    assert crawl.reason is not None
    assert crawl.reason.startswith("This crawl found 5 passages where 50 answer now, less than 70 %.")
