"""Addresses of pages in one spelling, so that one page is one row of the frontier.

Case, trailing slashes and the order of parameters are kept: sites exist whose pages differ by nothing else.
"""

import ipaddress
import re
from urllib.parse import quote, urljoin, urlsplit, urlunsplit

import idna

from core.errors import InvalidInput

MAX_ADDRESS_CHARS = 2048
"""The width of `crawl_pages.url`."""

DEFAULT_PORTS = {"http": 80, "https": 443}

_HOST = re.compile(r"^[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*$")
_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})?")
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_KEPT_IN_PATH = "/%:@!$&'()*+,;=~"
_KEPT_IN_QUERY = "/%:@!$&'()*+,;=~?"
_TRACKING = re.compile(
    r"^(utm_\w+|gclid|dclid|fbclid|msclkid|yclid|mc_cid|mc_eid|_ga|_gl|_hsenc|_hsmi)$", re.IGNORECASE
)
_INDEX_FILE = re.compile(r"/index\.html?$")


def normalise_address(text: str) -> str:
    """Gives the one spelling of an http(s) address, without fragment and tracking parameters.

    Source: RFC 3986 section 6.2, https://www.rfc-editor.org/rfc/rfc3986.

    Raises:
        InvalidInput: It is no http(s) address, carries a user name, or is longer than 2048 characters.
    """
    try:
        parts = urlsplit(text.strip())
        port = parts.port
    except ValueError as error:
        raise InvalidInput(f"{_shown(text)} is not an address: {error}.") from error
    scheme = parts.scheme
    if scheme not in DEFAULT_PORTS:
        raise InvalidInput(f"{_shown(text)} is not an http or https address.")
    if "@" in parts.netloc:
        raise InvalidInput("Addresses with a user name or password in them are not accepted.")
    host = _normalised_host(parts.hostname or "", text)
    authority = host if port in (None, DEFAULT_PORTS[scheme]) else f"{host}:{port}"
    path = _without_dot_segments(_with_plain_escapes(parts.path, _KEPT_IN_PATH))
    query = _with_plain_escapes(_without_tracking(parts.query), _KEPT_IN_QUERY)
    address = f"{scheme}://{authority}{path}" + (f"?{query}" if query else "")
    if len(address) > MAX_ADDRESS_CHARS:
        raise InvalidInput(f"{_shown(text)} is longer than {MAX_ADDRESS_CHARS} characters.")
    return address


def resolve_address(base: str, reference: str) -> str | None:
    """Gives the address a reference on the page `base` leads to, or None if it leads to no web page.

    A backslash in a path is a slash, as for browsers.

    Source: WHATWG URL, https://url.spec.whatwg.org/#path-state.
    """
    try:
        return normalise_address(_joined(base, _with_slashes(reference.strip())))
    except (InvalidInput, ValueError):
        return None


def _with_slashes(reference: str) -> str:
    if "\\" not in reference:
        return reference
    path, mark, query = reference.partition("?")
    return path.replace("\\", "/") + mark + query


def _joined(base: str, reference: str) -> str:
    """Gives a reference in full. `urljoin` drops empty segments of a path, and `a//b` is another page than `a/b`."""
    named = urlsplit(reference) if "//" in reference or base.count("//") > 1 else None
    if named is None or named.scheme or named.netloc or not named.path:
        return urljoin(base, reference)
    place = urlsplit(base)
    path = named.path if named.path.startswith("/") else f"{place.path.rpartition('/')[0]}/{named.path}"
    return urlunsplit((place.scheme, place.netloc, path, named.query, ""))


def origin_of(address: str) -> str:
    """Gives `scheme://host[:port]` of a normalised address."""
    scheme, _, rest = address.partition("://")
    return f"{scheme}://{rest.partition('/')[0]}"


def path_of(address: str) -> str:
    """Gives the path of a normalised address, without its query."""
    rest = address.partition("://")[2]
    return "/" + rest.partition("/")[2].partition("?")[0]


def index_variants(address: str) -> tuple[str, ...]:
    """Gives the addresses under which servers often serve the same page: `/x`, `/x/` and `/x/index.html`.

    They are the same page only if the server redirects one to another or answers with the same bytes.
    """
    if "?" in address:
        return ()
    if _INDEX_FILE.search(address):
        folder = _INDEX_FILE.sub("/", address)
        return (folder,) if path_of(folder) == "/" else (folder, folder.removesuffix("/"))
    if not address.endswith("/"):
        return () if "." in address.rpartition("/")[2] else (f"{address}/",)
    bare = () if path_of(address) == "/" else (address.removesuffix("/"),)
    return (*bare, f"{address}index.html", f"{address}index.htm")


def _shown(text: str) -> str:
    return repr(text if len(text) <= 80 else text[:80] + "...")  # noqa: PLR2004 - enough to recognise one's own input


def _normalised_host(host: str, text: str) -> str:
    if ":" in host:
        try:
            return f"[{ipaddress.IPv6Address(host.partition('%')[0]).compressed}]"
        except ValueError as error:
            raise InvalidInput(f"{_shown(text)} has no valid host.") from error
    try:
        name = host if host.isascii() else idna.encode(host, uts46=True).decode("ascii")
    except idna.IDNAError as error:
        raise InvalidInput(f"{_shown(text)} has no valid host.") from error
    name = name.lower().removesuffix(".")
    if not _HOST.match(name) or len(name) > 253:  # noqa: PLR2004 - RFC 1035
        raise InvalidInput(f"{_shown(text)} has no valid host.")
    return name


def _with_plain_escapes(text: str, kept: str) -> str:
    return quote(_ESCAPE.sub(_plain_escape, text), safe=kept)


def _plain_escape(match: re.Match[str]) -> str:
    if match[1] is None:
        return "%25"
    character = chr(int(match[1], 16))
    return character if character in _UNRESERVED else match[0].upper()


def _without_dot_segments(path: str) -> str:
    segments = path.split("/")[1:]
    kept: list[str] = []
    for segment in segments:
        if segment == "..":
            del kept[-1:]
        elif segment != ".":
            kept.append(segment)
    if segments and segments[-1] in (".", ".."):
        kept.append("")
    return "/" + "/".join(kept)


def _without_tracking(query: str) -> str:
    return "&".join(pair for pair in query.split("&") if not _TRACKING.match(pair.partition("=")[0]))
