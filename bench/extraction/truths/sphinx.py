"""Sphinx in all its themes, and pages docutils made by itself."""

from bs4 import BeautifulSoup

from bench.extraction.reading import Rules, language_by_class, parse, truth_of
from bench.extraction.truth import Truth, register

_MAIN = (
    "article.bd-article",
    "article[role=main]",
    "[itemprop=articleBody]",
    "div.body[role=main]",
    "[role=main]",
    "#docs-body",
    "div.yui-g",
    "div.body",
    "div.document",
)
_NOISE = (
    ".headerlink,.viewcode-link,.viewcode-back,.contents.topic,.contents.local,.linenos,.lineno,"
    "td.linenos,.copybtn,.related,.prev-next-area,.sphinxsidebar,.sphinx-tabs-tab .closed,.sidebar-toc"
)
_TABLES = (
    "table:not(.footnote,.citation,.field-list,.docutils.option-list,.highlighttable,.hlist,.docinfo,.indextable"
    ",.modindextable)"
)


@register("sphinx")
def sphinx_truth(body: bytes) -> Truth:
    """Gives the truth of a page of any theme: each has one box of content, which is looked for in a fixed order."""
    page = parse(body)
    return truth_of(page, sphinx_rules(page))


def sphinx_rules(page: BeautifulSoup, noise: str = "") -> Rules:
    """Gives the rules for a page; `noise` names what a theme adds inside its box of content."""
    box = next((selector for selector in _MAIN if page.select_one(selector)), "body")
    return Rules(
        main=(box,),
        noise=f"{_NOISE},{noise}".rstrip(","),
        lists=".toctree-wrapper",
        code_noise=".linenos,.lineno,.gutter",
        code="pre:not(.linenodiv pre,td.linenos pre)",
        tables=_TABLES,
        language=language_by_class(r"(?:^|\s)(?:highlight|language)-(?!source)([\w+#.-]+)", levels=2),
    )
