"""Inline HTML to inline Markdown, and text without characters nobody sees.

The input is always what Lexbor serialised, so tags are well formed, attributes are in double quotes, angle brackets
occur in tags only, and there are just five entities. That makes patterns enough, at a tenth of the time of a walk.
"""

import re
from collections.abc import Iterable
from functools import lru_cache

# Control characters; soft hyphen; zero-width, bidirectional and invisible operators; variation selectors; language
# tags; runs of emoji selectors, of which one is honest. They can hide instructions or reorder code.
# Source: Unicode TR36 and "Trojan Source" (CVE-2021-42574).
_INVISIBLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0d\ufeff\uffa0\ufff9-\ufffb\ud800-\udfff"
    "\U000e0000-\U000e0fff]"
)
_INVISIBLE_OR_REPEATED = re.compile(f"{_INVISIBLE.pattern}|(?<=[\ufe0e\ufe0f])[\ufe0e\ufe0f]+")
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_TAG = re.compile(r"<[^>]*>")
_CODE_OPEN = re.compile(r"<(?:code|tt|samp|kbd)(?:\s[^>]*)?>")
_CODE_CLOSE = re.compile(r"</(?:code|tt|samp|kbd)>")
_CODE_SPAN = re.compile("\x01([^\x01\x02]+)\x02")
_SPACE_AT_CODE_END = re.compile(" \x02(?=\\w)")
_SPACE_AT_CODE_START = re.compile("(?<=\\w)\x01 ")
_POWER = re.compile(r"<sup>(?=[\w+-])")
_IMAGE = re.compile(r"<img\s[^>]*>")
_ALT = re.compile(r'\salt="([^"]*)"')
_MAX_ALT_CHARS = 150
"""What is said about a picture is short; who has more to say there does not say it to readers."""
_FILE_NAME = re.compile(r"\.(?:png|gif|jpe?g|svg|webp|ico)$", re.IGNORECASE)
_PART_END = re.compile(r"</(?:p|li|div|dt|dd|blockquote)>|<br>|<hr>")
_BLOCK_EDGE = re.compile(r"</?(?:div|p|li|ul|ol|d[dlt]|h[1-6]|t[dhr]|blockquote|section)(?:\s[^>]*)?>")
_MAX_ID_CHARS = 300
"""Addresses that are kept end at 2048."""
_ID = re.compile(r'<(?:a\s(?:[^<>]*?\s)?(?:id|name)|\w+\s(?:[^<>]*?\s)?id)="([^"\s][^"\t\n]*)"')
_NOISE_ID = re.compile(
    r"^(?:id[-_]?[\d.]+|index-\d+|footnote-.*|footnote-reference-.*|fn(?:ref)?[:-]?\d+|__codelineno-.*|cb\d+(?:-\d+)?"
    r"|l\d+|line-\d+|problematic-\d+|__tabbed_.*|sd-tab-item-.*)$"
)


def visible_text(text: str) -> str:
    """Gives the text without characters that have no appearance; tabs and line breaks stay."""
    # Nearly no text has selectors, and to look behind each character takes four times as long.
    has_selectors = "\ufe0e" in text or "\ufe0f" in text
    return (_INVISIBLE_OR_REPEATED if has_selectors else _INVISIBLE).sub("", text)


def normal_text(text: str) -> str:
    """Gives the visible text of a file with one kind of line break."""
    return visible_text(text.replace("\r\n", "\n").replace("\r", "\n"))


def inline_markdown(html: str) -> str:
    """Gives one line of Markdown: links and emphasis reduced to their text, code in backticks."""
    text = _visible_line(html)
    if "<" in text:
        text = _without_tags(text)
    text = " ".join(_unescaped(text).split())
    return _backticked(text) if "\x01" in text else text


def inline_text(html: str) -> str:
    """Gives one line of plain text: no marks, a run of spaces as one."""
    return " ".join(_unescaped(_TAG.sub("", _visible_line(html))).split())


def cell_markdown(html: str) -> str:
    """Gives the content of a table cell on one line, its paragraphs and lines separated by semicolons."""
    parts = (inline_markdown(part) for part in _PART_END.split(_parted(html)))
    return "; ".join(part for part in parts if part).replace("|", "\\|")


def _parted(html: str) -> str:
    """Gives the HTML with a space before paragraphs and boxes, which begin a line of their own."""
    return html.replace("<p", " <p").replace("<div", " <div")


def ids_in(html: str) -> list[str]:
    """Gives the ids an author could have meant, in order; running numbers of generators are left out."""
    return meaningful_ids(map(_unescaped, _ID.findall(html))) if " id=" in html or " name=" in html else []


def first_id(html: str) -> str | None:
    """Gives the first id, be it a mere running number."""
    found = _ID.search(html) if " id=" in html or " name=" in html else None
    return _unescaped(found[1]) if found and len(found[1]) <= _MAX_ID_CHARS else None


def meaningful_ids(ids: Iterable[str | None]) -> list[str]:
    """Gives the ids without empty, overlong, repeated and merely numbered ones."""
    kept = [name for name in ids if name and len(name) <= _MAX_ID_CHARS and _is_meaningful(name)]
    return list(dict.fromkeys(kept))


@lru_cache(maxsize=1024)
def _is_meaningful(name: str) -> bool:
    # A page's ids are asked about again at each element around them.
    return not _NOISE_ID.match(name) and name == visible_text(name)


def _visible_line(html: str) -> str:
    """Gives the visible text on one line."""
    text = html.replace("\n", " ")
    # Most texts are plain, and telling so costs a tenth of looking for each invisible character.
    return text if text.isascii() and text.isprintable() else visible_text(text)


def _without_tags(text: str) -> str:
    if "<!--" in text:
        text = _COMMENT.sub("", text)
    if "<img" in text:
        text = _IMAGE.sub(_alternative_text, text)
    if "<sup>" in text:
        text = _POWER.sub("^", text)
    if "</d" in text or "</p>" in text or "</li>" in text:
        text = _BLOCK_EDGE.sub(" ", text)
    if "<code" in text or "<tt" in text or "<samp" in text or "<kbd" in text:
        text = _CODE_CLOSE.sub("\x02", _CODE_OPEN.sub("\x01", text))
    return _TAG.sub("", text.replace("<br>", " "))


def _alternative_text(image: re.Match[str]) -> str:
    alt = _ALT.search(image[0])
    is_about_picture = alt is not None and len(alt[1]) <= _MAX_ALT_CHARS and not _FILE_NAME.search(alt[1])
    return alt[1] if alt is not None and is_about_picture else ""


def _unescaped(text: str) -> str:
    if "&" not in text:
        return text
    for entity, character in (("&lt;", "<"), ("&gt;", ">"), ("&nbsp;", " "), ("&quot;", '"'), ("&amp;", "&")):
        text = text.replace(entity, character)
    return text


def _backticked(text: str) -> str:
    if "\x01 \x02" in text:
        text = " ".join(text.replace("\x01 \x02", " ").split())
    if " \x02" in text or "\x01 " in text:
        text = _SPACE_AT_CODE_START.sub(" \x01", _SPACE_AT_CODE_END.sub("\x02 ", text))
    text = _CODE_SPAN.sub(_code_span, text.replace("\x02\x01", ""))
    return text.replace("\x01", "").replace("\x02", "")


def _code_span(match: re.Match[str]) -> str:
    code = match[1].strip()
    return f"`` {code} ``" if "`" in code else f"`{code}`" if code else ""
