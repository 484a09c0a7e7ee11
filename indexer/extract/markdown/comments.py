"""Comments that Markdown is written with beside those of HTML: of MDX, of template languages, of MyST."""

import re
from collections.abc import Iterator

from indexer.extract.markdown.myst import looks_like_myst

_CLOSING = {
    "mdx": re.compile(r"\*/\s{0,50}(?:\}|(?!/\*)(?=\S))"),
    "line": re.compile(r"\}"),
    "liquid": re.compile(r"\{%-?\s{0,5}endcomment\s{0,5}-?%\}"),
    "shortcode": re.compile(r"\{\{[<%]\s{0,5}/\s{0,5}comment\s{0,5}[%>]\}\}"),
    "template": re.compile(r"\*/\s{0,5}-?\}\}"),
    "jinja": re.compile(r"\s#\}"),
}
_TOKEN = re.compile(
    r"""
      \n[ \t]*(?P<fence>`{3,}(?=[^`\n]*$)|~{3,})[^\n]*$
    | (?P<code>`+)
    | (?P<template>\{\{-?\s{0,5}/\*)
    | (?P<mdx>\{\s{0,50}/\*)
    | (?P<line>\{\s{0,50}//[^\n]*\n)
    | (?P<liquid>\{%-?\s{0,5}comment\b[^%\n]{0,200}%\})
    | (?P<shortcode>\{\{[<%]\s{0,5}comment\s{0,5}[%>]\}\})
    | (?P<jinja>\{\#(?=\s))
    | \n[ ]{0,3}(?P<myst>%)[^\n]*$
    """,
    re.VERBOSE | re.MULTILINE,
)
_SIGNS = re.compile(r"\{[\s{%<-]{0,50}(?:/[*/]|comment\b|#\s)|\n {0,3}%")
"""What a comment begins with; here and above each way begins with a literal character, which makes the search fast."""

_MAX_CODE_CHARS = 2000


def without_comments(text: str) -> str:
    """Gives Markdown without what no reader of the page sees; fenced code and code in backticks stay as they are."""
    text = f"\n{text}"
    kept: list[str] = []
    copied = 1
    for start, end in _comments(text) if _SIGNS.search(text) else ():
        kept.append(text[copied:start])
        copied = end
    return "".join([*kept, text[copied:]])


def _comments(text: str) -> Iterator[tuple[int, int]]:
    """Yields where comments begin and end in a text that begins with a line break."""
    is_myst = looks_like_myst(text)
    unclosed: set[str] = set()
    position = 0
    while (token := _TOKEN.search(text, position)) is not None:
        kind = token.lastgroup or ""
        position = token.end()
        if kind in {"fence", "code"}:
            position = _end_of_code(text, token)
        elif kind == "myst":
            if is_myst or _stands_alone(text, token):
                yield token.start() + 1, token.end()
        elif kind not in unclosed:
            closed = _CLOSING[kind].search(text, position)
            if closed is None:
                unclosed.add(kind)
            else:
                position = closed.end()
                yield token.start(), position


def _end_of_code(text: str, token: re.Match[str]) -> int:
    """Gives where code ends; behind its mark if it does not."""
    mark = token[token.lastgroup or 0]
    if token.lastgroup == "fence":
        closed = re.compile(rf"^[ \t]*{mark}{mark[0]}*[ \t]*$", re.MULTILINE).search(text, token.end())
        return closed.end() if closed else len(text)
    end = text.find("\n\n", token.end(), token.end() + _MAX_CODE_CHARS)
    limit = end if end >= 0 else token.end() + _MAX_CODE_CHARS
    closed = re.compile(rf"(?<!`){mark}(?!`)").search(text, token.end(), limit)
    return closed.end() if closed else token.end()


def _stands_alone(text: str, token: re.Match[str]) -> bool:
    """Whether a line after a percent sign begins a paragraph, which outside of MyST hardly any words do."""
    above = text[max(token.start() - _MAX_CODE_CHARS, 0) : token.start()]
    line = above.rpartition("\n")[2].strip()
    return text[token.end("myst") : token.end("myst") + 1].isspace() and (not line or line.startswith("%"))
