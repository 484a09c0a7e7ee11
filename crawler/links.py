"""Links of a page: where it leads, where it sends browsers on, and what it calls its canonical address."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from urllib.parse import urljoin

from selectolax.lexbor import LexborHTMLParser

from crawler.addresses import MAX_ADDRESS_CHARS, resolve_address

MAX_LINKS_PER_PAGE = 10_000

_REFRESH_TARGET = re.compile(r"^\s*[\d.]+\s*[;,]\s*(?:url\s*=\s*)?['\"]?([^'\"]+)", re.IGNORECASE)
_MARKDOWN_TARGET = re.compile(
    r"\]\(\s*<?([^\s<>()]{1,2048})|^\s{0,3}\[[^\]\n]{1,200}\]:\s*<?([^\s<>]{1,2048})", re.MULTILINE
)


@dataclass(frozen=True)
class PageLinks:
    """Normalised addresses a page names, each once, in the order of the page."""

    links: tuple[str, ...] = ()
    refresh: str | None = None
    canonical: str | None = None
    """Only a hint: many sites name another version, another host or a file on the author's disk."""


def read_links(body: bytes, address: str, content_type: str) -> PageLinks:
    """Gives what the page at `address` links to; at most `MAX_LINKS_PER_PAGE`."""
    if "html" not in content_type:
        return PageLinks(links=_resolved(address, _markdown_targets(body)))
    page = LexborHTMLParser(body)
    base = _base_of(page, address)
    targets = (node.attributes.get("href") for node in page.css("a[href], area[href]"))
    refresh, canonical = _refresh_of(page), _canonical_of(page)
    return PageLinks(
        links=_resolved(base, targets),
        refresh=resolve_address(base, refresh) if refresh else None,
        canonical=resolve_address(base, canonical) if canonical else None,
    )


def _base_of(page: LexborHTMLParser, address: str) -> str:
    node = page.css_first("base[href]")
    href = node.attributes.get("href") if node else None
    if not href or len(href) > MAX_ADDRESS_CHARS:
        return address
    try:
        return urljoin(address, href.strip())
    except ValueError:
        return address


def _refresh_of(page: LexborHTMLParser) -> str | None:
    for node in page.css("meta[http-equiv]"):
        if (node.attributes.get("http-equiv") or "").lower() == "refresh":
            match = _REFRESH_TARGET.match((node.attributes.get("content") or "")[:MAX_ADDRESS_CHARS])
            return match[1] if match else None
    return None


def _canonical_of(page: LexborHTMLParser) -> str | None:
    node = page.css_first("link[rel~=canonical][href]")
    return node.attributes.get("href") if node else None


def _markdown_targets(body: bytes) -> Iterable[str]:
    text = body.decode("utf-8", errors="replace")
    return (match[1] or match[2] for match in _MARKDOWN_TARGET.finditer(text))


def _resolved(base: str, targets: Iterable[str | None]) -> tuple[str, ...]:
    """Resolves each target once: pages repeat the same links with many fragments."""
    bare = (target.partition("#")[0] for target in islice(targets, MAX_LINKS_PER_PAGE) if target)
    wanted = dict.fromkeys(target for target in bare if 0 < len(target) <= MAX_ADDRESS_CHARS)
    resolved = (resolve_address(base, target) for target in wanted)
    return tuple(dict.fromkeys(address for address in resolved if address))
