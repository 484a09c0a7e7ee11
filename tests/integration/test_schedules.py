"""Crawls that begin by themselves: once each, however many look, later while they fail."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from core.database import Database
from core.errors import InvalidInput, NotFound
from core.library_ids import LibraryId
from crawler import schedules
from crawler.queries import schedules as queries
from crawler.records import Schedule
from crawler.schedules import read_period, show_period, wait_of
from indexer.catalogue import catalogue
from tests.crawl_runs import add_source
from tests.crawl_site import Answer, Site
from tests.workshop import LIBRARY, Workshop, write_pages

WEEK = timedelta(days=7)
SOURCES = 12


async def start_due(database: Database) -> list[UUID]:
    async with database.transaction() as connection:
        return await schedules.start_due_crawls(connection, SOURCES)


async def schedule_of(database: Database, source_id: UUID) -> Schedule:
    async with database.connection() as connection:
        return await queries.select_schedule(connection, source_id)


async def make_due(database: Database, ago: timedelta = timedelta(0)) -> None:
    async with database.connection() as connection:
        await connection.execute("update sources set refresh_at = now() - $1::interval", ago)


async def test_a_crawl_that_is_due_is_started_once_by_several_who_look(content_database: Database) -> None:
    for number in range(SOURCES):
        source = await add_source(content_database, f"https://example.org/{number}/")
        async with content_database.connection() as connection:
            await schedules.set_schedule(connection, source.id, WEEK)
    assert await start_due(content_database) == []
    await make_due(content_database)

    started = await asyncio.gather(*(start_due(content_database) for _ in range(4)))
    assert len({crawl_id for batch in started for crawl_id in batch}) == SOURCES
    assert sum(len(batch) for batch in started) == SOURCES


async def test_what_was_missed_for_months_is_made_up_for_by_one_crawl(content_database: Database) -> None:
    source = await add_source(content_database, "https://example.org/")
    async with content_database.connection() as connection:
        await schedules.set_schedule(connection, source.id, WEEK)
    await make_due(content_database, timedelta(days=100))
    assert len(await start_due(content_database)) == 1
    assert await start_due(content_database) == []
    schedule = await schedule_of(content_database, source.id)
    assert schedule.next_at is not None
    assert schedule.next_at > datetime.now(UTC) + WEEK - timedelta(minutes=1)


async def test_a_source_whose_crawl_is_not_at_its_end_is_passed_over(workshop: Workshop, site: Site) -> None:
    write_pages(site, 1)
    crawl = await workshop.add(site.url)
    async with workshop.database.connection() as connection:
        await schedules.set_schedule(connection, crawl.source_id, WEEK)
    await workshop.ingest.pause(crawl.id)
    await make_due(workshop.database)
    await workshop.ingest.start_due()
    assert (await workshop.crawl(crawl.id)).status == "paused"
    async with workshop.database.connection() as connection:
        assert await connection.fetchval("select count(*) from crawls") == 1


async def test_failures_in_a_row_put_the_next_crawl_further_away_and_a_success_ends_that(
    workshop: Workshop, site: Site
) -> None:
    write_pages(site, 1)
    start, site.routes["/"] = site.routes["/"], Answer(b"down", 500)
    crawl = await workshop.add(site.url)
    async with workshop.database.connection() as connection:
        await schedules.set_schedule(connection, crawl.source_id, WEEK)
    for failures in (1, 2):
        await workshop.work(crawl)
        schedule = await schedule_of(workshop.database, crawl.source_id)
        assert schedule.next_at is not None
        assert schedule.failures == failures
        assert schedule.next_at > datetime.now(UTC) + WEEK * 2**failures - timedelta(minutes=1)
        crawl = await workshop.add(site.url)

    site.routes["/"] = start
    assert (await workshop.work(crawl)).status == "completed"
    schedule = await schedule_of(workshop.database, crawl.source_id)
    assert schedule.next_at is not None
    assert schedule.failures == 0
    assert schedule.next_at < datetime.now(UTC) + WEEK * 1.2


async def test_a_schedule_that_is_switched_off_starts_nothing(workshop: Workshop, site: Site) -> None:
    write_pages(site, 1)
    await workshop.work(await workshop.add(site.url))
    async with workshop.database.connection() as connection:
        version = await catalogue.select_version(connection, LibraryId(LIBRARY))
    assert (await workshop.ingest.schedule(version, WEEK)).every == WEEK
    await make_due(workshop.database)
    assert await workshop.ingest.schedule(version, None) == Schedule(None, None, 0)
    assert await start_due(workshop.database) == []


async def test_a_source_that_does_not_exist_has_no_schedule(content_database: Database) -> None:
    with pytest.raises(NotFound):
        async with content_database.connection() as connection:
            await schedules.set_schedule(connection, UUID(int=7), WEEK)


@pytest.mark.parametrize(
    ("text", "every"), [("7d", WEEK), (" 12 H ", timedelta(hours=12)), ("2w", 2 * WEEK), ("off", None)]
)
def test_a_period_is_hours_days_or_weeks(text: str, every: timedelta | None) -> None:
    assert read_period(text) == every


@pytest.mark.parametrize("text", ["", "7", "0d", "30m", "-1d", "400d", "99999w", "1d1d", "\u0667d", "1" * 500 + "d"])
def test_anything_else_is_no_period(text: str) -> None:
    with pytest.raises(InvalidInput, match="is no period"):
        read_period(text)


@pytest.mark.parametrize("text", ["36h", "1d", "3w", "1h", "365d"])
def test_a_period_is_shown_as_it_can_be_given(text: str) -> None:
    every = read_period(text)
    assert every is not None
    assert show_period(every) == text


def test_sources_of_one_period_come_apart_but_each_always_by_as_much() -> None:
    ids = [UUID(int=number) for number in range(100)]
    waits = [wait_of(source_id, WEEK) for source_id in ids]
    assert waits == [wait_of(source_id, WEEK) for source_id in ids]
    assert len(set(waits)) == len(ids)
    assert WEEK <= min(waits) < max(waits) <= WEEK * 1.1


def test_the_wait_after_failures_has_an_end() -> None:
    source_id = UUID(int=1)
    assert wait_of(source_id, timedelta(hours=1), 1000) <= timedelta(hours=32) * 1.1
    assert wait_of(source_id, WEEK, 1000) <= timedelta(days=30) * 1.1
    assert wait_of(source_id, timedelta(days=300), 5) >= timedelta(days=300)
