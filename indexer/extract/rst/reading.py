"""What a directive needs of the reader of the document it stands in, be that reStructuredText or Markdown."""

from collections.abc import Iterator, Sequence
from typing import Protocol

from indexer.extract.blocks import Block


class BlockReader(Protocol):
    """Reads what is in a directive; knows what earlier lines of the document said about later ones.

    `language` is that of code that names none, `module` and `scopes` are the Python names around a signature,
    `depth` is the number of signatures around, `targets` are the ids that the next block takes.
    """

    language: str | None
    module: str
    scopes: list[str]
    targets: list[str]
    depth: int

    def read(self, lines: Sequence[str]) -> Iterator[Block]:
        """Yields the blocks of lines."""
        ...

    def inline(self, text: str | Sequence[str]) -> str:
        """Gives the Markdown of inline text."""
        ...

    def emit(self, block: Block, ids: Sequence[str] = ()) -> Block:
        """Gives a block with its depth, its ids, the best first, and those of the targets before it."""
        ...
