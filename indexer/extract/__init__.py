"""Bytes of a page to blocks: decode, find out what it is, read it.

HTML is parsed, its main part found, cleaned and walked; Markdown, MDX, reStructuredText, AsciiDoc, notebooks, OpenAPI
and plain text have a reader each.
"""

import re
from dataclasses import replace

from indexer.extract.anchors import with_known_anchors
from indexer.extract.blocks import Block, BlockKind, ExtractedPage, Problem
from indexer.extract.charset import decode_body
from indexer.extract.formats import extract_text, is_readable_type
from indexer.extract.site_rules import NO_RULES, SiteRules, site_rules_of, with_code_language

__all__ = [
    "NO_RULES",
    "Block",
    "BlockKind",
    "ExtractedPage",
    "Problem",
    "SiteRules",
    "extract_page",
    "site_rules_of",
    "unreadable",
]

MAX_BODY_BYTES = 16 * 1024 * 1024
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f]")
_MAX_CONTROLS = 0.01
_MAX_TITLE_CHARS = 300
"""Each chunk of a page bears its title."""


def extract_page(body: bytes, content_type: str, url: str, rules: SiteRules = NO_RULES) -> ExtractedPage:
    """Gives the blocks of a document; whatever the body, the answer is a page and not an error."""
    kind = content_type.partition(";")[0].strip().lower()
    if len(body) > MAX_BODY_BYTES or not is_readable_type(kind):
        return unreadable(url)
    text = decode_body(body, content_type)
    if _is_binary(text):
        return unreadable(url)
    try:
        page = with_code_language(extract_text(text, kind, url, rules), rules)
        return replace(with_known_anchors(page, content_type), title=page.title[:_MAX_TITLE_CHARS])
    except (ValueError, RecursionError, RuntimeError):
        # One page with markup that breaks a parser fails alone; the crawl reports it.
        return unreadable(url)


def _is_binary(text: str) -> bool:
    start = text[:10_000]
    return len(_CONTROL.findall(start)) > _MAX_CONTROLS * len(start) or start.count("\ufffd") > 0.1 * len(start)


def unreadable(url: str) -> ExtractedPage:
    """Gives the page of which nothing could be made."""
    return ExtractedPage(url, "", None, None, None, (), "unreadable")
