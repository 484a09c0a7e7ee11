"""The measure of the extraction: a truth that shares nothing with the product, and counts that notice what is wrong."""

import subprocess
import sys
from dataclasses import replace

import pytest

from bench.extraction.comparison import compare, is_balanced
from bench.extraction.truth import Truth, find_truth_function
from indexer.chunking import chunk_page
from indexer.extract import Block, ExtractedPage, extract_page

PAGE = b"""<html><head><title>Tides</title></head><body>
<div class="sphinxsidebar"><a href="x.html">menu of the harbour</a></div>
<div class="body" role="main"><section id="tides"><h1>Tides<a class="headerlink" href="#tides">\xc2\xb6</a></h1>
<p>The water rises and falls two times a day, and no one can do anything about that.</p>
<div class="highlight-python3"><div class="highlight"><pre>def ebb():
    return None
</pre></div></div>
<table class="docutils"><thead><tr><th>Port</th><th>High</th></tr></thead>
<tr><td><code>kiel</code></td><td>a | b</td></tr></table>
</section></div></body></html>"""


def read() -> tuple[Truth, ExtractedPage]:
    return find_truth_function("sphinx")(PAGE), extract_page(PAGE, "text/html", "https://docs.example/tides.html")


def changed(page: ExtractedPage, kind: str, **values: object) -> ExtractedPage:
    blocks = (replace(block, **values) if block.kind == kind else block for block in page.blocks)
    return replace(page, blocks=tuple(blocks))


def test_the_truth_is_computed_without_the_product_and_its_parser() -> None:
    code = (
        "import sys, bench.extraction.truths; "
        "print([name for name in sys.modules if name.partition('.')[0] in ('indexer', 'crawler', 'selectolax')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "[]"


def test_the_truth_holds_what_a_reader_sees_in_the_main_part() -> None:
    truth, _ = read()
    assert [(code.text, code.language) for code in truth.code] == [("def ebb():\n    return None", "python3")]
    assert [(heading.level, heading.text) for heading in truth.headings] == [(1, "Tides")]
    assert truth.tables == ((("Port", "High"), ("kiel", "a | b")),)
    assert truth.words[:3] == ("tides", "the", "water")
    assert "menu" not in truth.words
    assert truth.ids == {"tides"}


def test_a_page_read_well_misses_nothing() -> None:
    truth, page = read()
    tally, _ = compare(truth, page, chunk_page(page))
    assert (tally.code_found, tally.named_found, tally.headings_found, tally.tables_found) == (1, 1, 1, 1)
    assert (tally.recall, tally.precision, tally.anchors_found, tally.below_half) == (1.0, 1.0, tally.anchors, 0)


@pytest.mark.parametrize(
    ("kind", "values", "count"),
    [
        ("code", {"text": "def ebb(): return None"}, "code_found"),
        ("code", {"language": "ruby"}, "named_found"),
        ("heading", {"level": 2}, "headings_found"),
        ("table", {"text": "| Port | High |\n| --- | --- |\n| kiel | a |\n| b | |"}, "tables_found"),
    ],
)
def test_each_count_notices_what_is_not_as_on_the_page(kind: str, values: dict[str, object], count: str) -> None:
    truth, page = read()
    page = replace(changed(page, kind, **values), title="")
    tally, _ = compare(truth, page, chunk_page(page))
    assert getattr(tally, count) == 0


def test_an_anchor_the_page_does_not_have_is_noticed() -> None:
    truth, page = read()
    page = changed(page, "heading", anchor="invented")
    tally, differences = compare(truth, page, chunk_page(page))
    assert tally.anchors_found < tally.anchors
    assert "invented" in differences.anchors


def test_an_id_that_leads_to_a_heading_and_is_lost_is_noticed() -> None:
    truth, page = read()
    kept, _ = compare(truth, page, chunk_page(page))
    lost, differences = compare(truth, changed(page, "heading", anchor=None, aliases=()), [])
    assert (kept.leading, kept.leading_found) == (1, 1)
    assert (lost.leading, lost.leading_found) == (1, 0)
    assert differences.lost_anchors == ("1 Tides ['tides']",)


@pytest.mark.parametrize(
    ("html", "ids"),
    [
        ('<h2 id="a">Ebb</h2>', {"a"}),
        ('<h2>Ebb<a class="headerlink" id="a" href="#a">\xb6</a></h2>', {"a"}),
        ('<section id="a"><div id="b"><a name="c"></a><span id="d"></span><h2>Ebb</h2></div></section>', {*"abcd"}),
        ('<p id="a">Words.</p><a name="b"></a><h2>Ebb</h2>', {"b"}),
        ('<section id="a"><p>Words.</p><h2>Ebb</h2></section>', set[str]()),
        ('<nav id="a">Menu</nav><div id="b"></div><h2><button id="c">Copy</button>Ebb</h2>', set[str]()),
    ],
)
def test_ids_lead_to_the_heading_that_follows_them_without_words_between(html: str, ids: set[str]) -> None:
    page = f'<div class="body" role="main"><p>Harbour.</p>{html}</div>'.encode()
    (heading,) = find_truth_function("sphinx")(page).headings
    assert heading.ids == ids


def test_lost_words_lower_recall_and_added_ones_precision() -> None:
    truth, page = read()
    lost, _ = compare(truth, replace(page, blocks=page.blocks[:1]), [])
    added, _ = compare(truth, replace(page, blocks=(*page.blocks, Block("paragraph", "menu of the harbour"))), [])
    assert (lost.recall < 0.5, lost.below_half) == (True, 1)
    assert (added.recall, added.precision < 1) == (1.0, True)


@pytest.mark.parametrize(
    ("markdown", "is_closed"),
    [("```\na\n```", True), ("```\na", False), ("````\n```\n````", True), ("```\na\n~~~", False), ("`` ``` ``", True)],
)
def test_a_fence_is_balanced_if_a_line_as_long_of_the_same_kind_closes_it(markdown: str, is_closed: bool) -> None:
    assert is_balanced(markdown) == is_closed
