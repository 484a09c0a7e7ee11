"""RDoc and YARD."""

from bs4 import Tag

from bench.extraction.reading import Rules, classes_of, read_truth
from bench.extraction.truth import Truth, register

_LANGUAGES = ("ruby", "c", "sh", "bash", "html", "yaml", "json", "xml", "console")


def _language(code: Tag) -> str | None:
    inner = code.select_one("code[class]")
    names = [*classes_of(code), *(classes_of(inner) if inner else [])]
    return next((name for name in _LANGUAGES if name in names), None)


_RDOC = Rules(
    main=("main",),
    noise=(
        ".method-source-code,.method-controls,.method-click-advice,h1 > span,h2 > span,h3 > span,h4 > span,h5 > span,"
        "h6 > span,[role=navigation]"
    ),
    headings="h1,h2,h3,h4,h5,h6",
    language=_language,
)

_YARD = Rules(
    main=("#content",),
    noise="table.source_code,.showSource,.summary_toggle,.toggleSource,#toc,.toc,pre.lines",
    headings="h1,h2,h3:not(.signature),h4,h5,h6",
    tables="table:not(.source_code)",
    language=_language,
)


@register("rdoc")
def rdoc_truth(body: bytes) -> Truth:
    """Gives the truth of a page without the folded source of methods."""
    return read_truth(body, _RDOC)


@register("yard")
def yard_truth(body: bytes) -> Truth:
    """Gives the truth of a page without the folded source of methods; their signatures are no headings."""
    return read_truth(body, _YARD)
