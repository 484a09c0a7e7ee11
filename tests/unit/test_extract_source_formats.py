"""What the sources of reStructuredText, AsciiDoc and notebooks hide, choose and draw."""

import json

import pytest

from indexer.extract import Block, extract_page

TYPES = {"rst": "text/x-rst", "adoc": "text/asciidoc", "ipynb": "application/x-ipynb+json", "html": "text/html"}


def read(text: str, kind: str) -> list[Block]:
    return list(extract_page(text.encode(), TYPES[kind], f"https://docs.example/tides.{kind}").blocks)


def texts(text: str, kind: str) -> list[str]:
    return [block.text for block in read(text, kind)]


@pytest.mark.parametrize(
    "hidden",
    [
        "// secret",
        "[comment]\nsecret\n",
        "[comment]\n--\nsecret\n\nsecret\n--",
        "ifdef::absent[]\nsecret\nendif::[]",
        "ifdef::absent[secret]",
        "ifndef::backend-html5[]\nsecret\nendif::[]",
        "ifdef::tides+absent[]\nsecret\nendif::[]",
        'ifeval::["{tides}" == "low"]\nsecret\nendif::[]',
        "ifdef::absent[]\nifdef::tides[]\nsecret\nendif::[]\nsecret\nendif::[]",
        "include::secret.adoc[]",
    ],
)
@pytest.mark.parametrize("gap", ["\n", "\n\n"])
def test_what_a_condition_of_asciidoc_hides_is_not_read(hidden: str, gap: str) -> None:
    page = f"= Tides\n:tides: high\n\nWater rises.{gap}{hidden}{gap}And falls.\n"
    assert " ".join(texts(page, "adoc")) == "Tides Water rises. And falls."


@pytest.mark.parametrize(
    "shown",
    [
        "ifdef::tides[]\nAnd falls.\nendif::[]",
        "ifdef::tides[And falls.]",
        "ifndef::absent[]\nAnd falls.\nendif::absent[]",
        "ifdef::absent,tides[]\nAnd falls.\nendif::[]",
        'ifeval::["{tides}" == "high"]\nAnd falls.\nendif::[]',
        "ifeval::[2 < 10]\nAnd falls.\nendif::[]",
    ],
)
def test_what_a_condition_of_asciidoc_lets_through_is_read(shown: str) -> None:
    assert texts(f"= Tides\n:tides: high\n\n{shown}\n", "adoc") == ["Tides", "And falls."]


def test_a_comment_inside_code_of_asciidoc_is_code_but_an_include_is_none() -> None:
    assert texts("----\n// kept\nint x;\ninclude::Code.java[tag=x]\n----\n", "adoc") == ["// kept\nint x;"]


def test_discrete_headings_of_asciidoc_are_headings() -> None:
    (heading,) = read("[discrete]\n== Not a section\n", "adoc")
    assert (heading.kind, heading.text, heading.level, heading.anchor) == (
        "heading",
        "Not a section",
        2,
        "_not_a_section",
    )


def test_the_language_a_document_of_asciidoc_sets_is_that_of_its_sources() -> None:
    sources, literal = read(":source-language: java\n\n[source]\n----\nint x;\n----\n\n....\nint y;\n....\n", "adoc")
    assert (sources.language, literal.language) == ("java", None)


@pytest.mark.parametrize("callout", [" // <1>", " # <1> <2>", " <.>", " <!--1-->", " -- <12>"])
def test_callouts_are_no_code(callout: str) -> None:
    assert texts(f"----\nget<1>{callout}\nb\n----\n<1> First\n", "adoc")[0] == "get<1>\nb"


def test_callouts_of_rendered_asciidoc_are_no_code() -> None:
    marks = '<i class="conum" data-value="1"></i><b>(1)</b>', '<b class="conum">(1)</b>'
    for mark in marks:
        page = f"<main><h1>Tides</h1><p>Words that are shown.</p><pre><code>a: 1 {mark}\nb</code></pre></main>"
        assert read(page, "html")[-1].text.split() == ["a:", "1", "b"]


def test_code_under_a_tab_of_asciidoc_bears_its_name() -> None:
    npm = "npm::\n+\n--\n[source,sh]\n----\nnpm i\n----\n--\n"
    tabs = f"[tabs]\n====\n{npm}Words::\n+\n--\nSay so.\n\nterm:: meaning\n--\n====\n"
    assert [(block.text, block.title) for block in read(tabs, "adoc")] == [
        ("npm i", "npm"),
        ("**Words**", None),
        ("Say so.", None),
        ("**term**: meaning", None),
    ]


def test_attributes_of_asciidoc_go_on_in_the_next_line() -> None:
    assert texts(":port: Kiel \\\n  harbour\n\nAt {port}.\n", "adoc") == ["At Kiel harbour."]


def test_separated_values_of_asciidoc_are_a_table() -> None:
    table = "| Port | Depth |\n| --- | --- |\n| Kiel | 11, or so |"
    values = 'Port,Depth\nKiel,"11, or so"\n'
    assert texts(f"[%header,format=csv]\n|===\n{values}|===\n", "adoc") == [table]
    assert texts(f"[%header]\n,===\n{values},===\n", "adoc") == [table]


def test_a_grid_of_restructured_text_is_a_table() -> None:
    grid = """
+--------+---------------+
| Port   | Depth         |
|        +-------+-------+
|        | low   | high  |
+========+=======+=======+
| *Kiel* | 11 m          |
|        |               |
| Fjord  | about         |
+--------+-------+-------+
| Emden  | 9 m   | 10 m  |
+--------+-------+-------+
"""
    (table,) = read(grid, "rst")
    assert table.kind == "table"
    assert table.text.split("\n") == [
        "| Port | Depth |  |",
        "| --- | --- | --- |",
        "|  | low | high |",
        "| Kiel Fjord | 11 m about |  |",
        "| Emden | 9 m | 10 m |",
    ]


@pytest.mark.parametrize(
    "drawing", ["+---+---+\n| a | b\n+---+---+", "+---+---+\n| a | b |", "+---+---+\n|  \u6f6e  | b |\n+---+---+"]
)
def test_what_is_drawn_like_a_grid_and_is_none_stays_as_it_stands(drawing: str) -> None:
    (block,) = read(f"{drawing}\n", "rst")
    assert (block.kind, block.text) == ("code", drawing)


def test_names_of_restructured_text_are_put_in_before_they_are_defined() -> None:
    page = "Sail to |port| |flag|.\n\n.. |port| replace:: the *harbour*\n   of Kiel\n.. |flag| image:: flag.png\n"
    assert texts(page, "rst") == ["Sail to the harbour of Kiel ."]


def test_a_signature_of_restructured_text_names_its_module() -> None:
    (signature, _) = read(".. py:function:: row(count)\n   :module: tides\n\n   Rows.\n", "rst")
    assert (signature.text, signature.anchor, signature.title) == ("tides.row(count)", "tides.row", "tides.row")


def test_code_under_a_tab_of_restructured_text_bears_its_name() -> None:
    page = """
.. tabs::

   .. tab:: npm

      .. code-block:: sh

         npm i

   .. code-tab:: sh Yarn

      yarn add

.. tab-set::

   .. tab-item:: Words

      Say so.
"""
    assert [(block.text, block.title) for block in read(page, "rst")] == [
        ("npm i", "npm"),
        ("yarn add", "Yarn"),
        ("**Words**", None),
        ("Say so.", None),
    ]


def test_what_is_only_for_other_builders_is_not_on_the_site() -> None:
    page = ".. only:: latex or man\n\n   secret\n\n.. only:: html\n\n   shown\n\n.. only:: esp32\n\n   chip\n"
    assert texts(page, "rst") == ["shown", "chip"]


def test_cells_a_notebook_takes_out_are_not_read() -> None:
    tagged = ["remove-cell", "remove_cell", "remove-input", "hide-input"]
    cells: list[object] = [{"cell_type": "code", "source": tag, "metadata": {"tags": [tag]}} for tag in tagged]
    nbsphinx = {"cell_type": "markdown", "source": "secret", "metadata": {"nbsphinx": "hidden"}}
    assert texts(json.dumps({"nbformat": 4, "cells": [*cells, nbsphinx]}), "ipynb") == ["hide-input"]


def test_a_cell_of_the_third_format_names_its_language() -> None:
    cell = {"cell_type": "code", "language": "ruby", "input": ["puts 1"], "outputs": []}
    (code,) = read(json.dumps({"nbformat": 3, "worksheets": [{"cells": [cell]}]}), "ipynb")
    assert (code.text, code.language) == ("puts 1", "ruby")
