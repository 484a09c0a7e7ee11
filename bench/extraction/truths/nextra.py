"""Nextra 4: classes are those of a style sheet and say nothing, roles of elements do; code has lost its language."""

from bs4 import Tag

from bench.extraction.formulas import spell_formulas
from bench.extraction.reading import Rules, find_parts, parse, truth_of
from bench.extraction.truth import Truth, register

_RULES = Rules(main=("main[data-pagefind-body]",), noise=".subheading-anchor,[aria-hidden=true],.sr-only")


@register("nextra")
def nextra_truth(body: bytes) -> Truth:
    """Gives the truth of a page."""
    page = parse(body)
    parts = find_parts(page, _RULES.main)
    for part in parts:
        spell_formulas(part)
        for labels in part.select("[role=tablist]"):
            _open_tabs(labels)
        for box in part.select(".nextra-callout"):
            # The box is drawn with a symbol for the kind of advice, for which there is no word if it has no title.
            if box.select_one("p > strong:only-child,b") is None:
                box.insert(0, "\nNote\n")
        for hidden in part.select("h3[style*=visibility]"):
            hidden.decompose()
        for card in part.select(".nextra-card"):
            card.append("\n")
    return truth_of(page, _RULES)


def _open_tabs(labels: Tag) -> None:
    """Puts the labels into the panels, which are the children of the next element."""
    panels = labels.find_next_sibling("div")
    if panels is not None:
        for label, panel in zip(labels.select("[role=tab]"), panels.find_all("div", recursive=False), strict=True):
            panel.insert(0, f"\n{label.get_text()}\n")
