"""Pages that are not there although the server says 200: recognised by how it answers an address nobody ever made up.

One such address is asked for in each of the site's folders that matter. Where the answer is no error, what came is the
site's way to say "not found": the same page, the same text, or the page it was redirected to.
"""

import secrets
from dataclasses import dataclass
from itertools import islice

from core.parsing import parse
from crawler.addresses import path_of

MAX_PROBES = 4
_MIN_SHARED = 0.85
_MIN_NAME_CHARS = 8
_MAX_WORDS = 4000
_SHINGLE_WORDS = 3


@dataclass(frozen=True)
class MissingPage:
    """How a site answers where nothing is."""

    address: str
    """Where it was redirected to, or the address that was asked for."""
    title: str
    shingles: frozenset[int]

    def is_like(self, address: str, body: bytes) -> bool:
        """Tells whether a page that came is this one. `address` is the last that was asked for."""
        if self._is_redirect_of(address):
            return True
        title, shingles = _seen_in(body, address)
        return title == self.title and _share(self.shingles, shingles) >= _MIN_SHARED

    def _is_redirect_of(self, address: str) -> bool:
        return address == self.address


def probe_address(origin: str, folder: str) -> str:
    """Gives an address in a folder that cannot exist."""
    return f"{origin}{folder}{secrets.token_hex(12)}"


def probed_folder(path: str, directory: str) -> str:
    """Gives the folder whose way to say "not found" holds for a page: the first level below the start directory."""
    below = path.removeprefix(directory).split("/")
    return f"{directory}{below[0]}/" if path.startswith(directory) and len(below) > 1 else directory


def missing_page(asked: str, landed: str, body: bytes) -> MissingPage:
    """Gives the mark of an answer with 200 to an address that cannot exist."""
    title, shingles = _seen_in(body, asked)
    return MissingPage(landed if landed != asked else "", title, shingles)


def _seen_in(body: bytes, address: str) -> tuple[str, frozenset[int]]:
    """Gives the title and the shingles of a page's text; the address, which such pages often repeat, is taken out.

    Of a page whose markup would ruin the parser it gives nothing.
    """
    page = parse(body)
    if page is None:
        return "", frozenset()
    title = page.css_first("title")
    for node in page.css("script, style, noscript, template"):
        node.decompose()
    text = page.body.text(separator=" ") if page.body is not None else ""
    path = path_of(address)
    name = path.rpartition("/")[2]
    # A shorter name may be a word of the text.
    parts = (address, path, name if len(name) >= _MIN_NAME_CHARS else "")
    for part in filter(lambda part: len(part) > 1, parts):
        text = text.replace(part, " ")
    words = list(islice(text.split(), _MAX_WORDS))
    found = (hash(tuple(words[at : at + _SHINGLE_WORDS])) for at in range(max(len(words) - _SHINGLE_WORDS + 1, 1)))
    return " ".join(title.text().split()) if title is not None else "", frozenset(found)


def _share(one: frozenset[int], other: frozenset[int]) -> float:
    return len(one & other) / max(len(one | other), 1)
