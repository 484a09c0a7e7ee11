"""The order of versions, and which one a request means."""

import re
from collections.abc import Iterable
from typing import Any

_NUMBER = re.compile(r"\d+")
_PRE_RELEASE = re.compile(r"(?i)(a|b|rc|alpha|beta|dev|pre|next|nightly|canary)[.-]?(\d*)$")
_STAGES = {"a": 1, "alpha": 1, "b": 2, "beta": 2, "pre": 3, "next": 3, "rc": 4}
"""How near to the release; nightly builds and the like are farthest."""
_MOVING = ("stable", "latest", "current", "main", "master", "next")
"""Names that move with time, newest promise first; all of them stand behind any number."""
_NEWEST = frozenset({"latest", "stable", "current"})
_ANY = re.compile(r"(?:\.[x*])+$")


def version_key(version: str) -> tuple[Any, ...]:
    """Gives a key that sorts versions from old to new: 1.9 before 1.10, 2.0b2 before 2.0b10, 2.0rc1 before 2.0."""
    numbers = tuple(int(number) for number in _NUMBER.findall(_PRE_RELEASE.sub("", version)))
    moving = version.lower() in _MOVING
    before = _PRE_RELEASE.search(version)
    stage = (_STAGES.get(before[1].lower(), 0), int(before[2] or 0)) if before else ()
    return (bool(numbers) and not moving, before is None, numbers, stage, version)


def newest_first(versions: Iterable[str]) -> list[str]:
    """Sorts versions from new to old."""
    return sorted(versions, key=version_key, reverse=True)


def is_release(version: str) -> bool:
    """Tells a release from what comes before one."""
    return _PRE_RELEASE.search(version) is None


def meant_version(asked: str, versions: Iterable[str]) -> str | None:
    """Gives the version a request means.

    It is the one called so, with or without a leading v; of a part of a number, also written 5.x, the newest that it
    begins; of `latest`, `stable` and `current` the newest. Releases come before anything else, and of what no release
    is there only `latest` means one that is none.
    """
    ordered = newest_first(versions)
    wanted = asked.lower().removeprefix("v")
    for version in ordered:
        if version.lower().removeprefix("v") == wanted:
            return version
    if wanted in _NEWEST:
        return next((version for version in ordered if wanted == "latest" or is_release(version)), None)
    part = f"{_ANY.sub('', wanted)}."
    return next((version for version in ordered if version.lower().removeprefix("v").startswith(part)), None)
