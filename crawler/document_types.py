"""Which answers are documents: by content type, by the name where the type says little, and data by what it holds."""

import re

_MARKUP_TYPES = ("text/html", "application/xhtml+xml", "text/markdown", "text/x-markdown", "text/plain", "text/mdx")
_PROSE_TYPES = ("text/x-rst", "text/prs.fallenstein.rst", "application/x-rst", "text/restructured", "text/asciidoc")
_JSON_TYPES = ("application/json", "text/json", "application/x-ipynb+json", "application/vnd.jupyter")
_YAML_TYPES = ("application/yaml", "application/x-yaml", "text/yaml", "text/x-yaml", "text/vnd.yaml")
_DATA_TYPES = frozenset((*_JSON_TYPES, *_YAML_TYPES))
OPENAPI_TYPE = "application/vnd.oai.openapi"

DOCUMENT_TYPES = _DATA_TYPES.union(
    _MARKUP_TYPES, _PROSE_TYPES, ("text/x-asciidoc", "application/asciidoc", OPENAPI_TYPE)
)

_OPENAPI = re.compile(r"application/(?:vnd\.oai\.openapi|openapi|swagger)(?:\+json|\+yaml)?$")
_SILENT_TYPES = frozenset({"", "application/octet-stream", "binary/octet-stream", "text/plain"})
_BY_SUFFIX = {
    ".md": "text/markdown",
    ".markdown": "text/markdown",
    ".mdx": "text/mdx",
    ".rst": "text/x-rst",
    ".adoc": "text/asciidoc",
    ".asciidoc": "text/asciidoc",
    ".ipynb": "application/x-ipynb+json",
    ".json": "application/json",
    ".yaml": "application/yaml",
    ".yml": "application/yaml",
}
_BINARY_ONLY = {".html": "text/html", ".htm": "text/html", ".txt": "text/plain"}
_NAME = re.compile(r"[^/]\.(\w{1,10})$")

# The key every OpenAPI or Swagger document has, with its version. Source: https://spec.openapis.org/oas/v3.1.0.
_SPECIFICATION = re.compile(
    rb"""^\s*\{[^\0]{0,4000}?"(?:openapi|swagger)"\s*:\s*"[23]\.|^["']?(?:openapi|swagger)["']?\s*:\s*["']?[23]\.""",
    re.MULTILINE,
)
_NOTEBOOK = re.compile(rb'"nbformat"\s*:\s*[34]\b')
SNIFFED_BYTES = 4096


def document_type(declared: str, path: str) -> str:
    """Gives the type of an answer: the declared one, or what the name tells where that says nothing."""
    kind = declared.partition(";")[0].strip().lower()[:100]
    if _OPENAPI.match(kind):
        return OPENAPI_TYPE
    if kind not in _SILENT_TYPES:
        return kind
    match = _NAME.search(path)
    suffix = f".{match[1].lower()}" if match else ""
    named = _BY_SUFFIX.get(suffix) or (None if kind == "text/plain" else _BINARY_ONLY.get(suffix))
    return named or kind or "text/html"


def is_data(kind: str) -> bool:
    """Tells whether a type is one that most often holds no document."""
    return kind in _DATA_TYPES


def is_specification_start(head: bytes) -> bool:
    """Tells from its first 4 KiB whether a file is an OpenAPI or Swagger document."""
    return _SPECIFICATION.search(head[:SNIFFED_BYTES]) is not None


def is_document_data(body: bytes) -> bool:
    """Tells whether data is a document all the same: an OpenAPI specification or a notebook."""
    if is_specification_start(body):
        return True
    ends = body[:SNIFFED_BYTES] + body[-SNIFFED_BYTES:]
    return b'"cells"' in body[:SNIFFED_BYTES] or _NOTEBOOK.search(ends) is not None
