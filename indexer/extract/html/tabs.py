"""Tabs: labels in one place and panels, most of them hidden, in another."""

from collections.abc import Collection

from selectolax.lexbor import LexborNode

from indexer.extract.inline import inline_markdown
from indexer.extract.walk import Walk

TAB_SETS = {
    "tabbed-set": (".tabbed-labels > label", ".tabbed-content > .tabbed-block"),
    "vp-code-group": (".tabs label", ".blocks > div"),
    "sd-tab-set": ("label.sd-tab-label", ".sd-tab-content"),
    "tab-set": ("label.tab-label", ".tab-content"),
    "book-tabs": ("label", ".book-tabs-content"),
    "gdoc-tabs": (".gdoc-tabs__label", ".gdoc-tabs__content"),
    "code-group": (".code-group__nav-tab", ".code-group-item"),
    "CodeTabs": (".CodeTabs-toolbar > button", ".CodeTabs-inner > pre"),
    "sphinx-tabs": ("[role=tab]", "[role=tabpanel]"),
    "tabs-container": ("[role=tab]", "[role=tabpanel]"),
    "tabs": ("[role=tab],.tablist .tab", "[role=tabpanel],.tabpanel"),
}
"""Class of a tab set -> selectors of its labels and its panels."""

TAB_BUTTONS = "[role=tab],.CodeTabs-toolbar > button,.code-group__nav-tab"
"""The buttons that are labels of tabs, and no controls of the page."""

_PANELS = "[role=tabpanel],.tab-pane"
_MAX_BAR_DEPTH = 3
"""How many boxes a list of tabs may stand in that hold nothing of the panels."""


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
    """Reads the panels that follow a list of tabs, known by their roles alone; False if they do not pair up.

    What is read is taken out, with the ids of the panels: they would stick to what comes next.
    """
    labels = node.css("[role=tab]") or [item for item in node.iter() if item.tag == "li"]
    panels = _panels_after(node) if labels else []
    if not labels or len(labels) != len(panels):
        return False
    for label, panel in zip(labels, panels, strict=True):
        read_labelled(walk, inline_markdown(label.inner_html or ""), panel)
        for child in list(panel.iter(include_text=True)):
            child.decompose()
        for box in filter(None, [panel, panel.parent]):
            if box.id is not None:
                del box.attrs["id"]
    return True


def is_tab_list(node: LexborNode) -> bool:
    """Whether a list says that its items are tabs."""
    attributes = node.attributes
    return attributes.get("role") == "tablist" or "nav-tabs" in (attributes.get("class") or "").split()


def _panels_after(node: LexborNode) -> list[LexborNode]:
    """Gives the panels that come next after a list, which may stand in a bar of its own."""
    bar: LexborNode | None = node
    for _ in range(_MAX_BAR_DEPTH):
        panels = _panels_beside(bar) if bar is not None else []
        if panels or bar is None:
            return panels
        bar = bar.parent
    return []


def _panels_beside(node: LexborNode) -> list[LexborNode]:
    """Gives the panels that stand beside a node, or those in the element after it if they have no list of their own."""
    panels: list[LexborNode] = []
    after = node.next
    while after is not None and (after.tag == "-text" or _is_panel(after)):
        panels += [after] if after.tag != "-text" else []
        after = after.next
    if panels or after is None:
        return panels
    panels = _outermost(after, _PANELS)
    known = {panel.mem_id for panel in panels}
    has_list = any(not _has_ancestor(other, known, after) for other in after.css("[role=tablist],.nav-tabs"))
    return [] if has_list else panels


def _is_panel(node: LexborNode) -> bool:
    attributes = node.attributes
    return attributes.get("role") == "tabpanel" or "tab-pane" in (attributes.get("class") or "").split()


def read_labelled(walk: Walk, label: str, node: LexborNode) -> None:
    """Reads a panel, which may be code itself, or a cell.

    Code in it bears the label as its title; before anything else the label stands by itself.
    """
    outer = walk.tab
    walk.tab = ", ".join(filter(None, [outer, label])) or None
    start = len(walk.blocks)
    if node.tag == "pre":
        walk.read(node)
    else:
        walk.read_children(node)
    if label and len(walk.blocks) > start and walk.blocks[start].kind != "code":
        walk.insert_label(start, f"**{label}**")
    walk.tab = outer


def _outermost(node: LexborNode, selector: str) -> list[LexborNode]:
    # What several selectors of a list find is found as many times.
    found = {part.mem_id: part for part in node.css(selector)}
    return [part for part in found.values() if not _has_ancestor(part, found.keys(), node)]


def _has_ancestor(node: LexborNode, ids: Collection[int], root: LexborNode) -> bool:
    parent = node.parent
    while parent is not None and parent.mem_id != root.mem_id:
        if parent.mem_id in ids:
            return True
        parent = parent.parent
    return False
