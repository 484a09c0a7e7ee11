"""What is checked of any request before its key and its body are looked at."""

from typing import Final

from starlette.datastructures import Headers
from starlette.types import Receive, Scope

from server.edge_errors import BodyTooLarge
from server.gate.body import read_body
from server.gate.request_headers import check_host, check_origin
from server.settings import ServerSettings

REQUEST_ID_HEADER: Final = "x-request-id"


def check_envelope(scope: Scope, settings: ServerSettings) -> None:
    """Checks where the request is addressed, which page sent it, and how long it says it is.

    Raises:
        WrongHost: The host is none of ours.
        NotAllowed: The page is from elsewhere.
        BodyTooLarge: The declared length is over the limit.
    """
    headers = Headers(scope=scope)
    check_host(headers, settings.answered_hosts)
    check_origin(headers, settings.allowed_origins)
    length = headers.get("content-length", "")
    if length.isdecimal() and int(length[:20]) > settings.max_body_bytes:
        raise BodyTooLarge(f"The request's body is larger than {settings.max_body_bytes} bytes.")


async def bounded_body(receive: Receive, settings: ServerSettings) -> bytes:
    """Gives the whole body.

    Raises:
        BodyTooLarge, BodyTooSlow, ClientGone: As their names say.
    """
    return await read_body(receive, most_bytes=settings.max_body_bytes, timeout_seconds=settings.body_timeout_seconds)
