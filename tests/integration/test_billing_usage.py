"""Sums over the usage log."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from pydantic import SecretStr

from accounts.keys import KeyRing
from accounts.people import create_user
from accounts.tenant import tenant
from billing.meter import Meter
from billing.usage import Tally, recent_calls, usage_summary
from core.database import Database
from core.errors import InvalidInput
from tests.usage_events import usage_event

PEPPER = SecretStr("a pepper of more than thirty-two characters")
FIRST = datetime(2027, 1, 1, tzinfo=UTC)
MONTH = (FIRST, datetime(2027, 2, 1, tzinfo=UTC))


@pytest.fixture
async def people(accounts_database: Database) -> tuple[tuple[UUID, UUID], tuple[UUID, UUID]]:
    """Two users, as (user, key), and their calls: three of the first, one of the second, one outside the month."""
    key_ring = KeyRing(accounts_database, PEPPER)
    made: list[tuple[UUID, UUID]] = []
    for email in ("ada@example.org", "eve@example.org"):
        user = await create_user(accounts_database, email)
        made.append((user.id, (await key_ring.create(user.id, "laptop", ["docs:read"])).key.id))
    (ada, ada_key), (eve, eve_key) = made
    async with Meter(accounts_database, lambda: FIRST) as meter:
        for event in (
            usage_event(user_id=ada, api_key_id=ada_key, created_at=FIRST, tokens_returned=10),
            usage_event(
                user_id=ada,
                api_key_id=ada_key,
                created_at=FIRST + timedelta(hours=23),
                library_id="/a/b",
                tokens_returned=5,
            ),
            usage_event(
                user_id=ada,
                created_at=FIRST + timedelta(days=1),
                tool_name="resolve-library-id",
                library_id=None,
                is_billed=False,
                status="library_not_found",
                tokens_returned=1,
            ),
            usage_event(user_id=eve, api_key_id=eve_key, created_at=FIRST, tokens_returned=1_000),
            usage_event(user_id=ada, api_key_id=ada_key, created_at=MONTH[1], tokens_returned=7_777),
        ):
            await meter.record(event)
    return made[0], made[1]


async def test_a_users_month_adds_up_in_every_direction(
    accounts_database: Database, people: tuple[tuple[UUID, UUID], tuple[UUID, UUID]]
) -> None:
    (ada, ada_key), _ = people
    async with accounts_database.connection() as connection:
        summary = await usage_summary(connection, ada, *MONTH)

    assert summary.total == Tally(calls=3, billed_calls=2, tokens=16)
    assert summary.by_day == {date(2027, 1, 1): Tally(2, 2, 15), date(2027, 1, 2): Tally(1, 0, 1)}
    assert summary.by_tool == {"query-docs": Tally(2, 2, 15), "resolve-library-id": Tally(1, 0, 1)}
    assert summary.by_key == {ada_key: Tally(2, 2, 15), None: Tally(1, 0, 1)}
    assert summary.by_library == {"/python/cpython": Tally(1, 1, 10), "/a/b": Tally(1, 1, 5), None: Tally(1, 0, 1)}


async def test_a_key_and_everybody_can_be_summed_too(
    accounts_database: Database, people: tuple[tuple[UUID, UUID], tuple[UUID, UUID]]
) -> None:
    (_, ada_key), _ = people
    async with accounts_database.connection() as connection:
        assert (await usage_summary(connection, None, *MONTH, api_key_id=ada_key)).total == Tally(2, 2, 15)
        assert (await usage_summary(connection, None, *MONTH)).total == Tally(4, 3, 1_016)


async def test_a_period_without_calls_is_zero(accounts_database: Database) -> None:
    async with accounts_database.connection() as connection:
        summary = await usage_summary(connection, None, *MONTH)

    assert summary.total == Tally()
    assert (summary.by_day, summary.by_tool, summary.by_key, summary.by_library) == ({}, {}, {}, {})


@pytest.mark.parametrize("length", [timedelta(0), timedelta(days=-1), timedelta(days=367)])
async def test_a_period_that_makes_no_sense_is_refused(accounts_database: Database, length: timedelta) -> None:
    async with accounts_database.connection() as connection:
        with pytest.raises(InvalidInput, match="period"):
            await usage_summary(connection, None, FIRST, FIRST + length)


async def test_a_tenant_can_sum_nobody_elses_calls(
    accounts_database: Database, people: tuple[tuple[UUID, UUID], tuple[UUID, UUID]]
) -> None:
    (ada, _), (eve, _) = people
    async with tenant(accounts_database, ada) as connection:
        assert (await usage_summary(connection, None, *MONTH)).total.calls == 3
        assert (await usage_summary(connection, eve, *MONTH)).total.calls == 0


async def test_pages_of_recent_calls_hold_every_call_once(
    accounts_database: Database, people: tuple[tuple[UUID, UUID], tuple[UUID, UUID]]
) -> None:
    (ada, _), _ = people
    # Calls of one moment, so that a page may end between them.
    async with Meter(accounts_database, lambda: FIRST) as meter:
        for _ in range(5):
            await meter.record(usage_event(user_id=ada, created_at=FIRST))

    seen: list[UUID] = []
    before = None
    async with accounts_database.connection() as connection:
        while page := await recent_calls(connection, ada, 3, before):
            seen += [call.request_id for call in page]
            before = (page[-1].created_at, page[-1].request_id)
            assert all(call.user_id == ada for call in page)

    assert len(seen) == len(set(seen)) == 9
