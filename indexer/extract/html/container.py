"""The part of a page that holds its content."""

import re
from collections.abc import Sequence
from operator import attrgetter
from typing import NamedTuple

from selectolax.lexbor import LexborHTMLParser, LexborNode

from indexer.extract.html.buttons import is_fold_line
from indexer.extract.html.profiles import Profile
from indexer.extract.html.tabs import TAB_BUTTONS

_GENERIC = (
    "[role=main]",
    "main article",
    "main",
    "article",
    "#main-content",
    "#apicontent",
    "#content",
    "#doc-content",
    "div.contents",
    "div.document",
    "div.body",
    ".markdown-body",
    ".content",
)
_UNIQUE = frozenset(["[role=main]", "main", "#main-content", "#apicontent", "#content"])
_CHROME = (
    "nav,header:not(:has(h1)),footer,aside,.navheader,.navfooter,[role=navigation],[role=banner],[role=contentinfo]"
)
_SITE_PARTS = "form,[role=search],[class*=menu],[class*=nav]"
_HEADINGS = "h1,h2,h3,h4,h5,h6"
_CHROME_TAGS = frozenset(["nav", "footer", "aside"])
_CHROME_NAME = re.compile(
    r"(?:^|[\s_-])(?:nav|nav(?:bar|igation|header|footer)|menu|sidebar|breadcrumbs?|footer|header|masthead|top(?:bar|nav)?"
    r"|toolbar|pagination|pager|search|toc|copyright|skip|banner|cookies?|social|share|(?:top|bottom)?lang(?:uages?)?|path)(?:[\s_-]|$)",
    re.IGNORECASE,
)
_MIN_CHARS = 200
_MIN_WORDS = 30
_MIN_KNOWN_WORDS = 3
_MIN_SIBLING_CHARS = 16
_LINK_SHARE = 0.5
_MAIN_SHARE = 0.3
_MIN_SHARE = 0.2
_MIN_FIRST_SHARE = 0.5
_MAX_HEAD_SHARE = 0.3
_MAX_LANGUAGE_CHARS = 500
_BOXES = frozenset(["p", "ul", "div", "section", "td"])
_CONTAINERS = frozenset(["div", "section", "article", "main", "form", "center", "td", "table", "tbody", "tr"])
_HEAD_TAGS = frozenset(["div", "ul", "ol", "table", "form", "nav", "header", "center", "span", "a"])
_PARTS = frozenset(["section", "article", "main"])
_MAX_DEPTH = 40


def find_container(document: LexborHTMLParser, profile: Profile | None) -> LexborNode | None:
    """Gives the first candidate with enough text: the profile's, then generic ones, then the body."""
    known = profile.containers if profile else ()
    # A short page of a known generator is still better read from its own container than from a generic one.
    for least in (_MIN_KNOWN_WORDS, 1):
        for selector in known:
            node = document.css_first(selector)
            if node is not None and len(node.text_lexbor().split(maxsplit=least)) >= least:
                return node
    _drop_controls(document)
    _drop_language_links(document)
    for selector in _GENERIC:
        node = document.css_first(selector)
        if node is None or not (_is_filled(node) or (selector in _UNIQUE and _has_prose(node))):
            continue
        if selector in _UNIQUE or _is_main(node, document, selector):
            return _innermost(_with_header(node))
    body = _body_without_chrome(document)
    if body is None:
        return None
    found = _innermost(body)
    _drop_head(found)
    return found


def _is_main(node: LexborNode, document: LexborHTMLParser, selector: str) -> bool:
    """Whether an element says a good share of what the page does: half of it where there are more of its kind.

    The only article, with a main heading of its own, is the page, however long the comments below it are.
    """
    body = document.body
    # What is found in an element itself includes it, and what lies in it is no other part of the page.
    is_only = len(document.css(selector)) == len(node.css(selector))
    if is_only and node.tag == "article" and node.css_first("h1") is not None:
        return True
    least = _MIN_SHARE if is_only else _MIN_FIRST_SHARE
    return body is None or _own(node, _letters(node)) >= least * _own(body, _letters(body))


def _with_header(node: LexborNode) -> LexborNode:
    """Gives the part around an article whose heading, and what introduces it, stands in a header before it."""
    header, around = node.prev, node.parent
    while header is not None and header.tag in {"-text", "-comment"}:
        header = header.prev
    if header is None or header.tag != "header" or around is None or around.tag not in _PARTS:
        return node
    return around if header.css_first("h1,h2") is not None and not _begins_with_title(node) else node


def _begins_with_title(node: LexborNode) -> bool:
    title = node.css_first("h1")
    return title is not None and node.text_lexbor().lstrip().startswith(title.text_lexbor().strip())


def _drop_controls(document: LexborHTMLParser) -> None:
    """Removes what would count as text beside links, and is no content anyway."""
    for node in document.css(f"script,style,noscript,template,select,textarea,button:not({TAB_BUTTONS})"):
        if not is_fold_line(node):
            node.decompose()


def _drop_language_links(document: LexborHTMLParser) -> None:
    """Removes lines and lists of links to the same page in other languages."""
    for link in document.css("a[hreflang]"):
        box = link.parent
        while box is not None and box.tag not in _BOXES:
            box = box.parent
        if box is not None and len(box.css("a")) == len(box.css("a[hreflang]")) and _letters(box) < _MAX_LANGUAGE_CHARS:
            box.decompose()


def find_lead(document: LexborHTMLParser, profile: Profile | None) -> LexborNode | None:
    """Gives what a generator sets before the container of a page, such as its title."""
    lead = document.css_first(profile.lead) if profile is not None and profile.lead is not None else None
    return lead if profile is not None and any(map(document.css_first, profile.containers)) else None


def _has_prose(node: LexborNode) -> bool:
    """Whether there are a few words that are not links: a short page, and not the frame of an application."""
    words = node.text_lexbor().split(maxsplit=_MIN_KNOWN_WORDS)
    letters = _letters(node)
    return len(words) >= _MIN_KNOWN_WORDS and _own(node, letters) > _LINK_SHARE * letters


def _is_filled(node: LexborNode) -> bool:
    text = " ".join(node.text_lexbor().split())
    return len(text) >= _MIN_CHARS or text.count(" ") + 1 >= _MIN_WORDS


def _body_without_chrome(document: LexborHTMLParser) -> LexborNode | None:
    body = document.body
    if body is not None:
        for node in body.css(_CHROME):
            node.decompose()
    return body


class _Box(NamedTuple):
    """An element, or a run of text, with the number of its letters, and of those that stand in no link."""

    node: LexborNode
    letters: int
    own: int


def _innermost(node: LexborNode) -> LexborNode:
    """Gives the innermost element whose siblings, and those of the elements around it, are all menus and the like."""
    best = node
    for _ in range(_MAX_DEPTH):
        boxes = _filled_boxes(node)
        main = max(boxes, key=attrgetter("own"), default=None)
        if main is None or main.node.tag not in _CONTAINERS or not _stands_out(main, boxes):
            return best
        node = main.node
        best = node if len(boxes) > 1 else best
    return best


def _stands_out(main: _Box, boxes: Sequence[_Box]) -> bool:
    """Whether what is beside an element is chrome; where most is links, as on a site map, nothing tells them apart."""
    if main.letters < _MAIN_SHARE * sum(box.letters for box in boxes):
        return False
    return all(box is main or _is_chrome(box, main.node) for box in boxes)


def _drop_head(node: LexborNode) -> None:
    """Removes the menus and the name of the site with which a page without a box for its content begins."""
    letters = _letters(node)
    for box in _filled_boxes(node):
        rest = letters - box.letters
        # Of a short page the head may be most, but a form or a menu tells.
        is_head = box.letters < _MAX_HEAD_SHARE * letters or box.node.css_first(_SITE_PARTS) is not None
        if box.node.tag not in _HEAD_TAGS or not is_head or rest < _MIN_SIBLING_CHARS or not _is_chrome(box, node):
            return
        box.node.decompose()
        letters = rest


def _filled_boxes(node: LexborNode) -> Sequence[_Box]:
    return [
        _Box(child, letters, _own(child, letters))
        for child in node.iter(include_text=True)
        if (letters := _letters(child))
    ]


def _is_chrome(box: _Box, main: LexborNode) -> bool:
    """Whether an element beside the main one is a menu, a header of the site, or too little to be anything."""
    node = box.node
    if node.tag in _CHROME_TAGS:
        return True
    if node.tag in {"pre", main.tag} and (node.tag == "pre" or _classes(node) == _classes(main) != ""):
        return False
    # What holds the title or the only main heading is a part of the page, even if each word of it is a link.
    if node.css_first("h1.title") is not None or (node.css_first("h1") is not None and main.css_first("h1") is None):
        return False
    if box.own < (1 - _LINK_SHARE) * box.letters:
        return True
    if node.tag == "-text":
        return box.letters < _MIN_SIBLING_CHARS
    has_heading = node.css_first(_HEADINGS) is not None
    if box.letters < _MIN_SIBLING_CHARS and not has_heading:
        return True
    name = f"{node.id or ''} {_classes(node)}"
    return bool(_CHROME_NAME.search(name)) and (not has_heading or main.css_first("h1") is not None)


def _classes(node: LexborNode) -> str:
    return node.attributes.get("class") or ""


def _own(node: LexborNode, letters: int) -> int:
    """Gives how many of the letters of an element stand in no link."""
    if node.tag in {"-text", "a"}:
        return letters if node.tag == "-text" else 0
    return letters - sum(_letters(link) for link in node.css("a[href]"))


def _letters(node: LexborNode) -> int:
    if node.tag in {"script", "style", "template", "noscript", "-comment"}:
        return 0
    return len("".join(node.text_lexbor().split()))
