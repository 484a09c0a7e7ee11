"""Front matter, and the block syntaxes that MkDocs, Docusaurus and VitePress add to Markdown."""

import re
import tomllib
from collections.abc import Callable, Iterator

from indexer.extract.cursor import indentation
from indexer.extract.markdown.boxes import closing, is_note, note_label, opening, with_balanced_boxes
from indexer.extract.markdown.fences import Fences
from indexer.extract.markdown.myst import target_of
from indexer.extract.markdown.templates import closes_listing, listing_of, without_tags
from indexer.extract.rst.directives import is_directive

_FRONT_MATTER = re.compile(r"\A---[ \t]*\n(.*?)\n(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)
_FIELD = re.compile(r"^([A-Za-z_]\w*):(.*)$", re.MULTILINE)
_TOML_MATTER = re.compile(r"\A\+\+\+[ \t]*\n(.*?)\n\+\+\+[ \t]*(?:\n|\Z)", re.DOTALL)
_MODULE_LINE = re.compile(r"^(?:import\s.+\sfrom\s|import\s+['\"]|export\s+(?:const|default|function|let)\s)")
_COLONS = re.compile(
    r"""
    ^(?P<colons>:{3,})[ \t]*
    (?:\{(?P<braces>[^{}]{0,300})\}|(?P<kind>[A-Za-z][\w.-]{0,200}))?[ \t]*
    (?:\[(?P<title>[^\]]{0,300})\])?[ \t]*(?P<rest>.*?)[ \t]*$
    """,
    re.VERBOSE,
)
_MARKED = re.compile(
    r'^(?:!!!|\?\?\?\+?)[ \t]+(?:(?P<kind>[\w-]+)(?:[ \t][\w -]*?)?[ \t]*)?(?:"(?P<title>[^"]*)")?[ \t]*$'
)
_TAB = re.compile(r'^===[!+]?[ \t]+"(?P<title>[^"]{1,300})"[ \t]*$')
_CLASS = re.compile(r"\.(?:callout-)?([\w-]{1,60})")
_TITLE = re.compile(r'title="([^"]{1,300})"')
_BRACES = re.compile(r"\{[^{}]*\}$")
_SNIPPET = re.compile(r"^-{1,8}8<-{1,8}(?:\s|$)")
_ITEM = re.compile(r"^(?:[-*+]|\d{1,9}[.)])(?:\s|$)")
_BORDER = "~" * 40
"""A fence longer than those in what it encloses."""

_MAX_DEPTH = 20
_MAX_MARK_CHARS = 500
_INDENT = "    "


def split_front_matter(text: str) -> tuple[dict[str, str], str]:
    """Gives the plain fields of YAML or TOML before the text, and the text."""
    if (match := _FRONT_MATTER.match(text)) is not None:
        fields = ((name, value.strip(" \t")) for name, value in _FIELD.findall(match[1]))
        return {name: value.strip("\"'") for name, value in fields if value}, text[match.end() :]
    if (match := _TOML_MATTER.match(text)) is not None:
        return _toml_fields(match[1]), text[match.end() :]
    return {}, text


def _toml_fields(text: str) -> dict[str, str]:
    try:
        fields = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError):
        return {}
    return {name: value for name, value in fields.items() if isinstance(value, str)}


def plain_markdown(text: str) -> str:
    """Gives the text with dialect blocks as marked boxes and what is in them as ordinary Markdown."""
    return with_balanced_boxes("\n".join(_Opener().read(text)))


class _Opener:
    """Reads lines in turn; knows what they stand in: code, a list, blocks that end with their indentation."""

    def __init__(self) -> None:
        self._fences = Fences()
        self._ends_code: Callable[[str], bool] | None = None
        self._bases: list[int] = []
        self._is_in_list = False

    def read(self, text: str) -> Iterator[str]:
        """Yields each line as one or several."""
        for raw in text.split("\n"):
            if self._bases and not (self._fences.is_open or self._ends_code):
                yield from self._left(raw)
            line = raw[min(len(_INDENT) * len(self._bases), indentation(raw)) :] if self._bases else raw
            if self._ends_code is not None:
                yield self._code_line(line)
            elif not line or self._fences.covers(line):
                yield line
            else:
                yield self._opened(line)
        yield from (closing("!") for _ in self._bases)

    def _left(self, raw: str) -> Iterator[str]:
        """Yields the ends of the blocks that a line is not indented enough to be in."""
        while self._bases and raw.strip() and indentation(raw) < self._bases[-1] + len(_INDENT):
            base = self._bases.pop()
            yield closing("!", " " * (base - len(_INDENT) * len(self._bases)))

    def _code_line(self, line: str) -> str:
        if self._ends_code is None or not self._ends_code(line):
            return line
        self._ends_code = None
        return f"{' ' * indentation(line)}{_BORDER}"

    def _opened(self, line: str) -> str:
        if line[:1].isalpha() and "{" not in line:
            self._is_in_list = False
            return "" if _MODULE_LINE.match(line) else line
        text = line.lstrip(" ")
        indent = line[: len(line) - len(text)]
        if text:
            self._is_in_list = _ITEM.match(text) is not None or (self._is_in_list and bool(indent))
        if len(indent) >= len(_INDENT) and not self._is_in_list:
            return line
        if text.startswith(":::"):
            return self._colons(text, indent)
        marked = (_MARKED.match(text) or _TAB.match(text)) if len(text) <= _MAX_MARK_CHARS else None
        if marked is not None and len(self._bases) < _MAX_DEPTH:
            self._bases.append(len(indent) + len(_INDENT) * len(self._bases))
            return _marked_box(marked, indent)
        if "{%" in text or "{{" in text:
            return self._template(line)
        target = target_of(line)
        return (
            f'<a id="{target}"></a>\n' if target else "" if _MODULE_LINE.match(line) or _SNIPPET.match(text) else line
        )

    def _template(self, line: str) -> str:
        listing = listing_of(line)
        if listing is None:
            return without_tags(line)
        name, language = listing
        self._ends_code = lambda following: closes_listing(following, name)
        return f"{' ' * indentation(line)}{_BORDER} {language}"

    def _colons(self, text: str, indent: str) -> str:
        found = _COLONS.match(text)
        if found is None or found["rest"].endswith(":::"):
            return "" if found else f"{indent}{text}"
        braces = (found["braces"] or "").strip()
        if is_directive(braces):
            least = found["colons"]
            self._ends_code = lambda line: line.strip().startswith(least) and not line.strip(" :")
            return f"{indent}{_BORDER} {{{braces}}} {found['rest']}"
        return _colon_box(found, braces, indent)


def _marked_box(marked: re.Match[str], indent: str) -> str:
    if marked.re is _TAB:
        return opening("tab", "!", marked["title"], indent)
    kind, title = marked["kind"] or "", (marked["title"] or "").strip()
    return opening("admonition", "!", note_label(kind, title) or "Note", indent)


def _colon_box(found: re.Match[str], braces: str, indent: str) -> str:
    kind, title = found["kind"] or "", found["title"] or found["rest"]
    if not (kind or braces or title):
        return closing(":", indent)
    if "." in kind:
        # A name whose documentation is generated, with no end of its own.
        return f"\n`{kind}{found['rest']}`\n"
    attributes = f"{braces} {title}"
    named = _CLASS.search(braces)
    kind = kind or (named[1] if named else "")
    given = _TITLE.search(attributes)
    title = given[1] if given else "" if "=" in title else _BRACES.sub("", title)
    if is_note(kind):
        return opening("admonition", ":", note_label(kind, title), indent)
    if kind in {"code-group", "code-tabs"}:
        return opening("codes", ":", "", indent)
    return opening("tab" if kind == "tab" else "group", ":", title, indent)
