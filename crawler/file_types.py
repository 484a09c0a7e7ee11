"""Which files hold documents, by their names, and how many others there are."""

from collections import Counter
from pathlib import PurePosixPath

FILE_TYPES = {
    ".html": "text/html",
    ".htm": "text/html",
    ".xhtml": "text/html",
    ".md": "text/markdown",
    ".markdown": "text/markdown",
    ".mdown": "text/markdown",
    ".mkd": "text/markdown",
    ".mdx": "text/markdown",
    ".rst": "text/plain",
    ".rest": "text/plain",
    ".adoc": "text/plain",
    ".asciidoc": "text/plain",
    ".txt": "text/plain",
    ".ipynb": "application/x-ipynb+json",
    ".json": "application/json",
    ".yaml": "application/yaml",
    ".yml": "application/yaml",
}
"""The end of a name -> what the file is read as, from that and its name."""

SPECIFICATION_SUFFIXES = frozenset({".json", ".yaml", ".yml"})
"""Of files that are only read if they hold an OpenAPI document."""

DOCUMENT_SUFFIXES = tuple(suffix for suffix in FILE_TYPES if suffix not in SPECIFICATION_SUFFIXES)
"""Of files that are documents whatever they hold."""

_MOST_TOLD, _MOST_SUFFIX_CHARS = 20, 16


def is_document_name(name: str) -> bool:
    """Tells whether a file may be a document by its name; hidden ones never are."""
    return PurePosixPath(name).suffix.lower() in FILE_TYPES and not _is_hidden(name)


def _is_hidden(name: str) -> bool:
    return any(part.startswith(".") and part != ".." for part in PurePosixPath(name).parts)


class OtherFiles:
    """Counts files that are not read for what they are, so that a report can say how many were left out."""

    def __init__(self) -> None:
        self._counts = Counter[str]()

    def add(self, name: str) -> None:
        """Counts a file, unless it is hidden."""
        if not _is_hidden(name):
            self._counts[PurePosixPath(name).suffix.lower()[:_MOST_SUFFIX_CHARS]] += 1

    def reasons(self) -> dict[str, str]:
        """Gives how many files of each ending were counted, by a pattern of their names; of the commonest endings."""
        told = sorted(self._counts.items(), key=lambda one: (-one[1], one[0]))[:_MOST_TOLD]
        return {f"*{suffix}": f"{_files(count)} of a kind that is not read" for suffix, count in told}


def _files(count: int) -> str:
    return "1 file" if count == 1 else f"{count} files"
