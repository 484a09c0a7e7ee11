"""The ids by which a page leads to its headings, as browsers find them: an id leads to the text right after it."""

from collections.abc import Iterable, Iterator

from bs4 import Tag
from bs4.element import Comment, NavigableString

_UNSEEN = frozenset(["script", "style", "template", "noscript", "svg", "nav", "button"])
_HEADINGS = frozenset(["h1", "h2", "h3", "h4", "h5", "h6"])
_TARGETS = frozenset(["a", "span"])
"""Elements that are put into a page for their ids alone."""


def heading_ids(parts: Iterable[Tag]) -> dict[int, frozenset[str]]:
    """Gives, by the identity of each heading that has some, the ids in it and those with no text between them and it.

    Right before a heading these are ids of elements that begin with it, and of empty ones without an appearance.
    """
    found = (pair for part in parts for pair in _headings(part, []))
    return {id(tag): ids for tag, ids in found if ids}


def ids_of(tag: Tag) -> list[str]:
    """Gives the id of an element, and the name of a link."""
    names = (tag.get("id"), tag.get("name") if tag.name == "a" else None)
    return [str(name) for name in names if name]


def _headings(tag: Tag, waiting: list[str]) -> Iterator[tuple[Tag, frozenset[str]]]:
    for child in tag.children:
        if isinstance(child, NavigableString) and child.strip() and not isinstance(child, Comment):
            waiting.clear()
        elif not isinstance(child, Tag) or child.name in _UNSEEN:
            continue
        elif child.name in _HEADINGS:
            yield child, frozenset([*waiting, *_ids_inside(child)])
            waiting.clear()
        else:
            own = ids_of(child)
            waiting += own
            yield from _headings(child, waiting)
            if child.name not in _TARGETS:
                waiting[:] = [name for name in waiting if name not in own]


def _ids_inside(tag: Tag) -> Iterator[str]:
    yield from ids_of(tag)
    for child in tag.children:
        if isinstance(child, Tag) and child.name not in _UNSEEN:
            yield from _ids_inside(child)
