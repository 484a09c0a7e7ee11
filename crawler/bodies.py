"""Response bodies, decoded piece by piece and never beyond a bound."""

import io
import zlib
from collections.abc import Iterator

_GZIP_OR_ZLIB = 47  # zlib's window bits that recognise both headers
_GZIP_MAGIC = b"\x1f\x8b"
_MAX_RATIO = 200
_RATIO_APPLIES_FROM_BYTES = 2**20
_STEP_BYTES = 2**20


# Among them what servers say by mistake where nothing is compressed; browsers and other crawlers read that, too.
_PLAIN = frozenset(
    {"", "identity", "none", "binary", "7bit", "8bit", "utf-8", "utf8", "iso-8859-1", "us-ascii", "text"}
)


class BodyRefused(Exception):
    """The body cannot be taken; the text says why."""


class BodyDecoder:
    """Collects a body that may be gzip-compressed, holding at most `max_bytes` of what it unpacks to."""

    def __init__(self, encoding: str, max_bytes: int, *, is_cut: bool = False) -> None:
        """With `is_cut`, a longer body is cut at the bound instead of refused."""
        if encoding not in _PLAIN and encoding not in ("gzip", "x-gzip", "deflate"):
            raise BodyRefused(f"compressed in a way that was not asked for ({encoding[:40]})")
        self._inflater = None if encoding in _PLAIN else zlib.decompressobj(_GZIP_OR_ZLIB)
        self._max_bytes = max_bytes
        self._is_cut = is_cut
        self._received = 0
        # Unlike a bytearray, it gives its content away without a copy.
        self._body, self._size = io.BytesIO(), 0

    @property
    def is_complete(self) -> bool:
        """Tells that nothing more is wanted."""
        return self._is_cut and self._size >= self._max_bytes

    def feed(self, piece: bytes) -> None:
        """Takes the next piece as it came over the wire.

        Raises:
            BodyRefused: It is too large, unpacks to far more than was sent, or is broken.
        """
        self._received += len(piece)
        if self._inflater is None:
            self._take(piece)
            return
        while piece and not self.is_complete:
            piece = self._inflate(piece)

    def _inflate(self, piece: bytes) -> bytes:
        """Unpacks some of the piece and gives what is left of it."""
        assert self._inflater is not None  # noqa: S101 - feed checked it
        try:
            room = self._max_bytes + 1 - self._size
            self._take(self._inflater.decompress(piece, min(room, _STEP_BYTES)))
        except zlib.error as error:
            raise BodyRefused("its compression is broken") from error
        if not self._inflater.eof:
            return self._inflater.unconsumed_tail
        rest = self._inflater.unused_data
        if not rest.startswith(_GZIP_MAGIC):
            return b""
        self._inflater = zlib.decompressobj(_GZIP_OR_ZLIB)
        return rest

    def _take(self, data: bytes) -> None:
        self._size += self._body.write(data)
        if self._size > self._max_bytes:
            if not self._is_cut:
                raise BodyRefused(f"too large (more than {_size(self._max_bytes)})")
            self._size = self._body.seek(self._body.truncate(self._max_bytes))
        if self._size > max(_RATIO_APPLIES_FROM_BYTES, _MAX_RATIO * self._received):
            raise BodyRefused("unpacks to far more than was sent")

    def finish(self) -> bytes:
        """Gives the whole body.

        Raises:
            BodyRefused: The compressed stream stops in the middle.
        """
        if self._inflater is not None and self._received and not self._inflater.eof and not self.is_complete:
            raise BodyRefused("its compressed body was cut short")
        return self._body.getvalue()


def gunzipped_pieces(body: bytes, max_bytes: int) -> Iterator[bytes]:
    """Yields the content of a .gz file, or the body itself if it is none, a mebibyte at a time.

    Raises:
        BodyRefused: It is too large or broken.
    """
    if not body.startswith(_GZIP_MAGIC):
        yield from (body[start : start + _STEP_BYTES] for start in range(0, len(body), _STEP_BYTES))
        return
    size = 0
    while body.startswith(_GZIP_MAGIC):
        inflater = zlib.decompressobj(_GZIP_OR_ZLIB)
        while not inflater.eof:
            try:
                piece = inflater.decompress(body, _STEP_BYTES)
            except zlib.error as error:
                raise BodyRefused("its compression is broken") from error
            size += len(piece)
            if size > max_bytes:
                raise BodyRefused(f"too large (more than {_size(max_bytes)})")
            body = inflater.unconsumed_tail
            if not (piece or body or inflater.eof):
                raise BodyRefused("its compressed body was cut short")
            yield piece
        body = inflater.unused_data


def _size(count: int) -> str:
    return f"{count / 2**20:.0f} MiB" if count >= 2**20 else f"{count / 1024:.0f} KiB"
