"""MDX to Markdown: modules and expressions are left out, components give way to what is in them."""

import re
from collections.abc import Callable, Iterator
from typing import Literal

from indexer.extract.cursor import Cursor
from indexer.extract.markdown.boxes import BoxKind, closing, is_note, note_label, opening
from indexer.extract.markdown.fences import Fences, opens_fence, prose_lines

_COMPONENT_LINE = re.compile(r"^[ \t]*</?[A-Z][\w.]*(?:[\s/>]|$)", re.MULTILINE)
_MODULE = re.compile(r"^(?:import\s+[\w{*'\"]|export\s+(?:const|default|function|let|async|class|\{|\*))")
_MODULE_LIKE = re.compile(r"^import\s[^\n]{1,300}\sfrom\s+['\"]", re.MULTILINE)
_TAG_OPENS = re.compile(r"^\s*<(?:[A-Z][\w.]*|>)")
_TAG = re.compile(
    r"<(?P<slash>/?)(?:(?P<name>[A-Z][\w.]*)(?:\s(?:[^<>{}]|\{(?:[^{}]|\{[^{}]{0,300}\}){0,300}\}){0,2000})?)?/?>"
)
_ATTRIBUTE = re.compile(r"""\s([a-zA-Z]+)(?:=\{?(?:"([^"]{0,300})"|'([^']{0,300})'|`([^`]{0,300})`|([\w.]{1,60})))?""")
_ITEMS = re.compile(r"\sitems=\{\[([^\]]{0,1000})\]\}")
_STRING = re.compile(r"""(["'`])([^"'`]{1,100})\1""")
_LABEL_NAMES = ("label", "title", "header", "summary", "name", "value")
_KIND_NAMES = ("type", "kind", "variant", "intent", "status", "severity")
_PARAMETER_NAMES = ("path", "query", "body", "header", "name", "param", "cookie")
_Kind = BoxKind | Literal["labelled"]
_NAMES: dict[_Kind, str] = {
    "admonition": (
        "Note Tip Info Warning Caution Danger Check Important Success Error Hint Alert Callout Admonition Aside"
    ),
    "tab": "Tab TabItem TabPanel CodeGroupItem",
    "labelled": "Accordion AccordionItem Step Card Expandable Details Update Toggle",
    "definition": "ParamField ResponseField Property Parameter",
    "codes": "CodeGroup CodeTabs RequestExample ResponseExample CodeBlocks",
}
_KINDS: dict[str, _Kind] = {name: kind for kind, names in _NAMES.items() for name in names.split()}
"""Component -> what it is, in the names of Mintlify, Docusaurus, Starlight, Fumadocs, Fern and Nextra."""

_EXPRESSION = re.compile(r"^\s*\{.*\}\s*$")
_CODE_SPAN = re.compile(r"(`+[^`]*`+)")
_MAX_TAG_LINES = 40
_MAX_MODULE_LINES = 200
_MAX_LINE_CHARS = 20_000


def looks_like_mdx(text: str) -> bool:
    """Whether Markdown imports components or has one at the start of a line, outside of code."""
    if not (_MODULE_LIKE.search(text) or _COMPONENT_LINE.search(text)):
        return False
    prose = "\n".join(prose_lines(text))
    return bool(_MODULE_LIKE.search(prose) or _COMPONENT_LINE.search(prose))


def plain_mdx(text: str) -> str:
    """Gives Markdown: notes, tabs and parameters as marked boxes, code in fences untouched."""
    return "\n".join(_plain_lines(Cursor(text.split("\n"))))


def _plain_lines(cursor: Cursor) -> Iterator[str]:
    fences, labels = Fences(), list[str]()
    while cursor:
        line = cursor.peek()
        if fences.covers(line) or len(line) > _MAX_LINE_CHARS:
            yield from cursor.take()
        elif _MODULE.match(line):
            _skip_module(cursor)
        elif _TAG_OPENS.match(line):
            yield from ["", _without_tags(_take_tag(cursor), labels), ""]
        else:
            cursor.take()
            yield "" if _EXPRESSION.match(line) else _without_tags(line, labels)


def _skip_module(cursor: Cursor) -> None:
    """Takes an import or export: up to where its brackets close, at most to a blank line outside of them."""
    depth = 0
    for _ in range(_MAX_MODULE_LINES):
        (line,) = cursor.take()
        depth += sum(map(line.count, "{[(")) - sum(map(line.count, "}])"))
        if depth <= 0 or not cursor:
            return


def _take_tag(cursor: Cursor) -> str:
    """Takes the line with a tag; one that spans lines is joined, if it ends soon."""
    text = cursor.peek()
    for ahead in range(1, _MAX_TAG_LINES):
        if _is_complete(text):
            cursor.take(ahead)
            return text
        following = cursor.peek(ahead)
        if not following.strip() or len(text) > _MAX_LINE_CHARS or opens_fence(following):
            break
        text = f"{text} {following.strip()}"
    return cursor.take()[0]


def _is_complete(text: str) -> bool:
    return text.count("<") <= text.count(">") - text.count("=>") and text.count("{") <= text.count("}")


def _without_tags(line: str, labels: list[str]) -> str:
    """Gives a line without the tags of components, and lines with what their tags open, close and say.

    `labels` are those that a set of tabs has named and that wait for their tab.
    """
    if "<" not in line:
        return line
    indent = line[: len(line) - len(line.lstrip())]
    parts = _CODE_SPAN.split(line)
    read = (part if part.startswith("`") else _TAG.sub(lambda tag: _read(tag, indent, labels), part) for part in parts)
    return "".join(read)


def _read(tag: re.Match[str], indent: str, labels: list[str]) -> str:
    name = (tag["name"] or "").rpartition(".")[2]
    kind = _KINDS.get(name)
    if name == "Tabs" and not tag["slash"]:
        items = _ITEMS.search(tag[0])
        labels[:] = [label for _, label in _STRING.findall(items[1])] if items else []
    if kind is None:
        return ""
    if tag["slash"]:
        return "\n\n" if kind == "labelled" else closing(name, indent)
    attributes = {match[1]: next(filter(None, match.groups()[1:]), "") for match in _ATTRIBUTE.finditer(tag[0])}
    label = _LABELS[kind](name, attributes)
    if kind == "tab" and labels:
        label = label or labels[0]
        del labels[0]
    alone = f"\n\n{indent}{label}\n\n"
    if kind == "labelled":
        return alone
    return alone if tag[0].endswith("/>") else opening(kind, name, label, indent)


def _tab_label(_name: str, attributes: dict[str, str]) -> str:
    return next((attributes[key] for key in _LABEL_NAMES if key in attributes), "")


def _note_label(name: str, attributes: dict[str, str]) -> str:
    kind = next((attributes[key] for key in _KIND_NAMES if is_note(attributes.get(key, ""))), name)
    return note_label(kind if is_note(kind) else "note", attributes.get("title", ""))


def _parameter_label(_name: str, attributes: dict[str, str]) -> str:
    """Gives the name of a parameter with what its tag says about it."""
    name = next((attributes[key] for key in _PARAMETER_NAMES if key in attributes), "")
    default = attributes.get("default")
    facts = [attributes.get("type", ""), "required" if attributes.get("required", "false") != "false" else ""]
    facts += [f"default `{default}`"] if default else []
    said = ", ".join(filter(None, facts))
    return f"`{name}` ({said})" if said else f"`{name}`"


_LABELS: dict[str, Callable[[str, dict[str, str]], str]] = {
    "admonition": _note_label,
    "tab": _tab_label,
    "labelled": _tab_label,
    "definition": _parameter_label,
    "codes": lambda _name, _attributes: "",
}
