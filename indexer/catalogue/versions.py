"""The order of versions, and which one a request means."""

import re
from collections.abc import Iterable, Sequence
from typing import Any

_NUMBER = re.compile(r"\d+")
_STAGES = (
    "dev nightly canary snapshot insiders",
    "a alpha m milestone ea",
    "b beta",
    "pre preview next",
    "rc cr",
)
"""What comes before a release is called so; the last are nearest to it."""
_STAGE_OF = {word: place for place, words in enumerate(_STAGES) for word in words.split()}
_LONG = "|".join(word for word in _STAGE_OF if len(word) > 1)
# A letter alone is a stage between numbers only: 2024a is a release, and so is 3.2-jakarta.
_PRE_RELEASE = re.compile(rf"(?<![a-z])({_LONG})(?![a-z])|(?<=[\d._-])([abm])(?=\d)")
_MOVING = ("stable", "latest", "current", "main", "master", "next")
"""Names that move with time, newest promise first; all of them stand behind any number."""
_NEWEST = frozenset({"latest", "stable", "current"})
_ANY = re.compile(r"(?:\.[x*])+$")
_PREFIX = re.compile(r"^(?:version|release|ver|rel|v|r)[-_. ]?(?=\d)")
_BORDERS = (".", "-", "_", "+")


def version_key(version: str) -> tuple[Any, ...]:
    """Gives a key that sorts versions from old to new: 1.9 before 1.10, 2.0b2 before 2.0b10, 2.0rc1 before 2.0."""
    name = version.lower()
    before = _PRE_RELEASE.search(name)
    head, tail = (name[: before.start()], name[before.end() :]) if before else (name, "")
    numbers = _numbers(head) or _numbers(tail)
    stage = (_STAGE_OF[before[0]], *_numbers(tail)) if before else ()
    promise = -_MOVING.index(name) if name in _MOVING else -len(_MOVING)
    return (bool(numbers), before is None, numbers, stage, promise, -len(version), version)


def newest_first(versions: Iterable[str]) -> list[str]:
    """Sorts versions from new to old."""
    return sorted(versions, key=version_key, reverse=True)


def is_release(version: str) -> bool:
    """Tells a release from what comes before one."""
    return _PRE_RELEASE.search(version.lower()) is None


def meant_version(asked: str, ordered: Sequence[str]) -> str | None:
    """Gives the version a request means, of versions in the order in which they are preferred.

    It is the one called so, with or without `v` or `release-` before its number; of a part of a number, also written
    5.x, the first that it begins; of `latest`, `stable` and `current` the first. What is no release is never `stable`.
    """
    for spelling in (str, str.lower, _bare):
        for version in ordered:
            if spelling(version) == spelling(asked):
                return version
    wanted = _ANY.sub("", _bare(asked))
    if wanted in _NEWEST:
        return next((version for version in ordered if wanted == "latest" or is_release(version)), None)
    if not wanted[:1].isdecimal():
        return None
    beginnings = tuple(wanted + border for border in _BORDERS)
    return next((version for version in ordered if _bare(version).startswith(beginnings)), None)


def _bare(version: str) -> str:
    return _PREFIX.sub("", version.lower())


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(number) for number in _NUMBER.findall(text))
