"""Request headers -> who calls, from where, with which client, and whether the page that sent it may."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, cast

from starlette.datastructures import Headers
from starlette.types import Scope

from core.errors import NotAllowed
from server.edge_errors import WrongHost

Transport = Literal["http", "stdio"]

TRANSPORT_HEADER: Final = "x-lectern-transport"
"""Set to `stdio` by the bridge. Anyone may set it: it only labels the caller's own usage."""

KEY_HEADERS: Final = ("x-api-key", "x-context7-api-key", "context7-api-key", "context7_api_key", "x_api_key")
"""Source: Context7's MCP server 4.1, whose clients may be configured with any of these."""

_CLIENT_INFO_KEY = "io.modelcontextprotocol/clientInfo"
_PRODUCT = re.compile(r"^([!#$%&'*+\-.^_`|~0-9A-Za-z]+)(?:/([!#$%&'*+\-.^_`|~0-9A-Za-z]+))?")
_MAX_NAME_CHARS = 100
_MAX_VERSION_CHARS = 50
_OPTIONAL_WHITESPACE = b" \t"


@dataclass(frozen=True, slots=True)
class Client:
    """The program that calls, as it names itself, and how it is connected."""

    name: str | None
    version: str | None
    transport: Transport


def with_clean_headers(scope: Scope) -> Scope:
    """Gives the scope with white space around header values removed, which the fast HTTP parser leaves in.

    Source: RFC 9110, section 5.5.
    """
    cleaned = [(name, value.strip(_OPTIONAL_WHITESPACE)) for name, value in scope["headers"]]
    return {**scope, "headers": cleaned}


def check_host(headers: Headers, allowed: Iterable[str]) -> None:
    """Checks that the request is meant for us, against pages that point their own name at this address.

    Raises:
        WrongHost: The host is none of ours.
    """
    if not _is_listed(headers.get("host", ""), allowed):
        raise WrongHost(
            "This server does not answer to that host name. The operator can add it: LECTERN_ALLOWED_HOSTS."
        )


def check_origin(headers: Headers, allowed: Iterable[str]) -> None:
    """Checks that a browser's page may call; programs send no origin.

    Raises:
        NotAllowed: The page is from elsewhere.
    """
    origin = headers.get("origin")
    if origin is not None and not _is_listed(origin, allowed):
        raise NotAllowed("Pages of that origin may not call. The operator can add it: LECTERN_ALLOWED_ORIGINS.")


def presented_key(headers: Headers) -> str | None:
    """Gives the API key, from the first header that has one; an empty Authorization header counts as none."""
    authorization = headers.get("authorization", "")
    scheme, _, credentials = authorization.partition(" ")
    candidates = [credentials.strip() if scheme.lower() == "bearer" else authorization]
    candidates += [headers.get(name, "") for name in KEY_HEADERS]
    return next((key for key in candidates if key), None)


def client_ip(scope: Scope, headers: Headers, trusted_proxies: int) -> str | None:
    """Gives the caller's address: the connection's, or what the outermost trusted proxy saw; None if it has none.

    Each proxy appends the address it saw, so only the last `trusted_proxies` entries are not the caller's own words.
    """
    peer = scope.get("client")
    seen = [part.strip() for value in headers.getlist("x-forwarded-for") for part in value.split(",")]
    if 0 < trusted_proxies <= len(seen):
        return seen[-trusted_proxies]
    return str(peer[0]) if peer else None


def client_of(headers: Headers, params: Mapping[str, Any] | None = None) -> Client:
    """Gives the calling program: from the request's own `clientInfo`, else from the user agent."""
    transport: Transport = "stdio" if headers.get(TRANSPORT_HEADER) == "stdio" else "http"
    meta = (params or {}).get("_meta")
    info = cast("Mapping[str, Any]", meta).get(_CLIENT_INFO_KEY) if isinstance(meta, dict) else None
    if isinstance(info, dict):
        known = cast("Mapping[str, Any]", info)
        return Client(_name(known.get("name")), _version(known.get("version")), transport)
    product = _PRODUCT.match(headers.get("user-agent", ""))
    return Client(_name(product[1]), _version(product[2]), transport) if product else Client(None, None, transport)


def _is_listed(value: str, allowed: Iterable[str]) -> bool:
    """Tells whether the value is in the list, where `name:*` stands for any port."""
    name, _, port = value.rpartition(":")
    return any(value == entry or (port.isdigit() and entry == f"{name}:*") for entry in allowed)


def _name(value: object) -> str | None:
    return _clip(value, _MAX_NAME_CHARS)


def _version(value: object) -> str | None:
    return _clip(value, _MAX_VERSION_CHARS)


def _clip(value: object, most: int) -> str | None:
    if not isinstance(value, str):
        return None
    printable = "".join(character for character in value[:most] if character.isprintable())
    return printable or None
