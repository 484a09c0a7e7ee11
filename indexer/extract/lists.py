"""Bulleted and numbered lists to Markdown."""

from selectolax.lexbor import LexborNode

from indexer.extract.inline import cell_markdown, inline_markdown

LOOSE = "pre,table,dl,h1,h2,h3,h4,h5,h6,.admonition,details,.fragment"
"""What a list item can hold that has to be a block of its own."""

_LISTS = ("ul", "ol", "menu")
_MAX_DEPTH = 20


def list_markdown(node: LexborNode, depth: int = 0) -> str:
    """Gives the items, one line each, nested lists indented under theirs; too deep ones are flattened."""
    lines: list[str] = []
    for number, item in enumerate(node.iter(), start=first_number(node)):
        marker = f"{number}." if node.tag == "ol" else "-"
        text, nested = _item(item, depth)
        if text or nested:
            lines.append(f"{'   ' * depth}{marker} {text}".rstrip())
            lines += nested
    return "\n".join(lines)


def first_number(node: LexborNode) -> int:
    """Gives the number of the first item."""
    start = node.attributes.get("start") or ""
    return int(start) if start.isascii() and start.isdigit() and len(start) < 6 else 1  # noqa: PLR2004 - longer is no count


def _item(item: LexborNode, depth: int) -> tuple[str, list[str]]:
    if item.tag in _LISTS:
        return "", [list_markdown(item, depth + 1)] if depth < _MAX_DEPTH else []
    if item.css_first("ul,ol,menu") is None or depth >= _MAX_DEPTH:
        return _own_text(item.inner_html or ""), []
    own: list[str] = []
    nested: list[str] = []
    for child in item.iter(include_text=True):
        if child.tag in _LISTS:
            nested.append(list_markdown(child, depth + 1))
        elif child.css_first("ul,ol,menu") is not None:
            text, deeper = _item(child, depth + 1)
            own.append(text)
            nested += deeper
        else:
            own.append(child.html or "")
    return _own_text("".join(own)), [lines for lines in nested if lines]


def _own_text(html: str) -> str:
    if "<p" in html or "<div" in html or "<br" in html:
        return cell_markdown(html).replace("\\|", "|").replace(".; ", ". ").replace(":; ", ": ")
    return inline_markdown(html)
