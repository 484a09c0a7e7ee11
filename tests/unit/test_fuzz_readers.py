"""Whatever comes from outside, its reader neither breaks nor takes long; `python -m bench.fuzz` looks for longer."""

import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.markup import is_parsable
from indexer.extract import extract_page
from tests.hostile.fuzzing import ADDRESS, TARGETS, Target, allowed_seconds, mutate, needed_seconds

EXAMPLES = 12
BY_NAME = {target.name: target for target in TARGETS}

relaxed = settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@pytest.mark.parametrize("name", BY_NAME)
@given(chance=st.randoms(use_true_random=False))
@relaxed
def test_a_torn_document_is_read_in_time(name: str, chance: random.Random) -> None:
    body = mutate(BY_NAME[name], chance)
    assert needed_seconds(BY_NAME[name], body) <= allowed_seconds(body)


@pytest.mark.parametrize("name", BY_NAME)
@given(body=st.binary(max_size=2000))
@relaxed
def test_any_bytes_are_read(name: str, body: bytes) -> None:
    assert needed_seconds(BY_NAME[name], body) <= allowed_seconds(body)


@pytest.mark.parametrize(("name", "piece"), [(target.name, piece) for target in TARGETS for piece in target.pieces])
def test_no_piece_is_quadratic(name: str, piece: bytes) -> None:
    target: Target = BY_NAME[name]
    body = target.seeds[0][:300] + piece * (30_000 // len(piece))
    assert needed_seconds(target, body) <= allowed_seconds(body)


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("rst", b".. py:versionadded:: 3.2\n\n   Words.\n\n.. c:note::\n\n   More words.\n"),
        ("html", b"<main><a href=b><math>" + b"<a href=b>  <math> <rt> <section id=a> " * 1000),
        ("html", b"<svg><style>.a{display:none}" * 1500),
        ("markdown", b"!!! note" + b" " * 20_000 + b"x"),
        ("markdown", b"<Tab a=" + b"\xc2\xa0" * 10_000 + b"b>x</Tab>"),
        ("asciidoc", b"[source,x]\n----\na\n" + b"\n " * 20_000 + b"b\n----\n"),
        ("markdown", b">-\nx\n" * 5000),
        ("mdx", b"> ```\nx\n" * 5000),
        ("markdown", (b"|a" * 256 + b"|\n" + b"|-" * 256 + b"|\n" + b"|\n" * 400 + b"\n") * 18),
        ("rst", b".. py:module:: " + b"a" * 8000 + b"\n\n" + b".. py:data:: b\n\n" * 3000),
        ("twins", b"\n" * 60_000),
        ("twins", b"# A\n\n" + b">-\nx\n" * 5000),
        ("sentences of markdown", b">-\nx\n" * 5000),
        ("front matter", b"a:" + b"\t" * 60_000 + b"x\nb"),
    ],
)
def test_what_once_broke_a_reader_is_read(name: str, body: bytes) -> None:
    assert needed_seconds(BY_NAME[name], body) <= allowed_seconds(body)


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("text/html", b"<main><h1>A</h1><div class=fragment>" + b"<div class=line>x " * 390 + b"word " * 5000),
        ("text/markdown", (b"|a" * 256 + b"|\n" + b"|-" * 256 + b"|\n" + b"|\n" * 400 + b"\n") * 36),
        ("text/x-rst", b".. py:module:: " + b"a" * 8000 + b"\n\n" + b".. py:data:: b\n\n" * 3000),
        ("text/x-rst", b".. py:class:: " + b"a" * 1900 + b"\n\n" + b"   .. py:data:: b\n\n" * 3000),
    ],
    ids=["lines in lines", "rows without cells", "a long module", "a long class"],
)
def test_no_document_grows_as_it_is_read(kind: str, body: bytes) -> None:
    blocks = extract_page(body, kind, ADDRESS).blocks
    assert 0 < sum(len(block.text) for block in blocks) <= 4 * len(body)


@pytest.mark.parametrize(
    "disguise",
    [
        "<svg>",
        "<svg><title>",
        '<p x="<title>">',
        "<!-- <title> -->",
        "<svg><style>",
        "<script><!--<script></script><title>",
    ],
)
@pytest.mark.parametrize("markup", ["<div>" * 100_000, "<b><i>" * 2000 + "<p>" * 20_000, f"<p {'a=1 b ' * 200_000}>"])
def test_no_disguise_brings_ruinous_markup_to_a_parser(disguise: str, markup: str) -> None:
    assert not is_parsable(disguise + markup)
