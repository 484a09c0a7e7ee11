"""Lists of pages as generators write them, and as nobody should."""

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.page_lists import (
    page_lists_of,
    parse_crates,
    parse_elements,
    parse_hash_map,
    parse_links,
    parse_mkdocs_search,
    parse_script_addresses,
    parse_types,
    sphinx_root,
    sphinx_search_list,
)

PAGE = "https://x.org/docs/guide/page.html"
MATERIAL = '<script id="__config" type="application/json">{"base": "..", "features": [], "search": "a.js"}</script>'
VITEPRESS = '<meta name="generator" content="VitePress v1.6.4"><script src="/docs/assets/app.x.js"></script>'
RUSTDOC = (
    '<meta name="rustdoc-vars" data-root-path="../" data-static-root-path="s/" data-current-crate="demo" data-x="">'
)
MDBOOK = (
    '<!-- Book generated using mdBook --><script>const path_to_root = "../";</script>'
    '<script src="../toc-5f.js"></script>'
)


@pytest.mark.parametrize(
    ("body", "addresses"),
    [
        (MATERIAL, ["https://x.org/docs/search/search_index.json"]),
        ("<script>var base_url = '..';</script>", ["https://x.org/docs/search/search_index.json"]),
        (VITEPRESS, ["https://x.org/docs/hashmap.json"]),
        (RUSTDOC, ["https://x.org/docs/crates.js", "https://x.org/docs/demo/all.html"]),
        (MDBOOK, ["https://x.org/docs/toc.html"]),
        (MDBOOK.replace("toc-5f", "book"), []),
        (
            '<meta name="generator" content="javadoc/ClassWriterImpl"><script>var pathtoroot = "../";</script>',
            ["https://x.org/docs/element-list", "https://x.org/docs/type-search-index.js"],
        ),
        (
            '<meta name="generator" content="javadoc/IndexRedirectWriter">',
            ["https://x.org/docs/guide/element-list", "https://x.org/docs/guide/type-search-index.js"],
        ),
        (
            '<meta name="generator" content="Doxygen 1.9.4"/><script src="../menudata.js"></script>',
            ["https://x.org/docs/menudata.js"],
        ),
        ("<html><body>no generator</body></html>", []),
        ("\0" * 1000, []),
    ],
)
def test_the_lists_are_those_of_the_generator_at_the_root_the_page_names(body: str, addresses: list[str]) -> None:
    assert [found.address for found in page_lists_of(PAGE, body.encode())] == addresses


def test_a_list_may_be_on_another_host_only_by_name() -> None:
    (found,) = page_lists_of(PAGE, MATERIAL.replace("..", "https://y.org/").encode())
    assert found.address.startswith("https://y.org/")  # Which is not fetched: seeds ask on their own site only.


def test_mkdocs_names_pages_with_their_sections() -> None:
    body = orjson.dumps({"docs": [{"location": name} for name in ("", "a/", "a/#x", "b.html#y", 5)] + [None]})
    assert parse_mkdocs_search(body) == ("./", "a/", "b.html")


def test_vitepress_names_pages_by_their_files_and_links_tell_how_addresses_end() -> None:
    body = orjson.dumps({"index.md": "x", "guide_index.md": "y", "guide_start.md": "z", "app.js": "w"})
    assert parse_hash_map(body) == ("./", "guide/", "guide/start.html")
    (clean,) = page_lists_of(PAGE, VITEPRESS.encode())
    (flat,) = page_lists_of(PAGE, f'{VITEPRESS}<a href="/docs/guide/start.html">x</a>'.encode())
    assert clean.parse(body) == ("./", "guide/", "guide/start")
    assert flat.parse(body) == ("./", "guide/", "guide/start.html")


def test_rustdoc_lists_crates_and_their_items() -> None:
    assert parse_crates(b'window.ALL_CRATES = ["a","b_c"];\n//{"start":21,"fragment_lengths":[3]}') == (
        "a/index.html",
        "b_c/index.html",
    )
    assert parse_links(
        b'<a href="../static.files/x">x</a><a href="struct.A.html">A</a><a href="m/enum.E.html#v">E</a>'
    ) == (
        "struct.A.html",
        "m/enum.E.html",
    )


def test_javadoc_lists_packages_and_types() -> None:
    assert parse_elements(b"module:java.base\njava.lang\nmodule:java.sql\njava.sql\n") == (
        "java.base/module-summary.html",
        "java.base/java/lang/package-summary.html",
        "java.sql/module-summary.html",
        "java.sql/java/sql/package-summary.html",
    )
    types = b'typeSearchIndex = [{"l":"All Classes","u":"all.html"},{"p":"o.d","l":"T.Part"}];updateSearchResults();'
    assert parse_types(types) == ("o/d/T.Part.html",)


def test_doxygen_names_pages_in_scripts() -> None:
    assert parse_script_addresses(b'[ "Classes", "annotated.html", [ [ "x", "class_a.html#b", null ]]],"not/a.js"') == (
        "annotated.html",
        "class_a.html",
    )


@pytest.mark.parametrize(
    ("links", "expected"),
    [
        ('<a href="../api/start.html">s</a>', ("index.html", "api/start.html", "api/index.html")),
        ('<a href="../api/start/">s</a>', ("./", "api/start/", "api/")),
        ("", ("index.html", "api/start.html", "api/index.html")),
    ],
)
def test_sphinx_names_documents_and_links_tell_how_addresses_end(links: str, expected: tuple[str, ...]) -> None:
    body = f'<script id="documentation_options" src="../_static/documentation_options.js"></script>{links}'.encode()
    root = sphinx_root(PAGE, body)
    assert root == "https://x.org/docs/"
    found = sphinx_search_list(PAGE, root, body)
    assert found.address == "https://x.org/docs/searchindex.js"
    listed = b'Search.setIndex({"docnames": ["index", "api/start", "api/index"], "filenames": ["index.rst"]})'
    assert found.parse(listed) == expected
    assert found.parse(b"Search.setIndex({docnames:") == ()


@given(st.binary(max_size=300))
def test_no_bytes_make_a_parser_fail(junk: bytes) -> None:
    for parse in (parse_mkdocs_search, parse_hash_map, parse_crates, parse_elements, parse_types, parse_links):
        for body in (junk, b'{"docs": [' + junk, b"[" + junk + b"]", b'{"docs": [1, {"location": 2}]}'):
            assert all(isinstance(reference, str) for reference in parse(body))
    page_lists_of(PAGE, MATERIAL.encode() + junk)
