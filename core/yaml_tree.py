# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# The YAML parser has no types; its events are read here and nowhere else.
"""YAML to plain values in time and memory linear to its length, whatever it holds."""

import re
from dataclasses import dataclass

import yaml

MAX_NODES = 1_000_000
MAX_DEPTH = 200
_MERGE = "<<"
_INTEGER = re.compile(r"^[-+]?\d{1,18}$")
_DECIMAL = re.compile(r"^[-+]?\d{1,18}\.\d{1,18}$")
# Source: YAML 1.2.2, 10.3.2, core schema.
_WORDS: dict[str, bool | None] = {
    **dict.fromkeys(["", "~", "null", "Null", "NULL"], None),
    **dict.fromkeys(["true", "True", "TRUE"], True),
    **dict.fromkeys(["false", "False", "FALSE"], False),
}


def read_yaml(text: str) -> object:
    """Gives the first document as dicts with text keys, lists and scalars.

    An alias gives the very object it names, so a document cannot multiply itself by aliases; whoever writes the values
    out has to bound that. A number that would not be written as it stands here, such as 1.10, stays text.

    Raises:
        ValueError: It is no YAML, or too deep or too large.
    """
    tree = _Tree()
    try:
        for event in yaml.parse(text, Loader=yaml.CSafeLoader):
            if isinstance(event, yaml.DocumentEndEvent):
                break
            tree.add(event)
    except yaml.YAMLError as error:
        raise ValueError("This is no YAML.") from error
    return tree.root


@dataclass(slots=True)
class _Open:
    """A container that is being filled; `key` waits for its value, `anchor` is known once it is complete."""

    container: dict[str, object] | list[object]
    anchor: str | None
    key: str | None = None


class _Tree:
    """Builds values from events without recursion."""

    def __init__(self) -> None:
        self.root: object = None
        self._open: list[_Open] = []
        self._anchored: dict[str, object] = {}
        self._nodes = 0

    def add(self, event: yaml.Event) -> None:
        """Takes the next event.

        Raises:
            ValueError: The document is too deep or too large.
        """
        if isinstance(event, yaml.ScalarEvent):
            self._add_scalar(event)
        elif isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent):
            container: dict[str, object] | list[object] = {} if isinstance(event, yaml.MappingStartEvent) else []
            self._put(container, "?")
            self._open.append(_Open(container, event.anchor))
            if len(self._open) > MAX_DEPTH:
                raise ValueError("This YAML is too deep.")
        elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
            self._close()
        elif isinstance(event, yaml.AliasEvent):
            self._put(self._anchored.get(event.anchor), "*")

    def _add_scalar(self, event: yaml.ScalarEvent) -> None:
        value = _scalar(event.value) if event.implicit[0] else event.value
        self._put(value, event.value)
        if event.anchor:
            self._anchored[event.anchor] = value

    def _put(self, value: object, as_key: str) -> None:
        self._count(1)
        if not self._open:
            self.root = value
            return
        top = self._open[-1]
        if isinstance(top.container, list):
            top.container.append(value)
        elif top.key is None:
            top.key = as_key
        else:
            top.container[top.key] = value
            top.key = None

    def _close(self) -> None:
        closed = self._open.pop()
        if isinstance(closed.container, dict) and _MERGE in closed.container:
            self._merge(closed.container)
        # Known only now: an alias inside of what it names would make a circle.
        if closed.anchor:
            self._anchored[closed.anchor] = closed.container

    def _merge(self, into: dict[str, object]) -> None:
        merged = into.pop(_MERGE)
        for source in merged if isinstance(merged, list) else [merged]:
            if isinstance(source, dict):
                self._count(len(source))
                into.update({key: value for key, value in source.items() if key not in into})

    def _count(self, nodes: int) -> None:
        self._nodes += nodes
        if self._nodes > MAX_NODES:
            raise ValueError("This YAML is too large.")


def _scalar(text: str) -> object:
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.match(text):
        return int(text) if str(int(text)) == text else text
    return float(text) if _DECIMAL.match(text) and str(float(text)) == text else text
