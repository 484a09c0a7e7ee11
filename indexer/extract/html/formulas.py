"""Formulas in MathML to text."""

import re

from selectolax.lexbor import LexborHTMLParser, LexborNode

from indexer.extract.html.subtree import Subtree

MATHJAX = "mjx-container"
"""The element in which MathJax draws a formula."""

_PROSE = re.compile(r"(?:\b[A-Za-z]{2,20}\b[\s,.:]+){5}")
"""What no formula holds, but a hidden instruction would."""

_COMMAND = re.compile(r"\\[A-Za-z]+")
_SIGNS = {
    "msup": ("^",),
    "mover": ("^",),
    "msub": ("_",),
    "munder": ("_",),
    "msubsup": ("_", "^"),
    "munderover": ("_", "^"),
    "mfrac": ("/",),
}
"""Element -> what stands before its second and third child."""

_LAYERED = ",".join(_SIGNS)


def spell_mathjax(document: LexborHTMLParser) -> None:
    """Replaces what MathJax drew by its copy for screen readers, which is hidden as no other text may be."""
    for drawing in document.css(MATHJAX):
        formula = drawing.css_first("math")
        if formula is not None and not _PROSE.search(f"{formula.text_lexbor()} "):
            _spell_layers(formula)
            drawing.replace_with(" ".join(formula.text_lexbor().split()))


def spell_formulas(part: Subtree) -> None:
    """Replaces a MathML formula by its TeX source where the page carries it, else by its text on one line."""
    done: set[int] = set()
    for formula in part.css("math"):
        if formula.mem_id in done:
            continue
        # What is in a formula belongs to it, also another one, and there may be thousands in each other.
        done.update(inner.mem_id for inner in formula.css("math"))
        source = formula.css_first("annotation[encoding='application/x-tex']")
        tex = source.text_lexbor().strip() if source is not None else ""
        if tex and not _PROSE.search(_COMMAND.sub(" ", tex)):
            formula.replace_with(f"${tex}$")
        else:
            # No browser shows annotations, and sentences are no formula.
            for annotation in formula.css("annotation,annotation-xml"):
                annotation.decompose()
            _spell_layers(formula)


def _spell_layers(formula: LexborNode) -> None:
    for layered in formula.css(_LAYERED):
        parts = list(layered.iter())
        for part, sign in zip(parts[1:], _SIGNS[layered.tag or ""], strict=False):
            is_long = len(part.text_lexbor().strip()) > 1
            part.insert_before(f"{sign}{{" if is_long else sign)
            if is_long:
                part.insert_after("}")
