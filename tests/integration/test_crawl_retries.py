"""Failed pages that are read again, and libraries and versions that are removed while a crawl is on."""

import pytest

from core.errors import Conflict, LibraryNotFound, VersionNotFound
from core.library_ids import LibraryId
from crawler.rules import CrawlRules
from crawler.service import recognise_source
from tests.crawl_site import Answer, Site
from tests.workshop import LIBRARY, Workshop, ended, hold, write_pages

ONE_BY_ONE = CrawlRules(connections=1)


async def test_a_refused_crawl_is_indexed_whole_when_its_failed_pages_are_read(workshop: Workshop, site: Site) -> None:
    targets = write_pages(site, 10)
    await workshop.work(await workshop.add(site.url))
    write_pages(site, 10, shade="tint")
    well = dict(site.routes)
    for target in targets[:8]:
        site.routes[target] = Answer(b"<html><body><div id='root'></div></body></html>")
    site.routes[targets[8]] = Answer(b"down", 500)
    refused = await workshop.work(await workshop.add(site.url))
    assert refused.status == "failed"
    assert "shade1" in await workshop.ask("colour of widget 1")

    site.routes |= well
    async with workshop.database.connection() as connection:
        # As if all of them had failed: the rest of the crawl is not read again.
        await connection.execute(
            "update crawl_pages set state = 'failed' where crawl_id = $1 and url <> $2", refused.id, f"{site.url}/"
        )
    await workshop.ingest.retry(refused.id)
    assert (await workshop.work(refused)).status == "completed"
    assert "tint1" in await workshop.ask("colour of widget 1")
    assert "many colours" in await workshop.ask("colours widgets come in")


async def test_removing_a_library_ends_its_crawl_and_leaves_nothing(workshop: Workshop, site: Site) -> None:
    write_pages(site, 80)
    gate = hold(site, "/page79.html")
    crawl = await workshop.add(site.url)
    job = workshop.start(crawl)
    await gate.wait()

    await workshop.ingest.remove(LibraryId(LIBRARY))
    await ended(job)
    assert await workshop.count() == 0
    assert await workshop.store.count(crawl.library_version_id) == 0
    with pytest.raises(LibraryNotFound):
        await workshop.ask("colour")


async def test_one_version_is_removed_and_the_newest_of_the_others_answers(workshop: Workshop, site: Site) -> None:
    for version, shade in (("1.9", "old"), ("2.0", "new")):
        write_pages(site, 2, shade)
        _, crawl = await workshop.ingest.add(LIBRARY, version, recognise_source(site.url), CrawlRules())
        await workshop.work(crawl)
    with pytest.raises(VersionNotFound):
        await workshop.ingest.remove(LibraryId(LIBRARY, "2"))

    await workshop.ingest.remove(LibraryId(LIBRARY, "2.0"))
    assert "old1" in await workshop.ask("colour of widget 1")
    await workshop.ingest.remove(LibraryId(LIBRARY, "1.9"))
    with pytest.raises(LibraryNotFound):
        await workshop.ask("colour")


async def test_the_failed_pages_are_read_again_and_answer(workshop: Workshop, site: Site) -> None:
    write_pages(site, 5)
    well = site.routes["/page2.html"]
    site.routes["/page2.html"] = Answer(b"down", 500)
    crawl = await workshop.work(await workshop.add(site.url))
    assert crawl.status == "completed"
    with pytest.raises(Conflict):
        await workshop.ingest.resume(crawl.id)
    asked = dict(site.hits)

    site.routes["/page2.html"] = well
    assert (await workshop.ingest.retry(crawl.id)).status == "queued"
    crawl = await workshop.work(crawl)

    assert (crawl.status, (await workshop.states(crawl))["/page2.html"]) == ("completed", "fetched")
    assert site.hits["/page1.html"] == asked["/page1.html"]
    assert "shade2" in await workshop.ask("colour of widget 2")
    with pytest.raises(Conflict, match="No page of this crawl failed"):
        await workshop.ingest.retry(crawl.id)


async def test_only_the_latest_crawl_is_retried(workshop: Workshop, site: Site) -> None:
    write_pages(site, 3)
    site.routes["/page2.html"] = Answer(b"down", 500)
    first = await workshop.work(await workshop.add(site.url))
    second = await workshop.add(site.url)
    for crawl, reason in ((first, "A later crawl"), (second, "is queued")):
        with pytest.raises(Conflict, match=reason):
            await workshop.ingest.retry(crawl.id)


async def test_a_crawl_that_could_not_be_begun_is_retried_whole(workshop: Workshop, site: Site) -> None:
    write_pages(site, 2)
    start = site.routes["/"]
    site.routes["/"] = Answer(b"down", 500)
    crawl = await workshop.work(await workshop.add(site.url))
    assert crawl.status == "failed"
    site.routes["/"] = start
    await workshop.ingest.retry(crawl.id)
    crawl = await workshop.work(crawl)
    assert (crawl.status, crawl.reason) == ("completed", None)
    assert "shade1" in await workshop.ask("colour of widget 1")
