"""API keys: made, recognised, revoked."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import TracebackType
from typing import Self
from uuid import UUID, uuid4

import structlog
from pydantic import SecretStr

from accounts.addresses import parse_address
from accounts.callers import ALL_SCOPES, Caller, granted_scopes
from accounts.key_format import digest, display_prefix, has_valid_checksum, last_four, mint_key
from accounts.key_memory import KeyMemory
from accounts.queries import api_keys
from accounts.queries.api_keys import ApiKey, KeyRecord, Network, NewKeyRow
from accounts.tenant import tenant
from core.clock import Clock, utc_now
from core.database import Database
from core.errors import DatabaseUnavailable, InvalidInput, NotAllowed, NotAuthenticated

__all__ = ["ApiKey", "KeyRing", "NewKey"]

log = structlog.get_logger(__name__)

MAX_NAME_CHARS = 100
MAX_QUOTA = 2**31 - 1
MAX_USABLE_KEYS = 1000
"""Of one user."""
MAX_LISTED_KEYS = 2 * MAX_USABLE_KEYS
MAX_REMEMBERED = 10_000
LOOKUP_SECONDS = 5
LAST_USED_SECONDS = 60
_UNKNOWN_FOR = timedelta(seconds=10)


@dataclass(frozen=True)
class NewKey:
    """A key that was just made: the only time its text exists outside the caller's hands."""

    plaintext: str = field(repr=False)
    key: ApiKey


class KeyRing:
    """The keys of an installation.

    What was looked up is remembered for at most `cache_seconds`: that long may another replica go on accepting a key
    that was revoked here; here it is refused at once. Entered as a context manager it also notes, once a minute and
    never while a call waits, when each key was last used.
    """

    def __init__(
        self, database: Database, pepper: SecretStr, clock: Clock = utc_now, *, cache_seconds: float = 1.0
    ) -> None:
        self._database = database
        self._pepper = pepper
        self._clock = clock
        self._known = KeyMemory[KeyRecord](timedelta(seconds=cache_seconds), MAX_REMEMBERED)
        self._unknown = KeyMemory[bool](_UNKNOWN_FOR, MAX_REMEMBERED)
        self._lookups: dict[str, asyncio.Task[KeyRecord | None]] = {}
        self._revocations = 0
        self._uses: dict[UUID, datetime] = {}
        self._writer: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._writer = asyncio.create_task(self._write_uses_forever())
        return self

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._writer is not None:
            self._writer.cancel()
            with suppress(asyncio.CancelledError):
                await self._writer
        await self.write_last_used()

    def is_local(self, presented: str) -> bool:  # noqa: ARG002 - of those that know one
        """Tells whether this is the secret of commands on the same machine; a plain ring knows none."""
        return False

    async def authenticate(self, presented: str, client_ip: str | None) -> Caller:
        """Gives the caller this key stands for; text that cannot be a key is refused without asking the database.

        Raises:
            NotAuthenticated: It is no key of ours, or it was revoked or has expired.
            NotAllowed: The key may not be used from this network, or its owner is blocked.
            DatabaseUnavailable: Nobody can tell now.
        """
        if not has_valid_checksum(presented):
            raise NotAuthenticated(
                "This is not an API key: keys begin with lk_live_ and are 46 characters long. Check that it was "
                "copied whole."
            )
        record = await self._record(digest(presented, self._pepper.get_secret_value()))
        if record is None:
            raise NotAuthenticated("This API key is not known here. Create one, or check which server it belongs to.")
        now = self._clock()
        _check(record, client_ip, now)
        if record.id in self._uses or len(self._uses) < MAX_REMEMBERED:
            self._uses[record.id] = now
        return Caller(
            key_id=record.id,
            user_id=record.user_id,
            organization_id=record.organization_id,
            scopes=granted_scopes(record.permissions),
            requests_per_minute=record.requests_per_minute,
            requests_per_day=record.requests_per_day,
        )

    async def create(
        self,
        user_id: UUID,
        name: str,
        scopes: Sequence[str],
        per_minute: int = 60,
        per_day: int = 10_000,
        expires_at: datetime | None = None,
        allowed_networks: Sequence[Network] = (),
    ) -> NewKey:
        """Makes a key.

        Args:
            user_id: Its owner.
            name: What the owner calls it.
            scopes: What it may do, of `accounts.callers.ALL_SCOPES`.
            per_minute: Most calls in any minute.
            per_day: Most calls in any day.
            expires_at: From when on it is refused; None is never.
            allowed_networks: Where it may be used; none given is anywhere.

        Raises:
            InvalidInput: A value is out of bounds, there is no such user, or they have as many keys as they may have.
        """
        self._check_wishes(name, scopes, (per_minute, per_day), expires_at)
        plaintext = mint_key()
        row = NewKeyRow(
            id=uuid4(),
            user_id=user_id,
            digest=digest(plaintext, self._pepper.get_secret_value()),
            prefix=display_prefix(plaintext),
            last_four=last_four(plaintext),
            name=name,
            scopes=tuple(sorted(set(scopes))),
            requests_per_minute=per_minute,
            requests_per_day=per_day,
            allowed_networks=tuple(allowed_networks) or None,
            expires_at=expires_at,
        )
        async with tenant(self._database, user_id) as connection:
            if await api_keys.count_usable_keys(connection, user_id, self._clock()) >= MAX_USABLE_KEYS:
                raise InvalidInput(
                    f"You have {MAX_USABLE_KEYS} keys, which is the most. Revoke one that is not needed."
                )
            key = await api_keys.insert_key(connection, row)
        return NewKey(plaintext, key)

    async def keys_of(self, user_id: UUID) -> list[ApiKey]:
        """Gives the user's keys, newest first: all that can be used, and the latest of those that cannot any more."""
        async with tenant(self._database, user_id) as connection:
            return await api_keys.keys_of_user(connection, user_id, self._clock(), MAX_LISTED_KEYS)

    async def revoke(self, key_id: UUID, user_id: UUID | None) -> ApiKey:
        """Revokes a key: refused here from now on, elsewhere when what is remembered there is too old.

        Args:
            key_id: The key.
            user_id: On whose behalf, whose key it must then be; None is an administrator's work.

        Raises:
            NotFound: There is no such key, or it is somebody else's.
        """
        work = self._database.transaction() if user_id is None else tenant(self._database, user_id)
        async with work as connection:
            key = await api_keys.update_key_revoked(connection, key_id, self._clock())
        # A lookup that runs now may have read the row as it was: nobody joins it any more, and nobody keeps its result.
        self._revocations += 1
        self._lookups.clear()
        self._known.clear()
        return key

    async def write_last_used(self) -> None:
        """Writes down when keys were last used; what cannot be written now is kept for the next time."""
        uses, self._uses = self._uses, {}
        if not uses:
            return
        try:
            async with self._database.transaction() as connection:
                await api_keys.update_last_used(connection, list(uses), list(uses.values()))
        except Exception as error:  # whatever it is, keys go on working and the next minute tries again
            log.warning("accounts.last_used_not_written", keys=len(uses), reason=str(error))
            self._uses = uses | self._uses

    async def _write_uses_forever(self) -> None:
        while True:
            await asyncio.sleep(LAST_USED_SECONDS)
            await self.write_last_used()

    async def _record(self, key_digest: str) -> KeyRecord | None:
        now = self._clock()
        record = self._known.find(key_digest, now)
        if record is not None or self._unknown.find(key_digest, now):
            return record
        lookup = self._lookups.get(key_digest)
        if lookup is None:
            lookup = self._lookups[key_digest] = asyncio.create_task(self._look_up(key_digest, now))
        # Shielded, as several calls with the same key may wait for it.
        return await asyncio.shield(lookup)

    async def _look_up(self, key_digest: str, now: datetime) -> KeyRecord | None:
        revocations = self._revocations
        try:
            async with asyncio.timeout(LOOKUP_SECONDS), self._database.connection() as connection:
                record = await api_keys.find_key_record(connection, key_digest)
        except TimeoutError as error:
            raise DatabaseUnavailable("The database does not answer in time. Try again in a moment.") from error
        finally:
            if revocations == self._revocations:
                del self._lookups[key_digest]
        if record is None:
            self._unknown.keep(key_digest, value=True, learned_at=now)
        elif revocations == self._revocations:
            self._known.keep(key_digest, record, now)
        return record

    def _check_wishes(
        self, name: str, scopes: Sequence[str], quotas: tuple[int, int], expires_at: datetime | None
    ) -> None:
        if not (name.strip() and name.isprintable() and len(name) <= MAX_NAME_CHARS):
            raise InvalidInput(f"A key's name has 1 to {MAX_NAME_CHARS} printable characters.")
        if not scopes or not ALL_SCOPES.issuperset(scopes):
            raise InvalidInput(f"A key has one or more of the scopes {', '.join(sorted(ALL_SCOPES))}.")
        if not all(1 <= quota <= MAX_QUOTA for quota in quotas):
            raise InvalidInput(f"A key's limits lie between 1 and {MAX_QUOTA} calls.")
        if expires_at is not None and (expires_at.tzinfo is None or expires_at <= self._clock()):
            raise InvalidInput("A key expires in the future, at a time that names its zone.")


def _check(record: KeyRecord, client_ip: str | None, now: datetime) -> None:
    if record.revoked_at is not None:
        raise NotAuthenticated("This API key was revoked. Create a new one.")
    if record.expires_at is not None and record.expires_at <= now:
        raise NotAuthenticated("This API key has expired. Create a new one.")
    if record.is_user_deleted:
        raise NotAuthenticated("The account of this API key was deleted.")
    if record.is_user_banned:
        raise NotAllowed("The account of this API key is blocked. Ask the operator of this server.")
    if record.allowed_networks is None:
        return
    address = parse_address(client_ip)
    if address is None or not any(address in network for network in record.allowed_networks):
        raise NotAllowed("This API key may not be used from your network. Ask the owner of the key to add it.")
