"""Members in pages of Qt's qdoc, which sets no element around a member and what describes it.

Source: pages of Qt 5.15.
"""

from collections.abc import Iterable, Iterator

from selectolax.lexbor import LexborNode

QDOC = "qdoc"

_HEADING = "h3.fn,h3.flags"
_SECTIONS = frozenset(["h1", "h2", "h3"])


def list_members(container: LexborNode) -> None:
    """Makes of each member, with those described together with it, a list of signatures such as Sphinx writes."""
    taken: set[int] = set()
    for heading in container.css(_HEADING):
        if heading.mem_id not in taken:
            headings, described = _run(heading)
            taken.update(each.mem_id for each in headings)
            _list_member(heading, "cpp", headings, described)
    for item in container.css(".qmlitem"):
        prototype, description = item.css_first(".qmlproto"), item.css_first(".qmldoc")
        if prototype is not None:
            _list_member(prototype, "qml", prototype.css("tr") or [prototype], [description] if description else [])


def _run(heading: LexborNode) -> tuple[list[LexborNode], list[LexborNode]]:
    """Gives headings that follow each other at once, and what stands below the last of them up to the next one."""
    headings, described = [heading], list[LexborNode]()
    for node in _following(heading):
        if node.tag in _SECTIONS and (described or not node.css_matches(_HEADING)):
            break
        if node.tag in _SECTIONS:
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


def _list_member(
    place: LexborNode, language: str, terms: Iterable[LexborNode], described: Iterable[LexborNode]
) -> None:
    made, body = place.parser.create_node("dl"), place.parser.create_node("dd")
    made.attrs["class"] = language
    place.insert_before(made, move=True)
    for term in terms:
        _add_terms(made, term)
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
