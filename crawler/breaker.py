"""A circuit breaker: a site that has stopped answering is left alone for a while, and then asked once."""

from collections.abc import Callable
from dataclasses import dataclass

_LOOK_AGAIN_SECONDS = 0.1
MAX_BREAK_SECONDS = 300.0


@dataclass(frozen=True)
class Breaking:
    """When a site counts as not answering, and as gone."""

    max_failures: int = 20
    """Transient failures in a row that open the circuit."""
    pause_seconds: float = 15.0
    """The first pause; each one that ends with another failure is twice as long as the one before."""
    max_pauses: int = 4
    """Pauses without an answer between them, after which the site is gone."""


class Breaker:
    """The circuit to one origin: closed; open, while nobody asks; half open, while one request finds out."""

    def __init__(self, breaking: Breaking, monotonic: Callable[[], float]) -> None:
        self._breaking = breaking
        self._monotonic = monotonic
        self._failures = 0
        self._pauses = 0
        self._open_until: float | None = None
        self._is_probing = False

    @property
    def is_gone(self) -> bool:
        """Tells that the last pause allowed has ended without an answer."""
        return self._pauses > self._breaking.max_pauses

    def wait_seconds(self) -> float:
        """Gives how long to wait before asking, or before looking again; 0 if one may ask."""
        if self._open_until is None or self.is_gone:
            return 0.0
        if self._is_probing:
            return _LOOK_AGAIN_SECONDS
        return max(self._open_until - self._monotonic(), 0.0)

    def enter(self) -> bool:
        """Notes that a request is made, when the wait is over, and tells whether it is the one that finds out."""
        self._is_probing = self._open_until is not None
        return self._is_probing

    def leave(self, *, is_probe: bool) -> None:
        """Notes that a request has ended, with an answer or without."""
        if is_probe:
            self._is_probing = False

    def note(self, *, is_failure: bool, is_probe: bool) -> None:
        """Takes the outcome of a request.

        A probe may have been answered from a cache: only an answer to something else counts as recovery.
        """
        if not is_failure:
            self._failures, self._open_until = 0, None
            self._pauses = self._pauses if is_probe else 0
            return
        self._failures += 1
        is_late = self._open_until is not None and not is_probe
        if is_probe or (self._failures >= self._breaking.max_failures and not is_late):
            pause = min(self._breaking.pause_seconds * 2**self._pauses, MAX_BREAK_SECONDS)
            self._pauses += 1
            self._open_until = self._monotonic() + pause
