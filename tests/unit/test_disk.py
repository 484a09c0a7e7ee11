"""Disks that are full, or nearly so."""

import resource
from pathlib import Path

import pytest

from core.data_folder import DataFolder
from core.disk import check_space
from core.errors import DiskFull, Misconfigured


def test_a_folder_on_a_disk_with_room_passes(tmp_path: Path) -> None:
    check_space(tmp_path, 1)


def test_a_disk_with_too_little_room_is_named_with_what_is_left(tmp_path: Path) -> None:
    with pytest.raises(DiskFull, match=rf"disk of {tmp_path} has \d+ MiB left, and 1099511627776 MiB are kept free"):
        check_space(tmp_path, 2**60)


def test_a_full_disk_is_told_from_one_that_may_not_be_written(tmp_path: Path) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
    try:
        with pytest.raises(Misconfigured, match="Free some space, or set LECTERN_DATA_DIR"):
            DataFolder(tmp_path / "data").prepare()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    (tmp_path / "file").touch()
    with pytest.raises(Misconfigured, match="Give this user the right to write there, or set LECTERN_DATA_DIR"):
        DataFolder(tmp_path / "file").prepare()
