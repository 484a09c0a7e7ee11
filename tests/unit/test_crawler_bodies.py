"""Bodies as they come over the wire: packed, cut short, made to burst."""

import gzip
import zlib

import pytest

from crawler.bodies import BodyDecoder, BodyRefused, gunzipped_pieces


@pytest.mark.parametrize("encoding", ["", "identity", "gzip", "x-gzip", "deflate"])
def test_a_body_is_decoded_piece_by_piece(encoding: str) -> None:
    text = b"some text " * 1000
    packed = {"deflate": zlib.compress(text), "": text, "identity": text}.get(encoding) or gzip.compress(text)
    decoder = BodyDecoder(encoding, 20_000)
    for start in range(0, len(packed), 7):
        decoder.feed(packed[start : start + 7])
    assert decoder.finish() == text


def test_a_body_of_several_gzip_members_is_whole() -> None:
    packed = gzip.compress(b"one ") + gzip.compress(b"two") + b"\0\0"
    assert b"".join(gunzipped_pieces(packed, 100)) == b"one two"


def decoded(encoding: str, body: bytes) -> bytes:
    decoder = BodyDecoder(encoding, 2048)
    decoder.feed(body)
    return decoder.finish()


@pytest.mark.parametrize(
    ("encoding", "body", "reason"),
    [
        ("", b"x" * 3000, "too large"),
        ("gzip", gzip.compress(b"x" * 3000, mtime=0), "too large"),
        ("gzip", gzip.compress(b"text", mtime=0)[:-6], "cut short"),
        ("gzip", b"no gzip at all", "compression is broken"),
        ("br", b"x", "not asked for"),
    ],
)
def test_a_body_that_cannot_be_taken_says_why(encoding: str, body: bytes, reason: str) -> None:
    with pytest.raises(BodyRefused, match=reason):
        decoded(encoding, body)


def test_a_bomb_stops_at_the_bound_and_at_the_ratio() -> None:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    bomb = b"".join(packer.compress(bytes(2**20)) for _ in range(64)) + packer.flush()
    with pytest.raises(BodyRefused, match="too large"):
        BodyDecoder("gzip", 2**20 // 2).feed(bomb)
    with pytest.raises(BodyRefused, match="far more than was sent"):
        BodyDecoder("gzip", 128 * 2**20).feed(bomb)


def test_a_cut_body_keeps_its_beginning() -> None:
    for encoding, body in (("", b"abcdef"), ("gzip", gzip.compress(b"abcdef"))):
        decoder = BodyDecoder(encoding, 3, is_cut=True)
        decoder.feed(body)
        assert decoder.is_complete
        assert decoder.finish() == b"abc"
