"""Style sheets and style attributes, as far as they say what a reader does not see.

Source: CSS Syntax Level 3 and CSS Cascade Level 4, https://www.w3.org/TR/css-syntax-3/.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

_MAX_SHEET_CHARS = 500_000
_MAX_NESTING = 8
_MAX_SELECTOR_CHARS = 2000
_COMMENT_OR_TEXT = re.compile(r"/\*.*?(?:\*/|\Z)|\"[^\"\n]*\"|'[^'\n]*'", re.DOTALL)
_SYNTAX = re.compile(r"[{};]")
_ESCAPE = re.compile(r"\\(?:([0-9a-fA-F]{1,6})\s?|(.))", re.DOTALL)
_BRACE = re.compile(r"[{}]")
# Conditions under which some readers see what others do not.
_CONDITIONAL = re.compile(
    r"@media\b.*?\b(?:print|width|height|prefers-|pointer|hover|orientation|resolution)", re.DOTALL
)
_INERT = ("@keyframes", "@-webkit-keyframes", "@font-face", "@page", "@property", "@container")
_IDS, _CLASSES, _TAGS = (
    re.compile(r"#[\w-]"),
    re.compile(r"\.[\w\\-]|\[|(?<!:):[\w-]"),
    re.compile(r"(?:^|[\s>+~(])[a-zA-Z]"),
)

Declarations = Mapping[str, str]
"""Property -> value, both in lower case; an important value ends in `!important`."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One selector with what it declares."""

    selector: str
    declarations: Declarations
    order: int

    @property
    def specificity(self) -> tuple[int, int, int]:
        """How much the rule counts against others: ids, then classes, then elements; of a list the most it can."""
        parts = [self.selector] if "(" in self.selector else self.selector.split(",")
        return max((_count(_IDS, part), _count(_CLASSES, part), _count(_TAGS, part)) for part in parts)


def _count(pattern: re.Pattern[str], selector: str) -> int:
    return len(pattern.findall(selector))


def read_declarations(text: str) -> dict[str, str]:
    """Gives what a style attribute or the inside of a rule declares; of two values the later one."""
    declared: dict[str, str] = {}
    for part in _ESCAPE.sub(_unescaped, _plain(text)).lower().split(";"):
        name, _, value = part.partition(":")
        name, value = name.strip(), " ".join(value.split())
        if value and ("!" in value or "!" not in declared.get(name, "")):
            declared[name] = value
    return declared


@dataclass
class _Block:
    """A block whose end is not read yet; None as selector for one that declares nothing for a screen."""

    selector: str | None
    declared: str = ""


def read_rules(sheet: str) -> Iterator[Rule]:
    """Yields the rules of a sheet that hold for everybody who reads on a screen."""
    plain = _plain(sheet[:_MAX_SHEET_CHARS])
    # What is open at the end is closed there.
    plain += "}" * min(plain.count("{"), _MAX_NESTING)
    open_blocks: list[_Block] = []
    start = 0
    for order, brace in enumerate(_BRACE.finditer(plain)):
        text, start = plain[start : brace.start()], brace.end()
        if brace[0] == "{":
            declared, _, prelude = text.rpartition(";")
            if open_blocks:
                open_blocks[-1].declared += declared + ";"
            open_blocks.append(_Block(_selector(prelude.strip(), open_blocks)))
        elif open_blocks:
            block = open_blocks.pop()
            if block.selector:
                yield Rule(block.selector, read_declarations(block.declared + text), order)


def _selector(prelude: str, around: list[_Block]) -> str | None:
    """Gives the selector of a block, empty for one that only holds others; None where it does not apply."""
    outer = around[-1].selector if around else ""
    if outer is None or len(around) >= _MAX_NESTING or len(outer) + len(prelude) > _MAX_SELECTOR_CHARS:
        return None
    if prelude.startswith("@"):
        return None if prelude.startswith(_INERT) or _CONDITIONAL.match(prelude) else outer
    if not outer:
        return prelude
    return prelude.replace("&", f":is({outer})") if "&" in prelude else f":is({outer}) {prelude}"


def _plain(text: str) -> str:
    """Gives the text without comments, and without syntax in what stands in quotation marks."""
    return _COMMENT_OR_TEXT.sub(lambda found: "" if found[0][0] == "/" else _SYNTAX.sub("", found[0]), text)


def _unescaped(escape: re.Match[str]) -> str:
    if escape[1] is None:
        return escape[2]
    code = int(escape[1], 16)
    return chr(code) if 0 < code <= 0x10FFFF else "\ufffd"  # noqa: PLR2004 - the last code point
