"""Sphinx inventories: the documents an `objects.inv` names.

Four lines of header, then a zlib stream of lines `name domain:role priority uri dispname`; a `$` at the end of the uri
stands for the name.

Source: Sphinx's own reader, https://github.com/sphinx-doc/sphinx/blob/master/sphinx/util/inventory.py.
"""

import io
import zlib
from itertools import islice

MAX_INVENTORY_BYTES = 16 * 2**20
"""What is read of an inventory, unpacked; the 15 600 objects of Python's own are 1.0 MiB."""

MAX_INVENTORY_ENTRIES = 100_000

_VERSION = b"# Sphinx inventory version 2"
_HEADER_LINES = 4
_DOCUMENT = b" std:doc "
_FIELDS_AFTER_NAME = 4
_MAX_LINE_BYTES = 8192


def parse_inventory(body: bytes) -> tuple[str, ...]:
    """Gives the references of all documents, relative to the inventory, each once; nothing if it is no inventory."""
    *header, packed = [*body.split(b"\n", _HEADER_LINES), b""][: _HEADER_LINES + 1]
    if header[0].rstrip() != _VERSION:
        return ()
    lines = io.BytesIO(_unpacked(packed))
    references = (_document_of(line) for line in lines if _DOCUMENT in line and len(line) <= _MAX_LINE_BYTES)
    return tuple(dict.fromkeys(islice(filter(None, references), MAX_INVENTORY_ENTRIES)))


def _unpacked(packed: bytes) -> bytes:
    """Gives what the stream holds up to the bound, less a line that is cut there; nothing if it is broken."""
    inflater = zlib.decompressobj()
    try:
        content = inflater.decompress(packed, MAX_INVENTORY_BYTES)
    except zlib.error:
        return b""
    return content if inflater.eof else content[: content.rfind(b"\n") + 1]


def _document_of(line: bytes) -> str | None:
    """Gives the reference if the line is about a document. Names may have spaces: the priority tells where they end."""
    words = line.decode("utf-8", errors="replace").rstrip("\r\n").split(" ")
    for role in range(1, len(words) - _FIELDS_AFTER_NAME + 1):
        if words[role + 1].removeprefix("-").isdecimal():
            reference = words[role + 2]
            if words[role] != _DOCUMENT.decode().strip():
                return None
            return reference[:-1] + " ".join(words[:role]) if reference.endswith("$") else reference
    return None
