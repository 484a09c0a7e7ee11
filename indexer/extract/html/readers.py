"""Which reader reads which element."""

import re

from selectolax.lexbor import LexborNode

from indexer.extract.html.admonitions import is_admonition, read_admonition
from indexer.extract.html.definitions import read_definitions, read_details, read_member
from indexer.extract.html.listings import CAPTIONED, read_captioned, read_code, read_grid, read_table
from indexer.extract.html.members import MEMBER_RULES
from indexer.extract.html.ocamldoc import read_preformatted
from indexer.extract.html.prose import (
    LABELS,
    read_cards,
    read_footnote,
    read_heading,
    read_list,
    read_paragraph,
    read_quotation,
    read_summary,
)
from indexer.extract.html.tabs import TAB_SETS, is_tab_list, read_tab_list, read_tabs
from indexer.extract.html.typeset import INDENTED, read_typeset
from indexer.extract.inline import meaningful_ids
from indexer.extract.walk import Reader, Walk

_CARDS = re.compile(r"(?:^|[-_])cards?(?:-(?:grid|group|list))?$")
_NO_CODE = "pre,h1,h2,h3,h4,h5,h6"
_SECTION = re.compile(r"(?:^|\s)(?:section|sect\d|refsect\d|refentry|chapter|appendix|table|example|figure)(?:\s|$)")


def read_container(walk: Walk, node: LexborNode) -> None:
    """Reads an element that groups others, by what its classes say it is."""
    tag, attributes = node.tag, node.attributes
    classes = attributes.get("class") or ""
    names = meaningful_ids([attributes.get("id"), attributes.get("name") if tag == "a" else None])
    is_part = _is_section(tag, classes)
    (walk.targets if is_part or tag in {"a", "span"} else walk.wrappers).extend(names)
    walk.spare = node.id if is_part and not names else walk.spare
    if attributes.get("role") == "tablist" and read_tab_list(walk, node):
        return
    words = classes.split() + (["tabs-container"] if tag == "starlight-tabs" else [])
    if not words or not _read_by_class(walk, node, words):
        walk.read_children(node)


def is_section(node: LexborNode) -> bool:
    """Whether the id of an element names a part of the text and not a box of the layout."""
    return _is_section(node.tag, node.attributes.get("class") or "")


def _is_section(tag: str | None, classes: str) -> bool:
    return tag == "section" or (classes != "" and _SECTION.search(classes) is not None)


def _read_by_class(walk: Walk, node: LexborNode, words: list[str]) -> bool:
    for word in words:
        if word in MEMBER_RULES and read_member(walk, node, word):
            return True
        if word in TAB_SETS and read_tabs(walk, node, word):
            return True
    reader = _class_reader(words)
    if reader is not None:
        reader(walk, node)
    return reader is not None


def _class_reader(words: list[str]) -> Reader | None:
    if "fragment" in words or "tsd-signature" in words:
        return read_code
    if "summary-table" in words or "details-table" in words:
        return read_grid
    if is_admonition(words):
        return read_admonition
    if "footnote" in words or "citation" in words:
        return read_footnote
    if any(map(_CARDS.search, words)):
        return read_cards
    if not LABELS.isdisjoint(words):
        return read_paragraph
    return None if CAPTIONED.isdisjoint(words) else read_captioned


def _read_items(walk: Walk, node: LexborNode) -> None:
    if not is_tab_list(node) or not read_tab_list(walk, node):
        read_list(walk, node)


def _read_fold(walk: Walk, node: LexborNode) -> None:
    if not read_details(walk, node):
        read_container(walk, node)


def _read_code_element(walk: Walk, node: LexborNode) -> None:
    # One that was never closed goes on around all that follows it.
    (read_code if node.css_first(_NO_CODE) is None else read_container)(walk, node)


def _read_blockquote(walk: Walk, node: LexborNode) -> None:
    words = (node.attributes.get("class") or "").split()
    if words and not INDENTED.isdisjoint(words):
        walk.read_children(node)
    elif not words or not read_typeset(walk, node):
        reader = read_admonition if is_admonition(words) else read_quotation
        reader(walk, node)


def _read_table(walk: Walk, node: LexborNode) -> None:
    if "class" not in node.attributes or not read_typeset(walk, node):
        read_table(walk, node)


READERS: dict[str, Reader] = {
    "p": read_paragraph,
    "h1": read_heading,
    "h2": read_heading,
    "h3": read_heading,
    "h4": read_heading,
    "h5": read_heading,
    "h6": read_heading,
    "ul": _read_items,
    "ol": read_list,
    "menu": read_list,
    "dl": read_definitions,
    "pre": read_preformatted,
    "code": _read_code_element,
    "textarea": read_code,
    "table": _read_table,
    "figure": read_captioned,
    "details": _read_fold,
    "summary": read_summary,
    "blockquote": _read_blockquote,
}
