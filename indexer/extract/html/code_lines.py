"""Filters for the lines of code: generators mark them by elements, and lines of diffs by colours."""

from collections.abc import Callable

from selectolax.lexbor import LexborNode

from indexer.extract.html.subtree import Subtree

_CODE_LINES = ".token-line,.line:not(.token),.ec-line,.codeLine,.highlight-line,[data-line]"
_BOXES = "pre div,pre li,pre tr,pre p,pre span[style*='display:block'],pre span[style*='display: block']"
"""What begins and ends a line by itself, as browsers show it."""

_MAX_STEPS = 30
"""From a box past others without text and out of those around it; real ones take three."""

_REMOVED_LINES = ".diff.remove,.ec-line.del"
_ADDED_LINES = ".diff.add,.ec-line.ins"


def break_code_lines(part: Subtree) -> None:
    """Ends each line of code with one line break: some pages have <br>, some elements of which the text glues lines."""
    for line_break in part.css("pre br"):
        line_break.replace_with("\n")
    for pre in part.css("pre") if part.can_hold(_CODE_LINES) else ():
        lines = pre.css(_CODE_LINES)
        if any(line.text_lexbor().strip("\n") and not _is_ended(line) for line in lines[:-1]):
            for line in lines[:-1]:
                _end(line)


def part_boxes_in_code(part: Subtree) -> None:
    """Puts a line break between a box in code and the text beside it, as where each line is the item of a list."""
    boxes = part.css(_BOXES) if part.can_hold("pre") else []
    known = {box.mem_id for box in boxes}
    for box in boxes:
        text = box.text_lexbor()
        if not text:
            if box.tag == "li":
                box.insert_after("\n")
            continue
        before, after = _neighbour(box, lambda node: node.prev), _neighbour(box, lambda node: node.next)
        if before is not None and not before.text_lexbor().endswith("\n"):
            box.insert_before("\n")
        if after is None or text.endswith("\n"):
            continue
        if after.mem_id in known or not after.text_lexbor().startswith("\n"):
            box.insert_after("\n")


def resolve_diffs(part: Subtree) -> None:
    """Takes out the lines that code shows as removed; a listing that is a diff gets its signs back instead."""
    for pre in part.css("pre") if part.can_hold(f"{_REMOVED_LINES},{_ADDED_LINES}") else ():
        removed = pre.css(_REMOVED_LINES)
        if pre.attributes.get("data-language") == "diff":
            _sign_lines(pre.css(_CODE_LINES), removed, pre.css(_ADDED_LINES))
        elif len(removed) < len(pre.css(_CODE_LINES)):
            for line in removed:
                _remove_line(line)


def _is_ended(line: LexborNode) -> bool:
    after = line.next
    is_followed = after is not None and after.tag == "-text" and after.text_lexbor().startswith("\n")
    return is_followed or line.text_lexbor().endswith("\n")


def _neighbour(box: LexborNode, beside: Callable[[LexborNode], LexborNode | None]) -> LexborNode | None:
    """Gives what stands next to a box on one side in the same <pre> and has a text."""
    node: LexborNode | None = box
    for _ in range(_MAX_STEPS):
        if node is None or node.tag == "pre":
            return None
        neighbour = beside(node)
        if neighbour is not None and neighbour.text_lexbor():
            return neighbour
        node = neighbour if neighbour is not None else node.parent
    return None


def _end(line: LexborNode) -> None:
    """Ends a line; some mark an empty one by a line break inside of it."""
    if not line.text_lexbor().strip("\n"):
        for child in list(line.iter(include_text=True)):
            child.decompose()
    if not _is_ended(line):
        line.insert_after("\n")


def _sign_lines(lines: list[LexborNode], removed: list[LexborNode], added: list[LexborNode]) -> None:
    signs = {line.mem_id: sign for sign, group in (("-", removed), ("+", added)) for line in group}
    for line in lines if signs else ():
        line.insert_before(signs.get(line.mem_id, " "))


def _remove_line(line: LexborNode) -> None:
    end = line.next
    if end is not None and end.tag == "-text" and end.text_lexbor().startswith("\n"):
        end.replace_with(end.text_lexbor()[1:])
    line.decompose()
