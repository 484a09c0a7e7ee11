"""A place in the lines of a document, for formats in which indentation and blank lines mean something."""

from collections.abc import Callable, Iterator, Sequence

TAB_CHARS = 8


class Cursor:
    """Reads lines in order; what it takes is gone."""

    def __init__(self, lines: Sequence[str]) -> None:
        self._lines = lines
        self._position = 0

    def __bool__(self) -> bool:
        return self._position < len(self._lines)

    def peek(self, ahead: int = 0) -> str:
        """Gives a line without taking it; an empty one after the end."""
        at = self._position + ahead
        return self._lines[at] if at < len(self._lines) else ""

    def take(self, count: int = 1) -> list[str]:
        """Takes some lines."""
        taken = list(self._lines[self._position : self._position + count])
        self._position += count
        return taken

    def skip_blank(self) -> None:
        """Takes the blank lines that come next."""
        while self and not self.peek().strip():
            self._position += 1

    def take_while(self, goes_on: Callable[[str], bool]) -> list[str]:
        """Takes lines as long as they pass the test."""
        start = self._position
        while self and goes_on(self.peek()):
            self._position += 1
        return list(self._lines[start : self._position])

    def take_until(self, end: str) -> list[str]:
        """Takes the lines before one that equals `end`, and that one; all that are left if there is none."""
        taken = self.take_while(lambda line: line.rstrip() != end)
        self._position += 1
        return taken

    def take_indented(self, least: int = 1) -> list[str]:
        """Takes the blank lines and those indented by at least `least` columns, and gives them dedented."""
        return dedented(self.take_while(lambda line: not line.strip() or indentation(line) >= least))


def indentation(line: str) -> int:
    """Gives the number of spaces a line begins with."""
    return len(line) - len(line.lstrip(" "))


def dedented(lines: Sequence[str]) -> list[str]:
    """Gives lines without the indentation they share, and without blank ones at both ends."""
    width = min((indentation(line) for line in lines if line.strip()), default=0)
    return trimmed([line[width:] if line.strip() else "" for line in lines])


def trimmed(lines: Sequence[str]) -> list[str]:
    """Gives lines without blank ones at both ends."""
    filled = [at for at, line in enumerate(lines) if line.strip()]
    return list(lines[filled[0] : filled[-1] + 1]) if filled else []


def lines_of(text: str) -> list[str]:
    """Gives the lines of a text, tabs as spaces where they indent."""
    return list(_expanded(text.split("\n")))


def _expanded(lines: Sequence[str]) -> Iterator[str]:
    for line in lines:
        if line[:1].isspace() and "\t" in line:
            body = line.lstrip()
            yield line[: len(line) - len(body)].expandtabs(TAB_CHARS) + body
        else:
            yield line
