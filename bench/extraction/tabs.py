"""Tab sets as a reader sees them who opens one tab after the other."""

from collections.abc import Iterable

from bs4 import Tag


def open_tabs(parts: Iterable[Tag], tab_set: str, label: str, panel: str) -> None:
    """Puts the text of each label before the content of its panel and removes the labels.

    A label or panel belongs to the innermost tab set around it. The selectors are those of sets, labels and panels.
    """
    for part in parts:
        sets = part.select(tab_set)
        for found in sets:
            labels, panels = (_own(found, sets, selector) for selector in (label, panel))
            if len(labels) == len(panels):
                for name, content in zip(labels, panels, strict=True):
                    content.insert(0, f"\n{name.get_text()}\n")
                    name.decompose()


def _own(tab_set: Tag, sets: list[Tag], selector: str) -> list[Tag]:
    known = {id(found) for found in sets}
    innermost = (
        (tag, next(id(parent) for parent in tag.parents if id(parent) in known)) for tag in tab_set.select(selector)
    )
    return [tag for tag, owner in innermost if owner == id(tab_set)]
