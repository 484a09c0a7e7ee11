"""CSS selectors that operators give: checked by the parser that will use them."""

from selectolax.lexbor import LexborHTMLParser, SelectolaxError

MAX_SELECTOR_CHARS = 500


def check_selector(selector: str) -> str:
    """Gives the selector back.

    Raises:
        ValueError: It cannot be parsed, or is too long.
    """
    if len(selector) > MAX_SELECTOR_CHARS:
        raise ValueError(f"a selector is longer than {MAX_SELECTOR_CHARS} characters")
    try:
        LexborHTMLParser("<p></p>").css(selector)
    except SelectolaxError:
        raise ValueError(f"{selector[:80]!r} is not a CSS selector") from None
    return selector
