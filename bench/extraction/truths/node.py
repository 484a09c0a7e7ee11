"""Node's own generator."""

from bench.extraction.reading import Rules, language_by_class, read_truth
from bench.extraction.truth import Truth, register

_RULES = Rules(
    main=("#apicontent",),
    noise=".mark,#toc,.srclink",
    # One <pre> can hold the same example twice, for each of the two module systems.
    code="pre > code",
    language=language_by_class(r"(?:^|\s)language-([\w+#.-]+)", levels=1),
)


@register("node")
def node_truth(body: bytes) -> Truth:
    """Gives the truth of a page."""
    return read_truth(body, _RULES)
