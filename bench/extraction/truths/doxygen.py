"""Doxygen."""

from bs4 import Tag

from bench.extraction.reading import Rules, code_text, line, parse, truth_of
from bench.extraction.truth import Heading, Truth, register


def _text(code: Tag) -> str:
    lines = code.select("div.line")
    return "\n".join(code_text(one) for one in lines) if lines else code_text(code)


_RULES = Rules(
    main=(".header .title", "div.contents"),
    noise=(
        ".dynheader,.dyncontent,.ttc,.permalink,.ingroups,.directory .levels,.directory .arrow,.icona,.toc,"
        "td.inherit_header img,.memSeparator"
    ),
    code="div.fragment,pre:not(.fragment pre)",
    code_noise=".lineno,.ttc,.foldopen > .foldclosed",
    tables="table.doxtable,table.markdownTable,table.fieldtable,table.manual,table.params,table.tparams,table.exception,table.retval",
    headings="h1:not(.groupheader),h2,h3,h4,h5,h6",
    repeated="h2.memtitle",
    text=_text,
)


@register("doxygen")
def doxygen_truth(body: bytes) -> Truth:
    """Gives the truth of a page; its heading is a <div> above the box of content, members are named without `()`."""
    page = parse(body)
    title = page.select_one(".header .title")
    if title is not None:
        for part in title.select(".ingroups"):
            part.decompose()
    heading = (Heading(1, text),) if title is not None and (text := line(title)) else ()
    for label in page.select(".mlabel"):
        label.insert_before(" ")
    for overload in page.select("h2.memtitle .overload"):
        overload.decompose()
    for link in page.select("h2.memtitle .permalink"):
        link.decompose()
    for name in page.select("h2.memtitle"):
        name.string = line(name).removesuffix("()")
    truth = truth_of(page, _RULES)
    return Truth(truth.words, truth.code, (*heading, *truth.headings), truth.tables, truth.ids)
