"""Front matter, and the block syntaxes that MkDocs, Docusaurus and VitePress add to Markdown."""

import re
import tomllib
from collections.abc import Iterator

_FRONT_MATTER = re.compile(r"\A---[ \t]*\n(.*?)\n(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)
_FIELD = re.compile(r"^([A-Za-z_]\w*):[ \t]*(.+?)[ \t]*$", re.MULTILINE)
_TOML_MATTER = re.compile(r"\A\+\+\+[ \t]*\n(.*?)\n\+\+\+[ \t]*(?:\n|\Z)", re.DOTALL)
_FENCE = re.compile(r"^ *(`{3,}|~{3,})")
_MODULE_LINE = re.compile(r"^(?:import\s.+\sfrom\s|import\s+['\"]|export\s+(?:const|default|function|let)\s)")
_COLONS = re.compile(r"^:{3,}[ \t]*(\w[\w-]*)?[ \t]*(?:\[([^\]]*)\]|(.*?))[ \t]*$")
_MARKED = re.compile(r'^(?:!!!|\?\?\?\+?|===!?)[ \t]+(?:([\w-]+)(?:[ \t][\w -]*?)?[ \t]*)?(?:"([^"]*)")?[ \t]*$')
_INDENT = "    "


def split_front_matter(text: str) -> tuple[dict[str, str], str]:
    """Gives the plain fields of YAML or TOML before the text, and the text."""
    if (match := _FRONT_MATTER.match(text)) is not None:
        return {name: value.strip("\"'") for name, value in _FIELD.findall(match[1])}, text[match.end() :]
    if (match := _TOML_MATTER.match(text)) is not None:
        return _toml_fields(match[1]), text[match.end() :]
    return {}, text


def _toml_fields(text: str) -> dict[str, str]:
    try:
        fields = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError):
        return {}
    return {name: value for name, value in fields.items() if isinstance(value, str)}


def plain_markdown(text: str) -> Iterator[str]:
    """Yields the lines with dialect blocks opened: their label as a paragraph, their content as ordinary Markdown."""
    fence: str | None = None
    inside = 0
    for raw in text.split("\n"):
        line = raw
        if inside and fence is None and line.strip() and not line.startswith(_INDENT * inside):
            inside = _indent_depth(line, inside)
        line = line.removeprefix(_INDENT * inside)
        mark = _FENCE.match(line)
        if mark and (fence is None or (mark[1].startswith(fence) and line.strip() == mark[1])):
            fence = None if fence else mark[1]
        elif fence is None:
            inside += bool(_MARKED.match(line))
            line = _opened(line)
        yield line


def _indent_depth(line: str, limit: int) -> int:
    return min((len(line) - len(line.lstrip(" "))) // len(_INDENT), limit)


def _opened(line: str) -> str:
    if _MODULE_LINE.match(line):
        return ""
    colons = _COLONS.match(line)
    if colons:
        return _label(colons[1], colons[2] or colons[3])
    marked = _MARKED.match(line)
    return _label(marked[1], marked[2]) if marked else line


def _label(kind: str | None, title: str | None) -> str:
    words = [kind.capitalize() if kind and kind not in {"tab", "details", "tabs"} else "", (title or "").strip()]
    text = ": ".join(word for word in words if word)
    return f"\n{text}\n" if text else ""
