"""gi-docgen."""

from bench.extraction.reading import Rules, language_by_class, read_truth
from bench.extraction.truth import Truth, register

_RULES = Rules(
    main=("section#main",),
    # What is said about an argument in passing is set in tables of one column.
    tables="table:has(th),table:has(td + td)",
    noise=".section-toggle,.srclink,.anchor,a.anchor",
    language=language_by_class(r"(?:^|\s)language-([\w+#.-]+)"),
)


@register("gi-docgen")
def gi_docgen_truth(body: bytes) -> Truth:
    """Gives the truth of a page."""
    return read_truth(body, _RULES)
