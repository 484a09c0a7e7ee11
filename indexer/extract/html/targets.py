"""Removing elements of a page without losing the places they mark: a link may be what others lead to."""

from selectolax.lexbor import LexborNode

from indexer.extract.inline import ids_in

HEADINGS = frozenset(["h1", "h2", "h3", "h4", "h5", "h6"])


def drop_shown(node: LexborNode) -> bool:
    """Removes what an element shows, and tells whether an empty target stays behind.

    It does of a link, and of an empty span or an empty box in a heading, that has an id or a name.
    """
    tag = node.tag
    is_place = tag == "a" or ((tag == "span" or _is_in_heading(node)) and not node.text_lexbor().strip())
    names = ids_in(node.html or "") if is_place else []
    if not names:
        node.decompose()
        return False
    for child in [*node.iter(include_text=True)]:
        child.decompose()
    node.attrs["id"] = names[0]
    if "href" in node.attrs:
        del node.attrs["href"]
    return True


def _is_in_heading(node: LexborNode) -> bool:
    return node.tag == "div" and node.parent is not None and node.parent.tag in HEADINGS
