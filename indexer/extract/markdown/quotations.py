"""Quotations of Markdown, read in time linear to their length.

A quotation goes on in lines without its mark, as long as its last paragraph does. The parser looks for the end of that
before it knows whether there is a paragraph at all, in all lines up to the next empty one, and again in each quotation
among them: 16 KB of `>-` and `x` in turn take it five seconds, 64 KB a minute and a half.
"""

from markdown_it.rules_block import StateBlock, blockquote

RULE = "blockquote"
ENDS = ["paragraph", "reference", "blockquote", "list"]
"""What a quotation ends. Source: markdown-it-py 4, `parser_block.py`."""

_MOST_UNMARKED = 20
"""Lines without a mark by which a paragraph goes on, and others among them; people set every line's mark or few."""


def read_quotation(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Reads a quotation that begins at a line; see `markdown_it.rules_block`."""
    return blockquote(state, start, end if silent else _bounded(state, start, end), silent)


def _bounded(state: StateBlock, start: int, end: int) -> int:
    for line in range(start + 1, end):
        at = state.bMarks[line] + state.tShift[line]
        if at >= state.eMarks[line]:
            return end
        if state.src[at] != ">":
            return min(end, line + _MOST_UNMARKED)
    return end
