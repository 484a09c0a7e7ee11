"""A filter for what stands in the main part of a page but is about the page or the site, where no profile tells."""

import re
from collections.abc import Callable
from itertools import islice

from selectolax.lexbor import LexborNode

from indexer.extract.html.admonitions import is_admonition
from indexer.extract.html.subtree import Subtree
from indexer.extract.inline import ids_in

_MARKED = (
    "footer:not(.footnotes,blockquote footer,figure footer),div.footer:not(blockquote .footer,figure .footer),"
    "div[id=footer],div.navigation,[role=contentinfo],[role=complementary]"
)
_WORDS = (
    "prev-next next-prev page-nav post-nav pagination edit-this edit-page edit-link edit-on last-updated last-modified "
    "lastmod lastupdated feedback- was-this"
)
_NAMES = re.compile("|".join(_WORDS.split()))
_NAMED = ",".join(f"[class*={word} i]" for word in _WORDS.split())
_CONTENT = "pre,table,h1,dt[id]"
_CELLS = frozenset(["td", "th"])
"""Of a table each cell is kept: Bootstrap's class `pagination-centered` only centres."""

_WAY = re.compile(r"[\W_]*(?:next|prev(?:ious)?)[\W_]*", re.IGNORECASE)
_WAY_LINKS = tuple(re.compile(rf"""{end}(?:ious)?[^\w<>]*(?:</a>|"[^<>]*></a>)""") for end in ("ext", "rev"))
"""Ends of texts of such links, and of images in them: what begins with letters is looked for fast."""

_PANEL_NAME = "Navigation Panel"
_PANEL = re.compile(rf"<!--\s*(End of )?{_PANEL_NAME}\s*-->")
_END_CHARS = 8000
"""Of the HTML of a page at each end, in which one of its links to other pages stands."""

_MIN_WAYS = 2
_MAX_WAYS = 40
_MAX_LINE_CHARS = 1000
_WAYS = re.compile(
    r"(?:[\W_]|\b(?:next|prev|previous|up|home|top|first|last|back|forward|index|contents|summary|table|of)\b)*",
    re.IGNORECASE,
)
_MAX_LETTERS = 200
_LINK_SHARE = 0.5
_MAX_LOSS = 0.5


def drop_panels(part: Subtree) -> None:
    """Removes what LaTeX2HTML sets between two comments that call it a panel for navigation."""
    panel: list[LexborNode] | None = None
    for child in [*part.root.iter(include_text=True)] if part.says(_PANEL_NAME) else ():
        mark = _PANEL.fullmatch(child.html or "") if child.tag == "-comment" else None
        if mark is not None and mark[1]:
            for node in panel or ():
                node.decompose()
            panel = None
        elif mark is not None:
            panel = []
        elif panel is not None:
            panel.append(child)


def drop_ways(part: Subtree) -> None:
    """Removes lines that lead to the pages before, after and above, as manuals have them at both ends of a page."""
    if not any(part.shows_at_an_end(link, _END_CHARS) for link in _WAY_LINKS):
        return
    links = islice(filter(_is_way, part.css("a[href]")), _MAX_WAYS)
    lines = {node.mem_id: node for link in links for node in _way_line(link, part.root)}
    for node in lines.values():
        node.decompose()


def _is_way(link: LexborNode) -> bool:
    text = link.text_lexbor()
    return _WAY.fullmatch(text if text.strip() else _said(link)) is not None


def _way_line(link: LexborNode, root: LexborNode) -> list[LexborNode]:
    """Gives the outermost element around a link that says nothing but where to go, or such elements side by side."""
    box, around = link, link.parent
    while around is not None and around.mem_id != root.mem_id and _is_line(_said(around)):
        box, around = around, around.parent
    if _leads_away([box]):
        return [box]
    before, first = _beside(box, lambda node: node.prev)
    after, last = _beside(box, lambda node: node.next)
    line = [*before, box, *after]
    is_ruled_off = {first, last} <= {"hr", None} and first != last
    return line if is_ruled_off and _leads_away(line) else []


def _beside(box: LexborNode, beside: Callable[[LexborNode], LexborNode | None]) -> tuple[list[LexborNode], str | None]:
    """Gives what stands on one side of an element and says no more than it, and the tag of what ends that."""
    found: list[LexborNode] = []
    node = beside(box)
    while node is not None and node.tag != "hr" and len(found) < _MAX_WAYS and _is_line(_said(node)):
        found.append(node)
        node = beside(node)
    return found, node.tag if node is not None else None


def _leads_away(line: list[LexborNode]) -> bool:
    """Whether there are links to other pages, and nothing that others could lead to."""
    links = [link for node in line for link in node.css("a[href]")]
    if len(links) < _MIN_WAYS or any((link.attributes.get("href") or "").startswith("#") for link in links):
        return False
    return not any(node.css_first("code,pre") is not None or ids_in(node.html or "") for node in line)


def _is_line(text: str) -> bool:
    return len(text) <= _MAX_LINE_CHARS and _WAYS.fullmatch(text) is not None


def _said(node: LexborNode) -> str:
    return " ".join([node.text_lexbor(), *(image.attributes.get("alt") or "" for image in node.css("img"))])


def drop_chrome(part: Subtree) -> None:
    """Removes footers, links to the pages around, and lines such as when it was changed, if short or all links."""
    # Nearly no page has one of these words in a class, and to look for each in all of it takes longer.
    named = part.root.css(_NAMED) if _NAMES.search(part.class_words) else []
    boxes = [box for box in (*part.css(_MARKED), *named) if _is_chrome(box)]
    if boxes and sum(map(_letters, boxes)) <= _MAX_LOSS * _letters(part.root):
        for box in boxes:
            box.decompose()


def _is_chrome(box: LexborNode) -> bool:
    if (
        box.tag in _CELLS
        or box.css_first(_CONTENT) is not None
        or is_admonition((box.attributes.get("class") or "").split())
    ):
        return False
    letters = _letters(box)
    return letters <= _MAX_LETTERS or sum(map(_letters, box.css("a[href]"))) > _LINK_SHARE * letters


def _letters(node: LexborNode) -> int:
    return len("".join(node.text_lexbor().split()))
