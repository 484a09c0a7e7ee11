"""What one call is about, filled in by whoever learns it and read once, when the usage event is written."""

from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from core.errors import LecternError
from server.problems import STATUS_OK

RESOLVE_TOOL: Final = "resolve-library-id"
QUERY_TOOL: Final = "query-docs"
UNKNOWN_TOOL: Final = "unknown"
"""Stands in the usage log for names that are no tool of ours: their text is the caller's."""

STATUS_INTERNAL: Final = LecternError.code
STATUS_UNDECIDED: Final = "invalid_request"
"""Stays when no tool was reached: the protocol layer refused the message."""

CALL_STATE_KEY: Final = "lectern_call"
"""Where the record travels inside an ASGI scope's `state`."""


@dataclass(slots=True)
class CallRecord:
    """One metered call. `status` is `ok` or the code of the error that ended it; only `ok` is billed."""

    request_id: UUID
    tool: str
    status: str = STATUS_UNDECIDED
    library_id: str | None = None
    query: str | None = None
    tokens: int = 0
    user_id: UUID | None = None
    """Who calls, for whom private libraries of theirs are there."""
    headers: dict[str, str] = field(default_factory=dict[str, str])
    """What the answer tells about the caller's limits."""

    def answered(self, tokens: int, library_id: str | None = None) -> None:
        """Notes that the call was answered with that many tokens."""
        self.status, self.tokens = STATUS_OK, tokens
        self.library_id = library_id or self.library_id

    def failed(self, status: str) -> None:
        """Notes why the call has no answer, unless that is known already."""
        if self.status in (STATUS_OK, STATUS_UNDECIDED):
            self.status, self.tokens = status, 0

    def not_answered(self) -> None:
        """Notes that the answer did not make it through the protocol layer."""
        if self.status == STATUS_OK:
            self.status, self.tokens = STATUS_INTERNAL, 0


def tool_name(name: object) -> str:
    """Gives the name as the usage log and the metrics carry it."""
    return name if isinstance(name, str) and name in (RESOLVE_TOOL, QUERY_TOOL) else UNKNOWN_TOOL
