"""Notes, warnings and the like, as each generator marks them."""

import re

from selectolax.lexbor import LexborNode

from indexer.extract.blocks import Block
from indexer.extract.inline import inline_markdown, meaningful_ids
from indexer.extract.walk import Walk

_CLASSES_WORDS = (
    "admonition custom-block admonitionblock starlight-aside markdown-alert alert theme-admonition nextra-callout "
    "callout rm-callout rspress-directive custom-container hint-container hint book-hint gdoc-hint blockquote-tag "
    "admonition-block note tip warning caution important"
)
_CLASSES = frozenset(_CLASSES_WORDS.split())
_KIND = re.compile(
    r"\b(note|tip|hint|warning|caution|important|danger|info|error|attention|seealso|success|example|question|bug"
    r"|abstract|todo|failure|quote)\b"
)
_TITLE = (
    ".admonition-title,.custom-block-title,.starlight-aside__title,.markdown-alert-title,[class*=admonitionHeading],"
    ".rspress-directive-title,.custom-container-title,.hint-container-title,.callout-title-container,.callout-heading,.blockquote-tag-title,"
    ".admonition-block-title,summary,td.icon,.title,h3.title,h4.title"
)
_HEADINGS = frozenset(["h2", "h3", "h4", "h5", "h6"])
_MAX_LABEL_DEPTH = 3
_PROSE = frozenset(["paragraph", "list", "definition"])


def is_admonition(words: list[str]) -> bool:
    """Whether the classes of an element say that it is an admonition."""
    return not _CLASSES.isdisjoint(words)


def read_admonition(walk: Walk, node: LexborNode) -> None:
    """Emits the prose of an admonition as one block titled with its label; code and tables in it follow it."""
    title = node.css_first(_TITLE) or _leading_label(node)
    kinds = _KIND.findall((node.attributes.get("class") or "").lower())
    label = inline_markdown(title.inner_html or "").rstrip(":") if title is not None else ""
    # Some call each of their boxes a hint, whatever its kind.
    label = label or next((kind for kind in kinds if kind != "hint"), next(iter(kinds), "note")).capitalize()
    if title is not None:
        title.decompose()
    start = len(walk.blocks)
    walk.read_children(node)
    if title is not None and len(walk.blocks) == start and label:
        # All that such a box says is its title.
        walk.emit("paragraph", f"**{label}**", meaningful_ids([node.id]))
    else:
        _fold(walk, start, label)


def _leading_label(node: LexborNode) -> LexborNode | None:
    """Gives what a box of advice begins with if that is a heading, a bold line, or just says what kind it is."""
    first: LexborNode | None = node
    for _ in range(_MAX_LABEL_DEPTH):
        first = next((child for child in first.iter(include_text=True) if child.text_lexbor().strip()), None)
        if first is None or first.tag == "-text":
            return None
        text = first.text_lexbor().strip(" :!\n").lower()
        if first.tag in _HEADINGS or _KIND.fullmatch(text) or _is_bold_line(first):
            return first
    return None


def _is_bold_line(node: LexborNode) -> bool:
    """Whether a paragraph is all bold and more follows, as where a title is written into the box."""
    bold = node.css_first("strong,b") if node.tag == "p" else None
    return bold is not None and bold.text_lexbor().strip() == node.text_lexbor().strip() and _has_more(node)


def _has_more(node: LexborNode) -> bool:
    after = node.next
    while after is not None and not after.text_lexbor().strip():
        after = after.next
    return after is not None


def _fold(walk: Walk, start: int, label: str) -> None:
    end = start
    while end < len(walk.blocks) and walk.blocks[end].kind in _PROSE and not walk.blocks[end].opens_scope:
        end += 1
    prose = walk.blocks[start:end]
    if not prose and len(walk.blocks) == start:
        return
    ids = [name for block in prose for name in (block.anchor, *block.aliases) if name]
    text = "\n\n".join(block.text for block in prose)
    folded = Block("admonition", text, ids[0] if ids else None, tuple(ids[1:]), depth=walk.depth, title=label)
    walk.blocks[start:end] = [folded]
