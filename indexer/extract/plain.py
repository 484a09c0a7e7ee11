"""Plain text to blocks: paragraphs, and indented runs as code."""

import re
from collections.abc import Iterator

from indexer.extract.blocks import Block, ExtractedPage
from indexer.extract.inline import normal_text
from indexer.extract.walk import MAX_BLOCKS

_GAP = re.compile(r"\n[ \t]*\n")
_UNDERLINE = re.compile(r"^([=\-~^#*+`\"'])\1{2,}$")
_MAX_TITLE_CHARS = 120


def extract_plain_text(text: str, url: str) -> ExtractedPage:
    """Gives a block per paragraph; underlined lines are headings, indented ones are code."""
    parts = _GAP.split(normal_text(text))
    blocks = tuple(block for part in parts[:MAX_BLOCKS] if part.strip() for block in _blocks(part.strip("\n")))
    title = next((block.text for block in blocks if block.kind == "heading"), "")
    title = title or (blocks[0].text.split("\n")[0][:_MAX_TITLE_CHARS] if blocks else "")
    return ExtractedPage(url, title, None, None, None, blocks, None if blocks else "empty")


def _blocks(part: str) -> Iterator[Block]:
    lines = part.split("\n")
    first = 0
    while _is_heading(lines[first : first + 2]):
        yield Block("heading", lines[first].strip(), level=1 if lines[first + 1].startswith("=") else 2)
        first += 2
    lines = lines[first:]
    text = "\n".join(lines).strip("\n")
    if text.strip():
        is_indented = all(line.startswith(("    ", "\t")) for line in lines if line.strip())
        yield Block("code", text.rstrip()) if is_indented else Block("paragraph", text.strip())


def _is_heading(lines: list[str]) -> bool:
    return (
        len(lines) > 1 and bool(_UNDERLINE.match(lines[1].rstrip())) and 0 < len(lines[0].strip()) <= _MAX_TITLE_CHARS
    )
