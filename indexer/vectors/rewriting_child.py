"""The process that puts the copy of an embedded vector store in order, and takes over what is written meanwhile.

Started by `Rewriting`, never by hand: `python -m indexer.vectors.rewriting_child FOLDER`. It says `READY` when the copy
is in order, then reads lines of changes, and after `DONE` says how many points there are and ends. When its input ends
before that, so does it.
"""

import os
import signal
import sys
from pathlib import Path
from queue import Queue
from threading import Thread
from typing import Final

from core.memory import bound_arenas
from indexer.vectors.changes import operations_of
from indexer.vectors.edge_shard import count_points, open_shard

READY: Final = b"ready\n"
DONE: Final = b"done\n"

_NICENESS = 10
"""Answers go first."""

_LINES_AHEAD = 4


def main(folder: Path) -> None:
    """Puts the store in a folder in order and brings it up to date."""
    bound_arenas()
    os.nice(_NICENESS)
    lines = Queue[bytes](_LINES_AHEAD)
    Thread(target=_read, args=(lines,), daemon=True).start()
    shard = open_shard(folder)
    shard.optimize()
    sys.stdout.buffer.write(READY)
    sys.stdout.flush()
    while (line := lines.get()) != DONE:
        for operation in operations_of(line):
            shard.update(operation)
    shard.flush()
    sys.stdout.buffer.write(b"%d\n" % count_points(shard))
    sys.stdout.flush()
    os._exit(0)  # a shard that is closed has the system forget its files, which are about to be opened


def _read(lines: "Queue[bytes]") -> None:
    for line in sys.stdin.buffer:
        lines.put(line)
        if line == DONE:
            return
    os._exit(1)  # whoever started it is gone


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    main(Path(sys.argv[1]))
