"""One page's bytes to the chunks of it, ready to be stored: pure, and run in processes of its own.

A chunk's id follows from the library version, the page, the headings, the text and what of it is embedded, so that an
unchanged chunk of a later crawl is the same chunk and keeps its vectors.
"""

import hashlib
import traceback
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID, uuid5

from indexer.chunking import Chunk, chunk_page, context_prefix, head_text, with_listed_symbols
from indexer.duplicates import fingerprint_of
from indexer.embedding.passages import passage_text, text_hash
from indexer.extract import NO_RULES, ExtractedPage, SiteRules, extract_page, unreadable
from indexer.queries.chunks import ChunkRow
from indexer.queries.facts import PageFacts
from indexer.queries.pages import PageOutcome
from indexer.release_notes import is_at_release_notes
from indexer.tokens import count_tokens

_MAX_FAULT_CHARS = 2000


@dataclass(frozen=True, slots=True)
class RawPage:
    """A page as it came from the source."""

    url: str
    content_type: str
    body: bytes
    symbols: tuple[tuple[str, str], ...] = ()
    """Anchors, each with a name that the site's inventory places there."""


@dataclass(frozen=True, slots=True)
class LibraryName:
    """What a passage belongs to, as it stands in front of its text in the index."""

    version_id: UUID
    library: str
    version: str


@dataclass(frozen=True, slots=True)
class PreparedPage:
    """A page's chunks and what to write down about it.

    `description` is the first paragraph of prose, `fault` what to log of a page that could not be read by a mistake.
    """

    outcome: PageOutcome
    facts: PageFacts
    chunks: tuple[ChunkRow, ...]
    description: str
    fault: str = ""


def get_ready() -> None:
    """Loads what the first page would have to wait for."""
    count_tokens("")


def prepare_page(of: LibraryName, page: RawPage, rules: SiteRules = NO_RULES) -> PreparedPage:
    """Extracts and chunks one page; a page nothing can be made of says so in its outcome."""
    try:
        return _prepare_read(of, page, rules, extract_page(page.body, page.content_type, page.url, rules))
    except Exception:  # a page nobody thought of fails that page, not the crawl
        return broken_page(of, page, rules, traceback.format_exc()[-_MAX_FAULT_CHARS:])


def broken_page(
    of: LibraryName,
    page: RawPage,
    rules: SiteRules,
    fault: str = "It ended the process that read it, or took it too long.",
) -> PreparedPage:
    """Gives what is noted of a page that broke its reader."""
    return replace(_prepare_read(of, page, rules, unreadable(page.url)), fault=fault)


def _prepare_read(of: LibraryName, page: RawPage, rules: SiteRules, extracted: ExtractedPage) -> PreparedPage:
    rows = chunk_rows(of, extracted, page.symbols)
    outcome = extracted.problem or ("indexed" if rows else "empty")
    description = next((block.text for block in extracted.blocks if block.kind == "paragraph"), "")
    page_outcome = PageOutcome(
        page.url, extracted.title, len(rows), outcome, rules.digest, is_main_missing=extracted.is_main_missing
    )
    return PreparedPage(page_outcome, _facts(extracted, rows), tuple(rows), description[:300])


def chunk_rows(of: LibraryName, page: ExtractedPage, symbols: Sequence[tuple[str, str]] = ()) -> list[ChunkRow]:
    """Gives the chunks of a page as they are stored; `symbols` are those of `RawPage`."""
    seen: Counter[UUID] = Counter()
    return [_row(of, page.url, chunk, seen) for chunk in with_listed_symbols(chunk_page(page), symbols)]


def _facts(page: ExtractedPage, chunks: Sequence[ChunkRow]) -> PageFacts:
    return PageFacts(
        page_url=page.url,
        generator=page.generator,
        language=page.language[:35].lower() if page.language else None,
        version=page.version,
        code_blocks=sum(block.kind == "code" for block in page.blocks),
        tokens=sum(chunk.token_count for chunk in chunks),
        fingerprint=fingerprint_of(page),
        links=page.links,
        # What they say of everything is what questions with known answers are made of.
        mentions=() if is_at_release_notes(page.url) else page.mentions,
    )


def _row(of: LibraryName, page_url: str, chunk: Chunk, seen: Counter[UUID]) -> ChunkRow:
    prefix = context_prefix(of.library, of.version, chunk)
    head = head_text(chunk)
    text = " ".join(chunk.content.split())
    meant = passage_text({"page_title": chunk.page_title, "section": chunk.section_path}, chunk.content)
    parts = (page_url, chunk.anchor or "", prefix, head, text, meant)
    identity = hashlib.sha256("\x1f".join(parts).encode()).hexdigest()
    chunk_id = uuid5(of.version_id, identity)
    # The same text twice under one heading: told apart by its turn.
    turn = seen[chunk_id]
    seen[chunk_id] += 1
    metadata: dict[str, Any] = {
        "title": chunk.title,
        "page_title": chunk.page_title,
        "section": list(chunk.section_path),
        "anchor": chunk.anchor,
        "anchor_aliases": list(chunk.anchor_aliases),
        "parent_anchor": chunk.parent_anchor,
        "code_language": chunk.code_language,
        "symbols": list(chunk.symbols),
        "prefix": prefix,
        "head": head,
    }
    return ChunkRow(
        id=uuid5(chunk_id, str(turn)) if turn else chunk_id,
        chunk_index=chunk.position,
        content=chunk.content,
        content_type=chunk.content_type,
        source_url=chunk.source_url,
        page_url=page_url,
        token_count=chunk.token_count,
        metadata={key: value for key, value in metadata.items() if value not in (None, [], "")},
        text_hash=text_hash(meant),
    )
