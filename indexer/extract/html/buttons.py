"""Buttons: most are controls of a page, and some are what a fold says when it is closed."""

from selectolax.lexbor import LexborNode

from indexer.extract.html.tabs import TAB_BUTTONS
from indexer.extract.html.targets import HEADINGS

BUTTONS = f"button:not({TAB_BUTTONS},:has(+ ul))"
"""Without the labels of tabs, and those of lists that can be opened."""


def is_fold_line(node: LexborNode) -> bool:
    """Whether a button is all of a heading, or says with a paragraph or the method of a request what it opens."""
    if node.tag != "button":
        return False
    if node.css_first(".http-verb") is not None or _opens_paragraph(node):
        return True
    parent = node.parent
    return parent is not None and parent.tag in HEADINGS and _words(parent) == _words(node) != []


def _opens_paragraph(node: LexborNode) -> bool:
    """Whether a paragraph is in it, beside more, or what it opens; component libraries write `Copy` as one, too."""
    paragraph = node.css_first("p")
    if paragraph is None:
        return False
    is_fold = "aria-expanded" in node.attributes and "aria-haspopup" not in node.attributes
    return is_fold or _words(paragraph) != _words(node)


def _words(node: LexborNode) -> list[str]:
    return node.text_lexbor().split()
