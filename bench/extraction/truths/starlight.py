"""Starlight: the title stands outside the text, code is set by Expressive Code."""

from bs4 import Tag

from bench.extraction.reading import Rules, find_parts, parse, truth_of
from bench.extraction.tabs import open_tabs
from bench.extraction.truth import Truth, register


def _text(code: Tag) -> str:
    """Gives the lines; what shows a diff by colours has its signs in the source, which are put back."""
    is_diff = code.get("data-language") == "diff" and code.select_one(".ec-line.del,.ec-line.ins") is not None
    return "\n".join(_sign(line) * is_diff + line.get_text().strip("\n") for line in code.select(".ec-line"))


def _sign(line: Tag) -> str:
    classes = line.get_attribute_list("class")
    return "-" if "del" in classes else "+" if "ins" in classes else " "


_RULES = Rules(
    main=("main h1", ".hero .tagline", ".sl-markdown-content"),
    noise=".sl-anchor-link,.sr-only,.copy,.gutter,.ec-section > summary,pre:not([data-language=diff]) .ec-line.del",
    language=lambda code: str(code.get("data-language") or "") or None,
    text=_text,
)


@register("starlight")
def starlight_truth(body: bytes) -> Truth:
    """Gives the truth of a page; labels for screen readers, collapsed counts and removed lines are no content."""
    page = parse(body)
    parts = find_parts(page, _RULES.main)
    for part in parts:
        for label in part.select(".card > .title,.sl-link-card a"):
            label.append("\n")
        for line_text in part.select(".ec-line,.ec-line > *"):
            # A listing's lines are <div> in <pre>; its words are those of the lines.
            line_text.append("\n")
    open_tabs(parts, "starlight-tabs", "[role=tab]", "[role=tabpanel]")
    return truth_of(page, _RULES)
