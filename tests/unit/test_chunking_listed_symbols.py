"""Names that an inventory places at anchors, and anchors that a Markdown twin may not claim."""

from indexer.chunking import chunk_page, with_listed_symbols
from indexer.extract import extract_page

PAGE = (
    b"<main><h1 id='imports'>Imports</h1><p>" + b"About imports. " * 60 + b"</p>"
    b"<h2 id='attributes'>Attributes</h2><p>" + b"They are text. " * 60 + b"</p>" + b"It is text. " * 60 + b"</p>"
    b"</main>"
)


def test_a_chunk_gets_the_names_listed_for_its_anchors_and_each_name_goes_to_one_chunk() -> None:
    chunks = chunk_page(extract_page(PAGE, "text/html", "https://x.org/import.html"))
    listed = (("attributes", "module.attributes"), ("attributes", "attrs"), ("gone", "lost"), ("imports", "imports"))
    named = {chunk.anchor: chunk.symbols for chunk in with_listed_symbols(chunks, listed)}
    assert named["attributes"] == ("module.attributes", "attrs")
    assert named["imports"] == ("imports",)
    assert sum("attrs" in chunk.symbols for chunk in with_listed_symbols([*chunks, *chunks], listed)) == 1


def test_a_twin_has_the_anchors_its_page_has() -> None:
    body = b"# Title\n\nText.\n\n## Part\n\nMore.\n"

    def anchors(content_type: str) -> list[str | None]:
        page = extract_page(body, content_type, "https://x.org/a")
        return [block.anchor for block in page.blocks if block.kind == "heading"]

    assert anchors("text/markdown;anchors=all") == ["title", "part"]
    assert anchors("text/markdown;anchors=sections") == [None, "part"]
    assert anchors("text/markdown;anchors=none") == [None, None]
    assert anchors("text/markdown") == ["title", "part"]
