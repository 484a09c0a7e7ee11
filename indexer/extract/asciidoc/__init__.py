"""AsciiDoc to blocks."""

from indexer.extract.asciidoc.pages import extract_asciidoc

__all__ = ["extract_asciidoc"]
