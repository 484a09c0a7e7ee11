"""Archives, unpacked into a folder: documents only, and never more than a bound, whatever the archive claims."""

import bz2
import gzip
import io
import lzma
import os
import stat
import struct
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath
from typing import IO, cast

from core.errors import SourceFailed
from crawler.file_types import OtherFiles, is_document_name

ARCHIVE_SUFFIXES = (".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz")
MAX_ARCHIVE_BYTES = 256 * 2**20
_MAX_UNPACKED_BYTES = 2 * 2**30
_MAX_RATIO = 200
_RATIO_APPLIES_FROM_BYTES = 16 * 2**20
_MAX_ENTRIES = 200_000
_MAX_HEADER_BYTES = 2**20
_MAX_DIRECTORY_BYTES = 32 * 2**20
_PIECE_BYTES = 2**16
_ZIP_END = b"PK\x05\x06"
_ZIP_END_BYTES = 22
_ZIP64_LOCATOR = b"PK\x06\x07"
_ZIP64_LOCATOR_BYTES = 20
_ZIP_COMMENT_BYTES = 2**16
_ENCRYPTED = 1
_MAX_DICTIONARY_BYTES = 2**27
"""What unpacking xz may take; its strongest usual setting takes 65 MiB."""
_BROKEN = (
    tarfile.TarError,
    lzma.LZMAError,
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    ArithmeticError,
    EOFError,
    LookupError,
    OSError,
    RuntimeError,
    ValueError,
)


_MAX_STREAMS = 10_000

_Begin = Callable[[], bz2.BZ2Decompressor | lzma.LZMADecompressor]


@dataclass(frozen=True)
class _Member:
    """One file of an archive."""

    name: str
    refusal: str | None
    content: IO[bytes] | None


def is_archive_name(name: str) -> bool:
    """Tells from its name whether a file is an archive that can be read."""
    return name.lower().endswith(ARCHIVE_SUFFIXES)


def unpack(archive: Path, folder: Path, *, max_file_bytes: int, max_bytes: int = MAX_ARCHIVE_BYTES) -> dict[str, str]:
    """Writes the documents of an archive into an empty folder; gives the paths left out, with the reason.

    Links, absolute paths and paths with `..` are left out. A file larger than `max_file_bytes` is cut one byte behind
    that, so that whoever reads it finds it too large.

    Raises:
        SourceFailed: It is no archive, is broken, or holds more than the bounds allow.
    """
    refused: dict[str, str] = {}
    others = OtherFiles()
    try:
        size = archive.stat().st_size
        if size > max_bytes:
            raise SourceFailed(f"The archive is larger than {max_bytes / 2**20:g} MiB.")
        room = min(_MAX_UNPACKED_BYTES, max(_RATIO_APPLIES_FROM_BYTES, _MAX_RATIO * size))
        for member in _members(archive, room, others):
            reason = member.refusal or _refusal_of_path(member.name)
            if reason is None and member.content is not None:
                room -= _write(member.content, folder / member.name, min(max_file_bytes + 1, room + 1))
                if room < 0:
                    raise SourceFailed("The archive unpacks to far more than it should.")
            elif reason is not None:
                refused[member.name] = reason
    except _BROKEN as error:
        raise SourceFailed(f"The archive cannot be read: {str(error)[:200] or type(error).__name__}.") from error
    return {**refused, **others.reasons()}


def _members(archive: Path, room: int, others: OtherFiles) -> Iterator[_Member]:
    with archive.open("rb") as handle:
        head = handle.read(4)
        handle.seek(0)
        if head.startswith(b"PK"):
            yield from _zip_members(handle, others)
        elif head.startswith(b"\x1f\x8b"):
            with gzip.GzipFile(fileobj=handle) as unpacked:
                yield from _tar_members(cast("IO[bytes]", unpacked), room, others)
        elif (begin := _decompressor(head)) is not None:
            with tempfile.TemporaryFile() as unpacked:
                _unpack_stream(handle, begin, unpacked, room)
                yield from _tar_members(unpacked, room, others)
        else:
            yield from _tar_members(handle, room, others)


def _decompressor(head: bytes) -> _Begin | None:
    """Gives what unpacks a file that begins so, if it is packed as a whole by something else than gzip."""
    if head.startswith(b"BZh"):
        return bz2.BZ2Decompressor
    if head.startswith(b"\xfd7zX"):
        return partial(lzma.LZMADecompressor, memlimit=_MAX_DICTIONARY_BYTES)
    return None


def _unpack_stream(packed: IO[bytes], begin: _Begin, target: IO[bytes], max_bytes: int) -> None:
    for piece in _pieces(packed, begin):
        target.write(piece)
        if target.tell() > max_bytes:
            raise SourceFailed("The archive unpacks to far more than it should.")
    target.seek(0)


def _pieces(packed: IO[bytes], begin: _Begin) -> Iterator[bytes]:
    """Yields what a file of one or several streams unpacks to, as programs that pack in parallel make them."""
    stream, streams = begin(), 1
    while data := packed.read(_PIECE_BYTES):
        while data or not stream.needs_input:
            yield stream.decompress(data, _PIECE_BYTES)
            data = b""
            if stream.eof:
                data, stream, streams = stream.unused_data.lstrip(b"\0"), begin(), streams + 1
            if streams > _MAX_STREAMS:
                raise SourceFailed("The archive is made of too many pieces.")


def _zip_members(handle: IO[bytes], others: OtherFiles) -> Iterator[_Member]:
    _check_zip_directory(handle)
    with zipfile.ZipFile(handle) as archive:
        for info in archive.infolist():
            if info.is_dir():
                continue
            if not is_document_name(info.filename):
                others.add(info.filename)
                continue
            if reason := _refusal_of_entry(info):
                yield _Member(info.filename, reason, None)
                continue
            with archive.open(info) as content:
                yield _Member(info.filename, None, content)


def _refusal_of_entry(info: zipfile.ZipInfo) -> str | None:
    if stat.S_ISLNK(info.external_attr >> 16):
        return "a link"
    if info.flag_bits & _ENCRYPTED:
        return "encrypted"
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return "compressed in an unusual way"
    return None


def _check_zip_directory(handle: IO[bytes]) -> None:
    """Looks at the size of the directory before the library reads all of it.

    Source: PKWARE APPNOTE 6.3.10, section 4.3.16.
    """
    size = handle.seek(0, os.SEEK_END)
    handle.seek(max(0, size - _ZIP_COMMENT_BYTES - _ZIP_END_BYTES - _ZIP64_LOCATOR_BYTES))
    tail = handle.read()
    at = tail.rfind(_ZIP_END)
    end = tail[at : at + _ZIP_END_BYTES]
    if at < 0 or len(end) < _ZIP_END_BYTES:
        raise SourceFailed("The archive cannot be read: its end is missing.")
    entries, directory_bytes = int.from_bytes(end[10:12], "little"), int.from_bytes(end[12:16], "little")
    is_zip64 = tail[:at][-_ZIP64_LOCATOR_BYTES:].startswith(_ZIP64_LOCATOR)
    if is_zip64 or directory_bytes > _MAX_DIRECTORY_BYTES or entries > _MAX_ENTRIES:
        raise SourceFailed("The archive holds too many files.")


def _tar_members(handle: IO[bytes], room: int, others: OtherFiles) -> Iterator[_Member]:
    bounded = BoundedFile(handle, room)
    with tarfile.open(fileobj=bounded, mode="r:", errorlevel=1) as archive:
        count = 0
        while (info := archive.next()) is not None:
            # Else the library keeps every entry it has seen.
            archive.members = []  # pyright: ignore[reportAttributeAccessIssue] - the stubs do not have it
            count += 1
            if count > _MAX_ENTRIES:
                raise SourceFailed("The archive holds too many files.")
            if info.isdir():
                continue
            if not is_document_name(info.name):
                others.add(info.name)
                continue
            if not info.isreg() or info.issparse():
                yield _Member(info.name, "a link" if info.issym() or info.islnk() else "not a regular file", None)
                continue
            yield _Member(info.name, None, archive.extractfile(info))


class BoundedFile(io.RawIOBase):
    """A file that ends with an error where a bomb would begin: behind a bound, or in a header of megabytes."""

    def __init__(self, inner: IO[bytes], max_bytes: int) -> None:
        self._inner = inner
        self._max_bytes = max_bytes

    def readable(self) -> bool:
        """Tells yes."""
        return True

    def seekable(self) -> bool:
        """Tells yes."""
        return True

    def read(self, size: int = -1, /) -> bytes:
        """Reads; whoever wants more than a header or a piece of a file at once is being led astray."""
        if not 0 <= size <= _MAX_HEADER_BYTES:
            raise SourceFailed("The archive has a header that is far too large.")
        self._check(self._inner.tell() + size - _MAX_HEADER_BYTES)
        return self._inner.read(size)

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        """Goes to a place counted from the start."""
        if offset < self._inner.tell() - tarfile.BLOCKSIZE:
            raise SourceFailed("The archive has a header that leads backwards.")
        self._check(offset)
        return self._inner.seek(offset, whence)

    def tell(self) -> int:
        """Gives the place."""
        return self._inner.tell()

    def _check(self, offset: int) -> None:
        if offset > self._max_bytes:
            raise SourceFailed("The archive unpacks to far more than it should.")


def _refusal_of_path(name: str) -> str | None:
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or "\0" in name:
        return "a path that leads out of the archive"
    return None


def _write(content: IO[bytes], path: Path, max_bytes: int) -> int:
    """Writes at most `max_bytes` and gives how many it wrote."""
    path.parent.mkdir(parents=True, exist_ok=True)
    written = 0
    with path.open("wb") as target:
        while written < max_bytes and (piece := content.read(min(_PIECE_BYTES, max_bytes - written))):
            written += target.write(piece)
    return written
