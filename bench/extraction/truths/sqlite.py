"""SQLite's own site, which a script of theirs makes from hand-written HTML."""

from bench.extraction.reading import Rules, line, parse, truth_of
from bench.extraction.truth import Heading, Truth, register

_RULES = Rules(
    main=("body",),
    # The head of the site, the table of contents, and the line about the last change.
    noise="body > .nosearch,.fancy_toc,.mainmenu,.submenu,.searchmenu,p[align=center] > small",
    # Tables without lines place things side by side.
    tables="table[border]:not([border='0']),table[striped]",
)


@register("sqlite")
def sqlite_truth(body: bytes) -> Truth:
    """Gives the truth of a page; the title of longer ones is a <div>."""
    page = parse(body)
    title = page.select_one(".fancy_title")
    heading = (Heading(1, line(title)),) if title is not None else ()
    truth = truth_of(page, _RULES)
    return Truth(truth.words, truth.code, (*heading, *truth.headings), truth.tables, truth.ids)
