"""The way in for commands on the same machine: they read the token from the data folder, which only its owner can."""

import hmac

from pydantic import SecretStr

from accounts.callers import ALL_SCOPES, Caller
from accounts.keys import KeyRing
from accounts.queries.users import User
from core.database import Database

_CALLS_PER_MINUTE = 100_000
_CALLS_PER_DAY = 10_000_000


class LocalKeyRing(KeyRing):
    """A key ring that also knows this process's local token, which stands for the administrator."""

    def __init__(
        self, database: Database, pepper: SecretStr, *, cache_seconds: float, token: str, administrator: User
    ) -> None:
        super().__init__(database, pepper, cache_seconds=cache_seconds)
        self._token = token.encode()
        self._local_caller = Caller(
            key_id=None,
            user_id=administrator.id,
            organization_id=None,
            scopes=ALL_SCOPES,
            requests_per_minute=_CALLS_PER_MINUTE,
            requests_per_day=_CALLS_PER_DAY,
        )

    def is_local(self, presented: str) -> bool:
        """Tells whether this is the local token."""
        return hmac.compare_digest(presented.encode(), self._token)

    async def authenticate(self, presented: str, client_ip: str | None) -> Caller:
        """Gives the administrator for the local token, and whoever the key belongs to for a key."""
        if self.is_local(presented):
            return self._local_caller
        return await super().authenticate(presented, client_ip)
