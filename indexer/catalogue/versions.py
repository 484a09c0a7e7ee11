"""The order of versions, and which one a request means."""

import re
from collections.abc import Iterable
from typing import Any

_NUMBER = re.compile(r"\d+")
_PRE_RELEASE = re.compile(r"(?i)(a|b|rc|alpha|beta|dev|pre|next|nightly|canary)\.?\d*$")
_MOVING = ("stable", "latest", "current", "main", "master", "next")
"""Names that move with time, newest promise first; all of them stand behind any number."""


def version_key(version: str) -> tuple[Any, ...]:
    """Gives a key that sorts versions from old to new: 1.9 before 1.10, 2.0rc1 before 2.0."""
    numbers = tuple(int(number) for number in _NUMBER.findall(_PRE_RELEASE.sub("", version)))
    is_release = _PRE_RELEASE.search(version) is None
    moving = version.lower() in _MOVING
    return (bool(numbers) and not moving, is_release, numbers, version)


def newest_first(versions: Iterable[str]) -> list[str]:
    """Sorts versions from new to old."""
    return sorted(versions, key=version_key, reverse=True)


def meant_version(asked: str, versions: Iterable[str]) -> str | None:
    """Gives the version a request means: itself, with or without a leading v, or the newest it is a prefix of."""
    ordered = newest_first(versions)
    wanted = asked.lower().removeprefix("v")
    for version in ordered:
        if version.lower().removeprefix("v") == wanted:
            return version
    for version in ordered:
        if version.lower().removeprefix("v").startswith(f"{wanted}."):
            return version
    return None
