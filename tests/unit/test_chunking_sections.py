"""Which blocks form a chunk, and where the chunk says it is from."""

from pathlib import Path

from indexer.chunking import Chunk, chunk_page
from indexer.chunking.chunks import source_url
from indexer.extract import Block, ExtractedPage, extract_page

PAGES = Path(__file__).parent.parent / "data" / "pages"
LONG = "Each of these words costs one token more or less, and there are enough of them to stand alone. " * 6


def page_of(*blocks: Block) -> ExtractedPage:
    return ExtractedPage("https://docs.example/p.html", "Page", "en", None, None, blocks)


def heading(text: str, anchor: str | None = None, level: int = 2) -> Block:
    return Block("heading", text, anchor, level=level)


def chunk_fixture(name: str) -> dict[str | None, Chunk]:
    page = extract_page((PAGES / f"{name}.html").read_bytes(), "text/html", f"https://docs.example/{name}.html")
    return {chunk.anchor: chunk for chunk in chunk_page(page)}


def test_a_small_section_with_prose_and_code_is_one_snippet() -> None:
    page = page_of(heading("Use", "use"), Block("paragraph", "Call it:"), Block("code", "f()", language="python"))
    (chunk,) = chunk_page(page)
    assert chunk.content == "Call it:\n\n```python\nf()\n```"
    assert (chunk.content_type, chunk.code_language, chunk.title) == ("snippet", "python", "Use")
    assert (chunk.anchor, chunk.source_url) == ("use", "https://docs.example/p.html#use")
    assert chunk.section_path == ("Use",)


def test_a_section_without_code_is_a_guide() -> None:
    (chunk,) = chunk_page(page_of(Block("paragraph", "Words.")))
    assert (chunk.content_type, chunk.title, chunk.anchor, chunk.section_path) == ("guide", "Page", None, ())


def test_a_signature_is_an_api_ref_with_its_description_and_members_by_name() -> None:
    chunks = chunk_fixture("sphinx")
    table = chunks["tidal.Table"]
    assert table.content_type == "api_ref"
    assert table.content == (
        "```python\nclass tidal.Table(port, year=None)\n```\n\nAll tides of one port.\n\n"
        "**Parameters**: port – name of the port\n\nMembers: `Table.next, Table.previous`"  # noqa: RUF001 - as in the page
    )
    assert table.symbols == ("tidal.Table",)


def test_a_member_is_its_own_chunk_under_its_class() -> None:
    member = chunk_fixture("sphinx")["tidal.Table.next"]
    assert member.section_path == ("tidal — Tide tables", "Reading tables", "tidal.Table", "Table.next, Table.previous")
    assert member.anchor_aliases == ("tidal.Table.previous",)
    assert member.symbols == ("Table.next", "Table.previous", "tidal.Table.next", "tidal.Table.previous")


def test_a_signature_with_nothing_in_it_takes_the_description_that_follows_it() -> None:
    page = page_of(
        heading("Partial parsing", "partial"),
        Block("signature", "parse_known_args()", "f", language="python", title="parse_known_args"),
        Block("paragraph", "Parses some of the arguments:"),
        Block("code", "parse_known_args()", language="python"),
        heading("Next", "next"),
        Block("paragraph", "Another section."),
    )
    first, second = chunk_page(page)
    assert "Parses some of the arguments" in first.content
    assert (first.anchor, first.content_type, first.anchor_aliases) == ("f", "api_ref", ("partial",))
    assert second.content == "Another section."


def test_what_follows_several_bare_signatures_or_is_no_sentence_describes_none_of_them() -> None:
    signatures = [Block("signature", f"{name}()", name, title=name) for name in "ab"]
    several = page_of(heading("All", "all"), *signatures, Block("paragraph", "These two are alike."))
    assert [chunk.anchor for chunk in chunk_page(several)] == ["all", "a", "b"]
    label = page_of(heading("All", "all"), signatures[0], Block("paragraph", "Warning boxes"))
    assert "Warning boxes" not in chunk_page(label)[1].content


def test_text_after_a_described_signature_belongs_to_the_section_around() -> None:
    signature = Block("signature", "a()", "a", title="a")
    page = page_of(
        heading("All", "all"),
        signature,
        Block("paragraph", "Does a.", depth=1),
        Block("paragraph", "The section goes on."),
    )
    assert [(chunk.anchor, "goes on" in chunk.content) for chunk in chunk_page(page)] == [("all", True), ("a", False)]


def test_a_section_goes_on_after_its_signatures() -> None:
    section = chunk_fixture("sphinx")["tide-reading"]
    assert "After the class the section goes on." in section.content
    assert "All tides" not in section.content
    assert section.anchor_aliases == ("reading-tables",)


def test_a_module_names_its_symbol() -> None:
    assert chunk_fixture("sphinx")["module-tidal"].symbols == ("tidal",)


def test_a_captioned_table_is_cited_by_its_own_id() -> None:
    rows = "\n".join(f"| {number} | some words |" for number in range(20))
    table = Block("table", f"| a | b |\n| --- | --- |\n{rows}", "tides-table", title="Tides")
    page = page_of(heading("A", "a"), Block("paragraph", LONG), table, Block("paragraph", "The end."))
    section, cited = chunk_page(page)
    assert (cited.anchor, cited.section_path) == ("tides-table", ("A", "Tides"))
    assert section.content.endswith("The end.")


def test_headings_inside_a_description_stay_in_it() -> None:
    weigh = chunk_fixture("rustdoc")["method.weigh"]
    assert "##### Examples\n\n```rust\nlet w = cargo.weigh();\n```" in weigh.content
    assert weigh.section_path[-2:] == ("impl<T> Cargo<T>", "weigh")


def test_tiny_siblings_are_joined_and_their_ids_are_aliases() -> None:
    page = page_of(
        heading("Top", "top", 1),
        Block("paragraph", LONG),
        heading("A", "a"),
        Block("paragraph", LONG),
        heading("B", "b"),
        Block("paragraph", "Tiny."),
    )
    top, joined = chunk_page(page)
    assert (top.anchor, joined.anchor, joined.anchor_aliases) == ("top", "a", ("b",))
    assert joined.content.endswith("## B\n\nTiny.")


def test_a_section_with_its_own_anchor_and_some_text_stands_alone() -> None:
    page = page_of(heading("A", "a"), Block("paragraph", LONG), heading("B", "b"), Block("paragraph", LONG))
    assert [chunk.anchor for chunk in chunk_page(page)] == ["a", "b"]


def test_signatures_are_never_joined() -> None:
    page = page_of(Block("signature", "f()", "f", title="f"), Block("signature", "g()", "g", title="g"))
    assert [(chunk.title, chunk.anchor) for chunk in chunk_page(page)] == [("f", "f"), ("g", "g")]


def test_sections_under_different_parents_are_not_joined() -> None:
    page = page_of(
        heading("A", "a"), heading("A1", "a1", 3), Block("paragraph", "x"), heading("B", "b"), Block("paragraph", "y")
    )
    assert [chunk.section_path for chunk in chunk_page(page)] == [("A", "A1"), ("B",)]


def test_a_heading_without_text_gives_its_id_to_the_next_chunk() -> None:
    page = page_of(heading("A", "a"), heading("A1", "a1", 3), Block("paragraph", "x"))
    (chunk,) = chunk_page(page)
    assert (chunk.anchor, chunk.anchor_aliases) == ("a1", ("a",))


def test_a_heading_without_id_is_cited_by_the_section_around_it_or_the_chunk_before() -> None:
    nested = page_of(heading("A", "a"), Block("paragraph", LONG), heading("A1", level=3), Block("paragraph", LONG))
    flat = page_of(heading("A", "a"), Block("paragraph", LONG), heading("B"), Block("paragraph", LONG))
    assert [chunk.anchor for chunk in chunk_page(nested)] == ["a", "a"]
    assert [chunk.anchor for chunk in chunk_page(flat)] == ["a", "a"]


def test_positions_count_from_zero_in_reading_order() -> None:
    chunks = list(chunk_fixture("javadoc").values())
    assert [chunk.position for chunk in chunks] == sorted(chunk.position for chunk in chunks)
    assert chunks[0].position == 0


def test_the_same_page_gives_the_same_chunks() -> None:
    assert chunk_fixture("sphinx") == chunk_fixture("sphinx")


def test_the_fragment_of_a_url_is_replaced_and_unsafe_characters_are_encoded() -> None:
    assert source_url("https://x.example/a#old", "impl-Add<T>") == "https://x.example/a#impl-Add%3CT%3E"
    assert source_url("https://x.example/a#old", None) == "https://x.example/a"


def test_a_heading_too_long_for_a_title_is_kept_as_text_and_not_repeated() -> None:
    words = "word " * 20_000
    (first, *_, last) = chunk_page(page_of(heading(f"Sail {words}"), Block("code", "f()")))
    assert first.title.startswith("Sail word")
    assert first.title.endswith("word \u2026")
    assert len(first.title) <= 300
    assert first.content.startswith("Sail word")
    assert last.section_path == (first.title,)


def test_of_many_names_in_one_title_whole_ones_are_kept() -> None:
    title = ", ".join(f"name{number:04}" for number in range(1000))
    (chunk, *_) = chunk_page(page_of(Block("definition", "Words.", "names", title=title)))
    assert chunk.title.endswith("name0028, \u2026")


def test_sections_deep_in_each_other_are_named_by_the_outer_ones_and_their_own() -> None:
    blocks = [Block("signature", f"f{depth}()", f"f{depth}", depth=depth, title=f"f{depth}") for depth in range(40)]
    last = chunk_page(page_of(*blocks))[-1]
    assert last.section_path == (*(f"f{depth}" for depth in range(11)), "f39")
