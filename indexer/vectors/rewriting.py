"""The files of the embedded vector store, put in order by a process of its own.

The engine keeps the interpreter to itself while it merges segments and builds graphs: three seconds with 32 000
passages that have vectors, eight with 65 000. So that happens to a copy, while the store answers and is written. Then
the copy is told what was written meanwhile, and the two are exchanged.
"""

import shutil
import subprocess
import sys
from collections.abc import Generator, Iterable
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from indexer.vectors.edge_shard import read_ahead
from indexer.vectors.rewriting_child import DONE, READY

_MAX_SAID_CHARS = 500
_PIECE_BYTES = 2**18


class RewritingFailed(Exception):
    """The copy could not be made or put in order; the text says why. The store's own files are as they were."""


class Rewriting:
    """Makes a copy of a folder beside it that is put in order, and has it take the folder's place."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder = folder.resolve()  # the others lie beside what a link leads to
        self._next, self._former = (folder.with_name(f"{folder.name}.{name}") for name in ("next", "former"))
        self._process: subprocess.Popen[bytes] | None = None
        self._is_ended = False

    @property
    def is_ended(self) -> bool:
        """Whether nothing is to be made any more."""
        return self._is_ended

    def recover(self) -> None:
        """Makes good for a process that was killed while it exchanged the two."""
        if not self._folder.exists() and self._former.exists():
            self._former.rename(self._folder)
        self.clear()

    def begin(self, min_free_bytes: int) -> None:
        """Makes a first copy, as good as it gets while others write to the folder.

        Raises:
            RewritingFailed: There is no room, or a file cannot be read or written.
        """
        self.clear()
        size = _size(self._folder)
        if shutil.disk_usage(self._folder).free < 2 * size + min_free_bytes:
            raise RewritingFailed(f"there is no room for a copy of {size / 2**20:.0f} MiB")
        self.bring_up_to_date()

    def bring_up_to_date(self) -> None:
        """Makes the copy what the folder is, if nobody writes to that meanwhile.

        Raises:
            RewritingFailed: A file cannot be read or written.
        """
        try:
            _mirror(self._folder, self._next)
        except OSError as error:
            raise RewritingFailed(f"the files cannot be copied: {error}") from error

    def put_in_order(self) -> None:
        """Starts the process and waits until the copy is in order.

        Raises:
            RewritingFailed: It ended before that, or `end` was called.
        """
        self._process = process = subprocess.Popen(  # noqa: S603 - it is a module of ours
            [sys.executable, "-m", "indexer.vectors.rewriting_child", str(self._next)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        if self._is_ended:
            process.kill()
        said = b""
        for line in _pipe(process.stdout):
            if line == READY:
                return
            said += line
        raise RewritingFailed(_ended(said))

    def bring(self, lines: Iterable[bytes]) -> None:
        """Tells the process what was written meanwhile.

        Raises:
            RewritingFailed: It has ended.
        """
        try:
            for line in lines:
                _pipe(self._running.stdin).write(line)
        except OSError as error:
            raise RewritingFailed(_ended(b"")) from error

    def finish(self, points: int) -> None:
        """Waits until all that was brought is in the copy, and the process has ended.

        Raises:
            RewritingFailed: It has ended otherwise, or the copy has not as many points as the store.
        """
        self.bring([DONE])
        said, _ = self._running.communicate()
        if self._running.returncode != 0:
            raise RewritingFailed(_ended(said))
        if said != b"%d\n" % points:
            raise RewritingFailed(f"the copy of {points} points has {said.decode(errors='replace').strip()}")

    def read_ahead(self) -> None:
        """Has the system read what opening the copy takes."""
        read_ahead(self._next)

    @contextmanager
    def exchange(self) -> Generator[None]:
        """Puts the copy in the folder's place, and back if what is done with it then fails. Nobody may use the folder.

        Raises:
            OSError: The folder cannot be moved, and is where it was.
        """
        self._folder.rename(self._former)
        try:
            self._next.rename(self._folder)
            yield
        except BaseException:
            if self._folder.exists():
                self._folder.rename(self._next)
            self._former.rename(self._folder)
            raise

    def clear(self) -> None:
        """Ends the process and removes what is not needed any more."""
        if (process := self._process) is not None:
            process.kill()
            process.wait()
            for pipe in (process.stdin, process.stdout):
                with suppress(OSError):  # what was not written yet is for nobody
                    _pipe(pipe).close()
            self._process = None
        for folder in (self._next, self._former):
            shutil.rmtree(folder, ignore_errors=True)

    def end(self) -> None:
        """Ends the process, now and at once."""
        self._is_ended = True
        if (process := self._process) is not None:
            process.kill()

    @property
    def _running(self) -> "subprocess.Popen[bytes]":
        if self._process is None:
            raise RewritingFailed("its process was not started")
        return self._process


def _pipe(stream: IO[bytes] | None) -> IO[bytes]:
    if stream is None:
        raise RewritingFailed("its process has no pipe")
    return stream


def _ended(said: bytes) -> str:
    return f"its process ended: {said.decode(errors='replace')[-_MAX_SAID_CHARS:].strip()}"


def _size(folder: Path) -> int:
    size = 0
    for path in folder.rglob("*"):
        with suppress(FileNotFoundError):  # the engine removes what it needs no more
            size += path.stat().st_blocks * 512
    return size


def _mirror(folder: Path, copy: Path) -> None:
    copy.mkdir(exist_ok=True)
    names = {path.name for path in folder.iterdir()}
    for path in copy.iterdir():
        if path.name not in names:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    for name in sorted(names):
        with suppress(FileNotFoundError):  # as above
            if (folder / name).is_dir():
                _mirror(folder / name, copy / name)
            else:
                _copy(folder / name, copy / name)


def _copy(source: Path, target: Path) -> None:
    """Writes only what differs; nothing also where nothing is: the engine lays out files of 32 MiB for little."""
    with source.open("rb") as read, target.open("r+b" if target.exists() else "w+b") as written:
        offset = 0
        while piece := read.read(_PIECE_BYTES):
            written.seek(offset)
            if written.read(len(piece)).ljust(len(piece), b"\0") != piece:
                written.seek(offset)
                written.write(piece)
            offset += len(piece)
        written.truncate(offset)
