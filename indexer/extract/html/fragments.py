"""HTML that stands inside Markdown."""

from core.parsing import parse
from indexer.extract.blocks import Block
from indexer.extract.html.concealment import drop_concealed
from indexer.extract.html.pages import read_blocks
from indexer.extract.inline import ids_in


def extract_fragment(html: str) -> tuple[tuple[Block, ...], list[str]]:
    """Gives the blocks of a fragment; if it has none, the ids in it, which belong to what follows."""
    document = parse(html)
    if document is None:
        return (), []
    drop_concealed(document)
    body = document.body
    if body is None:
        return (), []
    blocks = read_blocks(body)
    return blocks, [] if blocks else ids_in(body.inner_html or "")
