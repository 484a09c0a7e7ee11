"""MDX to Markdown: modules and expressions are left out, components give way to what is in them."""

import re
from collections.abc import Iterator

from indexer.extract.cursor import Cursor

_FENCE = re.compile(r"^\s*(`{3,}|~{3,})")
_COMPONENT_LINE = re.compile(r"^[ \t]*</?[A-Z][\w.]*(?:[\s/>]|$)", re.MULTILINE)
_MODULE = re.compile(r"^(?:import\s+[\w{*'\"]|export\s+(?:const|default|function|let|async|class|\{|\*))")
_MODULE_LIKE = re.compile(r"^import\s[^\n]{1,300}\sfrom\s+['\"]", re.MULTILINE)
_TAG_OPENS = re.compile(r"^\s*<(?:[A-Z][\w.]*|>)")
_TAG = re.compile(r"</?(?:[A-Z][\w.]*(?:\s(?:[^<>{}]|\{[^{}]{0,300}\}){0,2000})?)?/?>")
_LABEL = re.compile(r"""\b(label|title|header|summary|value)=\{?(["'])([^"']{1,200})\2""")
_LABELLED = re.compile(r"^\s*<(?:Tab|TabItem|CodeGroupItem|Accordion|Step|Card|Expandable|Details|Admonition|Note)\b")
_EXPRESSION = re.compile(r"^\s*\{.*\}\s*$")
_CODE_SPAN = re.compile(r"(`+[^`]*`+)")
_MAX_TAG_LINES = 40
_MAX_MODULE_LINES = 200
_MAX_LINE_CHARS = 20_000


def looks_like_mdx(text: str) -> bool:
    """Whether Markdown imports components or has one at the start of a line, outside of code."""
    if not (_MODULE_LIKE.search(text) or _COMPONENT_LINE.search(text)):
        return False
    prose = "\n".join(line for line, is_code in _marked_lines(text) if not is_code)
    return bool(_MODULE_LIKE.search(prose) or _COMPONENT_LINE.search(prose))


def plain_mdx(text: str) -> str:
    """Gives Markdown: the labels of tabs, steps and cards as paragraphs, code in fences untouched."""
    return "\n".join(_plain_lines(Cursor(text.split("\n"))))


def _marked_lines(text: str) -> Iterator[tuple[str, bool]]:
    """Yields the lines, and of each whether it is of a fenced block."""
    fence = ""
    for line in text.split("\n"):
        mark = _FENCE.match(line)
        if mark and (not fence or (mark[1].startswith(fence) and line.strip() == mark[1])):
            fence = "" if fence else mark[1]
        yield line, bool(fence or mark)


def _plain_lines(cursor: Cursor) -> Iterator[str]:
    fence = ""
    while cursor:
        line = cursor.peek()
        mark = _FENCE.match(line)
        if mark and (not fence or (mark[1].startswith(fence) and line.strip() == mark[1])):
            fence = "" if fence else mark[1]
        if fence or mark or len(line) > _MAX_LINE_CHARS:
            yield from cursor.take()
        elif _MODULE.match(line):
            _skip_module(cursor)
        elif _TAG_OPENS.match(line):
            yield from _without_component(_take_tag(cursor))
        else:
            cursor.take()
            yield "" if _EXPRESSION.match(line) else _without_tags(line)


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
        if not following.strip() or len(text) > _MAX_LINE_CHARS or _FENCE.match(following):
            break
        text = f"{text} {following.strip()}"
    return cursor.take()[0]


def _is_complete(text: str) -> bool:
    return text.count("<") <= text.count(">") - text.count("=>") and text.count("{") <= text.count("}")


def _without_component(line: str) -> Iterator[str]:
    labels = {name: text for name, _, text in _LABEL.findall(line)} if _LABELLED.match(line) else {}
    value = labels.pop("value", "")
    rest = _without_tags(line)
    yield from ["", next(iter(labels.values()), value), ""]
    if rest.strip():
        yield from [rest, ""]


def _without_tags(line: str) -> str:
    if "<" not in line:
        return line
    parts = _CODE_SPAN.split(line)
    return "".join(part if part.startswith("`") else _TAG.sub("", part) for part in parts)
