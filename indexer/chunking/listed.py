"""Names that an inventory of the site places at anchors, given to the chunks that have these anchors."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from indexer.chunking.chunks import Chunk

_MAX_ADDED = 30


def with_listed_symbols(chunks: Iterable[Chunk], listed: Sequence[tuple[str, str]]) -> Iterator[Chunk]:
    """Yields chunks with the names listed for their anchors; each name goes to the first chunk that has its anchor.

    `listed` are anchors with a name.
    """
    waiting: defaultdict[str, list[str]] = defaultdict(list)
    for anchor, name in listed:
        waiting[anchor].append(name)
    for chunk in chunks:
        anchors = (chunk.anchor, *chunk.anchor_aliases) if chunk.anchor else chunk.anchor_aliases
        added = [name for anchor in anchors for name in waiting.pop(anchor, ())][:_MAX_ADDED]
        yield replace(chunk, symbols=tuple(dict.fromkeys((*chunk.symbols, *added)))) if added else chunk
