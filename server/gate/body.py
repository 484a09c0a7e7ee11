"""Reading a request's body with an end: so many bytes, so many seconds."""

import asyncio

from starlette.types import Message, Receive

from server.edge_errors import BodyTooLarge, BodyTooSlow


class ClientGone(Exception):
    """The caller closed the connection before the body was complete."""


async def read_body(receive: Receive, *, most_bytes: int, timeout_seconds: float) -> bytes:
    """Gives the whole body.

    Raises:
        BodyTooLarge: It is larger; no more than the limit and one part was held.
        BodyTooSlow: It was not complete in time.
        ClientGone: Nobody waits for an answer any more.
    """
    body = bytearray()
    try:
        async with asyncio.timeout(timeout_seconds):
            while True:
                message = await receive()
                if message["type"] != "http.request":
                    raise ClientGone
                body += message.get("body", b"")
                if len(body) > most_bytes:
                    raise BodyTooLarge(f"The request's body is larger than {most_bytes} bytes.")
                if not message.get("more_body", False):
                    return bytes(body)
    except TimeoutError as error:
        raise BodyTooSlow(f"The request's body was not complete after {timeout_seconds:g} seconds.") from error


def replayed(body: bytes, receive: Receive) -> Receive:
    """Gives a `receive` that hands out the body once and then waits with the real one for the end."""
    pending: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive_again() -> Message:
        return pending.pop() if pending else await receive()

    return receive_again
