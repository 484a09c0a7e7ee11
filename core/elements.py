"""Elements of HTML by how they nest, as far as that bounds what a parser has to do.

Source: HTML Standard, 13.1.2.4 (optional tags), 13.2.4.3 (the list of active formatting elements), 13.2.6.4.7 ("in
body"), 13.2.6.5 (foreign content).
"""

_UNNESTED_WORDS = (
    "area base br col embed hr img input link meta param source track wbr p li dt dd tr td th thead tbody tfoot option "
    "optgroup colgroup rt rp a html head body"
)
UNNESTED = frozenset(_UNNESTED_WORDS.split())
"""End by themselves where the next one begins, or have no content; but for what the following say."""

ITEMS, DEFINITIONS = frozenset({"li"}), frozenset({"dt", "dd"})
"""Of these each ends one of its own kind, as long as none of the other kind is open in between."""

ANNOTATIONS = frozenset({"rt", "rp", "optgroup"})
"""Nest where no element they belong in is around them."""

ENDED_BY = dict.fromkeys(("ul", "ol", "menu", "dl", "div"), (ITEMS, DEFINITIONS)) | {"ruby": (ANNOTATIONS,)}
"""Elements that end with all that is open in them, where that is of one of these kinds."""

FOREIGN = frozenset({"svg", "math"})
"""In these everything nests that does not end them, and what ends in `/>` is closed."""

_DRAWN_WORDS = (
    "svg math path rect circle ellipse line polyline polygon use image stop g defs symbol mask marker pattern clippath "
    "lineargradient radialgradient filter text tspan animate animatetransform mspace mprescripts none"
)
DRAWN = frozenset(_DRAWN_WORDS.split())
"""Names without a meaning outside of drawings and formulas: any element around them can be closed over them."""

GROUPS = frozenset({"g", "defs", "symbol", "mask", "marker", "pattern", "clippath", "text", "tspan", "filter"})
"""Of these, such as have others in them."""

_FORMATTING_WORDS = "b big code em font i nobr s small strike strong tt u"
FORMATTING = frozenset(_FORMATTING_WORDS.split())
"""A parser opens these again in each block that follows, of equal ones three at most."""


def name_of(tag: str) -> str:
    """Gives the name of `<name` or `</name` in small letters, where a parser would make them small."""
    name = tag.lstrip("</")
    return name.lower() if name.isascii() else name
