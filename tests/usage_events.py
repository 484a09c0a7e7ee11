"""Usage events for tests."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from billing.usage_event import UsageEvent

NOW = datetime(2027, 1, 15, 12, tzinfo=UTC)


def usage_event(**changes: Any) -> UsageEvent:
    """Gives an ordinary event of a call nobody else made, with these fields changed."""
    event = UsageEvent(
        request_id=uuid4(),
        created_at=NOW,
        user_id=None,
        api_key_id=None,
        tool_name="query-docs",
        library_id="/python/cpython",
        query="how to read a file",
        tokens_returned=100,
        response_time_ms=14,
        status="ok",
        is_billed=True,
        client_name="Claude Code",
        client_version="2.1.0",
        transport="http",
    )
    return replace(event, **changes)


MISSING = UUID(int=0)
"""The id of nobody."""
