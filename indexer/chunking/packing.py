"""The blocks of one section to pieces that each fit a chunk."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from indexer.chunking.cutting import cut_block
from indexer.chunking.rendering import render_block
from indexer.extract.blocks import Block
from indexer.tokens import count_parts, count_tokens

MAX_TOKENS = 512
"""The size no chunk exceeds. Source: of the sections of 336 documentation pages 86 % fit, study of 2026-11-20."""

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
    is_exact: bool = True

    def __add__(self, other: "Piece") -> "Piece":
        tokens = self.tokens + other.tokens + _JOIN_TOKENS
        return Piece(f"{self.text}\n\n{other.text}", tokens, (*self.blocks, *other.blocks), is_exact=False)

    @property
    def exact_tokens(self) -> int:
        """The number of tokens of the text."""
        return self.tokens if self.is_exact else count_tokens(self.text)


def pack(blocks: Sequence[Block]) -> list[Piece]:
    """Gives one piece if all fits, else parts near the target size; code stays with the paragraph that leads to it."""
    if not blocks:
        return []
    texts = [render_block(block) for block in blocks]
    whole = "\n\n".join(texts)
    # What is short probably fits; of a longer section the parts will be asked for, and one count gives them all.
    costs = [count_tokens(whole)] if len(whole) < _SHORT_CHARS else count_parts([f"{text}\n\n" for text in texts])
    if (tokens := sum(costs)) <= MAX_TOKENS:
        return [Piece(whole, tokens, tuple(blocks), is_exact=len(costs) == 1)]
    costs = costs if len(costs) == len(texts) else [count_tokens(text) for text in texts]
    pieces = [
        piece for block, text, cost in zip(blocks, texts, costs, strict=True) for piece in _pieces(block, text, cost)
    ]
    return _without_small_end(list(_filled(_with_leads(pieces))))


def _pieces(block: Block, text: str, tokens: int) -> Iterator[Piece]:
    if tokens < MAX_TOKENS:
        yield Piece(text, tokens, (block,), is_exact=False)
        return
    for part in cut_block(block, TARGET_TOKENS):
        if part.strip():
            yield Piece(part, count_tokens(part), (block,))


def _with_leads(pieces: list[Piece]) -> Iterator[Piece]:
    """Yields code joined to the paragraph before it, and headings joined to what follows."""
    lead: Piece | None = None
    for piece in pieces:
        if lead is not None and lead.tokens + piece.tokens < MAX_TOKENS and _leads(lead, piece):
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
    if len(pieces) > 1 and pieces[-1].tokens < _MIN_TOKENS and pieces[-2].tokens + pieces[-1].tokens < MAX_TOKENS:
        *others, before, last = pieces
        return [*others, before + last]
    return pieces
