"""Bytes of a page to blocks: decode, parse, find the main part, clean it, walk it."""

import re
from urllib.parse import urlsplit

from indexer.extract.blocks import Block, BlockKind, ExtractedPage, Problem
from indexer.extract.charset import decode_body
from indexer.extract.html import extract_html
from indexer.extract.markdown import extract_markdown
from indexer.extract.plain import extract_plain_text

__all__ = ["Block", "BlockKind", "ExtractedPage", "Problem", "extract_page"]

MAX_BODY_BYTES = 16 * 1024 * 1024
_MARKDOWN_TYPES = frozenset(["text/markdown", "text/x-markdown", "text/mdx"])
_MARKDOWN_NAMES = (".md", ".mdx", ".markdown", ".mdown")
_HTML_TYPES = frozenset(["text/html", "application/xhtml+xml"])
_TEXT_TYPES = frozenset(["", "application/octet-stream", "application/xml", "text/xml", "application/x-rst"])
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f]")
_MAX_CONTROLS = 0.01


def extract_page(body: bytes, content_type: str, url: str) -> ExtractedPage:
    """Gives the blocks of HTML, Markdown or plain text; whatever the body, the answer is a page and not an error."""
    kind = content_type.partition(";")[0].strip().lower()
    if len(body) > MAX_BODY_BYTES or not (kind.startswith("text/") or kind in _HTML_TYPES | _TEXT_TYPES):
        return _unreadable(url)
    text = decode_body(body, content_type)
    if _is_binary(text):
        return _unreadable(url)
    try:
        return _extract_text(text, kind, url)
    except (ValueError, RecursionError, RuntimeError):
        # One page with markup that breaks a parser fails alone; the crawl reports it.
        return _unreadable(url)


def _extract_text(text: str, kind: str, url: str) -> ExtractedPage:
    name = urlsplit(url).path.lower()
    if kind in _MARKDOWN_TYPES or (kind not in _HTML_TYPES and name.endswith(_MARKDOWN_NAMES)):
        return extract_markdown(text, url)
    if kind in _HTML_TYPES or _looks_like_html(text):
        return extract_html(text, url)
    return extract_plain_text(text, url)


def _looks_like_html(text: str) -> bool:
    start = text[:1000].lstrip().lower()
    return start.startswith(("<!doctype html", "<html", "<?xml")) and "<html" in start


def _is_binary(text: str) -> bool:
    start = text[:10_000]
    return len(_CONTROL.findall(start)) > _MAX_CONTROLS * len(start) or start.count("\ufffd") > 0.1 * len(start)


def _unreadable(url: str) -> ExtractedPage:
    return ExtractedPage(url, "", None, None, None, (), "unreadable")
