"""Sphinx inventories: the documents and symbols an `objects.inv` names.

Four lines of header, then a zlib stream of lines `name domain:role priority uri dispname`; a `$` at the end of the uri
stands for the name. Version 1 has three lines of header, then plain lines `name role uri`, of Python only and without
anchors.

Source: Sphinx's own reader, https://github.com/sphinx-doc/sphinx/blob/master/sphinx/util/inventory.py.
"""

import io
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, islice

MAX_INVENTORY_BYTES = 16 * 2**20
"""What is read of an inventory, unpacked; the 15 600 objects of Python's own are 1.0 MiB."""

MAX_INVENTORY_ENTRIES = 100_000

_VERSION = b"# Sphinx inventory version 2"
_FIRST_VERSION = b"# Sphinx inventory version 1"
_FIRST_HEADER_LINES = 3
_FIRST_FIELDS = 3
_DOCUMENT = "std:doc"
# Names of places and of parameters: nobody asks for them.
_NO_SYMBOLS = frozenset({"std:label", "c:functionParam", "cpp:functionParam", "cpp:templateParam"})
_MAX_NAME_CHARS = 200
_FIELDS_AFTER_NAME = 4
_MAX_LINE_BYTES = 8192


@dataclass(frozen=True)
class ListedSymbol:
    """A name that the documentation defines; `reference` has the anchor of the place that does."""

    name: str
    role: str
    """Domain and kind, such as `py:method`, `c:macro`, `std:cmdoption`."""
    reference: str


@dataclass(frozen=True)
class Inventory:
    """What an inventory names, each once; references are relative to it."""

    project: str = ""
    version: str = ""
    documents: tuple[str, ...] = ()
    symbols: tuple[ListedSymbol, ...] = ()


def parse_inventory(body: bytes) -> Inventory:
    """Reads an inventory; gives an empty one if it is none."""
    version, project, release, rest = (*body.split(b"\n", _FIRST_HEADER_LINES), b"", b"", b"")[:4]
    if version.rstrip() == _FIRST_VERSION:
        entries = chain.from_iterable(map(_first_entries_of, _lines(rest)))
    elif version.rstrip() == _VERSION:
        entries = filter(None, map(_entry_of, _lines(_unpacked(rest.partition(b"\n")[2]))))
    else:
        return Inventory()
    documents: dict[str, None] = {}
    symbols: dict[ListedSymbol, None] = {}
    for entry in entries:
        if entry.role == _DOCUMENT:
            documents[entry.reference] = None
        elif _is_symbol(entry):
            symbols[entry] = None
    listed, defined = islice(documents, MAX_INVENTORY_ENTRIES), islice(symbols, MAX_INVENTORY_ENTRIES)
    return Inventory(_header_value(project), _header_value(release), tuple(listed), tuple(defined))


def _lines(content: bytes) -> Iterator[bytes]:
    return (line for line in io.BytesIO(content) if len(line) <= _MAX_LINE_BYTES)


def _is_symbol(entry: ListedSymbol) -> bool:
    return entry.role not in _NO_SYMBOLS and "#" in entry.reference and len(entry.name) <= _MAX_NAME_CHARS


def _unpacked(packed: bytes) -> bytes:
    """Gives what the stream holds up to the bound, less a line that is cut there; nothing if it is broken."""
    inflater = zlib.decompressobj()
    try:
        content = inflater.decompress(packed, MAX_INVENTORY_BYTES)
    except zlib.error:
        return b""
    return content if inflater.eof else content[: content.rfind(b"\n") + 1]


def _header_value(line: bytes) -> str:
    return line.partition(b":")[2].decode("utf-8", errors="replace").strip()[:100]


def _entry_of(line: bytes) -> ListedSymbol | None:
    """Gives what a line names. Names may have spaces: the priority tells where they end."""
    words = line.decode("utf-8", errors="replace").rstrip("\r\n").split(" ")
    for role in range(1, len(words) - _FIELDS_AFTER_NAME + 1):
        if words[role + 1].removeprefix("-").isdecimal():
            name, reference = " ".join(words[:role]), words[role + 2]
            reference = reference[:-1] + name if reference.endswith("$") else reference
            return ListedSymbol(name, words[role], reference)
    return None


def _first_entries_of(line: bytes) -> Iterator[ListedSymbol]:
    """Yields the page that a line of version 1 names, and the place in it that Sphinx gave the name."""
    words = line.decode("utf-8", errors="replace").split()
    if len(words) == _FIRST_FIELDS:
        name, kind, page = words
        role, anchor = ("module", f"module-{name}") if kind == "mod" else (kind, name)
        yield ListedSymbol("", _DOCUMENT, page)
        yield ListedSymbol(name, f"py:{role}", f"{page}#{anchor}")
