"""Filters for the lines of code: generators mark them by elements, and lines of diffs by colours."""

from selectolax.lexbor import LexborNode

from indexer.extract.subtree import Subtree

_CODE_LINES = ".token-line,.line:not(.token),.ec-line,.codeLine,[data-line]"
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
