"""Boxes in Markdown: notes, tabs, parameters. Each dialect writes them its own way, here lines mark where they are.

The marks are control characters, which text from outside does not have any more when it comes here.
"""

import re
from typing import Literal

BoxKind = Literal["admonition", "tab", "definition", "codes", "group"]

_OPEN, _LABEL, _CLOSE = "\x02", "\x03", "\x04"
_MARKS = re.compile("\x02[^\x03\n]*\x03|\x04[^\n]*")
_MAX_DEPTH = 20
_KIND_WORDS = (
    "note tip hint warning caution important danger info error attention seealso success check example question bug "
    "abstract summary todo failure quote alert callout notice admonition tldr faq help"
)
_KINDS = frozenset(_KIND_WORDS.split())
_PLAIN_KINDS = {"alert": "Note", "callout": "Note", "notice": "Note", "admonition": "Note", "seealso": "See also"}


def is_note(kind: str) -> bool:
    """Whether a word names a kind of admonition."""
    return kind.lower() in _KINDS


def note_label(kind: str, title: str) -> str:
    """Gives the label of an admonition: its kind, and its title if that says more."""
    name = _PLAIN_KINDS.get(kind.lower(), kind.capitalize())
    if not title or title.lower().startswith(kind.lower()):
        return title or name
    return title if kind.lower() in _PLAIN_KINDS else f"{name}: {title}"


def opening(kind: BoxKind, name: str, label: str, indent: str = "") -> str:
    """Gives the lines that open a box; `name` is what its end repeats."""
    return f"\n\n{indent}{_OPEN}{kind} {name}{_LABEL}{label}\n\n"


def closing(name: str, indent: str = "") -> str:
    """Gives the lines that close a box."""
    return f"\n\n{indent}{_CLOSE}{name}\n\n"


def with_balanced_boxes(text: str) -> str:
    """Gives text in which each box that opens closes; what opens and does not close is only its label."""
    if _OPEN not in text and _CLOSE not in text:
        return text
    found = text.split("\n")
    opened: list[tuple[int, str]] = []
    for at, line in enumerate(found):
        if _OPEN in line:
            opened.append((at, line.partition(_OPEN)[2].partition(_LABEL)[0].partition(" ")[2]))
        elif _CLOSE in line:
            _close(found, opened, at)
    for at, _ in opened:
        found[at] = _label_alone(found[at])
    return "\n".join(found)


def _close(lines: list[str], opened: list[tuple[int, str]], at: int) -> None:
    name = lines[at].partition(_CLOSE)[2].strip()
    nearest = opened[-_MAX_DEPTH:]
    position = next((place for place in reversed(range(len(nearest))) if nearest[place][1] == name), None)
    if position is None:
        lines[at] = ""
        return
    while len(nearest) - 1 > position:
        lines[opened[-1][0]] = _label_alone(lines[opened[-1][0]])
        opened.pop()
        nearest.pop()
    opened.pop()


def _label_alone(line: str) -> str:
    start, _, rest = line.partition(_OPEN)
    return start + rest.partition(_LABEL)[2]


def opens_box(text: str) -> bool:
    """Whether a paragraph opens a box."""
    return text.startswith(_OPEN)


def kind_and_label(text: str) -> tuple[str, str]:
    """Gives what a paragraph says that opens a box."""
    head, _, label = text[1:].partition(_LABEL)
    return head.partition(" ")[0], label


def closes_box(text: str) -> bool:
    """Whether a paragraph closes a box."""
    return text.startswith(_CLOSE)


def without_marks(text: str) -> str:
    """Gives text that a parser took for code or HTML without the marks that came into it."""
    return _MARKS.sub("", text) if _OPEN in text or _CLOSE in text else text
