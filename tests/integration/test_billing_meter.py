"""The meter on a real database: durable when it says so, once however often it is told."""

import asyncio
import signal
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import psutil
import pytest
from pydantic import SecretStr

from accounts.keys import KeyRing
from accounts.people import create_user
from billing.meter import MAX_BATCH, Meter
from billing.partitions import ensure_usage_partitions
from core.database import Database
from core.embedded_postgres import embedded_postgres
from core.errors import DatabaseUnavailable, Unavailable
from migrations.runner import migrate
from tests.conftest import run_statement
from tests.usage_events import MISSING, NOW, usage_event

PEPPER = SecretStr("a pepper of more than thirty-two characters")


class Times:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


async def count(database: Database) -> int:
    async with database.connection() as connection:
        return await connection.fetchval("select count(*) from usage_logs")


async def logged_ids(database: Database) -> set[UUID]:
    async with database.connection() as connection:
        rows = await connection.fetch("select request_id from usage_logs")
    return {row["request_id"] for row in rows}


async def partitions(database: Database) -> dict[str, int]:
    async with database.connection() as connection:
        rows = await connection.fetch("select tableoid::regclass::text as name, count(*) from usage_logs group by 1")
    return {row["name"]: row["count"] for row in rows}


def crash(postgres_folder: Path) -> None:
    """Ends the server at once, as a power cut would end it: no checkpoint, and recovery at the next start."""
    server = psutil.Process(int((postgres_folder / "postmaster.pid").read_text().split()[0]))
    server.send_signal(signal.SIGQUIT)
    server.wait(10)


async def test_a_recorded_event_is_a_row_with_everything_in_it(accounts_database: Database) -> None:
    user = await create_user(accounts_database, "ada@example.org")
    key = (await KeyRing(accounts_database, PEPPER).create(user.id, "laptop", ["docs:read"])).key
    event = usage_event(user_id=user.id, api_key_id=key.id)

    async with Meter(accounts_database, lambda: NOW) as meter:
        await meter.record(event)
        async with accounts_database.connection() as connection:
            row = await connection.fetchrow(
                "select request_id, created_at, user_id, api_key_id, tool_name, library_id, query, tokens_returned, "
                "response_time_ms, status, is_billed, client_name, client_version, transport from usage_logs"
            )
    assert row is not None
    assert dict(row) == vars(event)


async def test_five_hundred_events_at_once_are_one_row_each_and_few_commits(
    accounts_database: Database, database_url: str
) -> None:
    watcher = await Database.connect(database_url, pool_size=1, schema="accounts")
    events = [usage_event() for _ in range(500)]

    async with Meter(accounts_database, lambda: NOW) as meter:
        await asyncio.gather(*(meter.record(event) for event in events))
    async with watcher.connection() as connection:
        transactions = await connection.fetchval("select count(distinct xmin::text) from usage_logs")
    await watcher.close()

    assert await logged_ids(accounts_database) == {event.request_id for event in events}
    assert await count(accounts_database) == 500
    # Those that were queued when the writer woke, and at most one group that came in meanwhile.
    assert transactions <= 2


async def test_no_group_is_larger_than_a_batch(accounts_database: Database) -> None:
    async with Meter(accounts_database, lambda: NOW) as meter:
        await asyncio.gather(*(meter.record(usage_event()) for _ in range(2 * MAX_BATCH + 1)))
    async with accounts_database.connection() as connection:
        largest = await connection.fetchval(
            "select max(events) from (select count(*) as events from usage_logs group by xmin::text) groups"
        )

    assert await count(accounts_database) == 2 * MAX_BATCH + 1
    assert largest == MAX_BATCH


async def test_the_same_event_is_one_row_however_often_it_is_recorded(accounts_database: Database) -> None:
    event = usage_event()

    async with Meter(accounts_database, lambda: NOW) as meter:
        await asyncio.gather(*(meter.record(event) for _ in range(20)))
        await meter.record(event)
    async with Meter(accounts_database, lambda: NOW) as another:
        await another.record(event)

    assert await count(accounts_database) == 1


async def test_an_idle_meter_writes_each_event_at_once(accounts_database: Database) -> None:
    async with Meter(accounts_database, lambda: NOW) as meter:
        for written in range(1, 6):
            await meter.record(usage_event())
            assert await count(accounts_database) == written


async def test_without_the_database_the_call_fails_and_nothing_is_written_later(
    accounts_database: Database, database_url: str
) -> None:
    database = await Database.connect(database_url, pool_size=2, schema="accounts", role="lectern_service")
    async with Meter(database, lambda: NOW, deadline=timedelta(seconds=0.3)) as meter:
        await database.close()
        results = await asyncio.gather(*(meter.record(usage_event()) for _ in range(20)), return_exceptions=True)

    assert all(isinstance(result, Unavailable) for result in results)
    assert await count(accounts_database) == 0


async def test_a_meter_does_not_start_without_the_database(database_url: str) -> None:
    database = await Database.connect(database_url, pool_size=2, schema="accounts", role="lectern_service")
    await database.close()

    with pytest.raises(DatabaseUnavailable):
        async with Meter(database, lambda: NOW):
            pass


async def test_events_outlive_a_crash_of_the_database(tmp_path: Path) -> None:
    events = [usage_event() for _ in range(10)]
    with embedded_postgres(tmp_path) as url:
        owner = await Database.connect(url, pool_size=1)
        await migrate(owner, "accounts")
        await owner.close()
        database = await Database.connect(url, pool_size=1, schema="accounts", role="lectern_service")
        meter = await Meter(database, lambda: NOW).__aenter__()
        await meter.record(events[0])
        crash(tmp_path)
    records = [asyncio.create_task(meter.record(event)) for event in events]
    done, _ = await asyncio.wait(records, timeout=0.2)
    assert not done

    with embedded_postgres(tmp_path):
        await asyncio.gather(*records)
        assert await logged_ids(database) == {event.request_id for event in events}
        assert await count(database) == 10
        await meter.__aexit__(None, None, None)
        await database.close()


async def test_a_write_that_hangs_fails_its_calls_and_is_undone(accounts_database: Database, database_url: str) -> None:
    blocker = await Database.connect(database_url, pool_size=1, schema="accounts")
    async with Meter(accounts_database, lambda: NOW, deadline=timedelta(seconds=0.3)) as meter:
        async with blocker.transaction() as connection:
            await connection.execute("lock table usage_logs in access exclusive mode")
            with pytest.raises(Unavailable):
                await meter.record(usage_event())
        await meter.record(usage_event())
    await blocker.close()

    assert await count(accounts_database) == 1


async def test_one_event_the_database_refuses_costs_the_others_nothing(
    accounts_database: Database, database_url: str
) -> None:
    await run_statement(
        database_url, "alter table accounts.usage_logs add constraint no_refused check (status <> 'refused')"
    )
    good = [usage_event() for _ in range(10)]

    async with Meter(accounts_database, lambda: NOW) as meter:
        *results, refused = await asyncio.gather(
            *(meter.record(event) for event in good),
            meter.record(usage_event(status="refused")),
            return_exceptions=True,
        )

    assert results == [None] * 10
    assert isinstance(refused, Unavailable)
    assert await logged_ids(accounts_database) == {event.request_id for event in good}


async def test_a_call_of_a_user_deleted_meanwhile_is_still_recorded(accounts_database: Database) -> None:
    async with Meter(accounts_database, lambda: NOW) as meter:
        await meter.record(usage_event(user_id=MISSING, api_key_id=uuid4()))

    assert await count(accounts_database) == 1


async def test_a_call_given_up_before_it_is_written_is_not_written(
    accounts_database: Database, database_url: str
) -> None:
    blocker = await Database.connect(database_url, pool_size=1, schema="accounts")
    kept, given_up = usage_event(), usage_event()
    async with Meter(accounts_database, lambda: NOW) as meter:
        async with blocker.transaction() as connection:
            await connection.execute("lock table usage_logs in access exclusive mode")
            first = asyncio.create_task(meter.record(kept))
            await asyncio.wait({first}, timeout=0.05)
            second = asyncio.create_task(meter.record(given_up))
            await asyncio.wait({second}, timeout=0.05)
            second.cancel()
        await first
    await blocker.close()

    assert await logged_ids(accounts_database) == {kept.request_id}


async def test_leaving_the_meter_writes_what_it_holds(accounts_database: Database) -> None:
    async with Meter(accounts_database, lambda: NOW) as meter:
        records = [asyncio.create_task(meter.record(usage_event())) for _ in range(50)]
        await asyncio.sleep(0)
    await asyncio.gather(*records)

    assert await count(accounts_database) == 50
    with pytest.raises(Unavailable):
        await meter.record(usage_event())


async def test_what_was_asked_is_not_kept_when_the_operator_wants_so(accounts_database: Database) -> None:
    async with Meter(accounts_database, lambda: NOW, is_query_logged=False) as meter:
        await meter.record(usage_event(query="a secret"))
    async with accounts_database.connection() as connection:
        assert await connection.fetchval("select query from usage_logs") is None


async def test_each_month_has_its_partition_before_it_begins(accounts_database: Database) -> None:
    times = Times()
    async with Meter(accounts_database, times) as meter:
        await meter.record(usage_event(created_at=NOW))
        await meter.record(usage_event(created_at=datetime(2027, 2, 1, tzinfo=UTC)))
        times.now = datetime(2027, 2, 1, tzinfo=UTC)
        await meter.record(usage_event(created_at=times.now))
    async with Meter(accounts_database, times) as meter:
        await meter.record(usage_event(created_at=datetime(2027, 3, 31, 23, 59, 59, tzinfo=UTC)))

    assert await partitions(accounts_database) == {
        "usage_logs_2027_01": 1,
        "usage_logs_2027_02": 2,
        "usage_logs_2027_03": 1,
    }


async def test_the_meter_makes_the_next_partition_when_the_month_changes(accounts_database: Database) -> None:
    times = Times()
    async with Meter(accounts_database, times) as meter:
        times.now = datetime(2027, 2, 1, tzinfo=UTC)
        await meter.record(usage_event(created_at=times.now))
    async with accounts_database.connection() as connection:
        assert await connection.fetchval("select to_regclass('usage_logs_2027_03')") is not None


async def test_rows_written_before_their_partition_move_into_it(accounts_database: Database) -> None:
    late, early = usage_event(created_at=datetime(2027, 5, 1, tzinfo=UTC)), usage_event(created_at=NOW)
    async with Meter(accounts_database, lambda: NOW) as meter:
        await asyncio.gather(meter.record(late), meter.record(early))
    assert (await partitions(accounts_database))["usage_logs_default"] == 1

    await asyncio.gather(*(ensure_usage_partitions(accounts_database, late.created_at) for _ in range(3)))

    assert await partitions(accounts_database) == {"usage_logs_2027_01": 1, "usage_logs_2027_05": 1}
    async with Meter(accounts_database, lambda: late.created_at) as meter:
        await meter.record(late)
    assert await count(accounts_database) == 2


async def test_a_new_partition_is_as_closed_as_the_others(accounts_database: Database) -> None:
    await ensure_usage_partitions(accounts_database, NOW)
    async with accounts_database.connection() as connection:
        open_tables = await connection.fetch(
            "select relname from pg_class where relname like 'usage\\_logs%' and relkind in ('r', 'p') "
            "and not (relrowsecurity and relforcerowsecurity)"
        )
    assert open_tables == []
