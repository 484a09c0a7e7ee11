"""Blocks of a page to chunks: sections, then pieces that fit, then chunks with their context."""

from indexer.chunking.chunks import Chunk, ContentType
from indexer.chunking.context import body_text, context_prefix, head_text
from indexer.chunking.listed import with_listed_symbols
from indexer.chunking.packing import MAX_SIGNATURE_TOKENS, MAX_TOKENS, TARGET_TOKENS
from indexer.chunking.pages import chunk_page

__all__ = [
    "MAX_SIGNATURE_TOKENS",
    "MAX_TOKENS",
    "TARGET_TOKENS",
    "Chunk",
    "ContentType",
    "body_text",
    "chunk_page",
    "context_prefix",
    "head_text",
    "with_listed_symbols",
]
