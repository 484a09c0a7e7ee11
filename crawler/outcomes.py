"""What can become of a request: values, not exceptions, since all of them are expected."""

import hashlib
from dataclasses import dataclass
from functools import cached_property

Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Fetched:  # without slots: the hash is kept in the instance
    """A document came."""

    url: str
    status: int
    headers: Headers
    """As received, less those about the transfer: the body is unpacked."""
    body: bytes
    content_type: str
    etag: str | None = None
    last_modified: str | None = None
    seconds: float | None = None
    """From asking until the last byte; so in the others."""

    @cached_property
    def sha256(self) -> bytes:
        """The SHA-256 of the body."""
        return hashlib.sha256(self.body).digest()


@dataclass(frozen=True)
class Unchanged:
    """The server says that the copy from the crawl before is still good."""

    url: str
    seconds: float | None = None


@dataclass(frozen=True)
class Redirected:
    """The page is at another address, which is or will be looked after by itself."""

    url: str
    target: str


@dataclass(frozen=True)
class Excluded:
    """The address leads to something that is no part of the documentation."""

    url: str
    reason: str
    status: int | None = None


@dataclass(frozen=True)
class Failed:
    """No document came; the reason is for people."""

    url: str
    reason: str
    status: int | None = None
    is_transient: bool = False
    retry_after_seconds: float | None = None
    seconds: float | None = None
    is_missing: bool = False
    """Whether there is no such page, whatever the status says."""
    is_unreachable: bool = False
    """Whether nobody was there to answer; transient only where somebody was before."""


Outcome = Fetched | Unchanged | Redirected | Excluded | Failed
