"""What a page says about itself: its language, its version, and where it is to be had in other languages."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from selectolax.lexbor import LexborHTMLParser

from crawler.addresses import MAX_ADDRESS_CHARS, resolve_address
from crawler.locales import language_tag

_VERSION_METAS = (
    "docsearch:version",
    "docusaurus_version",
    "doc-version",
    "readthedocs-version-slug",
    "readthedocs-version",
)
_SPHINX_VERSION = re.compile(r"""\bVERSION:\s*['"]([^'"]{1,50})['"]""")
_SWITCHER_MATCH = re.compile(r"""\btheme_switcher_version_match\s*=\s*['"]([^'"\n]{1,50})['"]""")
_SCRIPT_MARKS = (b"version:", b"theme_switcher_version_match")
_VERSION = re.compile(r"^[\w.+-]{1,50}$")
_TITLE_VERSION = re.compile(r"\bv?(\d+(?:\.\d+)+[\w.+-]{0,20})\s+documentation\b", re.IGNORECASE)
_MAX_ALTERNATES = 100


@dataclass(frozen=True)
class PageSigns:
    """What the head of a page declares; None where it says nothing."""

    language: str | None = None
    """A tag in lower case, such as `pt-br`."""
    version: str | None = None
    title_version: str | None = None
    """The version in the title, which is the weakest sign of one."""
    alternates: tuple[tuple[str, str], ...] = ()
    """Language and address of the page's translations, itself often among them."""


NO_SIGNS = PageSigns()


def read_signs(page: LexborHTMLParser, base: str, source: bytes) -> PageSigns:
    """Gives the signs of a parsed page.

    Args:
        page: The page.
        base: What its references are relative to.
        source: What it was parsed from, in small letters: what is not in it need not be looked for.
    """
    root, title = page.css_first("html"), page.css_first("title")
    in_title = _TITLE_VERSION.search(title.text()[:1000]) if title is not None else None
    return PageSigns(
        language=language_tag(root.attributes.get("lang") or root.attributes.get("xml:lang")) if root else None,
        version=_version_of(page, source),
        title_version=in_title[1] if in_title else None,
        alternates=tuple(_alternates_of(page, base)) if b"hreflang" in source else (),
    )


def signs_from_json(value: Mapping[str, Any]) -> PageSigns:
    """Gives the signs kept beside a page."""
    known = {name: value[name] for name in ("language", "version", "title_version") if name in value}
    return PageSigns(**known, alternates=tuple((tag, url) for tag, url in value.get("alternates", ())))


def _version_of(page: LexborHTMLParser, source: bytes) -> str | None:
    named_metas = page.head.css("meta[name]") if page.head is not None else []
    metas = {node.attributes.get("name"): node.attributes.get("content") or "" for node in named_metas}
    named = next((metas[name] for name in _VERSION_METAS if metas.get(name)), "").partition(",")[0].strip()
    if not named and any(mark in source for mark in _SCRIPT_MARKS):
        scripts = [node.text()[:2000] for node in page.css("script:not([src])")]
        patterns = (_SPHINX_VERSION, _SWITCHER_MATCH)
        named = next((found[1] for sign in patterns for script in scripts if (found := sign.search(script))), "")
    return named if _VERSION.match(named) else None


def _alternates_of(page: LexborHTMLParser, base: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for node in page.css("link[hreflang][href], a[hreflang][href]")[:_MAX_ALTERNATES]:
        tag, href = language_tag(node.attributes.get("hreflang")), node.attributes.get("href") or ""
        is_alternate = "alternate" in (node.attributes.get("rel") or "alternate")
        if tag and is_alternate and len(href) <= MAX_ADDRESS_CHARS and (address := resolve_address(base, href)):
            found.append((tag, address.partition("#")[0]))
    return found
