"""Where the links of a page's main part lead: pages that others lead to are more often what somebody asks for."""

from collections.abc import Iterable
from functools import lru_cache
from itertools import islice
from urllib.parse import unquote, urljoin

from selectolax.lexbor import LexborHTMLParser

MAX_LINKS = 2000
_MAX_CHARS = 1000
_WEB = ("http://", "https://")


def base_of(document: LexborHTMLParser, url: str) -> str:
    """Gives the address that relative references of a page start from."""
    node = document.css_first("base[href]")
    href = node.attributes.get("href") if node is not None else None
    return (_resolved(url, href) if href and len(href) <= _MAX_CHARS else None) or url


def links_to_others(hrefs: Iterable[str], url: str, base: str) -> tuple[str, ...]:
    """Gives the addresses of other pages, and of places in them, that references lead to, each once."""
    found = (link_to_other(href, url, base) for href in islice(dict.fromkeys(hrefs), MAX_LINKS))
    return tuple(dict.fromkeys(link for link in found if link))


def link_to_other(href: str, url: str, base: str) -> str | None:
    """Gives the address of the other page, and the place in it, that a reference leads to; None if it leads nowhere."""
    reference, _, fragment = href.partition("#")
    if not reference or len(href) > _MAX_CHARS:
        return None
    page = _resolved(base if reference[0] == "?" else _place_of(base), reference)
    if page is None or page == url.partition("#")[0]:
        return None
    # Readers of addresses decode fragments before they look for an id.
    link = f"{page}#{unquote(fragment) if '%' in fragment else fragment}" if fragment else page
    return link if link.isprintable() else None


@lru_cache(maxsize=100)
def _place_of(base: str) -> str:
    """Gives the folder that relative references start from."""
    return base.partition("#")[0].partition("?")[0].rpartition("/")[0] + "/"


@lru_cache(maxsize=20_000)
def _resolved(base: str, reference: str) -> str | None:
    """Gives the address of a page, None for what is none; pages of one folder repeat their references."""
    scheme, _, rest = base.partition("://")
    is_web = scheme in {"http", "https"}
    try:
        # Relative references are resolved only for schemes that are known, and pages of a folder have one of their own.
        found = urljoin(base if is_web else f"http://{rest}", reference.strip())
    except ValueError:  # such as an address of IPv6 that is none
        return None
    if not found.startswith(_WEB):
        return None
    return found if is_web or "//" in reference else f"{scheme}://{found.removeprefix('http://')}"
