"""Links of a page: where it leads, where it sends browsers on, and what it calls its canonical address."""

import re
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields, replace
from functools import lru_cache
from itertools import chain, islice
from typing import Any

import orjson
from selectolax.lexbor import LexborHTMLParser

from core.parsing import parse
from crawler.addresses import MAX_ADDRESS_CHARS, origin_of, resolve_address
from crawler.shells import has_prose
from crawler.signs import NO_SIGNS, PageSigns, read_signs, signs_from_json

MAX_LINKS_PER_PAGE = 10_000
_MAX_TOO_LONG = 20
_RELEASE = b"\x01"
"""Raised when pages are found to have other links, so that unchanged ones are read again, once, from the snapshot."""
_SHOWN_CHARS = 500
_NAMING = "a[href], area[href], frame[src], iframe[src]"

_REFRESH_TARGET = re.compile(r"^\s*[\d.]+\s*[;,]\s*(?:url\s*=\s*)?['\"]?([^'\"]+)", re.IGNORECASE)

# Code comes first, so that nothing in it is taken for a link; a fence that is not closed goes on to the end.
_MARKDOWN_TARGET = re.compile(
    r"""
    ^[ \t>]*+(?:(?:[-*+]|\d{1,9}[.)])[ \t]*+)?(?P<fence>`{3,}+(?![^\n]*`)|~{3,}+)[\s\S]*?(?:^[ \t>]*+(?P=fence)|\Z)
    |`[^`\n]+`
    |\]\(\s*+(?:<(?P<enclosed>[^<>\n]+)>|(?P<target>(?:[^\s()<>]|\([^\s()<>]*\))+))
    |^\s{0,3}\[[^\]\n]{1,200}\]:\s*<?(?P<defined>[^\s<>]+)
    |<[A-Za-z][^<>]{0,500}?\shref\s*+=\s*+["'](?P<href>[^\s"'<>]+)["']
    |\b(?P<bare>https?://(?>(?:[^\s<>()\[\]{}"'`|\\]|\([^\s<>()]*\))+))(?![\]{\\])
    """,
    re.MULTILINE | re.VERBOSE,
)
_MARKDOWN_ESCAPE = re.compile(r"\\([!-/:-@\[-`{-~])")
_AFTER_ADDRESS = "?!.,:;*_~"
"""What ends a sentence or an emphasis and not the address before it (GitHub Flavored Markdown, section 6.9)."""


@dataclass(frozen=True)
class PageLinks:
    """Normalised addresses a page names, each once, in the order of the page."""

    links: tuple[str, ...] = ()
    refresh: str | None = None
    canonical: str | None = None
    """Only a hint: many sites name another version, another host or a file on the author's disk."""
    too_long: tuple[str, ...] = ()
    """The beginnings of some addresses that are longer than any may be."""
    is_cut: bool = False
    """Whether the page names more than `MAX_LINKS_PER_PAGE`."""
    signs: PageSigns = NO_SIGNS
    has_prose: bool = False
    """Whether there is so much to read that the page is surely not empty without a browser."""


NO_LINKS = PageLinks()


def read_links(body: bytes, address: str, content_type: str) -> PageLinks | None:
    """Gives what the page at `address` links to, at most `MAX_LINKS_PER_PAGE`; None if its markup is ruinous."""
    return links_of_html(body, address) if "html" in content_type else links_of_text(body, address)


def links_of_text(body: bytes, address: str) -> PageLinks:
    """Gives what a text links to, in Markdown or by naming addresses."""
    return _found(address, _markdown_targets(body))


def links_of_html(body: bytes, address: str) -> PageLinks | None:
    """Gives what a page of HTML links to, None where its markup would ruin the parser."""
    page = parse(body)
    if page is None:
        return None
    # Most pages have neither, and to look for them in the tree takes a fifth of the time for all of this.
    lowered = body.lower()
    base = _base_of(page, address) if b"<base" in lowered else address
    origin = origin_of(address)
    named = (node.attributes for node in page.css(_NAMING))
    targets = (found.get("href") or _framed(found.get("src"), base, origin) for found in named)
    refresh, canonical = _refresh_of(page) if b"http-equiv" in lowered else None, _canonical_of(page)
    found = _found(
        base,
        chain(targets, _instead_of_frames(page)),
        refresh=resolve_address(base, refresh) if refresh else None,
        canonical=resolve_address(base, canonical) if canonical else None,
    )
    return replace(found, signs=read_signs(page, base, lowered), has_prose=has_prose(page))


def packed(links: PageLinks) -> bytes:
    """Gives the links in the form they are kept in beside the page."""
    return _RELEASE + zlib.compress(orjson.dumps(links), 1)


def is_current(kept: bytes) -> bool:
    """Tells whether a page would give the links that were kept again: an earlier release may have missed some."""
    return kept.startswith(_RELEASE)


def unpacked(kept: bytes) -> PageLinks:
    """Reads back what `packed` gave in this release."""
    found: dict[str, Any] = orjson.loads(zlib.decompress(kept.removeprefix(_RELEASE)))
    known = {name: found[name] for name in _FIELDS if name in found}
    known |= {name: tuple(known[name]) for name in ("links", "too_long") if name in known}
    known["signs"] = signs_from_json(known.get("signs", {}))
    return PageLinks(**known)


_FIELDS = tuple(field.name for field in fields(PageLinks))


def _base_of(page: LexborHTMLParser, address: str) -> str:
    node = page.css_first("base[href]")
    href = node.attributes.get("href") if node else None
    return (resolve_address(address, href) if href and len(href) <= MAX_ADDRESS_CHARS else None) or address


def _refresh_of(page: LexborHTMLParser) -> str | None:
    for node in page.css("meta[http-equiv]"):
        if (node.attributes.get("http-equiv") or "").lower() == "refresh":
            match = _REFRESH_TARGET.match((node.attributes.get("content") or "")[:MAX_ADDRESS_CHARS])
            return match[1] if match else None
    return None


def _canonical_of(page: LexborHTMLParser) -> str | None:
    node = page.css_first("link[rel~=canonical][href]")
    return node.attributes.get("href") if node else None


def _framed(source: str | None, base: str, origin: str) -> str | None:
    """Gives the page that a frame shows, if it is one of the site's own."""
    shown = resolve_address(base, source) if source and len(source) <= MAX_ADDRESS_CHARS else None
    return shown if shown is not None and origin_of(shown) == origin else None


def _instead_of_frames(page: LexborHTMLParser) -> Iterator[str | None]:
    """Yields what a page of frames links to for those who see none; a parser that knows frames leaves that as text."""
    instead = page.css_first("noframes") if page.body is None else None
    if instead is not None and (shown := parse(instead.text())) is not None:
        yield from (node.attributes.get("href") for node in shown.css("a[href]"))


def _markdown_targets(body: bytes) -> Iterator[str]:
    for match in _MARKDOWN_TARGET.finditer(body.decode("utf-8", errors="replace")):
        if bare := match["bare"]:
            yield bare.rstrip(_AFTER_ADDRESS)
        elif found := match["enclosed"] or match["target"] or match["defined"]:
            yield _MARKDOWN_ESCAPE.sub(r"\1", found)
        elif href := match["href"]:
            yield href


_resolve = lru_cache(maxsize=20_000)(resolve_address)  # the pages of one folder have the same menu


def _found(
    base: str, targets: Iterable[str | None], *, refresh: str | None = None, canonical: str | None = None
) -> PageLinks:
    """Resolves each target once: pages repeat the same links with many fragments."""
    named = list(islice((target for target in targets if target), MAX_LINKS_PER_PAGE + 1))
    bare = dict.fromkeys(target.partition("#")[0] for target in named[:MAX_LINKS_PER_PAGE])
    place = base.partition("?")[0].rpartition("/")[0] + "/"
    fitting = (target for target in bare if 0 < len(target) <= MAX_ADDRESS_CHARS)
    resolved = (_resolve(base if target.startswith("?") else place, target) for target in fitting)
    long = islice((target[:_SHOWN_CHARS] for target in bare if len(target) > MAX_ADDRESS_CHARS), _MAX_TOO_LONG)
    return PageLinks(
        links=tuple(dict.fromkeys(address for address in resolved if address)),
        refresh=refresh,
        canonical=canonical,
        too_long=tuple(address for target in long if (address := resolve_address(base, target))),
        is_cut=len(named) > MAX_LINKS_PER_PAGE,
    )
