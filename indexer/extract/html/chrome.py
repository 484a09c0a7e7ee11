"""A filter for what stands in the main part of a page but is about the page or the site, where no profile tells."""

import re
from itertools import islice

from selectolax.lexbor import LexborNode

from indexer.extract.html.admonitions import is_admonition
from indexer.extract.html.subtree import Subtree
from indexer.extract.inline import ids_in

_MARKED = (
    "footer:not(.footnotes,blockquote footer,figure footer),div.footer:not(blockquote .footer,figure .footer),"
    "div#footer,[role=contentinfo],[role=complementary]"
)
_WORDS = (
    "prev-next next-prev page-nav post-nav pagination edit-this edit-page edit-link edit-on last-updated last-modified "
    "lastmod lastupdated feedback- was-this"
)
_NAMES = re.compile("|".join(_WORDS.split()))
_NAMED = ",".join(f"[class*={word} i]" for word in _WORDS.split())
_CONTENT = "pre,table,h1,dt[id]"
_WAY = re.compile(r"[\W_]*(?:next|prev(?:ious)?)[\W_]*", re.IGNORECASE)
_WAY_LINKS = tuple(re.compile(rf"""{end}(?:ious)?[^\w<>]*(?:</a>|"[^<>]*></a>)""") for end in ("ext", "rev"))
"""Ends of texts of such links, and of images in them: what begins with letters is looked for fast."""

_MAX_WAYS = 40
_MAX_LINE_CHARS = 1000
_WAYS = re.compile(
    r"(?:[\W_]|\b(?:next|prev|previous|up|home|top|first|last|back|forward|index|contents|summary|table|of)\b)*",
    re.IGNORECASE,
)
_MAX_LETTERS = 200
_LINK_SHARE = 0.5
_MAX_LOSS = 0.5


def drop_ways(part: Subtree) -> None:
    """Removes lines that lead to the pages before, after and above, as manuals have them at both ends of a page."""
    if not any(map(part.shows, _WAY_LINKS)):
        return
    links = islice(filter(_is_way, part.css("a[href]")), _MAX_WAYS)
    boxes = {box.mem_id: box for link in links if (box := _way_box(link, part.root)) is not None}
    for box in boxes.values():
        box.decompose()


def _is_way(link: LexborNode) -> bool:
    text = link.text_lexbor()
    return _WAY.fullmatch(text if text.strip() else _said(link)) is not None


def _way_box(link: LexborNode, root: LexborNode) -> LexborNode | None:
    """Gives the outermost element around a link that says nothing but where to go, if it is one and no target."""
    box, around = link, link.parent
    while around is not None and around.mem_id != root.mem_id and _is_line(_said(around)):
        box, around = around, around.parent
    links = box.css("a[href]")
    leads_away = len(links) > 1 and all("#" not in (one.attributes["href"] or "") for one in links)
    return box if leads_away and box.css_first("code,pre") is None and not ids_in(box.html or "") else None


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
    if box.css_first(_CONTENT) is not None or is_admonition((box.attributes.get("class") or "").split()):
        return False
    letters = _letters(box)
    return letters <= _MAX_LETTERS or sum(map(_letters, box.css("a[href]"))) > _LINK_SHARE * letters


def _letters(node: LexborNode) -> int:
    return len("".join(node.text_lexbor().split()))
