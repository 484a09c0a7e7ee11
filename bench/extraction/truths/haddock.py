"""Haddock, and the source it colours."""

from bench.extraction.reading import Rules, parse, truth_of
from bench.extraction.truth import Heading, Truth, register

_RULES = Rules(
    main=("#content", "body"),
    # The synopsis, folded, repeats all signatures.
    noise="#contents-list,#table-of-contents,#synopsis,#syn,.selflink,a.link,#style-menu",
    # What stands in a table of signatures is declared there; such tables are no data.
    tables="table.info,.doc table",
)


@register("haddock")
def haddock_truth(body: bytes) -> Truth:
    """Gives the truth of a page; the name of the module is its heading."""
    page = parse(body)
    caption = page.select_one("#module-header > .caption")
    heading = (Heading(1, caption.get_text(" ", strip=True)),) if caption is not None else ()
    truth = truth_of(page, _RULES)
    return Truth(truth.words, truth.code, (*heading, *truth.headings), truth.tables, truth.ids)
