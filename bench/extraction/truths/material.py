"""MkDocs Material as it is today: tabs, code annotations, and signatures by mkdocstrings."""

from dataclasses import replace

from bench.extraction.reading import find_parts, language_by_class, parse, truth_of
from bench.extraction.tabs import open_tabs
from bench.extraction.truth import Truth, register
from bench.extraction.truths.mkdocs import rules


@register("material")
def material_truth(body: bytes) -> Truth:
    """Gives the truth of a page."""
    page = parse(body)
    # With line numbers a table stands between the code and the box that names its language.
    language = language_by_class(r"(?:^|\s)language-([\w+#.-]+)", levels=7)
    found = replace(rules("article.md-content__inner"), language=language)
    open_tabs(find_parts(page, found.main), ".tabbed-set", ".tabbed-labels > label", ".tabbed-content > .tabbed-block")
    return truth_of(page, found)
