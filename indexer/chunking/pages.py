"""A page to its chunks, in reading order."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from indexer.chunking.chunks import Chunk, ContentType, source_url
from indexer.chunking.packing import MAX_TOKENS, TARGET_TOKENS, Piece, count_piece, pack
from indexer.chunking.rendering import escape_fences
from indexer.chunking.sections import Section, build_sections
from indexer.chunking.symbols import defined_symbols, described_names
from indexer.extract.blocks import Block, ExtractedPage

TINY_TOKENS = 40
"""A section below this is joined to its neighbour although it has an anchor of its own."""

SMALL_TOKENS = 100
"""A section below this is joined to its neighbour if it has no anchor of its own."""

_MAX_MEMBERS = 60
_MAX_MEMBER_CHARS = 400


@dataclass(frozen=True, slots=True)
class _Draft:
    """A piece and the section it is from; `inherited` are headings that have no text of their own."""

    section: Section
    piece: Piece
    inherited: tuple[Block, ...] = ()

    @property
    def named_blocks(self) -> list[Block]:
        """The blocks whose ids and names are those of the chunk."""
        opener = self.section.opener
        return [*([opener] if opener else []), *self.piece.blocks, *self.inherited]


def chunk_page(page: ExtractedPage) -> list[Chunk]:
    """Gives the chunks of a page; the same page gives the same chunks."""
    chunks: list[Chunk] = []
    anchor: str | None = None
    described = described_names(page.blocks)
    for draft in _join_small(_drafts(build_sections(page), [])):
        anchor = draft.section.nearest_anchor or anchor
        symbols = defined_symbols(draft.section, draft.named_blocks, described)
        chunks.append(_chunk(page, draft, anchor, symbols, len(chunks)))
    return chunks


def _drafts(section: Section, inherited: list[Block]) -> Iterator[_Draft]:
    """Yields the pieces of a section, then those of its children; headings without text wait in `inherited`."""
    stack = [section]
    while stack:
        section = stack.pop()
        pieces = pack(_own_blocks(section))
        if not pieces and section.opener is not None:
            inherited.append(section.opener)
        for piece in pieces:
            yield _Draft(section, piece, tuple(inherited))
            inherited.clear()
        stack += reversed(section.children)


def _own_blocks(section: Section) -> list[Block]:
    opener = section.opener
    if opener is None or opener.kind == "heading":
        return section.body
    members = _member_names(section)
    return [opener, *section.body, *([Block("paragraph", members)] if members else [])]


def _member_names(section: Section) -> str:
    """Gives the line that names the members of a class, each of which has a chunk of its own."""
    names = [f"`{child.title.replace('`', '')}`" for child in section.children if child.is_signature][:_MAX_MEMBERS]
    while len(", ".join(names)) > _MAX_MEMBER_CHARS:
        names.pop()
    return f"Members: {', '.join(names)}" if names else ""


def _join_small(drafts: Iterable[_Draft]) -> Iterator[_Draft]:
    held: _Draft | None = None
    for draft in drafts:
        # A heading may be as long as a paragraph.
        if held is not None and _belongs_to(held, draft) and (both := _joined(held, draft)).piece.tokens <= MAX_TOKENS:
            held = both
            continue
        if held is not None:
            yield held
        held = draft
    if held is not None:
        yield held


def _belongs_to(held: _Draft, draft: _Draft) -> bool:
    """Whether a small section goes into the chunk of the sibling before it."""
    section = draft.section
    if held.section is section or held.section.parent is not section.parent or section.parent is None:
        return False
    if section.is_signature or held.section.is_signature or section.children or held.section.children:
        return False
    limit = SMALL_TOKENS if section.anchor is None else TINY_TOKENS
    return draft.piece.tokens < limit and held.piece.tokens + draft.piece.tokens + limit < TARGET_TOKENS


def _joined(held: _Draft, draft: _Draft) -> _Draft:
    piece = draft.piece
    opener = draft.section.opener
    if opener is not None and opener.kind == "heading":
        heading = f"{'#' * max(opener.level, 2)} {escape_fences(draft.section.title)}"
        piece = count_piece(heading, opener) + piece
    return replace(held, piece=held.piece + piece, inherited=(*held.inherited, *draft.inherited))


def _chunk(page: ExtractedPage, draft: _Draft, anchor: str | None, symbols: tuple[str, ...], position: int) -> Chunk:
    section, piece = draft.section, draft.piece
    return Chunk(
        content=piece.text,
        content_type=_content_type(draft),
        title=section.title or page.title,
        section_path=section.path,
        anchor=anchor,
        anchor_aliases=_aliases(draft, anchor),
        source_url=source_url(page.url, anchor),
        page_title=page.title,
        code_language=_code_language(piece),
        token_count=piece.exact_tokens,
        symbols=symbols,
        position=position,
        parent_anchor=_parent_anchor(section, anchor),
    )


def _parent_anchor(section: Section, anchor: str | None) -> str | None:
    above = section.parent
    while above is not None and above.anchor in (None, anchor):
        above = above.parent
    return above.anchor if above else None


def _content_type(draft: _Draft) -> ContentType:
    if draft.section.is_signature:
        return "api_ref"
    return "snippet" if any(block.kind == "code" for block in draft.piece.blocks) else "guide"


def _aliases(draft: _Draft, anchor: str | None) -> tuple[str, ...]:
    names = [name for block in draft.named_blocks for name in block.names]
    return tuple(name for name in dict.fromkeys(names) if name != anchor)


def _code_language(piece: Piece) -> str | None:
    sizes: Counter[str] = Counter()
    for block in piece.blocks:
        if block.kind in {"code", "signature"} and block.language:
            sizes[block.language] += len(block.text) if block.kind == "code" else 1
    return max(sizes, key=lambda name: (sizes[name], name), default=None)
