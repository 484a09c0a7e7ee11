"""A gate that readers pass together, and that is shut while what they read is exchanged."""

import threading
from collections.abc import Generator
from contextlib import contextmanager


class Gate:
    """Lets readers in, each in a thread of its own, as long as nobody is alone inside."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._readers = 0
        self._is_shut = False

    @contextmanager
    def open(self) -> Generator[None]:
        """Lets a reader in, and others with it."""
        with self._changed:
            self._changed.wait_for(lambda: not self._is_shut)
            self._readers += 1
        try:
            yield
        finally:
            with self._changed:
                self._readers -= 1
                self._changed.notify_all()

    @contextmanager
    def shut(self) -> Generator[None]:
        """Waits until the last reader has left, and lets none in. One may shut it at a time."""
        with self._changed:
            self._is_shut = True
            self._changed.wait_for(lambda: self._readers == 0)
        try:
            yield
        finally:
            with self._changed:
                self._is_shut = False
                self._changed.notify_all()
