"""The numbers that code of AsciiDoc bears at the ends of its lines, for a list below it to explain."""

import re

_CALLOUTS = re.compile(
    r"(?:^|(?<=\s))(?:(?://|#|--|;;|%)[ \t]?)?(?:(?:<(?:\d{1,2}|\.)>|<!--(?:\d{1,2}|\.)-->)[ \t]?){1,10}$"
)


def without_callouts(code: str) -> str:
    """Gives code without its callouts and the marks that comment them out."""
    if not any(mark in code for mark in (">\n", "> \n")) and not code.rstrip().endswith(">"):
        return code
    return "\n".join(map(_without_callouts, code.split("\n")))


def _without_callouts(line: str) -> str:
    ends = line.rstrip()
    found = _CALLOUTS.search(ends) if ends.endswith(">") else None
    return ends[: found.start()].rstrip() if found else line
