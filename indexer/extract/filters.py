"""Steps that clean the main part of a page before it is read: each takes the node, changes its subtree, and is done."""

import re
from collections.abc import Callable, Iterable

from selectolax.lexbor import LexborNode

Filter = Callable[[LexborNode], None]

_SCRIPTS = (
    "script,style,template,noscript,link,meta,iframe,noembed,noframes,object,embed,svg,canvas,video,audio,"
    "input,select,textarea,dialog,xmp,plaintext"
)
_BUTTONS = "button:not([role=tab]),.copybtn,.copy-button,.copy,.clipboard,.clipboard-copy,.sr-only,.visually-hidden"
_NAVIGATION = (
    "nav,[role=navigation],[role=search],.toctree-wrapper,.toc,.table-of-contents,.contents.topic,.breadcrumbs,"
    ".breadcrumb,.prev-next,.pagination-nav,.edit-this-page,.edit-page-link,.feedback,.skip-link,.navbar,.related,"
    "[data-ea-publisher],#carbonads"
)
_LINE_NUMBERS = (
    ".linenos,.lineno,.linenodiv,td.gutter,td.line-numbers,pre.lines,td.listing_lines,.line-numbers-wrapper,"
    ".line-numbers-rows,.expressive-code .gutter,pre .diff.remove"
)
_PERMALINKS = (
    ".headerlink,.hash-link,.header-anchor,.anchor-link,.permalink,a.anchor,a.doc-anchor,.sl-anchor-link,"
    ".anchorjs-link,.subheading-anchor,.heading-anchor,.viewcode-link,.selflink,.srclink"
)
_CODE_LINES = ".token-line,.line,.ec-line,.codeLine,[data-line]"
_HIDDEN_STYLE = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|opacity\s*:\s*0(?:\.0+)?\s*(?:;|$|!)|font-size\s*:\s*0\w*\s*(?:;|$|!)"
    r"|(?:left|top|text-indent)\s*:\s*-\d{3,}",
    re.IGNORECASE,
)
_PANELS = "[role=tabpanel],.tab-pane,.tab-content,.tabs__item,.sphinx-tabs-panel,.blocks > div"
_MAX_LOSS = 0.9


def drop_scripts(root: LexborNode) -> None:
    """Removes what a browser runs, embeds or lets people fill in, and raw-text elements that could fake markup."""
    _drop(root.css(_SCRIPTS))


def drop_hidden(root: LexborNode) -> None:
    """Removes what readers cannot see, where instructions to a model could hide; tab panels can be clicked open."""
    hidden = [node for node in root.css("[style]") if _HIDDEN_STYLE.search(node.attributes.get("style") or "")]
    hidden += root.css("[hidden]")
    _drop(node for node in hidden if not node.css_matches(_PANELS))


def drop_icons(root: LexborNode) -> None:
    """Removes decoration that says so: `aria-hidden` icons and the visual copy of formulas."""
    _drop(root.css("[aria-hidden=true]:is(i,b,em,span,a,img,small)"))


def drop_buttons(root: LexborNode) -> None:
    """Removes buttons and screen-reader labels, but no tab labels."""
    _drop(root.css(_BUTTONS))


def drop_navigation(root: LexborNode) -> None:
    """Removes tables of contents, breadcrumbs and links to the next page, unless nearly everything would go."""
    drop_selected(root, _NAVIGATION)


def drop_line_numbers(root: LexborNode) -> None:
    """Removes line numbers beside code, and lines a diff takes away."""
    _drop(root.css(_LINE_NUMBERS))


def drop_permalinks(root: LexborNode) -> None:
    """Removes the pilcrow links of headings, but none that wraps the whole heading or is itself a target."""
    for link in root.css(_PERMALINKS):
        if link.id and not link.attributes.get("href"):
            continue
        parent = link.parent
        if parent is None or _letters(parent) != _letters(link) or not _letters(link):
            link.decompose()


def break_code_lines(root: LexborNode) -> None:
    """Turns <br> and line elements of code into line breaks, since the text alone would glue the lines."""
    for line_break in root.css("pre br"):
        line_break.replace_with("\n")
    for pre in root.css("pre"):
        lines = pre.css(_CODE_LINES)
        if len(lines) > 1 and pre.text_lexbor().count("\n") < len(lines) - 1:
            for line in lines[:-1]:
                line.insert_after("\n")


def spell_formulas(root: LexborNode) -> None:
    """Replaces a MathML formula by its TeX source where the page carries it."""
    for formula in root.css("math"):
        source = formula.css_first("annotation[encoding='application/x-tex']")
        if source is not None:
            formula.replace_with(f"${source.text_lexbor().strip()}$")


FILTERS: tuple[Filter, ...] = (
    drop_scripts,
    drop_hidden,
    spell_formulas,
    drop_icons,
    drop_buttons,
    drop_line_numbers,
    drop_permalinks,
    drop_navigation,
    break_code_lines,
)
"""In this order: what is hidden must be gone before texts are compared."""


def clean(root: LexborNode, strips: str = "") -> None:
    """Runs all filters, then removes what the generator's profile names."""
    for apply in FILTERS:
        apply(root)
    if strips:
        drop_selected(root, strips)


def drop_selected(root: LexborNode, selector: str) -> None:
    """Removes what a selector finds, but nothing if that would leave less than a tenth of the text."""
    nodes = root.css(selector)
    if nodes and sum(_letters(node) for node in nodes) <= _MAX_LOSS * _letters(root):
        _drop(nodes)


def _drop(nodes: Iterable[LexborNode]) -> None:
    for node in nodes:
        node.decompose()


def _letters(node: LexborNode) -> int:
    return len("".join(node.text_lexbor().split()))
