"""Members of a type that has a page of its own bear its name, as people ask for them."""

import pytest

from indexer.chunking import Chunk, chunk_page
from indexer.extract import Block, ExtractedPage, extract_page
from indexer.vectors.symbols import question_symbols, symbol_words


def members_of(title: str, *names: str, language: str | None = None) -> list[Chunk]:
    signatures = [
        block
        for name in names
        for block in (
            Block("signature", f"{name}(x)", name, language=language, title=name),
            Block("paragraph", "Does it.", depth=1),
        )
    ]
    about = (Block("heading", title, level=1), Block("paragraph", "About it. " * 60))
    blocks = (*about, Block("heading", "Method Details", level=2), *signatures)
    return chunk_page(ExtractedPage("https://docs.example/p.html", title, "en", None, None, blocks))[1:]


@pytest.mark.parametrize(
    ("title", "language", "symbol"),
    [
        ("Class String", "java", "String.format"),
        ("Interface Map.Entry<K,V>", "java", "Map.Entry.format"),
        ("Enum Class TimeUnit", "java", "TimeUnit.format"),
        ("Abstract class Shape<T extends Side>", None, "Shape.format"),
        ("Color class", "dart", "Color.format"),
        ("Struct std::vec::Vec", "rust", "std::vec::Vec::format"),
        ("Struct Vec", "rust", "Vec::format"),
        ("Primitive Type str", "rust", "str::format"),
        ("Class: YARD::Registry", "ruby", "YARD::Registry#format"),
        ("module YARD::Tags", "ruby", "YARD::Tags#format"),
    ],
)
def test_a_signature_on_the_page_of_a_type_is_asked_for_with_and_without_it(
    title: str, language: str | None, symbol: str
) -> None:
    (chunk,) = members_of(title, "format", language=language)
    assert chunk.symbols[:2] == ("format", symbol)
    assert set(question_symbols(f"What does {symbol} do?").indices) & set(symbol_words(chunk.symbols[1:]).indices)


@pytest.mark.parametrize(
    "title",
    [
        "String",
        "Module contents",
        "Module Objects",
        "Class methods",
        "The class of all things",
        "Strings and classes",
        "Iterator Protocol",
        "Exception Handling",
        "Type Objects",
        "json \u2014 JSON",
        "",
    ],
)
def test_on_a_page_with_a_title_in_words_a_signature_has_its_own_name_alone(title: str) -> None:
    assert [chunk.symbols for chunk in members_of(title, "format")] == [("format",)]


def test_what_bears_the_name_of_the_type_is_the_type() -> None:
    (chunk,) = members_of("Struct std::vec::Vec", "Vec", language="rust")
    assert chunk.symbols == ("Vec", "std::vec::Vec")


def test_a_name_with_its_owner_and_an_operator_are_left_as_they_are() -> None:
    assert [chunk.symbols for chunk in members_of("Class Queue", "Queue.put", "operator+")] == [
        ("Queue.put",),
        ("operator+",),
    ]


def test_what_is_inherited_is_a_member_of_the_page_s_type_as_well() -> None:
    title = "std::basic_fstream< T > Class Template Reference"
    (chunk,) = members_of(title, "std::basic_istream::peek", language="cpp")
    assert chunk.symbols == ("std::basic_istream::peek", "std::basic_fstream::peek")


def test_members_of_a_signature_are_not_those_of_the_page() -> None:
    blocks = (
        Block("heading", "Class Outer", level=1),
        Block("signature", "class Inner", "inner", title="Inner"),
        Block("paragraph", "About it. " * 60, depth=1),
        Block("signature", "run()", "run", depth=1, title="run"),
        Block("paragraph", "Runs.", depth=2),
    )
    chunks = chunk_page(ExtractedPage("https://docs.example/p.html", "Class Outer", "en", None, None, blocks))
    assert [chunk.symbols for chunk in chunks] == [("Inner", "Outer.Inner"), ("run",)]


def test_a_page_of_javadoc_defines_its_methods_with_their_class() -> None:
    page = (
        b"<html><head><meta name='generator' content='javadoc/DocletGenerator'></head><body><main role='main'>"
        b"<h1 title='Class Text' class='title'>Class Text</h1><section class='details'><h2>Method Details</h2>"
        b"<section class='detail' id='trim()'><h3>trim</h3><div class='member-signature'>"
        b"<span class='return-type'>Text</span> <span class='element-name'>trim</span>()</div>"
        b"<div class='block'>Takes white space away.</div></section></section></main></body></html>"
    )
    chunks = chunk_page(extract_page(page, "text/html", "https://docs.example/Text.html"))
    assert "Text.trim" in {symbol for chunk in chunks for symbol in chunk.symbols}


@pytest.mark.parametrize("title", ["class " * 300 + "x", "class a" + ".a" * 999, "class a" + "<" * 999, "<>" * 999])
def test_an_endless_title_is_no_type(title: str) -> None:
    assert members_of(title, "format")
