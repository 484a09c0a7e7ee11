"""MkDocs: its own theme, its Read-the-Docs theme, and Material."""

from bench.extraction.reading import Rules, language_by_class, read_truth
from bench.extraction.truth import Truth, register

_NOISE = (
    ".headerlink,.md-content__button,.md-source-file,.md-feedback,.md-tags,.linenos,.wy-breadcrumbs,.rst-footer-buttons"
)


@register("mkdocs")
def mkdocs_truth(body: bytes) -> Truth:
    """Gives the truth of a page of one of the three themes."""
    return read_truth(body, rules("[role=main] [itemprop=articleBody]", "div.col-md-9", "div.document > .section"))


@register("mkdocs-material")
def material_truth(body: bytes) -> Truth:
    """Gives the truth of a page in the Material theme."""
    return read_truth(body, rules("article.md-content__inner"))


def rules(*main: str) -> Rules:
    """Gives the rules; of the boxes of content a page has one."""
    return Rules(
        main=main,
        noise=_NOISE,
        code_noise=".linenos,.lineno",
        code="pre:not(td.linenos pre,.linenodiv pre)",
        # A table without a header that holds whole listings sets them side by side.
        tables="table:not(.highlighttable,:has(pre))",
        language=language_by_class(r"(?:^|\s)(?:language-|lang-|hljs )([\w+#.-]+)"),
    )
