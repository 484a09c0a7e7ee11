"""Sitemaps: the pages and further sitemaps an XML, gzip or text file or a feed names.

Source: https://www.sitemaps.org/protocol.html, which takes RSS 2.0 and Atom as well.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import chain
from xml.parsers import expat

from crawler.addresses import MAX_ADDRESS_CHARS
from crawler.bodies import BodyRefused, gunzipped_pieces

MAX_SITEMAP_BYTES = 50 * 2**20
"""The largest sitemap the protocol allows, unpacked."""

MAX_SITEMAP_ENTRIES = 50_000
_BLANK_BYTES = 1024
_MAX_LINE_BYTES = 2**20


@dataclass(frozen=True)
class Sitemap:
    """What one sitemap names, as written there."""

    pages: tuple[str, ...] = ()
    sitemaps: tuple[str, ...] = ()
    is_cut: bool = False
    """Whether it names more than `MAX_SITEMAP_ENTRIES`."""


def parse_sitemap(body: bytes) -> Sitemap:
    """Reads a sitemap as far as it is well-formed; a broken or hostile one gives what came before the fault.

    It is unpacked and read a piece at a time: fifty mebibytes are never held as a whole.
    """
    pieces = gunzipped_pieces(body, MAX_SITEMAP_BYTES)
    try:
        first = next(pieces, b"")
        if first[:_BLANK_BYTES].lstrip(b"\xef\xbb\xbf \t\r\n")[:1] != b"<":
            lines = _text_lines(chain([first], pieces))
            return Sitemap(lines[:MAX_SITEMAP_ENTRIES], is_cut=len(lines) > MAX_SITEMAP_ENTRIES)
    except BodyRefused:
        return Sitemap()
    reader = _Reader()
    reader.read(chain([first], pieces))
    return Sitemap(tuple(reader.pages), tuple(reader.sitemaps), reader.is_cut)


def _text_lines(pieces: Iterable[bytes]) -> tuple[str, ...]:
    found: list[str] = []
    rest = b""
    for piece in pieces:
        *lines, rest = (rest + piece).replace(b"\r", b"\n").split(b"\n")
        found += _addresses(lines)
        if len(found) > MAX_SITEMAP_ENTRIES or len(rest) > _MAX_LINE_BYTES:
            break
    return (*found, *_addresses([rest]))


def _addresses(lines: Iterable[bytes]) -> list[str]:
    texts = (line.decode("utf-8-sig", errors="replace").strip() for line in lines)
    return [text for text in texts if text.startswith(("http://", "https://"))]


_NAMING = frozenset({("url", "loc"), ("sitemap", "loc"), ("item", "link")})
"""Elements whose text is an address, with the one they stand in."""

_OF_ATOM = ("entry", "link")


class _Refused(Exception):
    """The file holds something no sitemap needs, or enough was read."""


@dataclass
class _Reader:
    """Collects what the elements of `_NAMING` name."""

    pages: list[str] = field(default_factory=list[str])
    sitemaps: list[str] = field(default_factory=list[str])
    is_cut: bool = False
    _parents: list[str] = field(default_factory=list[str])
    _text: list[str] | None = None

    def read(self, pieces: Iterable[bytes]) -> None:
        """Reads up to the first fault; any entity declaration is one, and nothing is ever loaded from outside."""
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.EntityDeclHandler = _refuse
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters
        try:
            for piece in pieces:
                parser.Parse(piece)
            parser.Parse(b"", True)  # noqa: FBT003 - expat takes it by position only
        except (expat.ExpatError, _Refused, BodyRefused, UnicodeError, LookupError):
            return

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if len(self._parents) > 16:  # noqa: PLR2004 - a sitemap is three levels deep
            raise _Refused
        self._parents.append(name.rpartition(" ")[2])
        inner = tuple(self._parents[-2:])
        if inner == _OF_ATOM and attributes.get("rel", "alternate") == "alternate":
            self._take(attributes.get("href", ""))
        self._text = [] if inner in _NAMING else None

    def _characters(self, data: str) -> None:
        if self._text is not None and len(self._text) < MAX_ADDRESS_CHARS:
            self._text.append(data)

    def _end(self, _name: str) -> None:
        if self._text is not None:
            self._take("".join(self._text).strip())
            self._text = None
        self._parents.pop()

    def _take(self, address: str) -> None:
        kind = self.sitemaps if self._parents[-2] == "sitemap" else self.pages
        if len(kind) >= MAX_SITEMAP_ENTRIES:
            self.is_cut = True
            raise _Refused
        if 0 < len(address) <= MAX_ADDRESS_CHARS:
            kind.append(address)


def _refuse(*_declaration: object) -> None:
    raise _Refused
