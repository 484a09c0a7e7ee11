"""Readers of headings, paragraphs, lists and quotations."""

import re
from dataclasses import replace

from selectolax.lexbor import LexborNode

from indexer.extract.inline import ids_in, inline_markdown, meaningful_ids
from indexer.extract.lists import LOOSE, first_number, list_markdown
from indexer.extract.walk import Walk

_NO_SLUG = re.compile(r"[^a-z0-9]+")


def read_paragraph(walk: Walk, node: LexborNode) -> None:
    """Emits a paragraph."""
    walk.paragraph(node.inner_html or "", node.id)


def read_heading(walk: Walk, node: LexborNode) -> None:
    """Emits a heading with the best of its ids as anchor.

    The id on the heading itself is what its permalink uses. Without one, a label the author chose comes before a slug
    computed from the words: cross-references use the label, and it outlives a change of the words.
    """
    html = node.inner_html or ""
    text = inline_markdown(html).rstrip("\xb6 ")
    ids = meaningful_ids([node.id, *ids_in(html)])
    if not text:
        walk.targets += ids
        return
    own = ids[:1] if node.id in ids else []
    chosen = [name for name in walk.targets if not is_slug_of(name, text)]
    walk.prefix = ""
    walk.emit("heading", text, [*own, *chosen, *walk.targets, *ids], level=int((node.tag or "h6")[1]))


def is_slug_of(name: str, heading: str) -> bool:
    """Whether an id was computed from the heading's words, as docutils does."""
    slug = _NO_SLUG.sub("-", heading.lower()).strip("-")
    return slug.endswith(name.lower().strip("-"))


def read_list(walk: Walk, node: LexborNode) -> None:
    """Emits a list as one block, or the blocks of its items if they hold more than text."""
    if node.css_first(LOOSE) is not None:
        _read_items(walk, node)
        return
    text = list_markdown(node)
    if text:
        walk.emit("list", text, meaningful_ids([node.id, *ids_in(node.html or "")]))


def _read_items(walk: Walk, node: LexborNode) -> None:
    for number, item in enumerate(node.iter(), start=first_number(node)):
        walk.prefix = f"{number}. " if node.tag == "ol" else "- "
        walk.read(item)
    walk.prefix = ""


def read_quotation(walk: Walk, node: LexborNode) -> None:
    """Emits quoted prose with `>` before each line; code in a quotation stays exact."""
    start = len(walk.blocks)
    walk.read_children(node)
    for position, block in enumerate(walk.blocks[start:], start):
        if block.kind in {"paragraph", "list"}:
            quoted = "\n".join(f"> {line}" for line in block.text.split("\n"))
            walk.blocks[position] = replace(block, text=quoted)
