"""Fences of code in Markdown."""

import re


def is_balanced(markdown: str) -> bool:
    """Whether each fence is closed, by CommonMark's rule: as many marks or more, and nothing after them."""
    fence = ""
    for line in markdown.split("\n"):
        mark = re.match(r"^[ ]{0,3}(`{3,}|~{3,})(.*)$", line)
        if mark and not fence:
            fence = mark[1]
        elif mark and mark[1].startswith(fence) and not mark[2].strip():
            fence = ""
    return not fence
