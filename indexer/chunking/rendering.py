"""Blocks to Markdown."""

import re

from indexer.extract.blocks import Block

_FENCE_LINE = re.compile(r"^[ \t]*([`~]{3,})", re.MULTILINE)
_FAKE_FENCE = re.compile(r"^((?:[ \t>]|[-*+] |\d+\. )*)(`{3,}|~{3,})", re.MULTILINE)
_LONG_FENCE = re.compile(r"^([ \t]*)[`~]{20,}", re.MULTILINE)


def render_block(block: Block) -> str:
    """Gives the Markdown of one block."""
    if block.kind == "code":
        return render_code(block.text, block.language, block.title)
    if block.kind == "signature":
        return render_code(block.text, block.language)
    text = escape_fences(block.text)
    if block.kind == "heading":
        return f"{'#' * max(block.level, 2)} {text}"
    if block.kind == "admonition":
        return _quoted(f"**{block.title}:** {text}".rstrip())
    if block.kind == "table" and block.title:
        return f"**{block.title}**\n\n{text}"
    return f"**{text}**" if block.opens_scope else text


def escape_fences(prose: str) -> str:
    """Gives prose in which no line opens a fence."""
    return _FAKE_FENCE.sub(r"\1\\\2", prose) if "```" in prose or "~~~" in prose else prose


def render_code(code: str, language: str | None, title: str | None = None) -> str:
    """Gives a fenced block; the fence is longer than any in the code, so that it always closes where it should."""
    code = _LONG_FENCE.sub(r"\1", code)
    inner = max((len(run) for run in _FENCE_LINE.findall(code)), default=2)
    fence = "`" * (inner + 1)
    label = escape_fences(f"{title}:\n\n") if title else ""
    return f"{label}{fence}{language or ''}\n{code}\n{fence}"


def _quoted(text: str) -> str:
    return "\n".join(f"> {line}".rstrip() for line in text.split("\n"))
