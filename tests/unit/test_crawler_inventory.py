"""Sphinx inventories as sites send them; all of it may be hostile."""

import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.inventory import MAX_INVENTORY_BYTES, MAX_INVENTORY_ENTRIES, parse_inventory

HEADER = (
    b"# Sphinx inventory version 2\n# Project: Python\n# Version: 3.11\n"
    b"# The remainder of this file is compressed using zlib.\n"
)


def inventory(*lines: str) -> bytes:
    return HEADER + zlib.compress("".join(f"{line}\n" for line in lines).encode())


def test_the_documents_of_an_inventory_are_given_once_and_nothing_else() -> None:
    assert parse_inventory(
        inventory(
            "json.loads py:function 1 library/json.html#$ -",
            "about std:doc -1 about.html About this",
            "c-api/abstract std:doc -1 $.html -",
            "library/json std:doc -1 $ -",
            "library/json std:label -1 library/json.html#json std:doc -1 wrong.html -",
            "about std:doc -1 about.html About this",
        )
    ).documents == ("about.html", "$.html", "library/json")


def test_the_symbols_of_an_inventory_have_their_role_and_anchor() -> None:
    found = parse_inventory(
        inventory(
            "__file__ py:attribute 1 reference/import.html#file__ -",
            "json.loads py:function 1 library/json.html#$ -",
            "context manager std:term -1 glossary.html#term-context-manager -",
            "PyObject_Call.args c:functionParam 1 c-api/call.html#c.$ -",
            "library/json std:label -1 library/json.html#json -",
            "no.anchor py:module 0 x.html -",
        )
    )
    assert (found.project, found.version) == ("Python", "3.11")
    assert [(symbol.name, symbol.role, symbol.reference) for symbol in found.symbols] == [
        ("__file__", "py:attribute", "reference/import.html#file__"),
        ("json.loads", "py:function", "library/json.html#json.loads"),
        ("context manager", "std:term", "glossary.html#term-context-manager"),
    ]


def test_the_first_version_of_inventories_names_pages_and_the_places_sphinx_makes_for_names() -> None:
    found = parse_inventory(
        b"# Sphinx inventory version 1\n# Project: Acme\n# Version: 0.9\n"
        b"acme mod acme.html\nacme.run function acme.html\nbroken\nacme.Run.stop method run.html\r\n"
    )
    assert (found.project, found.version, found.documents) == ("Acme", "0.9", ("acme.html", "run.html"))
    assert [(symbol.name, symbol.role, symbol.reference) for symbol in found.symbols] == [
        ("acme", "py:module", "acme.html#module-acme"),
        ("acme.run", "py:function", "acme.html#acme.run"),
        ("acme.Run.stop", "py:method", "run.html#acme.Run.stop"),
    ]


def test_a_name_may_have_spaces() -> None:
    body = inventory("read me first std:doc -1 $ Read me", "see std:doc too std:doc -1 x/$ -")
    assert parse_inventory(body).documents == ("read me first", "x/see std:doc too")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<!doctype html><html>not found</html>",
        b"# Sphinx inventory version 1\n# Project: x\n# Version: 1\nabout std:doc -1 about.html -\n",
        b"# Sphinx inventory version 2\n# Project: x",
        HEADER,
        HEADER + b"no zlib",
        inventory("about std:doc -1", "about std:doc x about.html -", "std:doc -1 about.html -", " std:doc  "),
        inventory("n" * 9000 + " std:doc -1 about.html -"),
    ],
)
def test_what_is_no_inventory_names_no_document(body: bytes) -> None:
    assert parse_inventory(body).documents == parse_inventory(body).symbols == ()


def test_an_inventory_that_was_cut_short_gives_what_came() -> None:
    lines = [f"p{number} std:doc -1 {number * 7919 % 10007}.html -" for number in range(2000)]
    whole = inventory(*lines)
    found = parse_inventory(whole[: len(whole) // 2]).documents
    assert 0 < len(found) < 2000
    assert found == parse_inventory(whole).documents[: len(found)]


def test_an_inventory_is_read_up_to_its_bounds() -> None:
    many = inventory(*(f"p std:doc -1 {number} -" for number in range(MAX_INVENTORY_ENTRIES + 10)))
    assert len(parse_inventory(many).documents) == MAX_INVENTORY_ENTRIES
    filler = "x py:function 1 y -" + " " * 4000
    long = inventory(
        "first std:doc -1 a -", *[filler] * (MAX_INVENTORY_BYTES // len(filler) + 1), "last std:doc -1 z -"
    )
    assert parse_inventory(long).documents == ("a",)


@given(st.binary(max_size=500))
def test_no_bytes_make_the_reader_fail(junk: bytes) -> None:
    for body in (junk, HEADER + junk, HEADER + zlib.compress(junk), inventory("a std:doc -1 b -")[:-4] + junk):
        assert all(isinstance(reference, str) for reference in parse_inventory(body).documents)


@given(st.text(max_size=300))
def test_no_text_makes_the_reader_fail(text: str) -> None:
    body = inventory(*(f"{text}{tail}" for tail in ("", " std:doc -1 $ -", " std:doc -1 a.html " + text)))
    assert all("\n" not in reference for reference in parse_inventory(body).documents)


def is_no_number(word: str) -> bool:
    return not word.removeprefix("-").isdecimal()


_WORDS = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=12).filter(is_no_number)


@given(st.lists(st.tuples(st.lists(_WORDS, min_size=1, max_size=4).map(" ".join), _WORDS), max_size=20))
def test_every_document_a_builder_writes_is_read_back(documents: list[tuple[str, str]]) -> None:
    lines = [f"{name} std:doc -1 {uri} Some title 1 of 2" for name, uri in documents]
    expected = [uri[:-1] + name if uri.endswith("$") else uri for name, uri in documents]
    assert parse_inventory(inventory(*lines)).documents == tuple(dict.fromkeys(expected))
