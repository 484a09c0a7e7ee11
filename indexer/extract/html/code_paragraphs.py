"""Code that is set as a paragraph, where only <br> ends a line."""

import re

from selectolax.lexbor import LexborNode

from indexer.extract.code import code_language
from indexer.extract.inline import ids_in, inline_text
from indexer.extract.walk import Walk

_BOX_WORDS = "example listing screen terminal console command code-block codeblock prompt"
_BOXES = frozenset(_BOX_WORDS.split())
_LINE_END = re.compile(r"<br>")
_CODE = frozenset(["code", "tt"])
_KEPT_SPACE = "\ue000"
"""Of private use, so no page has it; what it stands for is a space that a browser does not join with others."""


def is_code_paragraph(paragraph: LexborNode) -> bool:
    """Whether a paragraph is nothing but <code> or <tt>: of several lines, or of one in a box for examples."""
    code = paragraph.first_child
    while code is not None and code.tag == "-text" and not code.text_lexbor().strip():
        code = code.next
    if code is None or code.tag not in _CODE or code.text_lexbor().split() != paragraph.text_lexbor().split():
        return False
    box = paragraph.parent
    words = (box.attributes.get("class") or "").split() if box is not None else []
    return not _BOXES.isdisjoint(words) or code.css_first("br") is not None


def read_code_paragraph(walk: Walk, paragraph: LexborNode) -> None:
    """Emits such a paragraph as code; runs of spaces are one, as a browser shows them."""
    html = (paragraph.inner_html or "").replace("&nbsp;", _KEPT_SPACE)
    lines = [inline_text(line).replace(_KEPT_SPACE, " ").rstrip() for line in _LINE_END.split(html)]
    text = "\n".join(lines).strip("\n")
    language = code_language(paragraph, text, walk.page_language)
    walk.emit("code", text, ids_in(paragraph.html or ""), language=language, title=walk.take_caption() or walk.tab)
