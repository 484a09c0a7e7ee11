"""The part of a page that holds its content."""

from selectolax.lexbor import LexborHTMLParser, LexborNode

from indexer.extract.profiles import Profile

_GENERIC = (
    "[role=main]",
    "main article",
    "main",
    "article",
    "#main-content",
    "#content",
    "#doc-content",
    "#apicontent",
    "div.contents",
    "div.document",
    "div.body",
    ".markdown-body",
    ".content",
)
_CHROME = (
    "nav,header:not(:has(h1)),footer,aside,.navheader,.navfooter,[role=navigation],[role=banner],[role=contentinfo]"
)
_MIN_CHARS = 200
_MIN_WORDS = 30


def find_container(document: LexborHTMLParser, profile: Profile | None) -> LexborNode | None:
    """Gives the first candidate with enough text: the profile's, then generic ones, then the body."""
    known = profile.containers if profile else ()
    for selector in (*known, *_GENERIC):
        node = document.css_first(selector)
        if node is not None and _is_filled(node):
            return node
    # A short page of a known generator is still better read from its own container than from the whole body.
    for selector in known:
        node = document.css_first(selector)
        if node is not None and node.text_lexbor().strip():
            return node
    return _body_without_chrome(document)


def _is_filled(node: LexborNode) -> bool:
    words = node.text_lexbor().split(maxsplit=_MIN_WORDS)[:_MIN_WORDS]
    return len(words) >= _MIN_WORDS or len(" ".join(words)) >= _MIN_CHARS


def _body_without_chrome(document: LexborHTMLParser) -> LexborNode | None:
    body = document.body
    if body is not None:
        for node in body.css(_CHROME):
            node.decompose()
    return body
