"""A filter for what stands in the main part of a page but is about the page or the site, where no profile tells."""

import re

from selectolax.lexbor import LexborNode

from indexer.extract.html.admonitions import is_admonition
from indexer.extract.html.subtree import Subtree

_MARKED = "footer:not(.footnotes,blockquote footer,figure footer),[role=contentinfo],[role=complementary]"
_WORDS = (
    "prev-next next-prev page-nav post-nav pagination edit-this edit-page edit-link edit-on last-updated last-modified "
    "lastmod lastupdated feedback- was-this"
)
_NAMES = re.compile("|".join(_WORDS.split()))
_NAMED = ",".join(f"[class*={word} i]" for word in _WORDS.split())
_CONTENT = "pre,table,h1,dt[id]"
_MAX_LETTERS = 200
_LINK_SHARE = 0.5
_MAX_LOSS = 0.5


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
