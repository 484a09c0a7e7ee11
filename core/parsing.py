"""The one door to the parser of HTML: markup that would ruin it does not get in."""

from selectolax.lexbor import LexborDocumentOptions, LexborHTMLParser

from core.markup import is_parsable


def parse(html: str | bytes) -> LexborHTMLParser | None:
    """Gives the tree of a page, None where it would take minutes or all memory. Bytes are taken for UTF-8."""
    if not is_parsable(html if isinstance(html, str) else html.decode("latin-1")):
        return None
    return LexborHTMLParser(html, options=LexborDocumentOptions.WO_EVENTS)  # nobody listens to what changes in it
