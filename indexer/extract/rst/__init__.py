"""reStructuredText to blocks, with the directives of Sphinx that a page can be read without building it."""

from indexer.extract.rst.pages import extract_rst

__all__ = ["extract_rst"]
