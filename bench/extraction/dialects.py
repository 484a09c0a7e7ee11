"""The pages the built sites share, in the Markdown of each generator.

The sources are plain Markdown with four additions: `:::kind[Title]` boxes, `:::tabs` with `@tab Label` lines,
`:::details[Summary]`, and `title="..." lines={...} numbers` after the language of a fence.
"""

import re
from collections.abc import Callable, Iterator

Dialect = Callable[[str], str]
"""Source of a page -> source of the same page for one generator."""

_FRONT = re.compile(r"---\n(.*?)\n---\n\n", re.DOTALL)
_FENCE = re.compile(r"^( *)```(\w+)((?: (?:title=\"[^\"]*\"|lines=\{[^}]*\}|numbers))*)$", re.MULTILINE)
_TABS = re.compile(r"^:::tabs\n(.*?)^:::$", re.DOTALL | re.MULTILINE)
_DETAILS = re.compile(r"^:::details\[(.*?)\]\n(.*?)^:::$", re.DOTALL | re.MULTILINE)
_BOX = re.compile(r"^( *):::(\w+)(?:\[(.*?)\])?$", re.MULTILINE)
_WHOLE_BOX = re.compile(r"^( *):::(\w+)(?:\[(.*?)\])?\n(.*?)^\1:::$", re.DOTALL | re.MULTILINE)
_ONE_FENCE = re.compile(r"^```[^\n]*\n(?:(?!```).*\n)*```\s*$")
_CUSTOM_ID = re.compile(r" \{#[\w-]+\}$", re.MULTILINE)


def to_docusaurus(page: str) -> str:
    """Gives MDX with the components of Docusaurus."""
    page = _TABS.sub(lambda found: _components(found[1], 'value="{label}" label="{label}"'), page)
    page = _FENCE.sub(lambda found: _fence(found, "showLineNumbers"), _DETAILS.sub(_details, page))
    imports = 'import Tabs from "@theme/Tabs";\nimport TabItem from "@theme/TabItem";\n\n'
    return _after_front(page, imports).replace(".md)", ".mdx)")


def to_starlight(page: str) -> str:
    """Gives MDX with the components of Starlight, which knows four kinds of asides and no ids of one's own."""
    page = _TABS.sub(lambda found: _components(found[1], 'label="{label}"'), page)
    page = _FENCE.sub(lambda found: _fence(found, "showLineNumbers"), _DETAILS.sub(_details, page))
    page = _CUSTOM_ID.sub("", page).replace(":::warning", ":::caution").replace(":::info", ":::note")
    return _after_front(page, 'import { TabItem, Tabs } from "@astrojs/starlight/components";\n\n')


def to_vitepress(page: str) -> str:
    """Gives the Markdown of VitePress, whose groups hold code only; other tabs become paragraphs with a label."""
    page = _FENCE.sub(_vitepress_fence, _TABS.sub(_code_group, page))
    page = _BOX.sub(lambda box: f"{box[1]}::: {_vitepress_kind(box[2])} {box[3] or ''}".rstrip(), page)
    title = re.search(r"^title: (.*)$", page, re.MULTILINE)
    return _after_front(page, f"# {title[1]}\n\n" if title else "")


def to_material(page: str) -> str:
    """Gives the Markdown of MkDocs Material, where boxes, tabs and the contents of list items are indented by four."""
    page = _four_columns(page)
    page = _TABS.sub(
        lambda found: "\n".join(f'=== "{label}"\n\n{_indented(body)}' for label, body in _tabs(found[1])), page
    )
    page = _DETAILS.sub(lambda found: f'??? note "{found[1]}"\n\n{_indented(found[2])}', page)
    page = _WHOLE_BOX.sub(_material_box, page)
    return _FENCE.sub(_material_fence, page)


def to_nextra(page: str) -> str:
    """Gives MDX with the components of Nextra."""
    page = _TABS.sub(_nextra_tabs, page)
    page = _WHOLE_BOX.sub(_nextra_box, _DETAILS.sub(_details, page))
    page = _FENCE.sub(lambda found: _fence(found, "showLineNumbers").replace("title=", "filename="), page)
    title = re.search(r"^title: (.*)$", page, re.MULTILINE)
    heading = f"# {title[1]}\n\n" if title else ""
    page = _CUSTOM_ID.sub(lambda found: found[0].replace("{", "[").replace("}", "]"), page)
    return _after_front(page, f'import {{ Callout, Tabs }} from "nextra/components"\n\n{heading}')


def _after_front(page: str, text: str) -> str:
    front = _FRONT.match(page)
    end = front.end() if front else 0
    return page[:end] + text + page[end:]


def _tabs(text: str) -> Iterator[tuple[str, str]]:
    for part in text.split("@tab ")[1:]:
        label, _, body = part.partition("\n")
        yield label, body


def _components(text: str, attributes: str) -> str:
    items = (
        f"<TabItem {attributes.format(label=label)}>\n\n{body.strip()}\n\n</TabItem>" for label, body in _tabs(text)
    )
    return "\n".join(["<Tabs>", *items, "</Tabs>"])


def _details(found: re.Match[str]) -> str:
    return f"<details>\n<summary>{found[1]}</summary>\n\n{found[2].strip()}\n\n</details>"


def _fence(found: re.Match[str], numbers: str) -> str:
    options = found[3].replace("lines=", "").replace("numbers", numbers)
    return f"{found[1]}```{found[2]}{options}"


def _code_group(found: re.Match[str]) -> str:
    tabs = list(_tabs(found[1]))
    if not all(_ONE_FENCE.match(body) for _, body in tabs):
        return "\n".join(f"**{label}**\n\n{body}" for label, body in tabs)
    fences = (re.sub(r"^```(\w+).*", rf"```\1 [{label}]", body, count=1) for label, body in tabs)
    return "::: code-group\n\n" + "\n".join(fences) + "\n:::"


def _vitepress_fence(found: re.Match[str]) -> str:
    lines = re.search(r"lines=(\{.*?\})", found[3])
    numbers = ":line-numbers" if "numbers" in found[3] else ""
    return f"{found[1]}```{found[2]}{numbers}{lines[1] if lines else ''}"


def _vitepress_kind(kind: str) -> str:
    return "info" if kind == "note" else kind


def _indented(text: str, margin: str = "    ") -> str:
    return "\n".join(margin + line if line else "" for line in text.strip("\n").split("\n")) + "\n"


def _four_columns(page: str) -> str:
    """Gives a page whose list items indent by four columns a level; code at the margin stays as it is."""
    lines: list[str] = []
    fence: str | None = None
    for line in page.split("\n"):
        body = line.lstrip(" ")
        margin = line[: len(line) - len(body)] if fence is None else fence
        lines.append(" " * (4 * round(len(margin) / 2.5)) + line.removeprefix(margin) if line.strip() else "")
        if body.startswith("```"):
            fence = None if fence is not None else margin
    return "\n".join(lines)


def _material_box(found: re.Match[str]) -> str:
    title = f' "{found[3]}"' if found[3] else ""
    margin = found[1]
    body = "\n".join(line.removeprefix(margin) for line in found[4].split("\n"))
    return f"{margin}!!! {found[2]}{title}\n\n{_indented(body, margin + '    ')}"


def _material_fence(found: re.Match[str]) -> str:
    options = re.sub(r"lines=\{(.*?)\}", lambda lines: f'hl_lines="{lines[1].replace(",", " ")}"', found[3])
    options = options.replace("numbers", 'linenums="1"')
    return f"{found[1]}```{found[2]}{options}"


def _nextra_tabs(found: re.Match[str]) -> str:
    tabs = list(_tabs(found[1]))
    labels = ", ".join(f'"{label}"' for label, _ in tabs)
    items = (f"<Tabs.Tab>\n\n{body.strip()}\n\n</Tabs.Tab>" for _, body in tabs)
    return "\n".join([f"<Tabs items={{[{labels}]}}>", *items, "</Tabs>"])


def _nextra_box(found: re.Match[str]) -> str:
    kind = {"warning": "warning", "danger": "error", "info": "info"}.get(found[2], "default")
    title = f"**{found[3]}**\n\n" if found[3] else ""
    margin = found[1]
    body = "\n".join(line.removeprefix(margin) for line in found[4].split("\n"))
    inner = f'<Callout type="{kind}">\n\n{title}{body.strip()}\n\n</Callout>'
    return "\n".join(margin + line if line else "" for line in inner.split("\n"))
