"""Files of a folder that an OpenAPI document in it refers to, put into the document; never one outside the folder."""

import os
import re
import stat
from pathlib import Path, PurePosixPath
from posixpath import dirname, join, normpath
from urllib.parse import unquote

from crawler.addresses import MAX_ADDRESS_CHARS
from crawler.specification import MAX_REFERENCED_FILES, Specification, bundle, read_values, remote_references

_FILE_REFERENCE = re.compile(rb"""\$ref['"]?\s*:\s*['"]?[^'"#\s]""")
_SUFFIXES = frozenset({".json", ".yaml", ".yml"})


class FolderReferences:
    """Reads what documents of one folder refer to."""

    def __init__(self, root: Path, max_bytes: int) -> None:
        """`root` is resolved; one document and all its files may have `max_bytes`."""
        self._root = root
        self._max_bytes = max_bytes

    def complete(self, path: Path, body: bytes) -> bytes | None:
        """Gives the document with the files of the folder that it refers to in it, None if it refers to none.

        Raises:
            TooMuch: They unfold to more than anybody wrote.
        """
        found = Specification.read(body) if _FILE_REFERENCE.search(body) else None
        if found is None or not remote_references(found.root):
            return None
        start = path.relative_to(self._root).as_posix()
        return bundle(start, self._gather(start, found, self._max_bytes - len(body)), _resolve)

    def _gather(self, start: str, found: Specification, room: int) -> dict[str, object]:
        values: dict[str, object] = {start: found.root}
        pending = [(start, name) for name in remote_references(found.root)]
        while pending and len(values) <= MAX_REFERENCED_FILES and room > 0:
            base, name = pending.pop(0)
            path = _resolve(base, name)
            if path is None or path in values or (body := self._read(path, room)) is None:
                continue
            room -= len(body)
            values[path] = read_values(body)
            pending += [(path, inner) for inner in remote_references(values[path])]
        return values

    def _read(self, relative: str, room: int) -> bytes | None:
        """Gives a file, None if it is none of the folder, no regular one, or too large."""
        path = self._root / relative
        try:
            if not path.resolve().is_relative_to(self._root):
                return None
            descriptor = os.open(path.resolve(), os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
            with os.fdopen(descriptor, "rb") as handle:
                body = handle.read(room + 1) if stat.S_ISREG(os.fstat(descriptor).st_mode) else None
        except (OSError, RuntimeError, ValueError):  # a circle of links, or a name no file can have
            return None
        return body if body is not None and len(body) <= room else None


def _resolve(base: str, name: str) -> str | None:
    """Gives the path in the folder that a reference in a file of it leads to; None if it leads out, or to no data."""
    file = unquote(name)
    if ":" in file or len(file) > MAX_ADDRESS_CHARS or file.startswith("/"):
        return None
    path = normpath(join(dirname(base), file))
    parts = path.split("/")
    is_data = PurePosixPath(path).suffix.lower() in _SUFFIXES
    return path if is_data and not any(part.startswith(".") for part in parts) else None
