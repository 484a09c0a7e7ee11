"""The Apache HTTP server's own transformation of its XML."""

import re

from bs4 import Tag

from bench.extraction.reading import Rules, code_text, language_by_class, read_truth
from bench.extraction.truth import Truth, register

_SPACE = re.compile(r"\s+")


def _text(code: Tag) -> str:
    """Gives <pre> as it is; an example set as a paragraph has its lines ended by <br> alone."""
    if code.name == "pre":
        return code_text(code)
    for text in code.find_all(string=True):
        text.replace_with(_SPACE.sub(" ", text))
    return "\n".join(row.strip() for row in code_text(code).split("\n"))


_RULES = Rules(
    main=("#page-content",),
    noise=".toplang,.bottomlang,.lang-toggle,#quickview,.top,.up,.permalink,a.permalink,#comments_section,#toc",
    # What names a box of advice is its label and no heading.
    headings="h1,h2,h3:not(.note h3,.warning h3),h4,h5,h6",
    # With indentation, which is a style and no text, the exact lines are not to be known.
    code="pre,.example > p > code:not(:has(.indent))",
    language=language_by_class(r"(?:^|\s)lang-([\w+#.-]+)", levels=0),
    tables="table:has(th):not(#indextable),table:has(td + td):not(#indextable)",
    text=_text,
)


@register("apache")
def apache_truth(body: bytes) -> Truth:
    """Gives the truth of a page; many listings are <code> with <br> in a paragraph of an example."""
    return read_truth(body, _RULES)
