"""A response held back until it is known that it may leave."""

import json
from collections.abc import Mapping
from typing import Any

from starlette.types import Message, Send

Headers = Mapping[str, str]


class HeldResponse:
    """Takes what an ASGI app sends, to be let out later or replaced."""

    def __init__(self) -> None:
        self._messages: list[Message] = []

    async def hold(self, message: Message) -> None:
        """Takes one message; give this to an app as its `send`."""
        self._messages.append(message)

    @property
    def status(self) -> int:
        """The HTTP status of what is held, 0 if nothing is."""
        return next((m["status"] for m in self._messages if m["type"] == "http.response.start"), 0)

    def replace(self, status: int, body: Mapping[str, Any], headers: Headers | None = None) -> None:
        """Puts a JSON answer in the place of what was held."""
        self._messages = json_messages(status, body, headers)

    async def release(self, send: Send, headers: Headers) -> None:
        """Lets the response out with these headers added."""
        for message in self._messages:
            await send(with_headers(message, headers))


def json_messages(
    status: int, body: Mapping[str, Any], headers: Headers | None = None, *, content_type: str = "application/json"
) -> list[Message]:
    """Gives the ASGI messages of a JSON answer."""
    # The standard library's encoder escapes lone surrogates, which a caller's id may hold.
    content = json.dumps(body, separators=(",", ":")).encode()
    start: Message = {
        "type": "http.response.start",
        "status": status,
        "headers": [(b"content-type", content_type.encode()), (b"content-length", str(len(content)).encode())],
    }
    return [with_headers(start, headers or {}), {"type": "http.response.body", "body": content}]


def with_headers(message: Message, headers: Headers) -> Message:
    """Gives the message with the headers it lacks added, if it is the one that carries headers."""
    if message["type"] != "http.response.start":
        return message
    present = list(message.get("headers", []))
    names = {name.lower() for name, _ in present}
    wanted = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
    return {**message, "headers": [*present, *(pair for pair in wanted if pair[0] not in names)]}
