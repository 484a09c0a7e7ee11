"""VitePress: pages of text, and home pages of a hero, cards and text."""

from bs4 import Tag

from bench.extraction.formulas import spell_formulas
from bench.extraction.reading import Rules, find_parts, language_by_class, parse, truth_of
from bench.extraction.tabs import open_tabs
from bench.extraction.truth import Truth, register

_RULES = Rules(
    main=(".VPHome", "main .vp-doc", ".VPPage"),
    noise="a.header-anchor,.lang,.line-numbers-wrapper,.table-of-contents,.actions",
    language=language_by_class(r"(?:^|\s)language-([\w+#.-]+)", levels=1),
)


@register("vitepress")
def vitepress_truth(body: bytes) -> Truth:
    """Gives the truth of a page; a line that a diff takes away is gone with its end."""
    page = parse(body)
    parts = find_parts(page, _RULES.main)
    for part in parts:
        spell_formulas(part)
        for line in part.select("pre .line.diff.remove"):
            _remove_line(line)
        for name in part.select(".VPHero .name,.VPHero .text"):
            name.append(" ")
    open_tabs(parts, ".vp-code-group", ".tabs label", ".blocks > div")
    return truth_of(page, _RULES)


def _remove_line(line: Tag) -> None:
    end = line.next_sibling
    if end is not None and not isinstance(end, Tag):
        end.replace_with(str(end).removeprefix("\n"))
    line.decompose()
