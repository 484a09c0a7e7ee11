"""Anchors of Markdown that stands for a web page: those the page has, as far as the crawler has found out."""

import re
from dataclasses import replace

from indexer.extract.blocks import Block, ExtractedPage

_PARAMETER = re.compile(r";\s*anchors=(all|sections|none)\b")


def with_known_anchors(page: ExtractedPage, content_type: str) -> ExtractedPage:
    """Takes away the anchors that the type of a text says do not exist: those of titles, or all of them."""
    match = _PARAMETER.search(content_type)
    if match is None or match[1] == "all":
        return page
    is_all = match[1] == "none"
    return replace(page, blocks=tuple(_bare(block) if is_all or block.level == 1 else block for block in page.blocks))


def _bare(block: Block) -> Block:
    return replace(block, anchor=None, aliases=()) if block.names else block
