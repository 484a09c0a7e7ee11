"""Signatures of OCaml: ocamldoc sets them as code that begins with what they define, which has an id."""

import re

from selectolax.lexbor import LexborNode

from indexer.extract.code import code_text
from indexer.extract.html.definitions import emit_signature
from indexer.extract.html.listings import read_code
from indexer.extract.inline import ids_in
from indexer.extract.parameters import shortened
from indexer.extract.walk import Walk

_ID = re.compile(r"(?:VAL|TYPE|EXCEPTION|METHOD|MODULE|CLASS|ATT|EXTENSION)\S")


def read_preformatted(walk: Walk, node: LexborNode) -> None:
    """Emits the signature of a value, a type, a module, and other code as code."""
    first = node.first_child
    first = first.first_child if first is not None and first.tag == "code" else first
    words = _definition(first) if first is not None else []
    if not words:
        read_code(walk, node)
        return
    ids = ids_in(node.html or "")
    for line_break in node.css("br"):
        line_break.replace_with("\n")
    emit_signature(walk, shortened(code_text(node)), words[-1], ids, "ocaml")


def _definition(part: LexborNode) -> list[str]:
    """Gives the words of a definition, its name last; none if it is no definition."""
    is_one = part.tag == "span" and _ID.match(part.id or "") is not None and part.css_first(".keyword") is not None
    return part.text_lexbor().split() if is_one else []
