"""Furo, PyData and Read the Docs: what these themes and the extensions people use with them add to Sphinx."""

from dataclasses import replace

from bench.extraction.reading import find_parts, parse, truth_of
from bench.extraction.tabs import open_tabs
from bench.extraction.truth import Truth, register
from bench.extraction.truths.sphinx import sphinx_rules


@register("furo")
def furo_truth(body: bytes) -> Truth:
    """Gives the truth of a page in Furo."""
    return _truth(body, ".related-pages,.back-to-top,.content-icon-container")


@register("pydata")
def pydata_truth(body: bytes) -> Truth:
    """Gives the truth of a page in PyData's theme; a card's link over the whole card has a name nobody sees."""
    return _truth(body, ".header-article,.bd-header-article,.prev-next-footer,.sd-hide-link-text")


@register("sphinx-rtd")
def rtd_truth(body: bytes) -> Truth:
    """Gives the truth of a page in Read the Docs' theme."""
    return _truth(body, ".rst-footer-buttons,.wy-breadcrumbs")


def _truth(body: bytes, noise: str) -> Truth:
    page = parse(body)
    rules = sphinx_rules(page, f"{noise},.sd-hide-link-text")
    # A table that holds code has no form in which both the table and the code would be exact.
    rules = replace(rules, tables=f"{rules.tables}:not(:has(pre))")
    parts = find_parts(page, rules.main)
    for part in parts:
        for classifier in part.select("dt .classifier"):
            classifier.insert(0, " : ")
    open_tabs(parts, ".sd-tab-set", ".sd-tab-label", ".sd-tab-content")
    open_tabs(parts, ".sphinx-tabs", "[role=tab]", "[role=tabpanel]")
    return truth_of(page, rules)
