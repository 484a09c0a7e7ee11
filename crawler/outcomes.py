"""What can become of a request: values, not exceptions, since all of them are expected."""

from dataclasses import dataclass

Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Fetched:
    """A document came."""

    url: str
    status: int
    headers: Headers
    """As received, less those about the transfer: the body is unpacked."""
    body: bytes
    content_type: str
    etag: str | None = None
    last_modified: str | None = None


@dataclass(frozen=True)
class Unchanged:
    """The server says that the copy from the crawl before is still good."""

    url: str


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


Outcome = Fetched | Unchanged | Redirected | Excluded | Failed
