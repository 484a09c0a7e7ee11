"""A file of AsciiDoc to a page."""

from itertools import islice

from indexer.extract.asciidoc.conditions import shown_lines
from indexer.extract.asciidoc.reader import Reader
from indexer.extract.blocks import ExtractedPage
from indexer.extract.composing import first_heading, with_unique_ids
from indexer.extract.cursor import lines_of
from indexer.extract.inline import normal_text
from indexer.extract.markdown.dialects import split_front_matter
from indexer.extract.walk import MAX_BLOCKS


def extract_asciidoc(text: str, url: str) -> ExtractedPage:
    """Gives the blocks of AsciiDoc; headings without an id of their own get the one Asciidoctor gives them."""
    matter, body = split_front_matter(normal_text(text))
    reader = Reader()
    lines = list(shown_lines(lines_of(body)))
    blocks = tuple(with_unique_ids(islice(reader.read(lines), MAX_BLOCKS)))
    title = (first_heading(blocks) or matter.get("title", "")).replace("`", "")[:300]
    version = reader.attributes.find("revnumber") or reader.attributes.find("page-component-version")
    return ExtractedPage(url, title, None, None, version, blocks, None if blocks else "empty")
