"""Descriptions, which are Markdown, as blocks."""

import re
from dataclasses import replace

from indexer.extract.blocks import Block
from indexer.extract.inline import normal_text
from indexer.extract.markdown import read_markdown
from indexer.extract.openapi.document import string

_MARKED = re.compile(r"[\n<\[*_|#\\&]|^(?:[-+>~]|\d+[.)])|``|!\[")
_MAX_CHARS = 20_000
_DEEPEST = 6


def prose_blocks(description: object, depth: int, above: int = 0) -> list[Block]:
    """Gives a description as blocks of a depth; its headings stand below a heading of level `above`.

    They have no ids, since none of them exists in the document.
    """
    text = normal_text(string(description)[:_MAX_CHARS]).strip()
    if not text:
        return []
    if _MARKED.search(text) is None:
        return [Block("paragraph", text, depth=depth)]
    return [_placed(block, depth, above) for block in read_markdown(text, {})]


def _placed(block: Block, depth: int, above: int) -> Block:
    level = min(block.level + above, _DEEPEST) if block.level else 0
    return replace(block, anchor=None, aliases=(), depth=block.depth + depth, level=level)
