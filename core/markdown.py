"""The one door to the parser of Markdown, which reads in time linear to the length of a text.

Four things are bounded for that:

- Nesting: an open bracket makes the parser look ahead once for each level.
- Quotations: one goes on in lines without its mark, as long as its last paragraph does. The parser looks for the end of
  that before it knows whether there is a paragraph at all, in all lines up to the next empty one, and again in each
  quotation among them: 16 KB of `>-` and `x` in turn take it five seconds, 64 KB a minute and a half.
- Tables: a row is filled up with empty cells. `|` in a line of its own is one of as many as the header has, so that two
  kilobytes make 65 000.
- Odd spaces in tags: it takes them for space and for part of a value, and tries both for each.
"""

import functools
import re

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock, blockquote, table
from markdown_it.token import Token

_MAX_NESTING = 20
_MOST_UNMARKED = 20
"""Lines without a mark by which a paragraph goes on, and others among them; people set every line's mark or few."""

_QUOTATION = "blockquote"
_ENDED_BY_QUOTATION = ["paragraph", "reference", "blockquote", "list"]
_TABLE = "table"
_ENDED_BY_TABLE = ["paragraph", "reference"]
"""Source: markdown-it-py 4, `parser_block.py`."""

_CELLS = "cells"
_FEW_CELLS = 2000
_CHARS_PER_CELL = 2
_TOKENS_PER_CELL = 3

_ODD_SPACE = re.compile("[\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]")


def parse_markdown(text: str, *, is_mdx: bool = False) -> list[Token]:
    """Gives the tokens of CommonMark with tables."""
    return _parser(is_mdx=is_mdx).parse(_with_plain_spaces(text))


def parse_inline(text: str) -> list[Token]:
    """Gives the tokens of text that stands within a block."""
    return _parser(is_mdx=False).parseInline(_with_plain_spaces(text))


def render_markdown(text: str) -> str:
    """Gives the HTML of CommonMark with tables; elements in it are left as they are."""
    return str(_parser(is_mdx=False).render(_with_plain_spaces(text)))


def _with_plain_spaces(text: str) -> str:
    return _ODD_SPACE.sub(" ", text) if "<" in text else text


@functools.cache
def _parser(*, is_mdx: bool) -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"maxNesting": _MAX_NESTING}).enable("table")
    parser.block.ruler.at(_QUOTATION, _read_quotation, {"alt": _ENDED_BY_QUOTATION})
    parser.block.ruler.at(_TABLE, _read_table, {"alt": _ENDED_BY_TABLE})
    # MDX has no indented code: what stands inside of components is indented. Source: MDX 3, "Markdown" section.
    return parser.disable("code") if is_mdx else parser


def _read_quotation(state: StateBlock, start: int, end: int, silent: bool) -> bool:
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


def _read_table(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Reads a table that begins at a line, up to where its text has no more cells than letters would make."""
    if silent or start + 1 >= end:
        return table(state, start, end, silent)
    made = int(state.env.get(_CELLS, 0))
    left = max(_FEW_CELLS + len(state.src) // _CHARS_PER_CELL - made, 0)
    columns = max(state.src.count("|", state.bMarks[start + 1], state.eMarks[start + 1]) - 1, 1)
    before = len(state.tokens)
    is_read = table(state, start, min(end, start + 2 + left // columns), silent)
    state.env[_CELLS] = made + (len(state.tokens) - before) // _TOKENS_PER_CELL
    return is_read
