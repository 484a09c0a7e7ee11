"""Members in pages that set no element around a member and what describes it: made signature lists as Sphinx has them.

Source: pages of Qt 5.15 (qdoc) and GTK 4.8 (gi-docgen 2023.1).
"""

from collections.abc import Callable, Iterable, Iterator

from selectolax.lexbor import LexborNode

_QDOC_HEADING = "h3.fn,h3.flags"
_QDOC_SECTIONS = frozenset(["h1", "h2", "h3"])
_GI_KINDS_WITHOUT_NAME = frozenset(
    ["signal", "property", "virtual method", "enumeration", "flags", "error domain", "alias"]
)
"""Kinds of which the declaration does not say the name that C knows them by."""


def arrange_qdoc(container: LexborNode) -> None:
    """Lists each member of C++, with those described together with it, and each of QML."""
    taken: set[int] = set()
    for heading in container.css(_QDOC_HEADING):
        if heading.mem_id not in taken:
            headings, described = _qdoc_run(heading)
            taken.update(each.mem_id for each in headings)
            _list_members(heading, "cpp", headings, described)
    for item in container.css(".qmlitem"):
        prototype, description = item.css_first(".qmlproto"), item.css_first(".qmldoc")
        if prototype is not None:
            _list_members(prototype, "qml", prototype.css("tr") or [prototype], [description] if description else [])


def arrange_gi_docgen(container: LexborNode) -> None:
    """Lists the one member a page is of; the headings that lead to members of a class become terms.

    The kind above the title goes into it, and between the parts of a name the dot that its style sheet draws; after a
    namespace it draws none.
    """
    title = container.css_first("header > h1")
    kind = container.css_first("header > h3")
    if title is None or kind is None:
        return
    for place, separator in enumerate(title.css("span.sep")):
        if place:
            separator.insert_child(".")
    name, kind_text = title.text_lexbor().strip(), " ".join(kind.text_lexbor().split())
    kind.decompose()
    if title.first_child is not None:
        title.first_child.insert_before(f"{kind_text} ")
    declaration = container.css_first(".declaration")
    if declaration is not None:
        _list_declaration(declaration, name if kind_text.lower() in _GI_KINDS_WITHOUT_NAME else "")
    for heading in container.css("h6:has(> a[href]:only-child)"):
        _list_link(heading)


ARRANGERS: dict[str, Callable[[LexborNode], None]] = {"qdoc": arrange_qdoc, "gi-docgen": arrange_gi_docgen}
"""Name of the profile -> what its pages need before they are read."""


def _qdoc_run(heading: LexborNode) -> tuple[list[LexborNode], list[LexborNode]]:
    """Gives headings that follow each other at once, and what stands below the last of them up to the next one."""
    headings, described = [heading], list[LexborNode]()
    for node in _following(heading):
        if node.tag in _QDOC_SECTIONS and (described or not node.css_matches(_QDOC_HEADING)):
            break
        if node.tag in _QDOC_SECTIONS:
            headings.append(node)
        elif described or not _is_blank(node):
            described.append(node)
    return headings, described


def _following(node: LexborNode) -> Iterator[LexborNode]:
    following = node.next
    while following is not None:
        yield following
        following = following.next


def _is_blank(node: LexborNode) -> bool:
    return node.tag == "-comment" or (node.tag == "-text" and not node.text_lexbor().strip())


def _list_declaration(declaration: LexborNode, name: str) -> None:
    listings = declaration.css("pre")
    if not listings:
        return
    described = [*_following(declaration)]
    made = _new_list(declaration, "c")
    if name:
        _new_term(made, None).insert_child(name)
    # A listing inside another is the one with the text.
    _new_term(made, "declaration").insert_child(listings[-1], move=True)
    declaration.decompose()
    _describe(made, described)


def _list_link(heading: LexborNode) -> None:
    described = [*_following(heading)]
    made = _new_list(heading, "")
    term = made.parser.create_node("dt")
    made.insert_child(term, move=True)
    _move_children(heading, term)
    heading.decompose()
    _describe(made, described)


def _list_members(
    place: LexborNode, language: str, terms: Iterable[LexborNode], described: Iterable[LexborNode]
) -> None:
    made = _new_list(place, language)
    for term in terms:
        _add_terms(made, term)
    _describe(made, described)


def _new_list(place: LexborNode, language: str) -> LexborNode:
    made = place.parser.create_node("dl")
    made.attrs["class"] = language
    place.insert_before(made, move=True)
    return made


def _describe(made: LexborNode, described: Iterable[LexborNode]) -> None:
    body = made.parser.create_node("dd")
    made.insert_child(body, move=True)
    for node in described:
        body.insert_child(node, move=True)


def _add_terms(made: LexborNode, named: LexborNode) -> None:
    """Adds a term for each line of what names a member: `enum` and `flags` of the same values share a heading."""
    term = _new_term(made, named.id)
    for child in [*named.iter(include_text=True)]:
        if child.tag == "br":
            term = _new_term(made, None)
        else:
            term.insert_child(child, move=True)
    named.decompose()


def _new_term(made: LexborNode, id_: str | None) -> LexborNode:
    term = made.parser.create_node("dt")
    term.attrs["class"] = "sig"
    if id_:
        term.attrs["id"] = id_
    made.insert_child(term, move=True)
    return term


def _move_children(origin: LexborNode, place: LexborNode) -> None:
    for child in [*origin.iter(include_text=True)]:
        place.insert_child(child, move=True)
