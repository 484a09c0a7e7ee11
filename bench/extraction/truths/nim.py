"""Nim's documentation generator."""

from bench.extraction.reading import Rules, read_truth
from bench.extraction.truth import Truth, register

_RULES = Rules(
    main=("h1.title", "#content", "#documentId"),
    noise="#tocRoot,.link-seesrc,#toc-list,#global-links,.theme-switch-wrapper,.search-groups",
)


@register("nim")
def nim_truth(body: bytes) -> Truth:
    """Gives the truth of a page."""
    return read_truth(body, _RULES)
