"""What comes out of an archive, and what does not: bombs, links, paths that lead elsewhere."""

import bz2
import contextlib
import gzip
import io
import lzma
import random
import stat
import tarfile
import tracemalloc
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import pytest

from core.errors import InvalidInput, SourceFailed
from crawler import archive as archives
from crawler.archive import unpack
from crawler.service import recognise_source

LIMIT = 4096


def packing_of(path: Path) -> Literal["w:", "w:gz", "w:bz2", "w:xz"]:
    match path.suffix:
        case ".gz" | ".tgz":
            return "w:gz"
        case ".bz2":
            return "w:bz2"
        case ".xz":
            return "w:xz"
        case _:
            return "w:"


def tar_of(path: Path, members: dict[str, bytes | tarfile.TarInfo]) -> Path:
    with tarfile.open(path, packing_of(path)) as archive:
        for name, content in members.items():
            info = content if isinstance(content, tarfile.TarInfo) else tarfile.TarInfo(name)
            info.name = name
            body = content if isinstance(content, bytes) else b""
            info.size = len(body)
            archive.addfile(info, io.BytesIO(body))
    return path


def zip_of(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def link(kind: bytes, target: str) -> tarfile.TarInfo:
    info = tarfile.TarInfo()
    info.type, info.linkname = kind, target
    return info


def unpacked(archive: Path) -> tuple[dict[str, bytes], dict[str, str]]:
    folder = archive.parent / "tree"
    folder.mkdir()
    refused = unpack(archive, folder, max_file_bytes=LIMIT)
    assert {path.name for path in archive.parent.iterdir()} == {archive.name, "tree"}
    assert not any(path.is_symlink() for path in folder.rglob("*"))
    files = {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    return files, refused


@pytest.mark.parametrize("name", ["docs.zip", "docs.tar", "docs.tar.gz", "docs.tgz", "docs.tar.bz2", "docs.tar.xz"])
def test_the_documents_of_an_archive_come_out(tmp_path: Path, name: str) -> None:
    others = {"logo.png": b"png", "docs/b.PNG": b"png", "docs/Makefile": b"all:", ".hidden/c.md": b"c", ".x.png": b""}
    members = {"docs/a.md": b"# A", "docs/sub/b.html": b"<h1>B", **others}
    make = zip_of if name.endswith("zip") else tar_of
    files, refused = unpacked(make(tmp_path / name, {**members}))
    assert files == {"docs/a.md": b"# A", "docs/sub/b.html": b"<h1>B"}
    assert refused == {"*.png": "2 files of a kind that is not read", "*": "1 file of a kind that is not read"}


@pytest.mark.parametrize("pack", [bz2.compress, lzma.compress])
def test_streams_one_after_another_are_one_archive(tmp_path: Path, pack: Callable[[bytes], bytes]) -> None:
    plain = tar_of(tmp_path / "plain.tar", {"a.md": b"# A", "b.md": b"b" * 4000}).read_bytes()
    (tmp_path / "plain.tar").unlink()
    packed = tmp_path / "docs.tar.packed"
    packed.write_bytes(pack(plain[:1000]) + pack(plain[1000:]))
    assert unpacked(packed) == ({"a.md": b"# A", "b.md": b"b" * 4000}, {})


@pytest.mark.parametrize("pack", [bz2.compress, lzma.compress])
def test_a_bomb_in_a_stream_ends_at_the_bound(tmp_path: Path, pack: Callable[[bytes], bytes]) -> None:
    bomb = tmp_path / "bomb.tar.packed"
    bomb.write_bytes(pack(bytes(2**26)))
    with pytest.raises(SourceFailed, match="far more than it should"):
        unpack(bomb, tmp_path / "tree", max_file_bytes=LIMIT)


def test_an_endless_row_of_empty_streams_is_refused(tmp_path: Path) -> None:
    bomb = tmp_path / "bomb.tar.bz2"
    bomb.write_bytes(bz2.compress(b"") * 20_000)
    with pytest.raises(SourceFailed, match="too many pieces"):
        unpack(bomb, tmp_path / "tree", max_file_bytes=LIMIT)


def test_what_would_take_too_much_memory_to_unpack_is_refused(tmp_path: Path) -> None:
    packed = bytearray(lzma.compress(b"a tar"))
    # The header of its only block: how long it is, flags, the filter, how many bytes of properties, the dictionary.
    start, end = 12, 12 + 4 * packed[12]
    packed[start + 4] = 40  # of 4 GiB
    packed[end : end + 4] = zlib.crc32(packed[start:end]).to_bytes(4, "little")
    archive = tmp_path / "docs.tar.xz"
    archive.write_bytes(packed)
    with pytest.raises(SourceFailed, match="Memory usage limit"):
        unpack(archive, tmp_path / "tree", max_file_bytes=LIMIT)


def test_links_and_paths_that_lead_elsewhere_stay_in_a_tar(tmp_path: Path) -> None:
    archive = tar_of(
        tmp_path / "docs.tar",
        {
            "good.md": b"good",
            "../up.md": b"evil",
            "docs/../../up.md": b"evil",
            "/tmp/absolute.md": b"evil",  # noqa: S108 - never written
            "soft.md": link(tarfile.SYMTYPE, "/etc/passwd"),
            "hard.md": link(tarfile.LNKTYPE, "good.md"),
            "pipe.md": link(tarfile.FIFOTYPE, ""),
        },
    )
    files, refused = unpacked(archive)
    assert files == {"good.md": b"good"}
    assert refused == {
        "../up.md": "a path that leads out of the archive",
        "docs/../../up.md": "a path that leads out of the archive",
        "/tmp/absolute.md": "a path that leads out of the archive",  # noqa: S108 - never written
        "soft.md": "a link",
        "hard.md": "a link",
        "pipe.md": "not a regular file",
    }


def test_a_linked_folder_is_no_way_out(tmp_path: Path) -> None:
    outside = tmp_path / "elsewhere"
    outside.mkdir()
    source = tmp_path / "in"
    source.mkdir()
    archive = tar_of(source / "docs.tar", {"sub": link(tarfile.SYMTYPE, str(outside)), "sub/a.md": b"a"})
    assert unpacked(archive)[0] == {"sub/a.md": b"a"}
    assert list(outside.iterdir()) == []


def test_links_and_paths_that_lead_elsewhere_stay_in_a_zip(tmp_path: Path) -> None:
    linked = zipfile.ZipInfo("soft.md")
    linked.external_attr = (stat.S_IFLNK | 0o777) << 16
    path = tmp_path / "docs.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(linked, "/etc/passwd")
        archive.writestr("../up.md", "evil")
        archive.writestr("/absolute.md", "evil")
        archive.writestr("good.md", "good")
    files, refused = unpacked(path)
    assert files == {"good.md": b"good"}
    assert set(refused) == {"soft.md", "../up.md", "/absolute.md"}


def test_a_file_too_large_is_cut_one_byte_behind_the_bound(tmp_path: Path) -> None:
    archive = zip_of(tmp_path / "docs.zip", {"big.md": random.Random(0).randbytes(LIMIT * 4)})
    assert len(unpacked(archive)[0]["big.md"]) == LIMIT + 1


@pytest.mark.parametrize("member", ["page.md", "data.bin"])
@pytest.mark.parametrize("claimed_bytes", [40 * 2**20, 10 * 2**40])
def test_a_tar_bomb_ends_at_the_bound_in_little_memory(tmp_path: Path, member: str, claimed_bytes: int) -> None:
    path = tmp_path / "bomb.tar.gz"
    info = tarfile.TarInfo(member)
    info.size = claimed_bytes
    with gzip.open(path, "wb", compresslevel=9) as handle:
        handle.write(info.tobuf(tarfile.GNU_FORMAT))
        for _ in range(40):
            handle.write(bytes(2**20))
        handle.write(bytes(2 * tarfile.BLOCKSIZE))
    tracemalloc.start()
    with pytest.raises(SourceFailed, match="far more"):
        unpacked(path)
    assert tracemalloc.get_traced_memory()[1] < 8 * 2**20
    tracemalloc.stop()


def test_the_way_to_a_place_behind_the_bound_is_not_gone() -> None:
    inner = io.BytesIO(bytes(2000))
    bounded = archives.BoundedFile(inner, 1000)
    with pytest.raises(SourceFailed, match="far more"):
        bounded.seek(1001)
    assert inner.tell() == 0
    assert bounded.seek(1000) == 1000
    with pytest.raises(SourceFailed, match="backwards"):
        bounded.seek(0)


def test_a_zip_of_many_bombs_ends_at_the_bound(tmp_path: Path) -> None:
    archive = zip_of(tmp_path / "bomb.zip", {f"{number}.md": bytes(2**20) for number in range(40)})
    (tmp_path / "tree").mkdir()
    with pytest.raises(SourceFailed, match="far more"):
        unpack(archive, tmp_path / "tree", max_file_bytes=2**24)


def test_an_archive_of_too_many_files_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "_MAX_ENTRIES", 5)
    members: dict[str, bytes] = {f"{number}.md": b"x" for number in range(6)}
    (tmp_path / "tree").mkdir()
    for archive in (zip_of(tmp_path / "a.zip", members), tar_of(tmp_path / "a.tar", {**members})):
        with pytest.raises(SourceFailed, match="too many files"):
            unpack(archive, tmp_path / "tree", max_file_bytes=LIMIT)


def test_a_header_of_megabytes_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "pax.tar.gz"
    with tarfile.open(path, "w:gz", format=tarfile.PAX_FORMAT) as archive:
        info = tarfile.TarInfo("a.md")
        info.pax_headers = {"comment": "x" * (3 * 2**20)}
        archive.addfile(info)
    with pytest.raises(SourceFailed, match="header"):
        unpack(path, tmp_path, max_file_bytes=LIMIT)


@pytest.mark.parametrize("name", ["docs.zip", "docs.tar", "docs.tar.gz"])
def test_a_broken_archive_raises_no_other_error(tmp_path: Path, name: str) -> None:
    make = zip_of if name.endswith("zip") else tar_of
    whole = make(tmp_path / name, {f"{n}.md": random.Random(n).randbytes(2000) for n in range(20)}).read_bytes()
    chance = random.Random(7)
    for number in range(60):
        damaged = bytearray(whole[: chance.randrange(len(whole))] if number % 2 else whole)
        for _ in range(20):
            damaged[chance.randrange(len(damaged)) if damaged else 0 :] = (
                b"" if number % 3 == 0 else chance.randbytes(9)
            )
        path = tmp_path / f"{number}-{name}"
        path.write_bytes(damaged)
        folder = tmp_path / f"tree{number}"
        folder.mkdir()
        with contextlib.suppress(SourceFailed):
            unpack(path, folder, max_file_bytes=LIMIT)


def test_an_encrypted_file_is_left_out(tmp_path: Path) -> None:
    path = zip_of(tmp_path / "docs.zip", {"a.md": b"secret"})
    body = bytearray(path.read_bytes())
    body[body.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(body)
    assert unpacked(path) == ({}, {"a.md": "encrypted"})


def test_an_archive_is_recognised_and_another_file_is_not(tmp_path: Path) -> None:
    archive = zip_of(tmp_path / "Docs.ZIP", {"a.md": b"a"})
    assert recognise_source(str(archive)) == recognise_source(f" {archive} ")
    assert recognise_source(str(archive)).kind == "archive"
    assert recognise_source("https://x.org/docs-1.0.tar.gz").kind == "archive"
    (tmp_path / "docs.rar").write_bytes(b"")
    with pytest.raises(InvalidInput, match=r"\.zip"):
        recognise_source(str(tmp_path / "docs.rar"))
