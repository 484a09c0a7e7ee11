"""Oversize blocks to pieces, cut where a reader would."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from indexer.chunking.rendering import escape_fences, render_block
from indexer.extract.blocks import Block
from indexer.tokens import count_parts, count_tokens

_SENTENCE = r"(?<=[.!?;:])\s+(?=\S)"
# Of several empty lines the last alone, as all of them from each on would take the square of their number.
_CODE_BORDERS = (r"\n[^\S\n]*\n(?=\S)", r"\n\s*\n", r"\n", r"[ \t,;]+")
_PROSE_BORDERS = (r"\n\s*\n", r"\n", _SENTENCE, r"\s+")
_FENCE_TOKENS = 24
_CHARS_PER_TOKEN = 2


def cut_block(block: Block, limit: int) -> Iterator[str]:
    """Yields the Markdown of an oversize block in pieces of at most `limit` tokens; fences and headers are repeated."""
    if block.kind == "code":
        title = (block.title or "")[:200]
        label = count_tokens(title)
        for part in cut_text(block.text, limit - _FENCE_TOKENS - label, _CODE_BORDERS):
            yield render_block(replace(block, text=part.strip("\n"), title=title or None))
    elif block.kind == "table":
        yield from _cut_table(block, limit)
    else:
        # The marks around the text (fence, quotation, bold) come on top of each piece.
        budget = limit - _FENCE_TOKENS - (limit // 3 if block.kind == "admonition" else 0)
        for part in cut_text(block.text, budget, _PROSE_BORDERS):
            yield render_block(replace(block, text=part.strip(), title=(block.title or "")[:100] or None))


def cut_text(text: str, limit: int, borders: tuple[str, ...]) -> Iterator[str]:
    """Yields parts of at most `limit` tokens, cut at the first kind of border that does, else anywhere."""
    parts = _split(text, borders[0])
    while len(parts) == 1 and len(borders) > 1:
        borders = borders[1:]
        parts = _split(text, borders[0])
    costs = count_parts(parts)
    if sum(costs) <= limit:
        yield text
    else:
        yield from _cut_between(parts, costs, limit, borders[1:])


def _cut_oversize(text: str, limit: int, borders: tuple[str, ...]) -> Iterator[str]:
    if borders:
        parts = _split(text, borders[0])
        yield from _cut_between(parts, count_parts(parts), limit, borders[1:])
    else:
        yield from _cut_anywhere(text, limit)


def _cut_between(parts: Sequence[str], costs: Sequence[int], limit: int, finer: tuple[str, ...]) -> Iterator[str]:
    for part, tokens in joined(parts, costs, limit):
        if tokens <= limit:
            yield part
        else:
            yield from _cut_oversize(part, limit, finer)


def _split(text: str, border: str) -> list[str]:
    ends = [0, *(match.end() for match in re.finditer(border, text)), len(text)]
    return [text[start:end] for start, end in pairwise(ends) if end > start]


def joined(parts: Sequence[str], costs: Sequence[int], limit: int) -> Iterator[tuple[str, int]]:
    """Yields neighbours together as long as they fit, with their tokens."""
    held: list[str] = []
    tokens = 0
    for part, cost in zip(parts, costs, strict=True):
        if held and tokens + cost > limit:
            yield "".join(held), tokens
            held, tokens = [], 0
        held.append(part)
        # The first token of a part that stands alone may be a piece of one that crosses the border.
        tokens += cost if tokens else cost + 1
    yield "".join(held), tokens


def _cut_anywhere(text: str, limit: int) -> Iterator[str]:
    size = max(limit // _CHARS_PER_TOKEN, 1)
    for start in range(0, len(text), size):
        part = text[start : start + size]
        # A character of a rare script can cost several tokens.
        yield from (
            (part[at : at + size // 4 + 1] for at in range(0, size, size // 4 + 1))
            if count_tokens(part) > limit
            else [part]
        )


def _cut_table(block: Block, limit: int) -> Iterator[str]:
    header, rule, *rows = block.text.split("\n")
    title = (block.title or "")[:200] or None
    frame = render_block(replace(block, text=f"{header}\n{rule}\n", title=title))
    cost = count_tokens(frame)
    if cost > limit // 3:
        frame, cost, rows = "", 0, [header, *rows]
    lines = [f"{row}\n" for row in rows]
    for part, tokens in joined(lines, count_parts(lines), limit - cost):
        pieces = [part] if tokens <= limit - cost else list(_cut_oversize(part, limit - cost, _PROSE_BORDERS))
        is_whole = len(pieces) == 1
        yield from (_framed(frame, piece) if is_whole else escape_fences(piece.strip(" |\n")) for piece in pieces)


def _framed(frame: str, rows: str) -> str:
    return f"{frame}{rows}".rstrip("\n")
