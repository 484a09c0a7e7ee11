"""Disks that are full, or nearly so."""

import errno
import os
import shutil
from pathlib import Path

from core.errors import DiskFull

FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
"""What the system answers where there is no room: on the disk, in the user's share of it, in the largest file."""


def check_space(folder: Path, min_free_bytes: int) -> None:
    """Checks that a folder's disk has room.

    Raises:
        DiskFull: Fewer than `min_free_bytes` are free.
    """
    free = shutil.disk_usage(folder).free
    if free < min_free_bytes:
        raise DiskFull(
            f"The disk of {folder} has {free / 2**20:.0f} MiB left, and {min_free_bytes / 2**20:.0f} MiB are kept free "
            "(LECTERN_MIN_FREE_BYTES). Free some space and try again; what is indexed goes on answering."
        )


def write_through(path: Path) -> None:
    """Sees that a file, or what a folder names, is on the disk and not only in the system's memory."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
