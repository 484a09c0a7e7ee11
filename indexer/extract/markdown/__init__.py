"""Markdown in its dialects, MDX and MyST among them, to blocks."""

from indexer.extract.markdown.pages import extract_markdown, read_markdown

__all__ = ["extract_markdown", "read_markdown"]
