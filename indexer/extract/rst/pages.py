"""A file of reStructuredText to a page."""

from itertools import islice

from indexer.extract.blocks import ExtractedPage
from indexer.extract.composing import first_heading, with_unique_ids
from indexer.extract.cursor import lines_of
from indexer.extract.inline import normal_text
from indexer.extract.rst.reader import Reader
from indexer.extract.walk import MAX_BLOCKS


def extract_rst(text: str, url: str) -> ExtractedPage:
    """Gives the blocks of reStructuredText; headings have their labels as ids, then the slug docutils gives them."""
    reader, lines = Reader(), lines_of(normal_text(text))
    reader.define_names(lines)
    blocks = tuple(with_unique_ids(islice(reader.read(lines), MAX_BLOCKS)))
    title = first_heading(blocks).replace("`", "")[:300]
    return ExtractedPage(url, title, None, None, None, blocks, None if blocks else "empty")
