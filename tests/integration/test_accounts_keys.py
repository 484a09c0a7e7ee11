"""Keys in a real database: made, recognised, revoked."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from typing import Any
from uuid import UUID, uuid4

import pytest
from pydantic import SecretStr

from accounts import keys
from accounts.callers import ALL_SCOPES
from accounts.key_format import mint_key
from accounts.keys import KeyRing
from accounts.people import create_user
from core.clock import Clock
from core.database import Connection, Database
from core.errors import DatabaseUnavailable, InvalidInput, NotAllowed, NotAuthenticated, NotFound
from tests.conftest import run_statement

PEPPER = SecretStr("a pepper of more than thirty-two characters")
START = datetime(2027, 1, 1, 12, tzinfo=UTC)


class Times:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now


class SlowDatabase(Database):
    """A real database whose answers to single statements stay on their way until they may return."""

    def __init__(self, pool: Any) -> None:
        super().__init__(pool)
        self.has_answered, self.may_return = asyncio.Event(), asyncio.Event()

    @asynccontextmanager
    async def connection(self) -> AsyncGenerator[Connection]:
        async with super().connection() as connection:
            yield connection
            self.has_answered.set()
            await self.may_return.wait()


@pytest.fixture
def times() -> Times:
    return Times()


@pytest.fixture
def key_ring(accounts_database: Database, times: Times) -> KeyRing:
    return KeyRing(accounts_database, PEPPER, times)


@pytest.fixture
async def user_id(accounts_database: Database) -> UUID:
    return (await create_user(accounts_database, "ada@example.org")).id


def other_replica(database: Database, clock: Clock) -> KeyRing:
    return KeyRing(database, PEPPER, clock)


async def closed(database_url: str) -> Database:
    database = await Database.connect(database_url, pool_size=2, schema="accounts")
    await database.close()
    return database


async def test_a_new_key_makes_a_caller_with_its_scopes_and_limits(key_ring: KeyRing, user_id: UUID) -> None:
    new = await key_ring.create(user_id, "laptop", ["usage:read", "docs:read"], per_minute=7, per_day=70)

    caller = await key_ring.authenticate(new.plaintext, "192.0.2.1")

    assert (caller.key_id, caller.user_id) == (new.key.id, user_id)
    assert caller.scopes == {"docs:read", "usage:read"}
    assert (caller.requests_per_minute, caller.requests_per_day) == (7, 70)
    with pytest.raises(NotAllowed, match="keys:manage"):
        caller.require("keys:manage")


async def test_an_administrators_key_may_do_everything(key_ring: KeyRing, user_id: UUID) -> None:
    new = await key_ring.create(user_id, "root", ["admin"])

    assert (await key_ring.authenticate(new.plaintext, None)).scopes == ALL_SCOPES


async def test_text_that_cannot_be_a_key_is_refused_without_a_database(database_url: str, times: Times) -> None:
    key_ring = KeyRing(await closed(database_url), PEPPER, times)
    key = mint_key()

    for text in ("", "secret", key[:-1], key[:-1] + ("a" if key[-1] != "a" else "b"), "lk_live_" + "\0" * 38):
        with pytest.raises(NotAuthenticated):
            await key_ring.authenticate(text, None)
    with pytest.raises(DatabaseUnavailable):
        await key_ring.authenticate(key, None)


async def test_nothing_in_the_database_is_enough_to_call(
    accounts_database: Database, key_ring: KeyRing, user_id: UUID
) -> None:
    new = await key_ring.create(user_id, "laptop", ["docs:read"])

    async with accounts_database.connection() as connection:
        stored = await connection.fetchval("select k::text from api_keys k where id = $1", new.key.id)
    assert new.plaintext not in stored
    assert new.plaintext not in repr(new)
    with pytest.raises(NotAuthenticated, match="not known"):
        await KeyRing(accounts_database, SecretStr("another pepper")).authenticate(new.plaintext, None)


async def test_a_revoked_key_is_refused_at_once_here_and_within_a_second_elsewhere(
    accounts_database: Database, key_ring: KeyRing, times: Times, user_id: UUID
) -> None:
    elsewhere = other_replica(accounts_database, times)
    new = await key_ring.create(user_id, "laptop", ["docs:read"])
    await key_ring.authenticate(new.plaintext, None)
    await elsewhere.authenticate(new.plaintext, None)

    await key_ring.revoke(new.key.id, user_id)

    with pytest.raises(NotAuthenticated, match="revoked"):
        await key_ring.authenticate(new.plaintext, None)
    await elsewhere.authenticate(new.plaintext, None)
    times.now += timedelta(seconds=1)
    with pytest.raises(NotAuthenticated, match="revoked"):
        await elsewhere.authenticate(new.plaintext, None)


async def test_a_lookup_that_overlaps_a_revocation_is_not_remembered(
    database_url: str, times: Times, user_id: UUID
) -> None:
    database = await SlowDatabase.connect(database_url, pool_size=3, schema="accounts", role="lectern_service")
    assert isinstance(database, SlowDatabase)
    key_ring = KeyRing(database, PEPPER, times)
    new = await key_ring.create(user_id, "laptop", ["docs:read"])
    overlapping = asyncio.create_task(key_ring.authenticate(new.plaintext, None))
    await asyncio.wait_for(database.has_answered.wait(), 5)

    await key_ring.revoke(new.key.id, user_id)
    database.may_return.set()

    assert (await asyncio.wait_for(overlapping, 5)).key_id == new.key.id
    with pytest.raises(NotAuthenticated, match="revoked"):
        await key_ring.authenticate(new.plaintext, None)
    await database.close()


async def test_a_known_key_is_looked_up_once_a_second_however_many_call(
    database_url: str, accounts_database: Database, times: Times, user_id: UUID
) -> None:
    new = await other_replica(accounts_database, times).create(user_id, "laptop", ["docs:read"])
    database = await Database.connect(database_url, pool_size=2, schema="accounts")
    key_ring = KeyRing(database, PEPPER, times)
    await asyncio.gather(*(key_ring.authenticate(new.plaintext, None) for _ in range(500)))
    await database.close()

    # Remembered: nothing is asked of the database, which is gone.
    await key_ring.authenticate(new.plaintext, None)
    times.now += timedelta(seconds=1)
    with pytest.raises(DatabaseUnavailable):
        await key_ring.authenticate(new.plaintext, None)


async def test_calls_with_one_key_share_one_lookup(database_url: str, key_ring: KeyRing, user_id: UUID) -> None:
    new = await key_ring.create(user_id, "laptop", ["docs:read"])
    slow = await Database.connect(database_url, pool_size=2, schema="accounts")
    async with slow.transaction() as connection:
        await connection.execute("lock table users in access exclusive mode")
        calls = [asyncio.create_task(key_ring.authenticate(new.plaintext, None)) for _ in range(50)]
        await asyncio.wait(calls, timeout=0.05)
        waiting = await connection.fetchval("select count(*) from pg_locks where not granted")
    await asyncio.gather(*calls)
    await slow.close()

    assert waiting == 1


async def test_a_call_given_up_does_not_spoil_the_lookup_of_the_others(
    database_url: str, key_ring: KeyRing, user_id: UUID
) -> None:
    new = await key_ring.create(user_id, "laptop", ["docs:read"])
    slow = await Database.connect(database_url, pool_size=2, schema="accounts")
    async with slow.transaction() as connection:
        await connection.execute("lock table users in access exclusive mode")
        first, second = (asyncio.create_task(key_ring.authenticate(new.plaintext, None)) for _ in range(2))
        await asyncio.wait({first, second}, timeout=0.05)
        first.cancel()
    assert (await asyncio.wait_for(second, 5)).key_id == new.key.id
    await slow.close()


async def test_an_unknown_key_is_remembered_as_unknown(database_url: str, times: Times) -> None:
    database = await Database.connect(database_url, pool_size=2, schema="accounts")
    key_ring, key = KeyRing(database, PEPPER, times), mint_key()
    with pytest.raises(NotAuthenticated, match="not known"):
        await key_ring.authenticate(key, None)
    await database.close()

    with pytest.raises(NotAuthenticated, match="not known"):
        await key_ring.authenticate(key, None)


async def test_a_key_is_refused_from_the_moment_it_expires(key_ring: KeyRing, times: Times, user_id: UUID) -> None:
    new = await key_ring.create(user_id, "trial", ["docs:read"], expires_at=START + timedelta(milliseconds=500))
    await key_ring.authenticate(new.plaintext, None)

    times.now += timedelta(milliseconds=500)
    with pytest.raises(NotAuthenticated, match="expired"):
        await key_ring.authenticate(new.plaintext, None)


async def test_a_key_bound_to_networks_works_only_there(key_ring: KeyRing, user_id: UUID) -> None:
    networks = [ip_network("192.0.2.0/24"), ip_network("2001:db8::/32")]
    new = await key_ring.create(user_id, "office", ["docs:read"], allowed_networks=networks)

    for allowed in ("192.0.2.9", "::ffff:192.0.2.9", "2001:db8:1::5"):
        await key_ring.authenticate(new.plaintext, allowed)
    for refused in ("198.51.100.1", "2001:db9::1", "not an address", None):
        with pytest.raises(NotAllowed, match="network"):
            await key_ring.authenticate(new.plaintext, refused)


@pytest.mark.parametrize(
    ("change", "error"),
    [("role = 'BANNED'", NotAllowed), ("deleted_at = now()", NotAuthenticated)],
)
async def test_keys_of_a_blocked_or_deleted_user_are_refused(
    database_url: str, key_ring: KeyRing, times: Times, user_id: UUID, change: str, error: type[Exception]
) -> None:
    new = await key_ring.create(user_id, "laptop", ["docs:read"])
    await key_ring.authenticate(new.plaintext, None)
    await run_statement(database_url, f"update accounts.users set {change}")  # noqa: S608 - the test's own text

    times.now += timedelta(seconds=1)
    with pytest.raises(error):
        await key_ring.authenticate(new.plaintext, None)


async def test_nobody_revokes_somebody_elses_key(accounts_database: Database, key_ring: KeyRing, user_id: UUID) -> None:
    other = await create_user(accounts_database, "eve@example.org")
    new = await key_ring.create(user_id, "laptop", ["docs:read"])

    with pytest.raises(NotFound):
        await key_ring.revoke(new.key.id, other.id)
    with pytest.raises(NotFound):
        await key_ring.revoke(uuid4(), None)
    assert await key_ring.keys_of(other.id) == []
    await key_ring.authenticate(new.plaintext, None)


async def test_a_user_has_a_bounded_number_of_keys_and_sees_all_that_can_be_used(
    key_ring: KeyRing, times: Times, user_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keys, "MAX_USABLE_KEYS", 3)
    monkeypatch.setattr(keys, "MAX_LISTED_KEYS", 4)
    await key_ring.create(user_id, "first", ["docs:read"])
    await key_ring.create(user_id, "expired", ["docs:read"], expires_at=START + timedelta(hours=1))
    times.now += timedelta(hours=2)
    for number in range(3):
        revoked = await key_ring.create(user_id, f"revoked {number}", ["docs:read"])
        await key_ring.revoke(revoked.key.id, user_id)
    for name in ("second", "third"):
        await key_ring.create(user_id, name, ["docs:read"])

    with pytest.raises(InvalidInput, match="You have 3 keys"):
        await key_ring.create(user_id, "fourth", ["docs:read"])
    listed = [key.name for key in await key_ring.keys_of(user_id)]
    assert listed == ["third", "second", "revoked 2", "first"]


async def test_a_key_revoked_twice_keeps_the_first_time(key_ring: KeyRing, times: Times, user_id: UUID) -> None:
    new = await key_ring.create(user_id, "laptop", ["docs:read"])
    await key_ring.revoke(new.key.id, user_id)
    times.now += timedelta(hours=1)
    await key_ring.revoke(new.key.id, None)

    (key,) = await key_ring.keys_of(user_id)
    assert key.revoked_at == START


async def test_the_last_use_is_written_in_the_background_and_never_goes_back(
    accounts_database: Database, key_ring: KeyRing, times: Times, user_id: UUID
) -> None:
    new = await key_ring.create(user_id, "laptop", ["docs:read"])
    elsewhere = other_replica(accounts_database, times)
    await elsewhere.authenticate(new.plaintext, None)
    times.now += timedelta(seconds=30)
    await key_ring.authenticate(new.plaintext, None)
    (before,) = await key_ring.keys_of(user_id)

    await key_ring.write_last_used()
    await elsewhere.write_last_used()

    (after,) = await key_ring.keys_of(user_id)
    assert (before.last_used_at, after.last_used_at) == (None, START + timedelta(seconds=30))


async def test_leaving_the_key_ring_writes_the_last_use(
    accounts_database: Database, times: Times, user_id: UUID
) -> None:
    async with KeyRing(accounts_database, PEPPER, times) as key_ring:
        new = await key_ring.create(user_id, "laptop", ["docs:read"])
        await key_ring.authenticate(new.plaintext, None)

    (key,) = await key_ring.keys_of(user_id)
    assert key.last_used_at == START


async def test_a_last_use_that_cannot_be_written_is_kept_for_later(
    database_url: str, key_ring: KeyRing, user_id: UUID
) -> None:
    new = await key_ring.create(user_id, "laptop", ["docs:read"])
    await key_ring.authenticate(new.plaintext, None)
    await run_statement(database_url, "revoke update on accounts.api_keys from lectern_service")
    await key_ring.write_last_used()
    await run_statement(database_url, "grant update on accounts.api_keys to lectern_service")

    await key_ring.write_last_used()

    (key,) = await key_ring.keys_of(user_id)
    assert key.last_used_at == START


async def test_a_key_that_could_not_work_is_not_made(key_ring: KeyRing, user_id: UUID) -> None:
    with pytest.raises(InvalidInput, match="name"):
        await key_ring.create(user_id, "a\0b", ["docs:read"])
    with pytest.raises(InvalidInput, match="name"):
        await key_ring.create(user_id, "x" * 101, ["docs:read"])
    with pytest.raises(InvalidInput, match="scopes"):
        await key_ring.create(user_id, "laptop", ["docs:write"])
    with pytest.raises(InvalidInput, match="scopes"):
        await key_ring.create(user_id, "laptop", [])
    with pytest.raises(InvalidInput, match="limits"):
        await key_ring.create(user_id, "laptop", ["docs:read"], per_minute=0)
    with pytest.raises(InvalidInput, match="limits"):
        await key_ring.create(user_id, "laptop", ["docs:read"], per_day=2**31)
    with pytest.raises(InvalidInput, match="future"):
        await key_ring.create(user_id, "laptop", ["docs:read"], expires_at=START)
    with pytest.raises(InvalidInput):
        await key_ring.create(uuid4(), "laptop", ["docs:read"])
    assert await key_ring.keys_of(user_id) == []
