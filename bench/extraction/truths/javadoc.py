"""Javadoc of the standard doclet, since Java 9."""

from bs4 import BeautifulSoup, Tag

from bench.extraction.reading import Rules, classes_of, line, parse, truth_of
from bench.extraction.truth import Truth, register

_RULES = Rules(
    main=("main", ".contentContainer"),
    # The subtitle is the path from the module to the class; the bars of tabs filter the table below them.
    noise=".sub-nav,.subNav,.sub-title,.subTitle,.table-tabs,.bottomNav,.skip-nav,.skipNav,hr,.external-link-icon",
    # The heading of a member repeats the name in the signature below.
    repeated="section.detail > h3,section[id] > h3.memberName",
)


@register("javadoc")
def javadoc_truth(body: bytes) -> Truth:
    """Gives the truth of a page; summaries are grids of <div> in newer versions."""
    page = parse(body)
    grids = [_grid_rows(grid) for grid in page.select("main .summary-table,main .details-table")]
    truth = truth_of(page, _with_header(page))
    return Truth(
        truth.words,
        truth.code,
        truth.headings,
        (*truth.tables, *(rows for rows in grids if rows)),
        truth.ids,
    )


def _with_header(page: BeautifulSoup) -> Rules:
    """Gives the rules; before Java 16 the page's heading could stand beside the box of content."""
    if page.select_one("main h1,main h2.title,.contentContainer h2.title"):
        return _RULES
    return Rules(main=("div.header", *_RULES.main), noise=_RULES.noise, repeated=_RULES.repeated)


def _grid_rows(grid: Tag) -> tuple[tuple[str, ...], ...]:
    cells = [child for child in grid.children if isinstance(child, Tag)]
    width = sum("table-header" in classes_of(cell) for cell in cells)
    texts = [line(cell) for cell in cells]
    return tuple(tuple(texts[start : start + width]) for start in range(0, len(texts), width or 1)) if width else ()
