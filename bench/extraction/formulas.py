"""Formulas as their authors wrote them."""

from bs4 import Tag


def spell_formulas(part: Tag) -> None:
    """Replaces formulas by their TeX where the page has it, else by their text without what is only drawn."""
    for formula in part.select(".katex-display,.katex,mjx-container"):
        if formula.decomposed:
            continue
        source = formula.select_one("annotation[encoding='application/x-tex']")
        formula.replace_with(source.get_text() if source else formula.get_text(" "))
