from pathlib import Path

from indexer.chunking import Chunk, body_text, chunk_page, context_prefix, head_text
from indexer.extract import extract_page

PAGE = Path(__file__).parent.parent / "data" / "pages" / "sphinx.html"


def chunk(anchor: str) -> Chunk:
    page = extract_page(PAGE.read_bytes(), "text/html", "https://docs.example/tidal.html")
    return next(chunk for chunk in chunk_page(page) if chunk.anchor == anchor)


def test_the_prefix_names_library_page_and_headings_once() -> None:
    assert context_prefix("Harbour", "2.4", chunk("tidal.Table")) == (
        "Harbour 2.4 \u203a tidal — Tide tables \u203a Reading tables \u203a tidal.Table"
    )


def test_the_prefix_does_without_a_version() -> None:
    assert context_prefix("Harbour", None, chunk("module-tidal")) == "Harbour \u203a tidal — Tide tables"


def test_the_head_holds_title_headings_signature_and_anchors() -> None:
    assert head_text(chunk("tidal.Table.next")).split("\n") == [
        "Table.next, Table.previous",
        "tidal — Tide tables",
        "Reading tables",
        "tidal.Table",
        "Table.next()",
        "Table.previous()",
        "Table.next",
        "Table.previous",
        "tidal.Table.next",
        "tidal.Table.previous",
    ]


def test_the_head_of_a_guide_has_no_code() -> None:
    assert head_text(chunk("tide-reading")).split("\n") == ["Reading tables", "tidal — Tide tables", "tide-reading"]


def test_the_body_is_the_content_without_fences() -> None:
    assert body_text(chunk("tidal.Table.next")) == "Table.next()\nTable.previous()\n\nThe tide after, or before, now."
