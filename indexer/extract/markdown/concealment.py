"""HTML in Markdown that keeps from sight what stands between its tags, which a parser of Markdown gives as text."""

import re
from collections.abc import Iterator, Sequence
from itertools import groupby

from markdown_it.token import Token

from indexer.extract.html.concealment import is_concealing
from indexer.extract.markdown.fences import Fences
from indexer.extract.styles import read_declarations

_TAG = re.compile(r"<(/?)([a-zA-Z][\w-]{0,40})((?:\s[^<>]{0,5000})?)>")
_STYLE = re.compile(r"""\sstyle\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"\s(?:hidden|popover)(?=[\s=/]|$)", re.IGNORECASE)
_NEVER_SHOWN_WORDS = (
    "script style template noscript iframe object svg canvas video audio textarea select datalist dialog title rp"
)
_NEVER_SHOWN = frozenset(_NEVER_SHOWN_WORDS.split())
_EMPTY_WORDS = "area base br col embed hr img input link meta source track wbr"
_EMPTY = frozenset(_EMPTY_WORDS.split())

_JSX_STYLE = re.compile(r"(`+[^`]*`+)|\bstyle=\{\{([^{}]{0,1000})\}\}")
_JSX_DECLARATION = re.compile(r"""["']?([a-zA-Z-]{1,60})["']?\s{0,50}:\s{0,50}["'`]?([^"'`,]{1,200})""")
_CAPITAL = re.compile(r"[A-Z]")


def with_html_styles(text: str) -> str:
    """Gives Markdown in which styles that are written as objects of JavaScript are written as HTML, but for code."""
    if "style={{" not in text:
        return text
    fences = Fences()
    parts = (("\n".join(lines), is_code) for is_code, lines in groupby(text.split("\n"), fences.covers))
    return "\n".join(part if is_code else _JSX_STYLE.sub(_html_style, part) for part, is_code in parts)


def _html_style(found: re.Match[str]) -> str:
    if found[1]:
        return found[1]
    declarations = _JSX_DECLARATION.findall(found[2])
    css = ";".join(f"{_CAPITAL.sub(_dashed, name)}:{value.strip()}" for name, value in declarations)
    return f'style="{css}"'


def _dashed(capital: re.Match[str]) -> str:
    return f"-{capital[0].lower()}"


def concealing_tag(html: str) -> str | None:
    """Gives the name of the first concealing element that a piece of HTML opens and does not close."""
    tags = [(slash, name.lower(), attributes) for slash, name, attributes in _TAG.findall(html)]
    for position, (slash, name, attributes) in enumerate(tags):
        if slash or name in _EMPTY or attributes.endswith("/") or not _conceals(name, attributes):
            continue
        if _depth(tags[position:], name) > 0:
            return name
    return None


def end_of_concealed(tokens: Sequence[Token], position: int, name: str, level: int) -> int:
    """Gives the position behind what an element conceals: its end tag, else the end of what it stands in."""
    depth = 1
    for ahead in range(position, len(tokens)):
        if tokens[ahead].level < level:
            return ahead
        if tokens[ahead].type in {"html_block", "inline"}:
            depth += _depth([(slash, tag.lower(), "") for slash, tag, _ in _TAG.findall(tokens[ahead].content)], name)
            if depth <= 0:
                return ahead + 1
    return len(tokens)


def visible_tokens(children: Sequence[Token]) -> Iterator[Token]:
    """Yields the parts of a paragraph that are not between concealing tags."""
    concealed, depth = None, 0
    for child in children:
        if concealed is None:
            concealed = concealing_tag(child.content) if child.type == "html_inline" else None
            depth = 1
            if concealed is None:
                yield child
        elif child.type == "html_inline":
            depth += _depth([(slash, tag.lower(), "") for slash, tag, _ in _TAG.findall(child.content)], concealed)
            concealed = concealed if depth > 0 else None


def _conceals(name: str, attributes: str) -> bool:
    style = _STYLE.search(attributes)
    declared = next(filter(None, style.groups()), "") if style else ""
    is_marked = bool(_ATTRIBUTE.search(_STYLE.sub("", attributes)))
    return name in _NEVER_SHOWN or is_marked or (bool(declared) and is_concealing(read_declarations(declared)))


def _depth(tags: Sequence[tuple[str, str, str]], name: str) -> int:
    """Gives how many elements of a name are open at the end."""
    return sum(-1 if slash else 1 for slash, tag, _ in tags if tag == name)
