"""Elements a page holds and its readers do not see: what is there to speak to machines only is no documentation.

Judged by style attributes, presentational attributes and the sheets inside the page. What sheets on other addresses or
scripts hide is not known here.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import lru_cache
from itertools import islice
from typing import NamedTuple

from selectolax.lexbor import LexborHTMLParser, LexborNode, SelectolaxError

from indexer.extract.html.colours import Colour, blend, find_colour, is_alike, is_white, read_colour
from indexer.extract.html.targets import drop_shown
from indexer.extract.styles import Declarations, Rule, read_declarations, read_rules

_PANELS = "[role=tabpanel],.tabpanel,.tab-pane,.tab-content,.tabs__item,.sphinx-tabs-panel,.blocks > div"
"""What is out of sight until its tab is chosen."""

_MAX_RULES = 400
_MAX_KNOWN_CHARS = 200
_AT_MARK = "html sup"
_WHOLE = frozenset({"html", "body", "head"})
_ON_DEMAND = re.compile(
    r":(?:hover|focus|active|target|checked|empty|disabled|popover-open|has)|::|:(?:before|after)\b"
)
_NOTE = re.compile(r"sup(?:\.[\w-]+)?:hover( [\w.-]+)")
"""The selector of a footnote that comes to sight when its mark is pointed at."""

_LENGTH = re.compile(r"(-?(?:\d+\.?\d*|\.\d+))(e[mx]|rem|vh|vw|vmin|vmax|%|pt|cm|mm|in|ch|px)?")
_PIXELS = {"em": 16.0, "ex": 8.0, "rem": 16.0, "vh": 10.0, "vw": 10.0, "vmin": 10.0, "vmax": 10.0, "%": 10.0,
           "pt": 1.33, "cm": 38.0, "mm": 3.8, "in": 96.0, "ch": 8.0}  # fmt: skip
_OFFSETS = ("left", "right", "top", "bottom", "inset", "text-indent", "margin", "margin-left", "margin-top",
            "margin-right", "margin-bottom", "margin-inline-start", "inset-inline-start")  # fmt: skip
_SIZES = ("width", "height", "max-width", "max-height")
_BEFORE_THE_SCREEN, _BEHIND_THE_SCREEN = -900.0, 3000.0
_FAINT, _TINY_PIXELS = 0.1, 2.0
_OPAQUE = 0.9
_MAX_LAYERS = 12
_FADED = re.compile(r"opacity\(\s*([\d.]+%?)\s*\)")
_FLAT = re.compile(
    r"scale(?:x|y|3d)?\(\s*-?0?\.?0*[0-5]?\s*[,)]|rotate[xy]\(\s*90deg|matrix\(\s*0\s*,\s*0\s*,\s*0\s*,\s*0"
)
_CUT_AWAY = re.compile(
    r"inset\(\s*(?:5\d|[6-9]\d|\d{3,})(?:\.\d+)?%|(?:circle|ellipse)\(\s*0|polygon\((?:\s*0\w*%?[\s,]*)+\)"
)
_TRANSPARENT = "transparent"


def drop_concealed(document: LexborHTMLParser) -> None:
    """Removes from a page or a fragment what no reader sees; what tabs hold can be brought to sight and stays."""
    styles = _Styles(document)
    concealed = {node.mem_id: node for node in styles.nodes() if _is_out_of_sight(node, styles)}
    for node in [node for node in concealed.values() if node.tag not in _WHOLE]:
        # What is inside of another one goes with it, and must not be touched after that.
        if concealed.keys().isdisjoint(above.mem_id for above in _ancestors(node) if above.tag not in _WHOLE):
            drop_shown(node)


def is_panel(node: LexborNode) -> bool:
    """Whether a node itself is what is out of sight until its tab is chosen."""
    first = node.css_first(_PANELS)
    return first is not None and first.mem_id == node.mem_id


def is_hidden(node: LexborNode) -> bool:
    """Tells whether an element says of itself that it is not to be seen."""
    attributes = node.attributes
    return "hidden" in attributes or _own_style(attributes.get("style") or "").is_concealing


def is_concealing(declared: Declarations) -> bool:
    """Tells whether declarations alone keep an element from sight, whatever is around it."""
    value = {name: text.partition("!")[0].strip() for name, text in declared.items()}
    return (
        value.get("display") == "none"
        or value.get("visibility") in ("hidden", "collapse")
        or value.get("content-visibility") == "hidden"
        or _fraction(value.get("opacity", "")) <= _FAINT
        or any(_fraction(faded) <= _FAINT for faded in _FADED.findall(value.get("filter", "")))
        or _is_tiny_text(value)
        or _is_elsewhere(value)
        or _is_cut_away(value)
        or _is_invisible_ink(value)
    )


class _Style(NamedTuple):
    """What is declared for an element, and whether that alone keeps it from sight."""

    declared: Declarations
    is_concealing: bool


def _own_style(style: str) -> _Style:
    # Generators write the same few attributes on every page.
    return _known_style(style) if len(style) <= _MAX_KNOWN_CHARS else _read_style(style)


def _read_style(style: str) -> _Style:
    declared = read_declarations(style)
    return _Style(declared, is_concealing(declared))


_known_style = lru_cache(maxsize=4096)(_read_style)


class _Styles:
    """What is declared for the elements of one page."""

    def __init__(self, document: LexborHTMLParser) -> None:
        self._nodes: dict[int, LexborNode] = {}
        self._rules: defaultdict[int, list[Rule]] = defaultdict(list)
        self._known: dict[tuple[str | int | None, ...], _Style] = {}
        declaring = document.css("style,[style],[color],[bgcolor],[popover]")
        # Of each its own text, as drawings may have thousands in each other.
        sheets = [_rules_about_sight(node.text(deep=False)) for node in declaring if node.tag == "style"]
        for notes in {rule.selector for rules, _ in sheets for rule in rules if rule.selector.startswith(_AT_MARK)}:
            _part_notes(document, notes)
        if any(may_conceal for _, may_conceal in sheets):
            self._apply(document, [rule for rules, _ in sheets for rule in rules])
        for node in declaring:
            self._nodes[node.mem_id] = node

    def nodes(self) -> Iterator[LexborNode]:
        """Yields the elements anything is declared for."""
        yield from self._nodes.values()

    def of(self, node: LexborNode) -> _Style:
        """Gives what wins for an element: important values, then its own, then those of the fittest rule."""
        attributes = node.attributes
        style, colour, background = attributes.get("style"), attributes.get("color"), attributes.get("bgcolor")
        rules = self._rules.get(node.mem_id, ())
        if not rules and colour is None and background is None:
            return _own_style(style or "")
        # A page repeats few styles on many elements.
        key = (style, colour, background, *map(id, rules))
        if key not in self._known:
            declared = self._winning(rules, style, colour, background)
            self._known[key] = _Style(declared, is_concealing(declared))
        return self._known[key]

    def _winning(
        self, rules: Iterable[Rule], style: str | None, colour: str | None, background: str | None
    ) -> Declarations:
        declared = {name: found for name, found in (("color", colour), ("background-color", background)) if found}
        ranked = sorted(rules, key=lambda rule: (rule.specificity, rule.order))
        own = _own_style(style or "").declared
        for declarations in (*(rule.declarations for rule in ranked), own):
            declared |= {name: text for name, text in declarations.items()
                         if "!" in text or "!" not in declared.get(name, "")}  # fmt: skip
        return declared

    def _apply(self, document: LexborHTMLParser, rules: Iterable[Rule]) -> None:
        for rule in islice(rules, _MAX_RULES):
            try:
                found = document.css(rule.selector)
            except SelectolaxError:
                continue
            for node in found:
                self._nodes[node.mem_id] = node
                self._rules[node.mem_id].append(rule)


@lru_cache(maxsize=8)
def _rules_about_sight(sheet: str) -> tuple[tuple[Rule, ...], bool]:
    """Gives the rules that bear on what is seen, and whether one of the sheet may conceal; pages share their sheets."""
    rules = [_seen_on_pointing(rule) for rule in read_rules(sheet)]
    wanted = (rule for rule in rules if _is_about_sight(rule.declarations) and not _ON_DEMAND.search(rule.selector))
    return tuple(islice(wanted, _MAX_RULES)), any(_may_conceal(rule.declarations) for rule in rules)


def _seen_on_pointing(rule: Rule) -> Rule:
    """Gives the rule that shows a footnote as one that always does: its mark tells readers to look for it."""
    note = _NOTE.fullmatch(" ".join(rule.selector.split()))
    return rule if note is None else replace(rule, selector=f"{_AT_MARK}{note[1]}")


def _part_notes(document: LexborHTMLParser, selector: str) -> None:
    """Sets footnotes in parentheses, as they stand in the middle of a sentence."""
    for note in document.css(selector):
        note.insert_before(" (")
        note.insert_after(")")


def _may_conceal(declared: Declarations) -> bool:
    return is_concealing(declared) or "color" in declared


def _is_about_sight(declared: Declarations) -> bool:
    return _may_conceal(declared) or not declared.keys().isdisjoint(
        ("display", "visibility", "opacity", "font-size", "background", "background-color", "clip", "clip-path")
    )


def _is_out_of_sight(node: LexborNode, styles: _Styles) -> bool:
    declared, is_concealed = styles.of(node)
    if "popover" in node.attributes or is_concealed:
        return not is_panel(node)
    colour = read_colour(declared.get("color", "").partition("!")[0].strip())
    return colour is not None and _is_lost_in_background(node, colour, styles)


def _is_lost_in_background(node: LexborNode, colour: Colour, styles: _Styles) -> bool:
    """Tells whether text has the colour of what is behind it; a page that says nothing about that is white."""
    behind: list[Colour] = []
    for around in (node, *_ancestors(node)):
        declared = styles.of(around).declared
        background = declared.get("background-color") or declared.get("background")
        if not background or background == _TRANSPARENT:
            continue
        layer = find_colour(background)
        if layer is None and not behind:
            return False
        if layer is None:
            break
        behind.append(layer)
        if layer.alpha >= _OPAQUE:
            break
        if len(behind) == _MAX_LAYERS:  # no page for readers has so many, and none may take long
            return True
    return is_alike(colour, blend(behind)) if behind else is_white(colour)


def _ancestors(node: LexborNode) -> Iterator[LexborNode]:
    """Yields what is around a node, from the inside; markup nested deeper than it may be was refused before."""
    above = node.parent
    while above is not None:
        yield above
        above = above.parent


def _is_tiny_text(value: Declarations) -> bool:
    size = value.get("font-size") or value.get("font", "")
    lengths = _LENGTH.findall(size.partition("/")[0]) if size else []
    named = [length for length in lengths if length[1] or float(length[0]) == 0]
    return bool(named) and _pixels(named[0], percent=0.16) <= _TINY_PIXELS


def _is_elsewhere(value: Declarations) -> bool:
    moved = " ".join(value[name] for name in _OFFSETS if name in value)
    moved += "".join(re.findall(r"translate\w*\(([^)]*)\)", value.get("transform", ""))) + value.get("translate", "")
    places = [_pixels(length) for length in _LENGTH.findall(moved)]
    return any(place <= _BEFORE_THE_SCREEN or place >= _BEHIND_THE_SCREEN for place in places)


def _is_cut_away(value: Declarations) -> bool:
    clip = value.get("clip", "")
    if clip.startswith("rect") and all(_pixels(length) <= 1 for length in _LENGTH.findall(clip)):
        return True
    if _CUT_AWAY.search(value.get("clip-path", "")) or _FLAT.search(value.get("transform", "")):
        return True
    if not any(word in value.get("overflow", "") for word in ("hidden", "clip")):
        return False
    sizes = (_LENGTH.fullmatch(value[name]) for name in _SIZES if name in value)
    return any(_pixels((size[1], size[2] or "")) <= 1 for size in sizes if size)


def _is_invisible_ink(value: Declarations) -> bool:
    if value.get("-webkit-text-fill-color") == _TRANSPARENT and "background-clip" not in " ".join(value):
        return True
    colour = read_colour(value.get("color", ""))
    return colour is not None and colour.alpha <= _FAINT


def _pixels(length: tuple[str, str], *, percent: float = 10.0) -> float:
    number, unit = length
    return float(number) * (percent if unit == "%" else _PIXELS.get(unit, 1.0))


def _fraction(text: str) -> float:
    """Gives a number or a percentage as a fraction; what is neither counts as one."""
    try:
        return float(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
    except ValueError:
        return 1.0
