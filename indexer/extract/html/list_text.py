"""A filter for text that stands in a list, but in none of its items."""

import re

from selectolax.lexbor import LexborNode

from indexer.extract.html.subtree import Subtree
from indexer.extract.walk import is_inline

_LISTS = "ul,ol,menu,dl"
_WORD = re.compile(r"\w")


def box_list_text(part: Subtree) -> None:
    """Makes such text an item, as browsers show it: old pages indent by lists, and LDoc lists a single result so."""
    for node in part.css(_LISTS):
        if _WORD.search(node.text(deep=False)):
            _box_runs(node)


def _box_runs(node: LexborNode) -> None:
    run: list[LexborNode] = []
    for child in [*node.iter(include_text=True), None]:
        if child is not None and is_inline(child):
            run.append(child)
            continue
        if any(map(_is_word, run)):
            _box(run, "dd" if node.tag == "dl" else "li")
        run.clear()


def _box(run: list[LexborNode], tag: str) -> None:
    box = run[0].parser.create_node(tag)
    run[0].insert_before(box, move=True)
    for child in run:
        box.insert_child(child, move=True)


def _is_word(node: LexborNode) -> bool:
    return node.tag == "-text" and _WORD.search(node.text_lexbor()) is not None
