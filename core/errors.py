"""Every error Lectern raises on purpose, sorted by what the caller can do about it.

LecternError
├── InvalidInput            the request is wrong: change it
│   ├── InvalidLibraryId    not of the form /org/project[/version]
│   └── AddressRefused      the guard does not let the crawler go there
├── NotAuthenticated        no key, or one that is not known: send a valid key
├── NotAllowed              the key is known but lacks the scope
├── NotFound                there is no such thing
│   ├── LibraryNotFound     carries ids that look alike
│   └── VersionNotFound     carries the versions that exist
├── Conflict                it exists already, or somebody else is at it
├── RateLimited             too many calls in a window: wait `retry_after`
├── QuotaExceeded           the plan is used up: wait for the period or upgrade
├── PaymentRequired         an invoice is open
├── Unavailable             a part is down for now: try again
│   ├── DatabaseUnavailable
│   ├── PodUnavailable      a user's own vector store: theirs to look after
│   └── DiskFull
├── SourceFailed            the documentation could not be read: see the reason
└── Misconfigured           the operator must change a setting or the machine
"""

from collections.abc import Sequence
from datetime import timedelta


class LecternError(Exception):
    """Base of all errors with a stable `code` for programs and a `message` for people.

    The message says what went wrong and what to do next. It never holds a secret, a traceback or another tenant's data.
    """

    code = "internal_error"

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class InvalidInput(LecternError):
    """The request is wrong and will stay wrong: change it."""

    code = "validation_error"


class InvalidLibraryId(InvalidInput):
    """The text is no library id."""

    code = "invalid_library_id"


class AddressRefused(InvalidInput):
    """The address is not one the crawler may connect to."""

    code = "address_refused"


class NotAuthenticated(LecternError):
    """There is no key, or it is not one of ours."""

    code = "invalid_api_key"


class NotAllowed(LecternError):
    """The key is valid but does not cover this."""

    code = "forbidden"


class NotFound(LecternError):
    """There is no such thing."""

    code = "not_found"


class LibraryNotFound(NotFound):
    """No library has this id; `similar` lists ids that look alike."""

    code = "library_not_found"

    def __init__(self, message: str, similar: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.similar = tuple(similar)


class VersionNotFound(NotFound):
    """The library exists, this version of it does not; `versions` lists those that do, newest first."""

    code = "version_not_found"

    def __init__(self, message: str, versions: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.versions = tuple(versions)


class Conflict(LecternError):
    """It exists already, or another process holds it."""

    code = "conflict"


class RateLimited(LecternError):
    """Too many calls in one window."""

    code = "rate_limit_exceeded"

    def __init__(self, message: str, *, limit: int, retry_after: timedelta) -> None:
        super().__init__(message)
        self.limit = limit
        self.retry_after = retry_after


class QuotaExceeded(LecternError):
    """The plan's allowance for the period is used up."""

    code = "quota_exceeded"


class PaymentRequired(LecternError):
    """An invoice must be paid first."""

    code = "spending_limit_exceeded"


class Unavailable(LecternError):
    """Something Lectern needs does not answer now; the same call may work later."""

    code = "unavailable"


class DatabaseUnavailable(Unavailable):
    """The database does not answer."""

    code = "database_unavailable"


class PodUnavailable(Unavailable):
    """A user's data pod does not answer, or not as it should."""

    code = "data_pod_unavailable"


class DiskFull(Unavailable):
    """A disk has no room left: the operator has to make some."""

    code = "disk_full"


class SourceFailed(LecternError):
    """A source gave no usable documentation; the message says why, page by page where it helps."""

    code = "source_failed"


class Misconfigured(LecternError):
    """The operator must change a setting, a permission or the machine."""

    code = "misconfigured"
