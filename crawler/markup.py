"""Recognises HTML that is cheap to send and ruinous to parse, before any parser sees it."""

import re

_TAG = re.compile(rb"<(/?)([a-zA-Z][a-zA-Z0-9]*)")
_FORMATTING = frozenset(b"b big code em font i nobr s small strike strong tt u".split())
# Tags that nest nothing: they have no content, or the next one of their kind closes them.
_FLAT = frozenset(
    b"a area base br col colgroup dd dt hr img input li link meta option p source tbody td tfoot th thead tr".split()
)
_FEW_TAGS = 400
_MAX_OPEN_FORMATTING = 100
_MAX_COPIED_NODES = 300_000
_MAX_NESTING = 500
_MAX_STEPS = 100_000_000


def is_ruinous_markup(body: bytes) -> bool:
    """Tells whether parsing would take seconds or gigabytes.

    A parser walks up the open elements for every tag, and copies every formatting element left open into each new
    block; with n tags both cost up to n². Figures measured with Lexbor: 2000 unclosed formatting tags and as many
    paragraphs take 1.8 GB; 10^8 steps take about 0.2 s.

    Source: https://html.spec.whatwg.org/multipage/parsing.html#reconstruct-the-active-formatting-elements.
    """
    if body.count(b"<") <= _FEW_TAGS:
        return False
    tags = _TAG.findall(body)
    nesting, formatting = _deepest(tags)
    copies_much = formatting > _MAX_OPEN_FORMATTING and formatting * len(tags) > _MAX_COPIED_NODES
    return copies_much or (nesting > _MAX_NESTING and nesting * len(tags) > _MAX_STEPS)


def _deepest(tags: list[tuple[bytes, bytes]]) -> tuple[int, int]:
    """Gives the most elements, and the most formatting elements, that are open at once."""
    nesting = formatting = deepest = most = 0
    for slash, raw in tags:
        name = raw.lower()
        step = -1 if slash else 1
        if name in _FORMATTING:
            formatting = max(formatting + step, 0)
            most = max(most, formatting)
        elif name not in _FLAT:
            nesting = max(nesting + step, 0)
            deepest = max(deepest, nesting)
    return deepest, most
