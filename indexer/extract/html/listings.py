"""Readers of code, tables, captions and tabs."""

from selectolax.lexbor import LexborNode

from indexer.extract.code import code_language, code_text
from indexer.extract.html.tables import grid_markdown, header_texts, is_layout, row_text, table_markdown
from indexer.extract.html.tabs import read_labelled
from indexer.extract.inline import ids_in, inline_markdown, meaningful_ids
from indexer.extract.walk import BLOCK_TAGS, Walk

CAPTIONED_WORDS = (
    "literal-block-wrapper table example figure informalexample listingblock exampleblock tableblock "
    "theme-code-block highlight expressive-code code-block code-example code-with-filename nextra-code "
    "nextra-code-block "
    "group/codeblock"
)
CAPTIONED = frozenset(CAPTIONED_WORDS.split())
"""Classes of boxes that hold a caption and what it is about."""

_ROW_GROUPS = frozenset(["thead", "tbody", "tfoot"])
_MIN_LABELLED = 2
_CAPTION = (
    ".code-block-caption,figcaption,[class*=codeBlockTitle],.filename,.title,.caption,caption,.copy-code-icon,"
    ".code-with-filename-file strong,[data-component-part=code-block-header-filename],"
    ".nextra-code > div:first-child:not(:has(pre)),.nextra-code-block > div:first-child:not(:has(pre)),"
    ".group\\/codeblock > div:first-child:not(:has(pre))"
)
_CAPTIONED_PARTS = "pre,table,code br"


def read_code(walk: Walk, node: LexborNode) -> None:
    """Emits code; Doxygen's fragments are lines of <div>, and ocamldoc's listings <code> with <br>."""
    for line_break in node.css("br"):
        line_break.replace_with("\n")
    # The text of lines within each other would come again with each.
    lines = node.css(".line") if node.tag == "div" and node.css_first(".line .line") is None else []
    text = "\n".join(code_text(line) for line in lines) if lines else code_text(node)
    if text:
        title = ", ".join(dict.fromkeys(filter(None, [walk.tab, walk.take_caption()])))
        language = code_language(node, text, walk.page_language, title)
        walk.emit("code", text, meaningful_ids([node.id]), language=language, title=title or None)


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
    labels = header_texts(node)
    rows = [row for part in node.iter() for row in (part.iter() if part.tag in _ROW_GROUPS else [part])]
    for row in rows:
        cells = [cell for cell in row.iter() if cell.tag in {"td", "th"}]
        if len(cells) != len(labels) or len(cells) < _MIN_LABELLED:
            _read_layout_row(walk, row)
        elif any(cell.tag == "td" for cell in cells):
            for label, cell in zip(labels, cells, strict=True):
                read_labelled(walk, label, cell)


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
    if caption is None or not text or not _is_about(caption, node):
        walk.read_children(node)
        return
    walk.targets += ids_in(caption.html or "")
    is_first = _is_first(caption)
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
        walk.insert_label(start if is_first else len(walk.blocks), text)


def _is_about(caption: LexborNode, box: LexborNode) -> bool:
    """Whether a caption is about all of its box: what stands between them says nothing else, or holds the rest."""
    if caption.css_first(_CAPTIONED_PARTS) is not None:
        return False
    letters = caption.text_lexbor().split()
    parent = caption.parent
    while parent is not None and parent.mem_id != box.mem_id:
        if parent.text_lexbor().split() != letters and parent.css_first(_CAPTIONED_PARTS) is None:
            return False
        parent = parent.parent
    return True


def _is_first(node: LexborNode) -> bool:
    before = node.prev
    while before is not None and before.tag == "-text" and not before.text_lexbor().strip():
        before = before.prev
    return before is None
