"""HTML that stands inside Markdown."""

from selectolax.lexbor import LexborDocumentOptions, LexborHTMLParser

from indexer.extract.blocks import Block
from indexer.extract.html import read_blocks
from indexer.extract.inline import ids_in
from indexer.extract.markup import is_parsable


def extract_fragment(html: str) -> tuple[tuple[Block, ...], list[str]]:
    """Gives the blocks of a fragment; if it has none, the ids in it, which belong to what follows."""
    if not is_parsable(html):
        return (), []
    body = LexborHTMLParser(html, options=LexborDocumentOptions.WO_EVENTS).body
    if body is None:
        return (), []
    blocks = read_blocks(body)
    return blocks, [] if blocks else ids_in(body.inner_html or "")
