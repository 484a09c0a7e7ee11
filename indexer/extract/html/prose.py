"""Readers of headings, paragraphs, lists and quotations."""

import re
from collections.abc import Iterator
from dataclasses import replace

from selectolax.lexbor import LexborNode

from indexer.extract.html.code_paragraphs import is_code_paragraph, read_code_paragraph
from indexer.extract.html.lists import LOOSE, first_number, item_markdown, list_markdown
from indexer.extract.inline import first_id, ids_in, inline_markdown, meaningful_ids
from indexer.extract.walk import BLOCK_TAGS, Walk

_MARK_LINK = re.compile(r'<a\s[^>]*href="#[^>]*>(?:<[^>]*>|[^<\w!?*])*</a>')
LABELS = frozenset(["rubric", "topic-title", "sidebar-title", "sd-card-title", "card-title"])
"""Classes of lines that head what follows without being headings."""

_MARKS = "\xb6\u25be\u25b9 "
"""What ends headings: the sign of a permalink, and the triangles of godoc's folds."""

_MAX_STEPS = 10
"""Back from a heading, in which places before it are looked for."""

_NO_SLUG = re.compile(r"[^a-z0-9]+")


def read_paragraph(walk: Walk, node: LexborNode) -> None:
    """Emits a paragraph, in bold if it heads what follows."""
    html = node.inner_html or ""
    if "<table" in html:
        # In the pages of old browsers' time a paragraph goes on around a table.
        walk.targets += meaningful_ids([node.id])
        walk.read_children(node)
        return
    if html.lstrip().startswith(("<code", "<tt")) and is_code_paragraph(node):
        read_code_paragraph(walk, node)
        return
    is_label = not LABELS.isdisjoint((node.attributes.get("class") or "").split())
    if is_label and node.css_first("strong,b") is None:
        _read_label(walk, node)
    else:
        walk.paragraph(html, node.id)


def read_cards(walk: Walk, node: LexborNode) -> None:
    """Emits each card that is a link by itself; the space between them is one of the style sheet's."""
    for child in node.iter(include_text=True):
        if child.tag == "a" and child.css_first(BLOCK_TAGS) is None:
            walk.paragraph(child.inner_html or "", child.id)
        elif child.tag != "-text":
            walk.read(child)
        elif child.text_lexbor().strip():
            walk.paragraph(child.html or "")


def read_summary(walk: Walk, node: LexborNode) -> None:
    """Emits the line of a fold that is always seen."""
    if node.css_first(BLOCK_TAGS) is not None:
        walk.read_children(node)
    else:
        _read_label(walk, node)


def read_footnote(walk: Walk, node: LexborNode) -> None:
    """Emits a footnote, its mark before its first paragraph."""
    mark = node.css_first(".label")
    if mark is not None and node.css_first("p") is not None:
        walk.prefix = f"{inline_markdown(mark.inner_html or '')} "
        mark.decompose()
    walk.read_children(node)
    walk.prefix = ""


def _read_label(walk: Walk, node: LexborNode) -> None:
    html = node.inner_html or ""
    text = inline_markdown(html)
    if text:
        walk.emit("paragraph", f"{walk.prefix}**{text}**", meaningful_ids([node.id, *ids_in(html)]))
        walk.prefix = ""


def read_heading(walk: Walk, node: LexborNode) -> None:
    """Emits a heading with the best of its ids as anchor.

    The id on the heading itself is what its permalink uses. Without one, a label the author chose comes before a slug
    computed from the words: cross-references use the label, and it outlives a change of the words.
    """
    html = node.inner_html or ""
    leads = "<a" in html and _leads_elsewhere(node)
    html = _without_marks(html) if "<a" in html else html
    text = inline_markdown(html).rstrip(_MARKS)
    ids = meaningful_ids([node.id, *ids_in(html)])
    if not text:
        walk.targets += ids
        return
    own = ids[:1] if node.id in ids else []
    chosen = [name for name in walk.targets if not is_slug_of(name, text)]
    names = [*own, *chosen, *walk.targets, *ids, *walk.wrappers] or _take_places(walk, node)
    # A running number is not stable, but better than the id of another section.
    spare = None if names else node.id or first_id(html) or walk.spare
    walk.prefix = ""
    walk.emit("heading", text, names or ([spare] if spare else []), level=int((node.tag or "h6")[1]), leads=leads)


def _leads_elsewhere(heading: LexborNode) -> bool:
    """Whether a heading is a link to a whole page; one to a place is often to itself."""
    link = heading.css_first("a[href]")
    href = (link.attributes.get("href") or "") if link is not None else ""
    return link is not None and href != "" and "#" not in href and link.text_lexbor() == heading.text_lexbor().strip()


def _take_places(walk: Walk, heading: LexborNode) -> list[str]:
    """Takes the ids of empty anchors that end the text right before a heading: they lead to it."""
    last = walk.blocks[-1] if walk.blocks else None
    if last is None or not last.names or last.kind not in {"paragraph", "list"}:
        return []
    places = set(_places_before(heading))
    kept = [name for name in last.names if name not in places]
    anchor, aliases = (kept[0], tuple(kept[1:])) if kept and last.anchor else (None, tuple(kept))
    walk.blocks[-1] = replace(last, anchor=anchor, aliases=aliases)
    return [name for name in last.names if name in places]


def _places_before(node: LexborNode) -> Iterator[str]:
    """Yields the ids of the empty anchors before a node, up to the first text."""
    before = node.prev
    for _ in range(_MAX_STEPS):
        if before is None or (before.tag == "-text" and before.text_lexbor().strip()):
            return
        if before.tag == "a" and not before.text_lexbor().strip():
            yield from ids_in(before.html or "")
        inner = before.last_child if before.tag not in {"a", "-text"} else None
        before = inner or before.prev


def _without_marks(html: str) -> str:
    """Gives the heading without links to itself that are mere marks, such as `#`; their ids become targets."""
    return _MARK_LINK.sub(lambda link: "".join(f'<a id="{name}"></a>' for name in ids_in(link[0])), html)


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
        text = item_markdown(item, walk.prefix) if item.css_first(LOOSE) is None else ""
        if text:
            walk.emit("list", text, ids_in(item.html or ""))
        else:
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
