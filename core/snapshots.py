"""Snapshots: every response of a crawl as a WARC/1.1 record, in segments of an object store. The door to warcio.

A record is one gzip member, so that it can be read alone.
Source: https://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/.
"""

# warcio carries no types; they stop at this door.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

import asyncio
import gzip
import io
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus

from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed
from warcio.statusandheaders import StatusAndHeaders, StatusAndHeadersParser, StatusAndHeadersParserException
from warcio.warcwriter import WARCWriter

from core.errors import Conflict, NotFound
from core.objects import ObjectStore

_HTTP_HEADERS = StatusAndHeadersParser(["HTTP/1.1"])


@dataclass(frozen=True)
class StoredResponse:
    """A response as it was received, its body unpacked."""

    url: str
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def header(self, name: str) -> str | None:
        """Gives the first header of that name, in any case."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)


class SnapshotWriter:
    """Gathers records into a segment and stores it as `<prefix>/<nnnnn>.warc.gz`; used by one crawl at a time."""

    def __init__(self, store: ObjectStore, prefix: str) -> None:
        self._store = store
        self._prefix = prefix
        self._members: list[bytes] = []
        self._size = 0
        self._next_number: int | None = None

    def append(self, record: bytes) -> tuple[int, int]:
        """Adds an encoded record to the open segment and gives its offset and length there, in bytes."""
        offset = self._size
        self._members.append(record)
        self._size += len(record)
        return offset, len(record)

    async def close_segment(self) -> str | None:
        """Stores the open segment and gives its key, None if it holds nothing; once this returns it is durable.

        Raises:
            Unavailable: The store does not take it.
        """
        members, self._members, self._size = self._members, [], 0
        if not members:
            return None
        if self._next_number is None:
            self._next_number = len(await self._store.list(self._prefix))
        while True:
            key = f"{self._prefix}/{self._next_number:05d}.warc.gz"
            self._next_number += 1
            try:
                await self._store.put(key, b"".join(members), is_new=True)
            except Conflict:  # another runner of the same crawl was quicker
                continue
            return key


async def encode_records(responses: Sequence[StoredResponse]) -> list[bytes]:
    """Gives each response as one gzip member holding one WARC record."""
    return await asyncio.to_thread(lambda: [_encode(response) for response in responses])


async def read_record(store: ObjectStore, key: str, offset: int, length: int) -> StoredResponse:
    """Reads one response back.

    Raises:
        NotFound: There is no record at that place.
        Unavailable: The store does not answer.
    """
    member = await store.get_range(key, offset, length)
    return await asyncio.to_thread(_decode, key, member)


def _encode(response: StoredResponse) -> bytes:
    buffer = io.BytesIO()
    writer = WARCWriter(buffer, gzip=False, warc_version="WARC/1.1")
    http_headers = StatusAndHeaders(_status_line(response.status), list(response.headers), protocol="HTTP/1.1")
    record = writer.create_warc_record(
        response.url,
        "response",
        payload=io.BytesIO(response.body),
        length=len(response.body),
        http_headers=http_headers,
    )
    writer.write_record(record)
    return gzip.compress(buffer.getvalue(), compresslevel=4, mtime=0)


def _decode(key: str, member: bytes) -> StoredResponse:
    try:
        # By itself the reader looks for response headers in records of web addresses only, not in those of a folder.
        for record in ArchiveIterator(io.BytesIO(member), no_record_parse=True):
            http_headers = _HTTP_HEADERS.parse(record.raw_stream)
            headers = tuple((str(name), str(value)) for name, value in http_headers.headers)
            return StoredResponse(
                url=str(record.rec_headers.get_header("WARC-Target-URI")),
                status=int(http_headers.get_statuscode()),
                headers=headers,
                body=bytes(record.raw_stream.read()),
            )
    except (
        ArchiveLoadFailed,
        StatusAndHeadersParserException,
        zlib.error,
        EOFError,
        ValueError,
        AttributeError,
    ) as error:
        raise NotFound(f"The stored object {key} holds no readable record there.") from error
    raise NotFound(f"The stored object {key} holds no record there.")


def _status_line(status: int) -> str:
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)
