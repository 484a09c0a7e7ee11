"""The doors to the parsers of HTML and of Markdown: nothing is parsed that is not bounded before."""

import ast
from pathlib import Path

import pytest

from core.parsing import parse
from crawler.agreement import agreed_anchors
from crawler.links import links_of_html
from crawler.page_lists import parse_links, sphinx_search_list
from crawler.shells import read_shell
from crawler.soft_missing import missing_page
from crawler.trees import plain_text
from indexer.evaluation.sentences import linking_sentences
from indexer.extract import extract_page
from indexer.preparing import RawPage

ROOT = Path(__file__).resolve().parents[2]
DOORS = {"LexborHTMLParser": {"core/parsing.py", "core/selectors.py"}, "MarkdownIt": {"core/markdown.py"}}
"""Selectors are checked on a page of seven characters."""

PACKAGES = ("accounts", "billing", "core", "crawler", "indexer", "server")

ADDRESS = "https://docs.example/a"
RUINOUS = b"<main>" + b"<div>" * 100_000 + b"<a href=b>Words</a>"


def calls(parser: str, path: Path) -> bool:
    nodes = (node for node in ast.walk(ast.parse(path.read_bytes())) if isinstance(node, ast.Call))
    return any(isinstance(node.func, ast.Name) and node.func.id == parser for node in nodes)


@pytest.mark.parametrize("parser", DOORS)
def test_nobody_else_calls_the_parser(parser: str) -> None:
    paths = [path for package in PACKAGES for path in (ROOT / package).rglob("*.py")]
    assert {str(path.relative_to(ROOT)) for path in paths if calls(parser, path)} == DOORS[parser]


def test_ruinous_markup_is_nowhere_read() -> None:
    assert parse(RUINOUS) is None
    assert plain_text(RUINOUS) == ""
    assert read_shell(RUINOUS, ADDRESS) is None
    assert links_of_html(RUINOUS, ADDRESS) is None
    assert parse_links(RUINOUS) == ()
    assert sphinx_search_list(ADDRESS, "https://docs.example/", RUINOUS).parse(b"Search.setIndex({})") == ()
    assert agreed_anchors(RUINOUS, b"# Words\n") is None
    assert linking_sentences(RawPage(ADDRESS, "text/html", RUINOUS)) == []
    assert extract_page(RUINOUS, "text/html", ADDRESS).problem == "unreadable"


def test_a_site_that_answers_with_it_where_nothing_is_has_no_mark() -> None:
    assert not missing_page(ADDRESS, ADDRESS, RUINOUS).is_like(f"{ADDRESS}/b", RUINOUS)
