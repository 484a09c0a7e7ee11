"""The files of the embedded vector store, put in order by a process of its own.

The engine keeps the interpreter to itself while it merges segments and builds graphs: three seconds with 32 000
passages that have vectors, eight with 65 000. So that happens to a copy, while the store answers from its own, and
then the two are exchanged. `python -m indexer.vectors.rewriting FOLDER` is that process.
"""

import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from core.memory import bound_arenas
from indexer.vectors.edge_shard import open_shard

_NICENESS = 10
"""Answers go first."""

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

    def make(self, min_free_bytes: int) -> None:
        """Makes the copy. Nobody may write to the folder meanwhile.

        Raises:
            RewritingFailed: There is no room, the process ended before it was done, or `end` was called.
        """
        self.clear()
        size = sum(path.stat().st_blocks * 512 for path in self._folder.rglob("*"))
        if shutil.disk_usage(self._folder).free < 2 * size + min_free_bytes:
            raise RewritingFailed(f"there is no room for a copy of {size / 2**20:.0f} MiB")
        try:
            shutil.copytree(self._folder, self._next, copy_function=_copy)
        except (OSError, shutil.Error) as error:
            raise RewritingFailed(f"the files cannot be copied: {error}") from error
        command = [sys.executable, "-m", __name__, str(self._next)]
        with subprocess.Popen(  # noqa: S603 - it is this module
            command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True
        ) as process:
            self._process = process
            if self._is_ended:
                process.kill()
            said = process.stderr.read() if process.stderr else b""
        self._process = None
        if process.returncode != 0:
            raise RewritingFailed(f"its process ended: {said.decode(errors='replace')[-_MAX_SAID_CHARS:].strip()}")

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
        """Removes what is not needed any more."""
        for folder in (self._next, self._former):
            shutil.rmtree(folder, ignore_errors=True)

    def end(self) -> None:
        """Ends the process, now and at once."""
        self._is_ended = True
        if (process := self._process) is not None:
            process.kill()


def _copy(source: str, target: str) -> None:
    """Copies a file and leaves out what is empty in it: the engine lays out files of 32 MiB for little."""
    with Path(source).open("rb") as read, Path(target).open("wb") as written:
        while piece := read.read(_PIECE_BYTES):
            if piece.count(0) == len(piece):
                written.seek(len(piece), os.SEEK_CUR)
            else:
                written.write(piece)
        written.truncate()


def main(folder: Path) -> None:
    """Puts the store in a folder in order."""
    bound_arenas()
    os.nice(_NICENESS)
    shard = open_shard(folder)
    shard.optimize()
    shard.flush()
    shard.close()


def _end_with_parent() -> None:
    os.read(sys.stdin.fileno(), 1)  # nothing is ever written there
    os._exit(1)


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    main(Path(sys.argv[1]))
