"""Steps that clean the main part of a page before it is read: each takes the part, changes it, and is done."""

import re
from collections.abc import Callable, Iterable

from selectolax.lexbor import LexborNode

from indexer.extract.html.appearance import name_cards, part_headings, unfold_file_trees
from indexer.extract.html.buttons import BUTTONS, is_fold_line
from indexer.extract.html.chrome import drop_chrome, drop_panels, drop_ways
from indexer.extract.html.code_lines import break_code_lines, part_boxes_in_code, resolve_diffs
from indexer.extract.html.concealment import is_hidden, is_panel
from indexer.extract.html.formulas import spell_formulas
from indexer.extract.html.list_text import box_list_text
from indexer.extract.html.subtree import Subtree
from indexer.extract.html.targets import HEADINGS, drop_shown
from indexer.extract.inline import ids_in

Filter = Callable[[Subtree], None]

_SCRIPTS = (
    "script,style,template,noscript,link,meta,iframe,noembed,noframes,object,embed,svg,canvas,video,audio,"
    "input,select,textarea:not(.code,.Documentation-exampleCode),output,dialog,xmp,plaintext,datalist,progress,meter,rp"
)
_BUTTONS = (
    f"{BUTTONS},.copybtn,.copy-button,.copy:not(:has(h1,h2,p)),.clipboard,.clipboard-copy,"
    ".copy-btn,.icon-copycode,.sr-only,.visually-hidden,.sd-hide-link-text,pre summary,pre .dropdown-menu"
)
_NAVIGATION = (
    "nav,[role=navigation],[role=search],.toctree-wrapper,.toc,.table-of-contents,.contents.topic,.breadcrumbs,"
    ".breadcrumb,.prev-next,.pagination-nav,.edit-this-page,.edit-page-link,.feedback,.skip-link,.navbar,div.related,"
    "[data-ea-publisher],#carbonads,.search-results"
)
_CONTENTS = "div[class$=toc],div[id$=toc],ul[class$=toc],ul[id$=toc]"
_LINK_SHARE = 0.5
_LINE_NUMBERS = (
    ".linenos,.lineno,.linenodiv,td.gutter,td.line-numbers,pre.lines,td.listing_lines,.line-numbers-wrapper,"
    ".line-numbers-rows,.expressive-code .gutter,.lnt,.chroma .ln,.hljs-ln-numbers,"
    "pre .conum,pre .conum + b"
)
_PERMALINKS = (
    ".headerlink,.headerLink,.hash-link,.header-anchor,.anchor-link,.permalink,a.anchor,a.doc-anchor,.sl-anchor-link,"
    ".anchorjs-link,.subheading-anchor,.heading-anchor,.viewcode-link,.viewcode-back,.selflink,.srclink,"
    ".footnote-back,.footnote-backref,.data-footnote-backref"
)
_SOURCE_PLACE = re.compile(r"src|source|_modules|/blob/|/edit/|/tree/|#L")
_SOURCE_TEXT = re.compile(
    r"[\[(]?\s?(?:(?:view |edit )?(?:source|source code|src|edit)"
    r"|(?:edit|view|improve|suggest) (?:this page|page source|source)(?: on git(?:hub|lab))?"
    r"|(?:edit|view) on git(?:hub|lab))"
    r"\s?[\])]?",
    re.IGNORECASE,
)
_MAX_SOURCE_CHARS = 100
_WORD = re.compile(r"\w")
_CODE = frozenset(["pre", "code"])
_MAX_LOSS = 0.9
_MAX_KNOWN_LOSS = 0.999


def drop_scripts(part: Subtree) -> None:
    """Removes what a browser runs, embeds or lets people fill in, and raw-text elements that could fake markup."""
    _drop(part.css(_SCRIPTS))


def drop_hidden(part: Subtree) -> None:
    """Removes what readers cannot see, where instructions to a model could hide; tab panels can be clicked open."""
    _drop_shown(node for node in part.css("[hidden],[style]") if is_hidden(node) and not is_panel(node))


def drop_icons(part: Subtree) -> None:
    """Removes decoration that says so: `aria-hidden` icons and the visual copy of formulas."""
    _drop_shown(part.css("[aria-hidden=true]:is(i,b,em,span,a,img,small)"))


def drop_buttons(part: Subtree) -> None:
    """Removes buttons and screen-reader labels, but no tab labels, and no buttons that are what a fold says."""
    _drop(node for node in part.css(_BUTTONS) if not is_fold_line(node))


def drop_navigation(part: Subtree) -> None:
    """Removes tables of contents, breadcrumbs and links to the next page, unless nearly everything would go."""
    _drop(_selected(part, _NAVIGATION))
    for box in part.css(_CONTENTS):
        if sum(_letters(link) for link in box.css("a[href^='#']")) > _LINK_SHARE * _letters(box):
            box.decompose()


def drop_line_numbers(part: Subtree) -> None:
    """Removes line numbers beside code."""
    _drop(part.css(_LINE_NUMBERS))


def drop_permalinks(part: Subtree) -> None:
    """Removes the pilcrow links of headings, but for their ids, and none that holds the heading or words of it."""
    for link in part.css(_PERMALINKS):
        # Few have an id, and to look for it costs less than to read all attributes.
        if ids_in(link.html or "") and not link.attributes.get("href") and _WORD.search(link.text_lexbor()):
            continue
        parent = link.parent
        if parent is not None and _letters(parent) == _letters(link) and _letters(link):
            continue
        if drop_shown(link) and (heading := _heading_before(link)) is not None:
            heading.insert_child(link)
            link.decompose()


def drop_source_links(part: Subtree) -> None:
    """Removes links to the code behind a page or a symbol, which end a line; one in a sentence stays."""
    for link in part.css("a[href]"):
        text = link.text_lexbor().strip()
        if len(text) > _MAX_SOURCE_CHARS or not _SOURCE_TEXT.fullmatch(" ".join(text.split())) or _is_in_code(link):
            continue
        if not _SOURCE_PLACE.search(link.attributes.get("href") or ""):
            continue
        after = link.next
        if after is None or after.tag != "-text" or not after.text_lexbor().strip():
            drop_shown(link)


FILTERS: tuple[Filter, ...] = (
    drop_scripts,
    drop_hidden,
    spell_formulas,
    drop_icons,
    drop_buttons,
    drop_line_numbers,
    drop_permalinks,
    drop_source_links,
    drop_navigation,
    drop_panels,
    drop_ways,
    drop_chrome,
    break_code_lines,
    part_boxes_in_code,
    resolve_diffs,
    part_headings,
    name_cards,
    unfold_file_trees,
    box_list_text,
)
"""In this order: what is hidden must be gone before texts are compared."""


def clean(root: LexborNode, strips: str = "") -> None:
    """Runs all filters, then removes what the generator's profile names."""
    part = Subtree(root)
    for apply in FILTERS:
        apply(part)
    if strips:
        _drop_shown(_selected(part, strips, _MAX_KNOWN_LOSS))


def _selected(part: Subtree, selector: str, max_loss: float = _MAX_LOSS) -> list[LexborNode]:
    """Gives what a selector finds, but nothing if that is a greater share of the text."""
    nodes = part.css(selector)
    is_all = bool(nodes) and sum(_letters(node) for node in nodes) > max_loss * _letters(part.root)
    return [] if is_all else nodes


def _heading_before(link: LexborNode) -> LexborNode | None:
    """Gives the heading that a link beside it belongs to."""
    before = link.prev
    while before is not None and before.tag == "-text" and not before.text_lexbor().strip():
        before = before.prev
    return before if before is not None and before.tag in HEADINGS else None


def _is_in_code(node: LexborNode) -> bool:
    parent = node.parent
    while parent is not None and parent.tag not in _CODE:
        parent = parent.parent
    return parent is not None


def _drop(nodes: Iterable[LexborNode]) -> None:
    for node in nodes:
        node.decompose()


def _drop_shown(nodes: Iterable[LexborNode]) -> None:
    for node in nodes:
        drop_shown(node)


def _letters(node: LexborNode) -> int:
    return len("".join(node.text_lexbor().split()))
