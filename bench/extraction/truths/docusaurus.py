"""Docusaurus: pages of text, and category pages that are made of cards."""

from bench.extraction.formulas import spell_formulas
from bench.extraction.reading import Rules, find_parts, language_by_class, parse, truth_of
from bench.extraction.tabs import open_tabs
from bench.extraction.truth import Truth, register

_RULES = Rules(
    main=("[class*=generatedIndexPage]", ".theme-doc-markdown", "article .markdown"),
    noise=".hash-link,.theme-doc-version-banner,.theme-doc-breadcrumbs,.theme-doc-version-badge,.pagination-nav,.sr-only,footer.margin-top--md",
    language=language_by_class(r"(?:^|\s)language-([\w+#.-]+)", levels=0),
)


@register("docusaurus")
def docusaurus_truth(body: bytes) -> Truth:
    """Gives the truth of a page; the symbol before the name of a card is an icon."""
    page = parse(body)
    parts = find_parts(page, _RULES.main)
    for part in parts:
        spell_formulas(part)
        for title in part.select("[class*=cardTitle][title]"):
            title.string = str(title["title"])
        for end in part.select("pre br"):
            end.replace_with("\n")
    open_tabs(parts, ".tabs-container", "[role=tab]", "[role=tabpanel]")
    return truth_of(page, _RULES)
