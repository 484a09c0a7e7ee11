"""Who calls, what they may do and how often."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from accounts.settings import AccountsSettings
from core.errors import NotAllowed

READ_DOCS: Final = "docs:read"
MANAGE_KEYS: Final = "keys:manage"
READ_USAGE: Final = "usage:read"
MANAGE_LIBRARIES: Final = "libraries:manage"
OWN_LIBRARIES: Final = "libraries:own"
ADMINISTER: Final = "admin"
ALL_SCOPES: Final = frozenset({READ_DOCS, MANAGE_KEYS, READ_USAGE, MANAGE_LIBRARIES, OWN_LIBRARIES, ADMINISTER})


@dataclass(frozen=True)
class Caller:
    """Someone whose key was accepted, or an anonymous one, who has neither key nor user."""

    key_id: UUID | None
    user_id: UUID | None
    organization_id: UUID | None
    scopes: frozenset[str]
    requests_per_minute: int
    requests_per_day: int

    def require(self, scope: str) -> None:
        """Checks that the caller may do this.

        Raises:
            NotAllowed: The key lacks the scope.
        """
        if scope not in self.scopes:
            raise NotAllowed(f"This key lacks the scope {scope}. Use a key that has it.")


def granted_scopes(permissions: Collection[str]) -> frozenset[str]:
    """Gives what a key's permissions amount to: `admin` stands for all, unknown ones for nothing."""
    return ALL_SCOPES if ADMINISTER in permissions else ALL_SCOPES.intersection(permissions)


def anonymous_caller(settings: AccountsSettings) -> Caller:
    """Gives the caller that stands for everybody without a key."""
    return Caller(
        key_id=None,
        user_id=None,
        organization_id=None,
        scopes=frozenset({READ_DOCS}),
        requests_per_minute=settings.anonymous_requests_per_minute,
        requests_per_day=settings.anonymous_requests_per_day,
    )
