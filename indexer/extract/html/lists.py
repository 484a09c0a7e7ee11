"""Bulleted and numbered lists to Markdown."""

from collections.abc import Iterator

from selectolax.lexbor import LexborNode

from indexer.extract.inline import cell_markdown, inline_markdown

LOOSE = "pre,table,dl,h1,h2,h3,h4,h5,h6,.admonition,details,.fragment,.example,code br,.summary-table"
"""What a list item can hold that has to be a block of its own."""

_LISTS = ("ul", "ol", "menu")
_MAX_DEPTH = 20


def list_markdown(node: LexborNode, depth: int = 0) -> str:
    """Gives the items, one line each, nested lists indented under theirs; too deep ones are flattened."""
    lines: list[str] = []
    for number, item in enumerate(node.iter(), start=first_number(node)):
        marker = f"{number}. " if node.tag == "ol" else "- "
        lines += _item_lines(item, marker, depth)
    return "\n".join(lines)


def item_markdown(item: LexborNode, marker: str) -> str:
    """Gives one item with the lists in it; an empty text if there is nothing in it."""
    return "\n".join(_item_lines(item, marker, 0))


def first_number(node: LexborNode) -> int:
    """Gives the number of the first item."""
    start = node.attributes.get("start") or ""
    return int(start) if start.isascii() and start.isdigit() and len(start) < 6 else 1  # noqa: PLR2004 - longer is no count


def _item_lines(item: LexborNode, marker: str, depth: int) -> list[str]:
    """Gives the text before the first nested list on the marker's line, and what follows in its order below it."""
    parts = [(text, is_list) for text, is_list in _parts(item, depth, 0) if text]
    if not parts:
        return []
    indent = "   " * depth
    first = "" if parts[0][1] else parts.pop(0)[0]
    below = (text if is_list else f"{indent}   {text}" for text, is_list in parts)
    return [f"{indent}{marker}{first}".rstrip(), *below]


def _parts(item: LexborNode, depth: int, level: int) -> Iterator[tuple[str, bool]]:
    """Yields texts and nested lists, and which of the two each is."""
    if item.tag in _LISTS:
        if depth < _MAX_DEPTH:
            yield list_markdown(item, depth + 1), True
        return
    html = item.inner_html or ""
    if not _holds_list(item, html) or depth + level >= _MAX_DEPTH:
        yield _own_text(html), False
        return
    run: list[str] = []
    for child in item.iter(include_text=True):
        if child.tag not in _LISTS and not _holds_list(child, html := child.html or ""):
            run.append(html)
            continue
        yield _own_text("".join(run)), False
        run.clear()
        yield from _parts(child, depth, level + 1)
    yield _own_text("".join(run)), False


def _holds_list(node: LexborNode, html: str) -> bool:
    """Whether there is a list in a node; nearly all have none, as their HTML tells sooner than a search."""
    return ("<ul" in html or "<ol" in html or "<menu" in html) and node.css_first("ul,ol,menu") is not None


def _own_text(html: str) -> str:
    if "<p" in html or "<div" in html or "<br" in html:
        return cell_markdown(html).replace("\\|", "|").replace(".; ", ". ").replace(":; ", ": ")
    return inline_markdown(html)
