"""ocamldoc."""

from bench.extraction.reading import Rules, read_truth
from bench.extraction.truth import Truth, register

_RULES = Rules(main=("body",), noise=".navbar", tables="table:not(.typetable)")


@register("ocamldoc")
def ocamldoc_truth(body: bytes) -> Truth:
    """Gives the truth of a page; the tables of a type's cases are set for alignment only."""
    return read_truth(body, _RULES)
