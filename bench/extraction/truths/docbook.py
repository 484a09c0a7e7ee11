"""DocBook XSL, as PostgreSQL's documentation uses it, and GTK-Doc, which is built on it."""

from bench.extraction.reading import Rules, read_truth
from bench.extraction.truth import Truth, register

_DOCBOOK = Rules(
    main=("body",),
    noise=".navheader,.navfooter",
    lists=".toc",
    # What names a box of advice is its label and no heading.
    headings="h1,h2,h3:not(.note h3,.tip h3,.warning h3,.caution h3,.important h3),h4,h5,h6",
    tables="table:not(.simplelist,.blockquote)",
)

_GTK_DOC = Rules(
    main=("body",),
    noise="table.navigation,.footer,td.listing_lines,td.gallery_image,.gallery-float",
    lists=".toc",
    code="pre:not(td.listing_lines pre)",
    tables="table.informaltable,.table table,.informaltable table",
)


@register("docbook")
def docbook_truth(body: bytes) -> Truth:
    """Gives the truth of a page: all but the two bars of navigation and the list of its sections."""
    return read_truth(body, _DOCBOOK)


@register("gtk-doc")
def gtk_doc_truth(body: bytes) -> Truth:
    """Gives the truth of a page; the tables that set listings and the page's head are no data."""
    return read_truth(body, _GTK_DOC)
