"""Formats beside HTML and Markdown: what each gives, which reader a body gets, and what hostile input costs."""

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from indexer.chunking import MAX_TOKENS, Chunk, chunk_page
from indexer.extract import Block, ExtractedPage, extract_page
from tests.fences import is_balanced

PAGES = Path(__file__).parent.parent / "data" / "pages"


def page(name: str, content_type: str = "text/plain") -> ExtractedPage:
    return extract_page((PAGES / name).read_bytes(), content_type, f"https://raw.example/docs/{name}")


def read(text: str, name: str) -> ExtractedPage:
    return extract_page(text.encode(errors="replace"), "text/plain; charset=utf-8", f"https://raw.example/{name}")


def blocks(name: str) -> dict[str, Block]:
    return {block.text: block for block in page(name).blocks}


def chunks(name: str) -> dict[str, Chunk]:
    return {chunk.title: chunk for chunk in chunk_page(page(name))}


def test_an_operation_is_one_api_ref_with_all_that_a_call_needs() -> None:
    chunk = chunks("openapi.yaml")["getBoat"]
    assert (chunk.content_type, chunk.anchor, chunk.code_language) == ("api_ref", "getBoat", "json")
    assert chunk.section_path == ("Harbour API", "boats", "getBoat")
    assert chunk.symbols == ("getBoat", "/boats/{boatId}")
    assert chunk.content.startswith(
        "```http\nGET /boats/{boatId}\n```\n\nFind a boat\n\nGives one boat, moored or not."
    )
    for line in (
        "| `boatId` | path | integer (int64), required | at least 1 |",
        r"| `fields` | query | string[] | one of `name`, `berth`; Which fields \| columns to give. |",
        "- `404` `application/json` Error: No such boat.",
        "- `name` string, required: Painted on its bow.",
        '{"name":"Anna","berth":{"number":7}}',
        "**Security**: `token` (boats:read)",
    ):
        assert line in chunk.content


def test_an_operation_without_id_has_a_stable_anchor_and_its_own_security() -> None:
    chunk = chunks("openapi.yaml")["PATCH /boats/{boatId}"]
    assert chunk.anchor == "PATCH-boats-boatId"
    assert "deprecated" in chunk.content
    assert "**Request body, required** `application/json` object" in chunk.content
    assert "Security" not in chunk.content


def test_the_version_is_that_of_the_interface_as_it_is_written() -> None:
    found = page("openapi.yaml")
    assert (found.title, found.version, found.generator) == ("Harbour API", "1.10", "openapi")


def test_a_schema_in_itself_is_named_and_not_unfolded() -> None:
    content = chunks("openapi.yaml")["Boat"].content
    assert "- `tender` Boat: A boat in the harbour." in content
    assert content.count("`tender`") == 1


def test_a_schema_with_one_property_has_no_passage_and_remote_references_are_named() -> None:
    found = chunks("openapi.yaml")
    assert "Error" not in found
    assert "`200` `application/json` tides.yaml#/Tides" in found["GET /tides"].content


def test_swagger_gives_body_parameters_and_responses_too() -> None:
    content = chunks("swagger.json")["layBuoy"].content
    assert "**Request body, required** `application/json` Buoy" in content
    assert "| `dry` | query | boolean | default `false` |" in content
    assert "- `colour` string, required: one of `red`, `green`" in content
    assert '{"colour":"red"}' in content


@pytest.mark.parametrize(
    ("content_type", "name"),
    [
        ("application/json", "spec"),
        ("application/yaml", "spec"),
        ("application/vnd.oai.openapi+json;version=3.1", "spec"),
        ("text/plain", "spec.yml"),
        ("application/octet-stream", "spec.json"),
    ],
)
def test_a_specification_is_found_by_type_or_name_and_content(content_type: str, name: str) -> None:
    body = b'{"openapi": "3.0.0", "info": {"title": "T"}, "paths": {"/x": {"get": {}}}}'
    assert extract_page(body, content_type, f"https://x.example/{name}").blocks[-1].text == "GET /x"


def test_other_data_is_no_document() -> None:
    assert extract_page(b'{"name": "x"}', "application/json", "https://x.example/package.json").problem == "unreadable"
    assert extract_page(b'{"openapi": "3.0.0",', "application/json", "https://x.example/a.json").problem == "unreadable"


def test_anchors_of_operations_are_unique() -> None:
    operation = {"operationId": "same"}
    spec = {"openapi": "3.0.0", "paths": {f"/{number}": {"get": operation} for number in range(4)}}
    anchors = [block.anchor for block in read(json.dumps(spec), "a.json").blocks if block.kind == "signature"]
    assert anchors == ["same", "same-2", "same-3", "same-4"]


def yaml_bomb() -> str:
    rungs = [f"x{number}: &x{number} {{a: *x{number - 1}, b: *x{number - 1}}}" for number in range(1, 60)]
    uses = "".join(f"  /{n}: {{get: {{parameters: [{{name: p, schema: *x59, example: *x59}}]}}}}\n" for n in range(50))
    return "openapi: 3.0.0\nx0: &x0 {properties: {a: {type: string}}}\n" + "\n".join(rungs) + f"\npaths:\n{uses}"


def fan_out() -> str:
    everything = [{"$ref": f"#/components/schemas/S{number}"} for number in range(40)]
    schema = {"allOf": everything, "properties": {f"p{n}": {"anyOf": everything} for n in range(40)}}
    media = {"content": {"application/json": {"schema": everything[0]}}}
    paths = {f"/{number}": {"post": {"requestBody": media, "responses": {"200": media}}} for number in range(5000)}
    schemas = {f"S{number}": schema for number in range(40)}
    return json.dumps({"openapi": "3.0.0", "paths": paths, "components": {"schemas": schemas}})


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "spec",
    [
        yaml_bomb(),
        fan_out(),
        "openapi: 3.0.0\npaths: " + "{a: " * 900,
        "openapi: 3.0.0\npaths: &a {/x: {get: {parameters: [*a], responses: *a}}}",
        '{"openapi": "3.0.0", "paths": ' + '{"a":' * 5000,
        '{"openapi": "3.0.0", "paths": {' + ",".join(f'"/{n}": {{"get": {{}}}}' for n in range(30_000)) + "}}",
    ],
    ids=["aliases", "references", "deep yaml", "circle", "deep json", "many operations"],
)
def test_hostile_specifications_are_bounded(spec: str) -> None:
    found = read(spec, "a.yaml")
    assert len(found.blocks) <= 50_000
    assert sum(len(block.text) for block in found.blocks) <= 16 * 1024 * 1024


def test_a_notebook_gives_cells_with_language_and_their_printed_output() -> None:
    assert [(block.kind, block.text, block.language, block.title) for block in page("notebook.ipynb").blocks] == [
        ("heading", "Tides", None, None),
        ("paragraph", "A curve of one day.", None, None),
        ("code", "import tidal\ntidal.today()", "python", None),
        ("code", "low 1.2\n4.5", None, "Output"),
        ("heading", "Plot", None, None),
        ("paragraph", "curve Now draw it:", None, None),
        ("code", "%%bash\ndraw tides", "bash", None),
        ("code", "IOError: no paper", None, "Output"),
    ]


def test_restructured_text_gives_headings_with_labels_and_code_with_language() -> None:
    found = blocks("guide.rst")
    assert (found["Installing it"].anchor, found["Installing it"].aliases) == ("install-label", ("installing-it",))
    assert (found["$ pip install tidal"].language, found["$ pip install tidal"].title) == ("bash", "In a shell")
    assert (found["--fast\n  go"].kind, found["x = 1"].language) == ("code", "python")
    assert found["Needs Python.\n\nVersion 3."].title == "Note"
    assert found["| Port | Depth |\n| --- | --- |\n| Kiel | 11 m |\n| Emden | 9 m |"].kind == "table"
    assert found["1. first\n2. second"].kind == "list"
    assert not any("comment" in text or "orphan" in text or "other" in text for text in found)


def test_roles_and_links_are_reduced_to_their_text() -> None:
    assert "Use Tidal with `tidal.run` and `pip`; see the harbour or its site and `Table`." in blocks("guide.rst")


def test_domain_directives_are_signatures_with_the_ids_sphinx_gives() -> None:
    found = chunks("guide.rst")
    table, method = found["tidal.Table"], found["tidal.Table.next"]
    assert (table.content_type, table.anchor) == ("api_ref", "tidal.Table")
    assert "```python\ntidal.Table(port, year=None)\n```\n\nAll tides." in table.content
    assert "- `port` (str): name of the port\n- Raises `KeyError`: no such port" in table.content
    assert method.content == "```python\ntidal.Table.next(count)\n```\n\nThe next tides."


def test_asciidoc_gives_headings_code_admonitions_and_tables() -> None:
    found = blocks("guide.adoc")
    assert (found["The harbour"].anchor, found["The harbour"].level) == ("harbour", 2)
    assert found["No id here"].anchor == "_no_id_here"
    shell = found["$ pip install tidal"]
    assert (shell.language, shell.title, shell.anchor) == ("bash", "In a shell", "shell")
    assert "Use Tidal with `tidal run`; see the harbour or its site." in found
    assert (found["Needs Python."].title, found["Boats drift."].title) == ("Note", "Warning")
    assert found["| Port | Depth |\n| --- | --- |\n| Kiel | 11 m |"].kind == "table"
    assert not any("Anna" in text or "image" in text or "include" in text or "layout" in text for text in found)


def test_mdx_gives_the_content_of_components_and_the_labels_of_tabs() -> None:
    assert page("guide.mdx").title == "Moorings"
    assert [(block.text, block.title) for block in page("guide.mdx").blocks] == [
        ("Mooring", None),
        ("Use a `Vec<T>` rope.", None),
        ("npm install rope\nimport x from 'y'\n<Tabs>", "With npm"),
        ("yarn add rope", "yarn"),
        ("Knots", None),
        ("Tie two.", None),
    ]


def assert_sound(found: ExtractedPage) -> None:
    names = [name for block in found.blocks for name in block.names]
    assert len(names) == len(set(names))
    for chunk in chunk_page(found):
        assert chunk.token_count <= MAX_TOKENS
        assert is_balanced(chunk.content)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.rst", "Same\n====\n\none\n\nSame\n====\n\ntwo\n"),
        ("a.adoc", "== Same\n\none\n\n== Same\n\ntwo\n"),
        ("a.md", "# A {#same}\n\none\n\n# B {#same}\n\ntwo\n"),
    ],
)
def test_an_id_that_stands_twice_belongs_to_its_first_place(name: str, text: str) -> None:
    first, second = (block.anchor for block in read(text, name).blocks if block.kind == "heading")
    assert first is not None
    assert second is None


# What the grammars are made of, so that random texts reach their corners.
MARKS = """
.. note:: x/// .. _a:/// .. code:: py/// .. py:class:: A(b)/// .. list-table::/// ====/// ----/// *****/// ::
* a/// - b/// 1. c/// #. d/// :f: g/// +--+--+/// ===  ==///     ///      x/// |===/// |a |b/// [source,c]
[[a]]/// [NOTE]/// NOTE: x/// = T/// == U/// term:: x/// +/// --/// ..../// ____/// ++++/// ```/// ```js/// ~~~
<Tabs>/// </Tabs>/// <A b={/// import a from 'b'/// export const a = {/// }/// ---/// title: x/// a/// `b`
``c``/// :r:`d`/// `e <f>`_/// *g*/// **h**/// |i|/// j_/// <<k>>/// https://l.example[m]/// {n}/// # o/// <p>
>>> q/// [1]_/// :a: b/// ..
:::note [x]/// :::/// :::{tip}/// === "a"/// !!! note///     !!! b/// {% tab %}/// {% endtab %}/// {{< note >}}
<Note>/// </Note>/// ```{note}/// ````{tab-set}/// {/*/// */}/// %/// % c/// (a)=/// <Tab title="a"> b </Tab>
{ref}`c`/// ~~~ `a` b
ifdef::a[]/// ifndef::a[]/// ifeval::[1 < 2]/// endif::[]/// [tabs]/// [comment]/// :x: y \\/// +--+/// +==+/// | a |
"""
parts = [part.removeprefix(" ") for line in MARKS.strip("\n").split("\n") for part in line.split("///")]
soups = st.lists(st.sampled_from([*parts, "", ""]), max_size=40).map("\n".join)
SOUP = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@SOUP
@given(soups | st.text(max_size=200), st.sampled_from(["a.rst", "a.adoc", "a.mdx", "a.md", "a.yaml", "a.ipynb"]))
def test_any_text_gives_a_page_whose_ids_are_unique_and_whose_fences_close(text: str, name: str) -> None:
    assert_sound(read(text, name))


KEYS = """
$ref allOf anyOf properties items type required enum schema content parameters responses requestBody description name
in example examples security tags operationId get post application/json 200 /a A
"""
keys = st.sampled_from(KEYS.split())
scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.sampled_from(["#/paths/~1a", "#/x", "array", "A", "```\n"])
)
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=4), max_leaves=20
)
trees = st.dictionaries(keys, values, max_size=5)


@SOUP
@given(trees, trees, trees)
def test_any_specification_gives_a_page(operation: object, schema: object, rest: dict[str, object]) -> None:
    paths = {"/a": {"get": operation, "parameters": [schema]}}
    spec = {**rest, "openapi": "3.1.0", "paths": paths, "components": {"schemas": {"A": schema, "B": rest}}}
    assert_sound(read(json.dumps(spec), "a.json"))


CELL_VALUES: list[object] = [
    *("markdown", "code", "heading", "# a\n```", 3, None),
    *(["x", "y"], [{"text": "z"}], [{"data": []}], [["x"]]),
]
cell_values: st.SearchStrategy[object] = st.sampled_from(CELL_VALUES)
cells = st.dictionaries(
    st.sampled_from(["cell_type", "source", "outputs", "input", "level"]),
    cell_values,
    max_size=5,
)


@SOUP
@given(st.lists(cells, max_size=6))
def test_any_notebook_gives_a_page(found: list[object]) -> None:
    assert_sound(read(json.dumps({"nbformat": 4, "cells": found}), "a.ipynb"))


@pytest.mark.timeout(60)
@pytest.mark.parametrize("name", ["a.rst", "a.adoc", "a.mdx"])
@pytest.mark.parametrize(
    "unit",
    [
        "`",
        "* ",
        "  ",
        "<A ",
        "[[",
        "{",
        "| ",
        "_a",
        ":a:`",
        "**a",
        "====\n",
        "- \n  ",
        "a::\n\n ",
        ".. a::\n   ",
        "```\n",
    ],
)
def test_endless_repetition_is_read_in_time(unit: str, name: str) -> None:
    assert read(f"a {unit * 20_000}", name).problem in {None, "empty"}
    assert read("".join(" " * min(depth, 400) + unit + "\n" for depth in range(2000)), name).problem in {None, "empty"}
