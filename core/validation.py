"""What pydantic says of a value that is wrong, as people read it."""

from collections.abc import Mapping
from typing import Any


def reason_of(wrong: Mapping[str, Any]) -> str:
    """Gives what is wrong with a value, of one item of `ValidationError.errors()`, without a full stop at its end."""
    return str(wrong["msg"]).removeprefix("Value error, ").rstrip(".")
