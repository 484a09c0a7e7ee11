"""The blocks of one section to pieces that each fit a chunk."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from indexer.chunking.cutting import cut_block
from indexer.chunking.rendering import render_block
from indexer.chunking.signatures import cut_signature
from indexer.extract.blocks import Block
from indexer.tokens import BREAK, MAX_EXACT_CHARS, count_break, count_parts, count_tokens, is_apart

MAX_TOKENS = 512
"""The size no chunk exceeds, but one whose signature alone does.

Source: of the sections of 336 documentation pages 86 % fit, study of 2026-11-20.
"""

MAX_SIGNATURE_TOKENS = 800
"""The size up to which a signature stays whole, with what describes it as far as that fits."""

TARGET_TOKENS = 450
"""The size up to which the parts of an oversize section are filled."""

_MIN_TOKENS = 100
_MAX_LEAD_TOKENS = 200
_JOIN_TOKENS = 1
_SHORT_CHARS = 4 * MAX_TOKENS


@dataclass(frozen=True, slots=True)
class Piece:
    """Markdown that stays together, and the blocks it is made of; `tokens` of joined pieces are an upper bound."""

    text: str
    tokens: int
    blocks: tuple[Block, ...]
    exact: int | None
    """The number of tokens of the text, where it is known."""

    def __add__(self, other: "Piece") -> "Piece":
        text, tokens = f"{self.text}{BREAK}{other.text}", self.tokens + other.tokens + _JOIN_TOKENS
        exact = None
        if self.exact is not None and other.exact is not None and is_apart(other.text) and _is_read_at_once(text):
            exact = self.exact + count_break(self.text) + other.exact
        return Piece(text, tokens, (*self.blocks, *other.blocks), exact)

    @property
    def exact_tokens(self) -> int:
        """The number of tokens of the text."""
        return count_tokens(self.text) if self.exact is None else self.exact


def count_piece(text: str, *blocks: Block) -> Piece:
    """Gives the piece of a text."""
    tokens = count_tokens(text)
    return Piece(text, tokens, blocks, tokens)


def pack(blocks: Sequence[Block]) -> list[Piece]:
    """Gives one piece if all fits, else parts near the target size; code stays with the paragraph that leads to it."""
    if not blocks:
        return []
    texts = [render_block(block) for block in blocks]
    whole = BREAK.join(texts)
    # What is short probably fits; of a longer section the parts will be asked for, and one count gives them all.
    if len(whole) < _SHORT_CHARS:
        piece, costs = count_piece(whole, *blocks), None
    else:
        costs = count_parts([f"{text}{BREAK}" for text in texts])
        exact = sum(costs) - count_break(whole) if _is_read_at_once(whole) else None
        piece = Piece(whole, sum(costs), tuple(blocks), exact)
    if piece.tokens <= MAX_TOKENS:
        return [piece]
    parts = map(count_piece, texts, blocks) if costs is None else _parts(blocks, texts, costs)
    cut = [piece for part in parts for piece in _cut(part)]
    return _without_small_end(list(_filled(_with_leads(cut))))


def _parts(blocks: Sequence[Block], texts: Sequence[str], costs: Sequence[int]) -> Iterator[Piece]:
    """Yields each block as a piece; `costs` were counted with an empty line after each, all read as one text."""
    is_known = _is_read_at_once(BREAK.join(texts))
    are_apart = [*map(is_apart, texts), True]
    for block, text, cost, borders in zip(blocks, texts, costs, pairwise(are_apart), strict=True):
        yield Piece(text, cost, (block,), cost - count_break(text) if is_known and all(borders) else None)


def _is_read_at_once(text: str) -> bool:
    return len(text) + len(BREAK) <= MAX_EXACT_CHARS


def _cut(part: Piece) -> Iterator[Piece]:
    block = part.blocks[0]
    is_signature = block.kind == "signature"
    if part.tokens < MAX_TOKENS or (is_signature and part.tokens <= MAX_SIGNATURE_TOKENS):
        yield part
        return
    for text in (cut_signature if is_signature else cut_block)(block, TARGET_TOKENS):
        if text.strip():
            yield count_piece(text, *part.blocks)


def _cap(piece: Piece) -> int:
    """Gives how large a piece may grow; only a signature is larger than the usual by itself."""
    return MAX_SIGNATURE_TOKENS if piece.tokens > MAX_TOKENS else MAX_TOKENS


def _with_leads(pieces: Iterable[Piece]) -> Iterator[Piece]:
    """Yields code joined to the paragraph before it, and headings joined to what follows."""
    lead: Piece | None = None
    for piece in pieces:
        if lead is not None and lead.tokens + piece.tokens < _cap(lead) and _leads(lead, piece):
            piece = lead + piece  # noqa: PLW2901 - the two are one piece from here on
        elif lead is not None:
            yield lead
        lead = piece
    if lead is not None:
        yield lead


def _leads(lead: Piece, piece: Piece) -> bool:
    last = lead.blocks[-1].kind
    is_code = piece.blocks[0].kind == "code" and last not in {"code", "table"} and lead.tokens <= _MAX_LEAD_TOKENS
    return is_code or last in {"heading", "signature"}


def _filled(pieces: Iterable[Piece]) -> Iterator[Piece]:
    held: Piece | None = None
    for piece in pieces:
        if held is None:
            held = piece
        elif held.tokens + piece.tokens < TARGET_TOKENS:
            held += piece
        else:
            yield held
            held = piece
    if held is not None:
        yield held


def _without_small_end(pieces: list[Piece]) -> list[Piece]:
    """Joins a short last piece to the one before it where that fits."""
    if len(pieces) < 2 or pieces[-1].tokens >= _MIN_TOKENS:  # noqa: PLR2004 - the last and the one before it
        return pieces
    *others, before, last = pieces
    return [*others, before + last] if before.tokens + last.tokens < _cap(before) else pieces
