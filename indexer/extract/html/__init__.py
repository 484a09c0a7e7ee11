"""HTML to blocks: the main part of a page is found, cleaned by filters, and walked by readers."""

from indexer.extract.html.pages import extract_html, read_blocks

__all__ = ["extract_html", "read_blocks"]
