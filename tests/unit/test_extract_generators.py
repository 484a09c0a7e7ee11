"""Small pages in the style of each generator, and what has to be read from them."""

from pathlib import Path

import pytest

from indexer.extract import Block, ExtractedPage, extract_page

PAGES = Path(__file__).parent.parent / "data" / "pages"


def extract(name: str) -> ExtractedPage:
    return extract_page((PAGES / f"{name}.html").read_bytes(), "text/html", f"https://docs.example/{name}.html")


def find(page: ExtractedPage, text: str) -> Block:
    return next(block for block in page.blocks if text in block.text)


def kinds(page: ExtractedPage) -> list[str]:
    return [block.kind for block in page.blocks]


@pytest.mark.parametrize(
    ("name", "generator", "title"),
    [
        ("sphinx", "sphinx", "tidal — Tide tables"),
        ("furo", "furo", "Anchoring"),
        ("rtd", "sphinx-rtd", "Lighthouses"),
        ("pydata", "pydata", "Buoys"),
        ("mkdocs_material", "mkdocs-material", "Moorings"),
        ("docusaurus", "docusaurus", "Charts"),
        ("vitepress", "vitepress", "Knots"),
        ("starlight", "starlight", "Sails"),
        ("mdbook", "mdbook", "Hulls"),
        ("rustdoc", "rustdoc", "Struct hold::Cargo"),
        ("javadoc", "javadoc", "Class Anchor"),
        ("doxygen", "doxygen", "Mast Class Reference"),
        ("docbook", "docbook", "9.3. Winches"),
        ("generic", None, "Ferry timetable"),
    ],
)
def test_generator_and_title_are_recognised_and_the_chrome_is_left_out(
    name: str, generator: str | None, title: str
) -> None:
    page = extract(name)
    assert (page.generator, page.title, page.problem) == (generator, title, None)
    words = " ".join(block.text for block in page.blocks)
    assert "This paragraph tells in plain words" in words
    for chrome in ("menu", "Next", "¶", "Copy", "edit", "imprint", "Expand description", "Section titled", "[source]"):
        assert chrome not in words


@pytest.mark.parametrize(
    ("name", "text", "language", "title"),
    [
        ("sphinx", ">>> import tidal\n>>> tidal.high(\"Kiel\")\n'06:12'", "python", None),
        ("sphinx", '[tide]\nzone = "UTC"', "toml", "harbour.toml"),
        ("furo", "> drop.exe anchor", "bash", "Windows"),
        ("pydata", "conda install buoys", "bash", "conda"),
        ("mkdocs_material", "rope: 12\nknot:  bowline", "yaml", "pier.yml"),
        ("docusaurus", "function App() {\n  return null;\n}", "jsx", "src/App.jsx"),
        ("docusaurus", "yarn add charts", "bash", "yarn"),
        ("vitepress", "two", "javascript", "b.js"),
        ("starlight", 'import sail from "sail";\nsail.hoist();', "javascript", "sail.mjs"),
        ("mdbook", "fn main() {\nlet hull = Hull::new();\n}", "rust", None),
        ("mdbook", "lay keel", "bash", None),
        ("rustdoc", "let w = cargo.weigh();", "rust", None),
        ("doxygen", " Mast mast;\n   mast.raise();", None, None),
        ("docbook", "SELECT 1;", None, None),
        ("generic", '{"departs": "08:00"}', "json", None),
    ],
)
def test_code_is_exact_and_keeps_its_language_and_title(
    name: str, text: str, language: str | None, title: str | None
) -> None:
    codes = [block for block in extract(name).blocks if block.kind == "code"]
    assert (text, language, title) in [(block.text, block.language, block.title) for block in codes]


@pytest.mark.parametrize(
    ("name", "text", "anchor", "depth", "title"),
    [
        ("sphinx", "class tidal.Table(port, year=None)", "tidal.Table", 0, "tidal.Table"),
        ("sphinx", "Table.next()\nTable.previous()", "tidal.Table.next", 1, "Table.next, Table.previous"),
        ("rustdoc", "pub fn weigh(&self) -> u32", "method.weigh", 1, "weigh"),
        ("javadoc", "public void drop(int depth)", "drop(int)", 0, "drop"),
        ("doxygen", "void Mast< T >::raise (int height)", "a1b2", 0, "Mast::raise"),
    ],
)
def test_signatures_carry_the_symbol_as_anchor(name: str, text: str, anchor: str, depth: int, title: str) -> None:
    found = next(block for block in extract(name).blocks if block.kind == "signature" and block.text == text)
    assert (found.anchor, found.depth, found.title) == (anchor, depth, title)


@pytest.mark.parametrize(
    ("name", "label", "text"),
    [
        ("sphinx", "Note", "Times are in UTC."),
        ("mkdocs_material", "Storm", "Double the lines."),
        ("docusaurus", "tip", "Keep a paper chart."),
        ("vitepress", "TIP", "Practise often."),
        ("starlight", "Caution", "Mind the boom."),
        ("docbook", "Caution", "Keep hands off."),
    ],
)
def test_admonitions_are_one_block_with_their_label(name: str, label: str, text: str) -> None:
    found = find(extract(name), text)
    assert (found.kind, found.title, found.text) == ("admonition", label, text)


def test_text_after_a_class_belongs_to_the_section_again() -> None:
    page = extract("sphinx")
    assert find(page, "All tides of one port").depth == 1
    assert find(page, "The tide after").depth == 2
    assert find(page, "After the class").depth == 0


def test_an_explicit_label_comes_before_the_slug_of_the_heading() -> None:
    page = extract("sphinx")
    module, reading = (block for block in page.blocks if block.kind == "heading")
    assert (module.anchor, module.aliases) == ("module-tidal", ("tidal-tide-tables",))
    assert (reading.anchor, reading.aliases) == ("tide-reading", ("reading-tables",))


def test_the_version_is_read_from_title_or_meta() -> None:
    assert extract("sphinx").version == "2.4.1"
    assert extract("docusaurus").version == "3.2"
    assert extract("generic").version is None


def test_field_lists_name_their_field() -> None:
    assert find(extract("sphinx"), "Parameters").text == "**Parameters**: port – name of the port"  # noqa: RUF001 - Sphinx writes an en dash
    assert find(extract("javadoc"), "Parameters").text == "**Parameters**: `depth` - in metres"


def test_tables_become_pipe_tables_with_escaped_cells() -> None:
    assert find(extract("rtd"), "Roter Sand").text == "| Name | Height |\n| --- | --- |\n| Roter Sand | 28 m; a \\| b |"
    assert find(extract("javadoc"), "| Method |").text == (
        "| Modifier | Method |\n| --- | --- |\n| `void` | `drop(int depth)` |"
    )


def test_a_captioned_table_has_the_id_of_its_box() -> None:
    table = find(extract("docbook"), "| Gear |")
    assert (table.anchor, table.title) == ("WINCH-TABLE", "Table 9.4. Gears")


def test_an_anchored_definition_is_described_by_what_follows() -> None:
    page = extract("docbook")
    term = find(page, "winch_speed")
    assert (term.kind, term.anchor, term.title) == ("definition", "WINCH-SPEED", "winch_speed (integer)")
    assert find(page, "Turns per minute").depth == 1


def test_a_section_that_is_the_container_gives_its_id_to_the_heading() -> None:
    assert extract("docbook").blocks[0].anchor == "WINCHES"


def test_a_tab_without_code_is_labelled() -> None:
    page = extract("mkdocs_material")
    position = next(number for number, block in enumerate(page.blocks) if block.text == "Chains are heavy.")
    assert page.blocks[position - 1].text == "**Chain**"


def test_code_in_a_list_item_is_a_block_of_its_own() -> None:
    page = extract("mdbook")
    assert [block.text for block in page.blocks[-3:]] == ["1. Lay the keel:", "lay keel", "2. Float it"]


def test_hidden_text_and_comments_are_not_read() -> None:
    words = " ".join(block.text for block in extract("generic").blocks)
    assert "Visible end." in words
    for hidden in ("Ignore all previous", "hidden words", "a comment", "with words"):
        assert hidden not in words


def test_nested_lists_are_indented() -> None:
    assert find(extract("generic"), "Monday").text == "- Monday\n   - 08:00\n- Tuesday"


def test_the_language_of_the_page_is_its_html_lang() -> None:
    assert extract("generic").language == "de"
    assert kinds(extract("generic"))[0] == "heading"
