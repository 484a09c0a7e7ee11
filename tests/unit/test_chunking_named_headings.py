"""Headings that are names define them, as lists of options do theirs; titles in words define nothing."""

import pytest

from indexer.chunking import Chunk, chunk_page, head_text
from indexer.chunking.symbols import heading_names
from indexer.extract import Block, ExtractedPage, extract_page
from indexer.vectors.symbols import question_symbols, symbol_words

LONG = "Each of these words costs one token more or less, and there are enough of them to stand alone. " * 6


def chunks_of(*blocks: Block) -> list[Chunk]:
    return chunk_page(ExtractedPage("https://docs.example/p.html", "Page", "en", None, None, blocks))


def heading(text: str, anchor: str | None = None, level: int = 2) -> Block:
    return Block("heading", text, anchor, level=level)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("`ERR_ASSERTION`", ["ERR_ASSERTION"]),
        ("ERR_ASSERTION", ["ERR_ASSERTION"]),
        ("`assert.deepStrictEqual(actual, expected[, message])`", ["assert.deepStrictEqual"]),
        ("`is_page(path: str) -> bool`", ["is_page"]),
        ("`merge()`", ["merge"]),
        ("g_bytes_equal ()", ["g_bytes_equal"]),
        ("Class: `EventEmitter`", ["EventEmitter"]),
        ("Class: EventEmitter", ["EventEmitter"]),
        ("Constructor: `new MIMEType(input)`", ["MIMEType"]),
        ("Struct std::vec::Vec", ["std::vec::Vec"]),
        ("RewriteRule Directive", ["RewriteRule"]),
        ("QString Class", ["QString"]),
        ("wxFileConfig Class Reference", ["wxFileConfig"]),
        ("std::vector< _Tp, _Alloc > Class Template Reference", ["std::vector"]),
        ("Enumeration GtkAlign", ["GtkAlign"]),
        ("std::begin, std::cbegin", ["std::begin", "std::cbegin"]),
        ("g_slice_copy(size, block), g_slice_dup()", []),
        ("`Mailbox` objects", ["Mailbox"]),
        ("`Job<T>`", ["Job"]),
        ("`<Suspense>`", ["Suspense"]),
        ("`useState`", ["useState"]),
        ("toString", ["toString"]),
        ("E0308", ["E0308"]),
        ("--no-ff", ["--no-ff"]),
        ("`-c`, `--check`", ["-c", "--check"]),
        ("`--inspect[=[host:]port]`", ["--inspect"]),
        ("`GET /users/{id}`", ["/users/{id}"]),
        ("53.15. `pg_database`", ["pg_database"]),
    ],
)
def test_a_heading_that_is_a_name_names_it_as_a_question_would(text: str, names: list[str]) -> None:
    assert heading_names(text) == names
    for name in names:
        assert set(question_symbols(f"What is {name} for?").indices) & set(symbol_words([name]).indices)


@pytest.mark.parametrize(
    "text",
    [
        "Installation",
        "Overview",
        "Python",
        "PostgreSQL",
        "JavaScript",
        "API",
        "The API",
        "Read-only",
        "A",
        "3.11.0",
        "Class Members",
        "Field Summary",
        "Parameter(s)",
        "Usage (advanced)",
        "Use `typer.run`",
        "`foo_bar` and `bar_foo`",
        "`foo_bar`, `bar foo`",
        "`printf` formatting",
        "Details of get_or_create()",
        "Event: `'close'`",
        "`merge`",
        "CMAKE_<LANG>_FLAGS",
        "contains_eager() chains across paths (i.e. all())",
    ],
)
def test_a_title_in_words_names_nothing(text: str) -> None:
    assert heading_names(text) == []


def test_a_page_whose_title_stands_outside_its_text_defines_what_the_title_names() -> None:
    blocks = (Block("paragraph", LONG), heading("Notes"), Block("paragraph", LONG))
    first, second = chunk_page(ExtractedPage("https://docs.example/p.html", "std::sort", "en", None, None, blocks))
    assert (first.symbols, second.symbols) == (("std::sort",), ())


def test_the_page_of_a_type_defines_it_although_its_constructor_has_the_same_name() -> None:
    signature = Block("signature", "wxFont::wxFont()", "a1", language="cpp", title="wxFont::wxFont")
    blocks = (Block("paragraph", LONG), heading("Constructor"), signature, Block("paragraph", LONG, depth=1))
    title = "wxFont Class Reference"
    first, second = chunk_page(ExtractedPage("https://docs.example/p.html", title, "en", None, None, blocks))
    assert (first.symbols, second.symbols) == (("wxFont",), ("wxFont::wxFont",))


def test_every_heading_joined_into_a_chunk_names_it_and_is_shown_in_it() -> None:
    first, second = chunks_of(
        heading("Codes", "codes", 1),
        Block("paragraph", LONG),
        heading("`ERR_AMBIGUOUS_ARGUMENT`", "ERR_AMBIGUOUS_ARGUMENT"),
        Block("paragraph", "Two could be meant."),
        heading("`ERR_ASSERTION`", "ERR_ASSERTION"),
        Block("paragraph", "It failed."),
        heading("Other errors", "other"),
        Block("paragraph", "All others."),
    )
    assert (first.symbols, second.symbols) == ((), ("ERR_AMBIGUOUS_ARGUMENT", "ERR_ASSERTION"))
    assert "## ERR_ASSERTION\n\nIt failed." in second.content
    assert "ERR_ASSERTION" in head_text(second).split("\n")


def test_a_heading_without_text_names_the_passage_after_it() -> None:
    (chunk,) = chunks_of(heading("`json.loads(text)`", "loads"), heading("Example", level=3), Block("paragraph", "x"))
    assert chunk.symbols == ("json.loads",)


def test_every_part_of_a_named_section_has_its_name() -> None:
    parts = chunks_of(heading("`json.loads(text)`", "loads"), *[Block("paragraph", LONG)] * 8)
    assert len(parts) > 1
    assert {part.symbols for part in parts} == {("json.loads",)}


def test_a_heading_names_nothing_that_a_signature_of_the_page_describes() -> None:
    signature = Block("signature", "class collections.Counter()", "collections.Counter", title="collections.Counter")
    found = chunks_of(
        heading("`Counter` objects", "counter-objects"),
        Block("paragraph", LONG),
        signature,
        Block("paragraph", "Counts.", depth=1),
        heading("`OrderedDict` objects", "ordered"),
        Block("paragraph", LONG),
    )
    assert [(chunk.anchor, chunk.symbols) for chunk in found] == [
        ("counter-objects", ()),
        ("collections.Counter", ("collections.Counter",)),
        ("ordered", ("OrderedDict",)),
    ]


def test_a_passage_defines_the_options_it_explains_and_no_other_terms() -> None:
    (chunk,) = chunks_of(
        heading("Options", "options"),
        Block("definition", "**`--ff`, `--no-ff`**: How to merge."),
        Block("definition", "**-S<id>, --gpg-sign=<id>**: Signs it."),
        Block("definition", "**--[no-]verify**: Runs hooks."),
        Block("definition", "**git-log(1)**: Shows the log; see **--graph**."),
        Block("definition", "**state**: A word."),
        Block("paragraph", "**--bold** in a text."),
    )
    assert chunk.symbols == ("--ff", "--no-ff", "-S", "--gpg-sign", "--verify")


def test_the_headings_of_a_page_of_error_codes_are_its_symbols() -> None:
    page = (
        b"<main><h1>Errors</h1><p>" + b"About errors. " * 60 + b"</p>"
        b"<h3 id='E_ONE'><code>E_ONE</code></h3><p>One.</p><h3 id='E_TWO'><code>E_TWO</code></h3><p>Two.</p></main>"
    )
    _, codes = chunk_page(extract_page(page, "text/html", "https://docs.example/errors.html"))
    assert codes.symbols == ("E_ONE", "E_TWO")


@pytest.mark.parametrize(
    "text", ["the " * 500, "class " * 300 + "x", "(" * 2000, "f(" + "()" * 999, "`" * 1999, "a-" * 999]
)
def test_an_endless_heading_names_nothing(text: str) -> None:
    assert heading_names(text) == []
