"""Which lines of Markdown are of fenced code."""

import re
from collections.abc import Iterator

_FENCE = re.compile(r"^\s*(`{3,}(?=[^`]*$)|~{3,})")


class Fences:
    """Looks at the lines of a document in turn."""

    def __init__(self) -> None:
        self._open = ""

    @property
    def is_open(self) -> bool:
        """Whether the next line stands in a fenced block."""
        return bool(self._open)

    def covers(self, line: str) -> bool:
        """Whether the next line is of a fenced block, its first and last one included."""
        mark = _FENCE.match(line) if "```" in line or "~~~" in line else None
        if mark is None or (self._open and not (mark[1].startswith(self._open) and line.strip() == mark[1])):
            return bool(self._open)
        self._open = "" if self._open else mark[1]
        return True


def prose_lines(text: str) -> Iterator[str]:
    """Yields the lines that are not of fenced blocks."""
    fences = Fences()
    return (line for line in text.split("\n") if not fences.covers(line))


def opens_fence(line: str) -> bool:
    """Whether a line looks like the first or last one of a fenced block."""
    return _FENCE.match(line) is not None
