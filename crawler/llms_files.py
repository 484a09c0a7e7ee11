"""llms.txt and llms-full.txt: what they list, and a file of everything split into the pages it was made of.

There is no standard for the second; the marks between its pages are those of Mintlify (`# Title`, `Source: address`),
Fumadocs (`# Title (/path)`), of front matter with an address in it (VitePress and Next.js plugins, Cloudflare), of a
path between two rules (LangChain), and of `<page>` or `<doc url="">` elements.

Source: https://llmstxt.org/, 2024-09, and files as their sites served them in 2026.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from crawler.addresses import MAX_ADDRESS_CHARS, path_of, resolve_address
from crawler.links import links_of_text

MAX_LLMS_BYTES = 32 * 2**20
MAX_PARTS = 20_000
MARKUP = re.compile(rb"^(?:\xef\xbb\xbf)?\s*<(?:!doctype|html|head|body|\?xml)", re.IGNORECASE)

_LIST_OF_LISTS = re.compile(r"/llms-[a-z]+\.txt$")
_FENCE = re.compile(r"^ {0,3}(```+|~~~+)")
_TITLE = re.compile(r"^# +\S")
_TITLED_ADDRESS = re.compile(r"^(# +\S[^\n]{0,300}?) ?\((https?://[^\s()]+|/[^\s()]*)\)\s*$")
_NAMED_ADDRESS = re.compile(
    r"""^\s*(?:[>*-]\s)?\**(?:source|source_url|page|page_url|url|original_url|link|permalink|canonical|html)\**\s*:\**\s*
    ["'<(]?(https?://[^\s"'<>)]+|/[^\s"'<>)]*)["'>)]?\s*$""",
    re.IGNORECASE | re.VERBOSE,
)
_ELEMENT = re.compile(
    r"""^\s*<(?:page|doc|document)\b[^>]{0,500}?\b(?:url|href|source)=["']([^"'<>]{1,2048})["'][^>]{0,500}>\s*$"""
)
_EDGE = re.compile(r"^\s*</?(?:page|doc|document|system)\b[^>]{0,500}>\s*$", re.IGNORECASE)
_RULE = re.compile(r"^(?:-{3,}|={3,})\s*$")
_PATH = re.compile(r"^([\w./-]{1,300}\.(?:mdx?|html|rst))\s*$")
_MAX_LINES = 500_000
_MAX_MARK_CHARS = 2500
_MAX_FRONT_MATTER_LINES = 20
_MAX_LINES_TO_ADDRESS = 4


@dataclass(frozen=True)
class Part:
    """A page out of a file of many; `address` is as written there, empty if no page is named."""

    address: str
    text: str


def listed_pages(body: bytes, address: str) -> tuple[str, ...]:
    """Gives the addresses an llms.txt lists, less those of other such files."""
    links = links_of_text(body, address).links
    return tuple(link for link in links if link != address and not _LIST_OF_LISTS.search(link))


def is_llms_file(body: bytes, content_type: str) -> bool:
    """Tells a text that may be an llms.txt from the web pages sites answer with in its place."""
    return "html" not in content_type and not MARKUP.match(body) and b"\0" not in body and bool(body.strip())


@dataclass(frozen=True)
class _Mark:
    """Where a page begins; its text is `head` and the lines from `rest` on."""

    start: int
    rest: int
    head: tuple[str, ...]
    address: str


def split_pages(text: str) -> list[Part]:
    """Gives the pages of an llms-full.txt; what stands before the first is about the file and is left out.

    Where none bears an address, the file is cut before every title of level one.
    """
    lines = [line.rstrip("\r") for line in text.split("\n", _MAX_LINES)[:_MAX_LINES]]
    prose = _without_code(lines)
    marks = list(_marks(prose))
    if not marks:
        marks = [_Mark(at, at, (), "") for at, line in enumerate(prose) if _TITLE.match(line)]
    if not marks:
        return []
    ends = [*(mark.start for mark in marks[1:]), len(lines)]
    texts = [_text([*mark.head, *lines[mark.rest : end]]) for mark, end in zip(marks, ends, strict=True)]
    return [Part(mark.address, text) for mark, text in zip(marks, texts, strict=True) if text][:MAX_PARTS]


def page_address(base: str, named: str) -> str | None:
    """Gives the address of a page from what a file calls it: `guide/a.md` is shown at `guide/a`."""
    if len(named) > MAX_ADDRESS_CHARS:
        return None
    address = resolve_address(base, named.partition("#")[0])
    if address is None or "?" in address:
        return address
    shown = re.sub(r"\.mdx?$", "", address)
    return re.sub(r"/index$", "/", shown) if path_of(shown) != "/" else shown


def _without_code(lines: list[str]) -> list[str]:
    """Gives the lines with those of fenced code, and those too long to be a mark, emptied."""
    fence, kept = "", list[str]()
    for line in lines:
        match = _FENCE.match(line)
        kept.append("" if fence or match or len(line) > _MAX_MARK_CHARS else line)
        if match and not fence:
            fence = match[1]
        elif match and match[1].startswith(fence) and not line.strip(" `~"):
            fence = ""
    return kept


def _marks(lines: list[str]) -> Iterator[_Mark]:
    """Yields where pages begin that bear an address."""
    at = 0
    while at < len(lines):
        mark = _mark_at(lines, at) if lines[at].strip() else None
        if mark:
            yield mark
        at = max(at + 1, mark.rest if mark else 0)


def _mark_at(lines: list[str], at: int) -> _Mark | None:
    line = lines[at]
    if element := _ELEMENT.match(line):
        return _Mark(at, at + 1, (), element[1])
    if titled := _TITLED_ADDRESS.match(line):
        return _Mark(at, at + 1, (titled[1],), titled[2])
    if _TITLE.match(line):
        return _mark_below_title(lines, at)
    return _mark_in_front_matter(lines, at) if _RULE.match(line) else None


def _mark_below_title(lines: list[str], at: int) -> _Mark | None:
    for below in range(at + 1, min(at + _MAX_LINES_TO_ADDRESS, len(lines))):
        if named := _NAMED_ADDRESS.match(lines[below]):
            return _Mark(at, below + 1, (lines[at],), named[1])
        if lines[below].strip():
            return None
    return None


def _mark_in_front_matter(lines: list[str], at: int) -> _Mark | None:
    """Reads `--- key: value ---`, or a path between two rules; rules of any width become those of front matter."""
    last = min(at + _MAX_FRONT_MATTER_LINES, len(lines))
    end = next((below for below in range(at + 1, last) if _RULE.match(lines[below])), None)
    if end is None:
        return None
    inside = lines[at + 1 : end]
    if len(inside) == 1 and (path := _PATH.match(inside[0])):
        return _Mark(at, end + 1, (), path[1])
    named = next((found for line in inside if (found := _NAMED_ADDRESS.match(line))), None)
    is_matter = all(re.match(r"^[\w-]+\s*:|^\s", line) or not line for line in inside)
    return _Mark(at, end + 1, ("---", *inside, "---", ""), named[1]) if named and is_matter else None


def _text(lines: list[str]) -> str:
    """Gives the text of a page without the edges that generators put around it."""
    kept = [line for line in lines if not _EDGE.match(line)]
    while kept and (not kept[-1].strip() or _RULE.match(kept[-1])):
        kept.pop()
    return "\n".join(kept).strip()
