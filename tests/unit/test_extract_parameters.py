"""Where signatures of many languages can be cut."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.extract import extract_page
from indexer.extract.parameters import MAX_SIGNATURE_CHARS, find_parameters, line_ends, shortened


@pytest.mark.parametrize(
    ("signature", "parameters"),
    [
        ("f(a, b: dict[str, int], c=(1, 2))", ["f(a,", " b: dict[str, int],", " c=(1, 2))"]),
        ("f(a='x, y', b=\"(,\", c)", ["f(a='x, y',", ' b="(,",', " c)"]),
        ("fn f<'a, T>(x: &'a str, y: T, z: u8) -> R", ["fn f<'a, T>(x: &'a str,", " y: T,", " z: u8) -> R"]),
        ("template<class A> f(map<A, int> m, B n, C c)", ["template<class A> f(map<A, int> m,", " B n,", " C c)"]),
        ("bool operator<(const T& a, const T& b)", ["bool operator<(const T& a,", " const T& b)"]),
        ("f(x => a < b, y -> z, c)", ["f(x => a < b,", " y -> z,", " c)"]),
        ("enum { a, // one, two\n b }", ["enum { a, // one, two", "\n b }"]),
        ("git log [--all]", ["git log [--all]"]),
        ("-o, --output FILE", ["-o,", " --output FILE"]),
    ],
)
def test_parameters_end_behind_the_commas_of_their_own_list(signature: str, parameters: list[str]) -> None:
    ends = [0, *find_parameters(signature).ends, len(signature)]
    assert [signature[start:end] for start, end in pairwise(ends)] == parameters


def test_signatures_end_where_a_line_does_but_not_behind_a_type_alone() -> None:
    signatures = "f(a,\n  b)\nvoid\ng(a)\nh(b)"
    assert [signatures[:end].rsplit("\n", 2)[-2] for end in line_ends(signatures)] == ["  b)", "g(a)"]


def test_a_signature_longer_than_any_ends_behind_a_parameter_and_says_so() -> None:
    signature = "f(" + ", ".join(f"parameter_{number}: dict[str, int]" for number in range(2000)) + ")"
    short = shortened(signature)
    assert MAX_SIGNATURE_CHARS - 100 < len(short) <= MAX_SIGNATURE_CHARS
    assert short.endswith(": dict[str, int], \u2026")
    assert signature.startswith(short.removesuffix(" \u2026"))


def test_a_signature_that_fits_is_left_alone() -> None:
    assert shortened("f(a, b)") == "f(a, b)"


def test_the_signature_of_a_page_in_rst_is_cut_at_a_parameter() -> None:
    names = ", ".join(f"parameter_{number}=None" for number in range(1500))
    page = extract_page(
        f".. py:function:: tides({names})\n\n   Gives them.\n".encode(), "text/x-rst", "https://d.example/a.rst"
    )
    (signature,) = (block for block in page.blocks if block.kind == "signature")
    assert signature.text.endswith("=None, \u2026")
    assert signature.title == "tides"


@given(st.text(alphabet="(<[{}]>),;\n\"' =-a#/", max_size=200))
def test_any_text_is_cut_without_a_loss(text: str) -> None:
    ends = [0, *find_parameters(text).ends, len(text)]
    assert ends == sorted(ends)
    assert line_ends(text) == sorted(set(line_ends(text)))
