"""Which answers are documents."""

import pytest

from crawler.document_types import DOCUMENT_TYPES, document_type, is_data, is_document_data


@pytest.mark.parametrize(
    ("declared", "path", "kind"),
    [
        ("text/html; charset=utf-8", "/a", "text/html"),
        ("", "/a", "text/html"),
        ("", "/a.md", "text/markdown"),
        ("application/octet-stream", "/a.md", "text/markdown"),
        ("application/octet-stream", "/a.html", "text/html"),
        ("application/octet-stream", "/a", "application/octet-stream"),
        ("application/octet-stream", "/setup.exe", "application/octet-stream"),
        ("text/plain", "/a.rst", "text/x-rst"),
        ("text/plain", "/a.adoc", "text/asciidoc"),
        ("text/plain", "/a.mdx", "text/mdx"),
        ("text/plain", "/a.html", "text/plain"),
        ("binary/octet-stream", "/a.ipynb", "application/x-ipynb+json"),
        ("text/plain", "/openapi.yaml", "application/yaml"),
        ("application/vnd.oai.openapi+json;version=3.1", "/spec", "application/vnd.oai.openapi"),
        ("application/openapi+yaml", "/spec", "application/vnd.oai.openapi"),
        ("text/html", "/a.md", "text/html"),
    ],
)
def test_a_type_is_what_is_declared_or_what_the_name_tells(declared: str, path: str, kind: str) -> None:
    assert document_type(declared, path) == kind
    assert (kind in DOCUMENT_TYPES) == (kind != "application/octet-stream")


@pytest.mark.parametrize(
    ("body", "is_document"),
    [
        (b'{"openapi": "3.1.0", "paths": {}}', True),
        (b"# a comment\nswagger: '2.0'\n", True),
        (b'{"cells": [], "metadata": {}, "nbformat": 4}', True),
        (b'{"metadata": {}, "x": "' + b"x" * 9000 + b'", "nbformat": 4, "nbformat_minor": 5}', True),
        (b'{"name": "search", "docs": []}', False),
        (b"name: x\nversion: 1\n", False),
        (b"", False),
    ],
)
def test_data_is_a_document_if_it_is_a_specification_or_a_notebook(body: bytes, is_document: bool) -> None:
    assert is_document_data(body) == is_document


def test_specifications_of_a_type_of_their_own_are_not_looked_into() -> None:
    assert is_data("application/json")
    assert not is_data("application/vnd.oai.openapi")
