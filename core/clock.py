"""The time, handed in so that tests can set it."""

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """Gives the present moment, aware, in UTC."""
    return datetime.now(UTC)
