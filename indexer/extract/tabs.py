"""Tabs: labels in one place and panels, most of them hidden, in another."""

from selectolax.lexbor import LexborNode

from indexer.extract.inline import inline_markdown
from indexer.extract.walk import Walk

TAB_SETS = {
    "tabbed-set": (".tabbed-labels > label", ".tabbed-content > .tabbed-block"),
    "vp-code-group": (".tabs label", ".blocks > div"),
    "sd-tab-set": ("label.sd-tab-label", ".sd-tab-content"),
    "sphinx-tabs": ("[role=tab]", "[role=tabpanel]"),
    "tabs-container": ("[role=tab]", "[role=tabpanel]"),
    "tabs": ("[role=tab]", "[role=tabpanel]"),
}
"""Class of a tab set -> selectors of its labels and its panels."""


def read_tabs(walk: Walk, node: LexborNode, set_name: str) -> bool:
    """Reads all panels of a tab set, hidden ones too; False if labels and panels do not pair up.

    Code bears the labels of all tabs around it as its title. A panel that begins with something else is headed by its
    label.
    """
    labels, panels = (_outermost(node, selector) for selector in TAB_SETS[set_name])
    panel_ids = {panel.mem_id for panel in panels}
    labels = [label for label in labels if not _has_ancestor(label, panel_ids, node)]
    if not labels or len(labels) != len(panels):
        return False
    for label, panel in zip(labels, panels, strict=True):
        read_labelled(walk, inline_markdown(label.inner_html or ""), panel)
    return True


def read_tab_list(walk: Walk, node: LexborNode) -> bool:
    """Reads the panels that follow a list of tabs, known by their roles alone; False if they do not pair up."""
    labels = node.css("[role=tab]")
    panels = _panels_after(node)
    if not labels or len(labels) != len(panels):
        return False
    for label, panel in zip(labels, panels, strict=True):
        read_labelled(walk, inline_markdown(label.inner_html or ""), panel)
        for child in list(panel.iter(include_text=True)):
            child.decompose()
    return True


def _panels_after(node: LexborNode) -> list[LexborNode]:
    """Gives the panels that stand beside the list, or those in the element after it."""
    panels: list[LexborNode] = []
    after = node.next
    while after is not None and (after.tag == "-text" or after.attributes.get("role") == "tabpanel"):
        panels += [after] if after.tag != "-text" else []
        after = after.next
    return panels or (_outermost(after, "[role=tabpanel]") if after is not None else [])


def read_labelled(walk: Walk, label: str, node: LexborNode) -> None:
    """Reads a panel or a cell; code in it bears the label as its title, before anything else it stands by itself."""
    outer = walk.tab
    walk.tab = ", ".join(filter(None, [outer, label])) or None
    start = len(walk.blocks)
    walk.read_children(node)
    if label and len(walk.blocks) > start and walk.blocks[start].kind != "code":
        walk.insert_label(start, f"**{label}**")
    walk.tab = outer


def _outermost(node: LexborNode, selector: str) -> list[LexborNode]:
    found = node.css(selector)
    ids = {part.mem_id for part in found}
    return [part for part in found if not _has_ancestor(part, ids, node)]


def _has_ancestor(node: LexborNode, ids: set[int], root: LexborNode) -> bool:
    parent = node.parent
    while parent is not None and parent.mem_id != root.mem_id:
        if parent.mem_id in ids:
            return True
        parent = parent.parent
    return False
