"""Server-sent events as a client reads them. Source: https://html.spec.whatwg.org/multipage/server-sent-events.html."""

import json
from collections.abc import AsyncIterator
from typing import Any


async def read_events(lines: AsyncIterator[str]) -> AsyncIterator[dict[str, Any]]:
    """Gives each event with its fields, the data as JSON; comments are passed over."""
    fields: dict[str, Any] = {}
    async for line in lines:
        if not line and fields:
            yield fields | {"data": json.loads(fields["data"])}
            fields = {}
        elif line and not line.startswith(":"):
            name, _, value = line.partition(":")
            fields[name] = value.removeprefix(" ")
