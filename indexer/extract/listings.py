"""Readers of code, tables, captions and tabs."""

from selectolax.lexbor import LexborNode

from indexer.extract.code import code_language, code_text
from indexer.extract.inline import ids_in, inline_markdown, meaningful_ids
from indexer.extract.tables import grid_markdown, is_layout, row_text, table_markdown
from indexer.extract.walk import BLOCK_TAGS, Walk

CAPTIONED_WORDS = (
    "literal-block-wrapper table example figure informalexample listingblock exampleblock tableblock "
    "theme-code-block highlight expressive-code code-block code-example"
)
CAPTIONED = frozenset(CAPTIONED_WORDS.split())
"""Classes of boxes that hold a caption and what it is about."""

TAB_SETS = {
    "tabbed-set": (".tabbed-labels > label", ".tabbed-content > .tabbed-block"),
    "vp-code-group": (".tabs label", ".blocks > div"),
    "sd-tab-set": ("label.sd-tab-label", ".sd-tab-content"),
    "sphinx-tabs": ("[role=tab]", "[role=tabpanel]"),
    "tabs-container": ("[role=tab]", "[role=tabpanel]"),
    "tabs": ("[role=tab]", "[role=tabpanel]"),
}
"""Class of a tab set -> selectors of its labels and its panels."""

_CAPTION = ".code-block-caption,figcaption,[class*=codeBlockTitle],.filename,.title,.caption,caption"


def read_code(walk: Walk, node: LexborNode) -> None:
    """Emits code; Doxygen's fragments are lines of <div>, and ocamldoc's listings <code> with <br>."""
    for line_break in node.css("br"):
        line_break.replace_with("\n")
    lines = node.css(".line") if node.tag == "div" else []
    text = "\n".join(code_text(line) for line in lines) if lines else code_text(node)
    if text:
        language = code_language(node, text, walk.page_language)
        walk.emit("code", text, meaningful_ids([node.id]), language=language, title=walk.take_caption() or walk.tab)


def read_table(walk: Walk, node: LexborNode) -> None:
    """Emits a table, or what stands in it if it only places things on the page."""
    if is_layout(node):
        _read_layout(walk, node)
        return
    caption = node.css_first("caption")
    if caption is not None:
        walk.caption = inline_markdown(caption.inner_html or "")
    text = table_markdown(node)
    if text:
        ids = ids_in(node.html or "")
        walk.emit(
            "table", text, [*([node.id] if node.id in ids else []), *walk.targets, *ids], title=walk.take_caption()
        )


def _read_layout(walk: Walk, node: LexborNode) -> None:
    walk.wrappers += meaningful_ids([node.id])
    for part in node.iter():
        for row in part.iter() if part.tag in {"thead", "tbody", "tfoot"} else [part]:
            _read_layout_row(walk, row)


def _read_layout_row(walk: Walk, row: LexborNode) -> None:
    if row.css_first(BLOCK_TAGS) is not None:
        for cell in row.iter():
            walk.read(cell)
        return
    text, ids = row_text(row), meaningful_ids([row.id, *ids_in(row.html or "")])
    if text:
        walk.emit("paragraph", text, ids)
    else:
        walk.targets += ids


def read_grid(walk: Walk, node: LexborNode) -> None:
    """Emits javadoc's grid of summary cells as a table."""
    text = grid_markdown(node)
    if text:
        walk.emit("table", text, ids_in(node.html or ""))
    else:
        walk.read_children(node)


def read_captioned(walk: Walk, node: LexborNode) -> None:
    """Reads a box whose caption becomes the title of the code or table in it, or else a paragraph."""
    caption = node.css_first(_CAPTION)
    text = inline_markdown(caption.inner_html or "") if caption is not None else ""
    if caption is None or not text or caption.css_first("pre,table") is not None:
        walk.read_children(node)
        return
    walk.targets += ids_in(caption.html or "")
    caption.decompose()
    table = node.css_first("table")
    if walk.targets and table is not None and is_layout(table):
        # Cells that hold code are blocks; what is about the table as a whole is a definition around them.
        walk.emit("definition", text, [], title=text.replace("`", ""))
        walk.describe(node)
        return
    start = len(walk.blocks)
    walk.caption = text
    walk.read_children(node)
    if walk.take_caption():
        walk.insert_label(start, text)


def read_tabs(walk: Walk, node: LexborNode, set_name: str) -> bool:
    """Reads all panels of a tab set, hidden ones too; False if labels and panels do not pair up."""
    labels, panels = (node.css(selector) for selector in TAB_SETS[set_name])
    if not labels or len(labels) != len(panels):
        return False
    outer = walk.tab
    for label, panel in zip(labels, panels, strict=True):
        walk.tab = inline_markdown(label.inner_html or "") or None
        start = len(walk.blocks)
        walk.read_children(panel)
        has_code = any(block.kind == "code" for block in walk.blocks[start:])
        if walk.tab and not has_code and len(walk.blocks) > start:
            walk.insert_label(start, f"**{walk.tab}**")
    walk.tab = outer
    return True
