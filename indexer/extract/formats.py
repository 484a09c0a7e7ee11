"""Which reader reads a body: by its type, by the name of the file, and where both say little by what it holds."""

from collections.abc import Callable
from urllib.parse import urlsplit

from indexer.extract.asciidoc import extract_asciidoc
from indexer.extract.blocks import ExtractedPage
from indexer.extract.html import extract_html
from indexer.extract.markdown import extract_markdown
from indexer.extract.notebook import extract_notebook
from indexer.extract.openapi import extract_openapi
from indexer.extract.plain import extract_plain_text
from indexer.extract.rst import extract_rst
from indexer.extract.site_rules import NO_RULES, SiteRules

_HTML_TYPES = frozenset(["text/html", "application/xhtml+xml"])
_NEUTRAL_TYPES = frozenset(["", "application/octet-stream", "application/xml", "text/xml"])
_DATA_NAMES = (".json", ".yaml", ".yml", ".ipynb")
_DATA_TYPES_WORDS = (
    "application/json application/yaml application/x-yaml text/yaml text/x-yaml text/json application/x-ipynb+json"
)
_DATA_TYPES = frozenset(_DATA_TYPES_WORDS.split())
_OPENAPI_TYPE = "application/vnd.oai.openapi"


def _extract_mdx(text: str, url: str) -> ExtractedPage:
    return extract_markdown(text, url, is_mdx=True)


_Extract = Callable[[str, str], ExtractedPage]
_BY_TYPE: dict[str, _Extract] = {
    **dict.fromkeys(["text/markdown", "text/x-markdown"], extract_markdown),
    **dict.fromkeys(["text/mdx", "application/mdx"], _extract_mdx),
    **dict.fromkeys(["text/x-rst", "text/prs.fallenstein.rst", "application/x-rst", "text/restructured"], extract_rst),
    **dict.fromkeys(["text/asciidoc", "text/x-asciidoc", "application/asciidoc"], extract_asciidoc),
}
_BY_NAME: dict[str, _Extract] = {
    **dict.fromkeys([".md", ".markdown", ".mdown", ".md.txt"], extract_markdown),
    ".mdx": _extract_mdx,
    **dict.fromkeys([".rst", ".rest", ".rst.txt"], extract_rst),
    **dict.fromkeys([".adoc", ".asciidoc", ".asc", ".adoc.txt"], extract_asciidoc),
}


def is_readable_type(kind: str) -> bool:
    """Whether a content type can be that of a document."""
    return (
        kind.startswith(("text/", _OPENAPI_TYPE))
        or kind in _HTML_TYPES | _NEUTRAL_TYPES | _DATA_TYPES
        or kind in _BY_TYPE
    )


def extract_text(text: str, kind: str, url: str, rules: SiteRules = NO_RULES) -> ExtractedPage:
    """Gives the page of a decoded body; the rules are for those of HTML.

    Raises:
        ValueError: It is data and no document.
    """
    if kind in _HTML_TYPES:
        return extract_html(text, url, rules)
    name = urlsplit(url).path.lower()
    if kind in _DATA_TYPES or kind.startswith(_OPENAPI_TYPE) or name.endswith(_DATA_NAMES):
        return _extract_data(text, kind, url)
    by_name = (extract for ending, extract in _BY_NAME.items() if name.endswith(ending))
    extract = next(by_name, None) if name.endswith(".mdx") else _BY_TYPE.get(kind) or next(by_name, None)
    if extract is None and _looks_like_html(text):
        return extract_html(text, url, rules)
    return (extract or extract_plain_text)(text, url)


def _extract_data(text: str, kind: str, url: str) -> ExtractedPage:
    page = extract_notebook(text, url) or extract_openapi(text, url)
    if page is not None:
        return page
    if not kind.startswith("text/"):
        raise ValueError("This is data and no document.")
    return extract_html(text, url) if _looks_like_html(text) else extract_plain_text(text, url)


def _looks_like_html(text: str) -> bool:
    start = text[:1000].lstrip().lower()
    return start.startswith(("<!doctype html", "<html", "<?xml")) and "<html" in start
