"""AsciiDoc, by its first processor and by Asciidoctor."""

from bench.extraction.reading import Rules, language_by_class, read_truth
from bench.extraction.truth import Truth, register

_RULES = Rules(
    main=("#header", "#content", "body.article"),
    noise="#toc,#toctitle,.toc,a.anchor",
    tables="table:not(.hdlist table,.admonitionblock table,.colist table,.qlist table)",
    language=language_by_class(r"(?:^|\s)language-([\w+#.-]+)"),
)


@register("asciidoc")
def asciidoc_truth(body: bytes) -> Truth:
    """Gives the truth of a page: its header, which holds the title, and its content."""
    return read_truth(body, _RULES)
