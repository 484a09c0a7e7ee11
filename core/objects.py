"""The one door to the object store: a local folder, or a bucket named by URL."""

import asyncio
import os
import re
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError
from obstore.store import LocalStore, from_url
from obstore.store import ObjectStore as VendorStore

from core.disk import FULL, write_through
from core.errors import Conflict, DiskFull, Misconfigured, NotFound, Unavailable

_SYSTEM_ERROR = re.compile(r"\(os error (\d+)\)")


class ObjectStore:
    """Whole objects under keys like `crawls/7/00000.warc.gz`."""

    def __init__(self, store: VendorStore, folder: Path | None = None) -> None:
        """`folder` is where a local store keeps its files."""
        self._store = store
        self._folder = folder

    async def put(self, key: str, body: bytes, *, is_new: bool = False) -> None:
        """Stores an object; when this returns, it survives a crash of the machine.

        Raises:
            Conflict: `is_new` was asked and the key is taken.
            Unavailable: The store does not take it.
        """
        async with _translated_errors(key):
            await obstore.put_async(
                self._store, key, body, mode="create" if is_new else "overwrite", use_multipart=False
            )
            if self._folder is not None:
                await asyncio.to_thread(_sync_to_disk, self._folder / key, self._folder)

    async def get_range(self, key: str, offset: int, length: int) -> bytes:
        """Gives `length` bytes of an object from `offset`.

        Raises:
            NotFound: There is no such object, or it is shorter.
            Unavailable: The store does not answer.
        """
        async with _translated_errors(key):
            try:
                body = bytes(await obstore.get_range_async(self._store, key, start=offset, length=length))
            except FileNotFoundError as error:
                raise NotFound(f"There is no stored object {key}.") from error
        if len(body) < length:
            raise NotFound(f"The stored object {key} is shorter than expected.")
        return body

    async def delete(self, key: str) -> None:
        """Removes an object, if it is there.

        Raises:
            Unavailable: The store does not answer.
        """
        async with _translated_errors(key):
            with suppress(FileNotFoundError):
                await obstore.delete_async(self._store, key)

    async def list(self, prefix: str) -> list[str]:
        """Gives the keys under a prefix, which ends at a slash, in order.

        Raises:
            Unavailable: The store does not answer.
        """
        async with _translated_errors(prefix):
            listing = obstore.list(self._store, prefix)  # pyright: ignore[reportUnknownMemberType] - an overload names arro3
            return sorted([meta["path"] async for batch in listing for meta in batch])


def open_object_store(place: str | Path) -> ObjectStore:
    """Opens a folder, or the bucket of a URL such as `s3://bucket/prefix`, `gs://...`, `az://...` or `file:///...`.

    Raises:
        Misconfigured: The place cannot be used.
    """
    try:
        if isinstance(place, str) and "://" in place and not place.startswith("file://"):
            return ObjectStore(from_url(place))
        folder = Path(str(place).removeprefix("file://")).absolute()
        return ObjectStore(LocalStore(folder, mkdir=True), folder)
    except (BaseError, OSError, ValueError) as error:
        raise Misconfigured(f"The object store {place} cannot be used: {error}. Check SNAPSHOT_URL.") from error


@asynccontextmanager
async def _translated_errors(key: str) -> AsyncGenerator[None]:
    try:
        yield
    except AlreadyExistsError as error:
        raise Conflict(f"The stored object {key} exists already.") from error
    except (BaseError, OSError) as error:
        raise _unavailability(error) from error


def _unavailability(error: Exception) -> Unavailable:
    """Says what the operating system says, without the path: a full disk wants another cure than a network."""
    match = _SYSTEM_ERROR.search(str(error))
    number = error.errno if isinstance(error, OSError) else int(match[1]) if match else None
    if number is None:
        return Unavailable("The object store does not answer. Try again in a moment.")
    if number in FULL:
        return DiskFull(f"The disk of the snapshots is full ({os.strerror(number)}). Free some space and try again.")
    return Unavailable(f"The object store cannot be used: {os.strerror(number)}. Put that right, then try again.")


def _sync_to_disk(path: Path, root: Path) -> None:
    """Flushes a file and the folders that name it: the vendor's local store leaves that to the kernel."""
    write_through(path)
    for folder in path.parents:
        write_through(folder)
        if folder == root:
            return
