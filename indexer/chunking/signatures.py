"""Oversize signatures to pieces that each look like a signature with some of the parameters."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from indexer.chunking.cutting import cut_text, joined
from indexer.chunking.rendering import render_block
from indexer.extract.blocks import Block
from indexer.extract.parameters import closing_of, find_parameters, line_ends
from indexer.tokens import count_parts, count_tokens

_FENCE_TOKENS = 24
_MARK_TOKENS = 6
_NAME_SHARE = 4
_MAX_NAME_CHARS = 200
_BORDERS = (r"\n", r"\s+")


def cut_signature(block: Block, limit: int) -> Iterator[str]:
    """Yields the Markdown of an oversize signature in pieces of at most `limit` tokens.

    Of several signatures a piece holds whole ones. One is cut between its parameters; each piece begins with the name
    and says with an ellipsis where parameters are left out.
    """
    budget = limit - _FENCE_TOKENS
    name = (block.title or "").partition(", ")[0][:_MAX_NAME_CHARS]
    entries = _split(block.text, line_ends(block.text))
    for entry, tokens in joined(entries, count_parts(entries), budget):
        for part in [entry] if tokens <= budget else _cut_parameters(entry, name, budget):
            yield render_block(replace(block, text=part.strip("\n")))


def _cut_parameters(signature: str, name: str, limit: int) -> Iterator[str]:
    opening, ends = find_parameters(signature)
    bracket = signature[opening] if opening >= 0 else ""
    begin = _beginning(signature[: opening + 1], name, bracket, limit) + ("\u2026," if bracket else "\u2026")
    end = f" \u2026{closing_of(bracket)}"
    budget = limit - count_tokens(begin) - _MARK_TOKENS
    parts = _split(signature, ends)
    costs = count_parts(parts)
    # As many parameters in the last piece as in the others, else it may be short enough to be joined to the one before.
    share = sum(costs) // -(-sum(costs) // budget) + max(costs)
    pieces = [
        piece
        for part, tokens in joined(parts, costs, min(budget, share))
        for piece in ([part] if tokens <= budget else cut_text(part, budget, _BORDERS))
    ]
    return _framed(pieces, begin, end)


def _framed(pieces: Sequence[str], begin: str, end: str) -> Iterator[str]:
    """Yields pieces with an ellipsis where the others stand."""
    for place, piece in enumerate(pieces):
        text = piece.rstrip()
        if place:
            text = begin + (text if text.startswith("\n") else f" {text.lstrip()}")
        yield text if place == len(pieces) - 1 else text + end


def _beginning(start: str, name: str, bracket: str, limit: int) -> str:
    """Gives what stands before the parameters, of which a long one would leave no room for them."""
    for text in (start if bracket else f"{name} ", f"{name}{bracket}"):
        if len(text) <= _MAX_NAME_CHARS and count_tokens(text) <= limit // _NAME_SHARE:
            return text
    return bracket


def _split(text: str, ends: Sequence[int]) -> list[str]:
    return [text[start:end] for start, end in pairwise([0, *ends, len(text)]) if end > start]
