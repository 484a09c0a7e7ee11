"""How blocks that were read are put together: items to lists, quotations, admonitions, cells to tables."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from indexer.extract.blocks import Block

PROSE = frozenset(["paragraph", "list"])
_MAX_COLUMNS = 40


def list_blocks(items: Iterable[tuple[str, Sequence[Block]]]) -> list[Block]:
    """Gives one block for markers with plain items, or marked paragraphs with the other blocks between them."""
    blocks = [block for marker, item in items for block in _marked(item, marker)]
    if not all(block.kind in PROSE for block in blocks):
        return blocks
    names = [name for block in blocks for name in block.names]
    text = "\n".join(block.text for block in blocks)
    return [Block("list", text, *_first_and_rest(names))] if text else []


def quoted(blocks: Iterable[Block]) -> list[Block]:
    """Gives blocks whose prose has `>` before each line; code in a quotation stays exact."""
    return [replace(block, text=_prefixed("> ", block.text)) if block.kind in PROSE else block for block in blocks]


def admonition_blocks(label: str, blocks: Sequence[Block]) -> list[Block]:
    """Gives the prose that blocks begin with as one admonition titled with its label, then the rest."""
    end = next((at for at, block in enumerate(blocks) if block.kind not in PROSE | {"definition"}), len(blocks))
    end = next((at for at, block in enumerate(blocks[:end]) if block.opens_scope), end)
    names = [name for block in blocks[:end] for name in block.names]
    text = "\n\n".join(block.text for block in blocks[:end])
    return [Block("admonition", text, *_first_and_rest(names), title=label), *blocks[end:]]


def labelled_blocks(label: str, blocks: Sequence[Block]) -> list[Block]:
    """Gives what is under a tab: code bears its label as title, before anything else the label stands by itself."""
    labelled = [
        replace(block, title=_joined(label, block.title)) if block.kind == "code" else block for block in blocks
    ]
    if not label or not labelled or labelled[0].kind == "code":
        return labelled
    return [Block("paragraph", f"**{label}**", depth=labelled[0].depth), *labelled]


def definition_blocks(term: str, blocks: Sequence[Block]) -> list[Block]:
    """Gives a term before the first paragraph of its body, or above what else the body begins with."""
    if not blocks or blocks[0].kind != "paragraph":
        return [Block("paragraph", f"**{term}**"), *blocks]
    first = blocks[0]
    # An anchored definition would open a scope, so the ids of this one are aliases.
    text = f"**{term}**: {first.text}"
    return [replace(first, kind="definition", text=text, anchor=None, aliases=first.names), *blocks[1:]]


def pipe_table(rows: Sequence[Sequence[str]], *, has_header: bool = True) -> str:
    """Gives the pipe table of cells, each on one line; an empty text if no cell is filled."""
    lines = [[" ".join(cell.replace("|", "\\|").split()) for cell in row[:_MAX_COLUMNS]] for row in rows]
    lines = [line for line in lines if any(line)]
    if not lines:
        return ""
    width = max(map(len, lines))
    header = lines.pop(0) if has_header else []
    return "\n".join([_row(header, width), "|" + " --- |" * width, *(_row(line, width) for line in lines)])


def first_heading(blocks: Iterable[Block]) -> str:
    """Gives the words of the first heading of level 1, an empty text if there is none."""
    return next((block.text for block in blocks if block.kind == "heading" and block.level == 1), "")


def with_unique_ids(blocks: Iterable[Block]) -> list[Block]:
    """Gives blocks in which each id stands once, where a browser goes to: at its first place."""
    seen: set[str] = set()
    kept: list[Block] = []
    for block in blocks:
        own = block.names
        if not own:
            kept.append(block)
            continue
        names = [name for name in dict.fromkeys(own) if name not in seen]
        seen.update(names)
        if len(names) == len(own):
            kept.append(block)
            continue
        anchor, aliases = _first_and_rest(names) if block.anchor else (None, tuple(names))
        kept.append(replace(block, anchor=anchor, aliases=aliases))
    return kept


def _marked(blocks: Sequence[Block], marker: str) -> list[Block]:
    marked: list[Block] = []
    for block in blocks:
        if block.kind == "paragraph" and not marked:
            marked.append(replace(block, text=f"{marker} {block.text}"))
        elif block.kind in PROSE:
            marked.append(replace(block, text=_prefixed("   ", block.text)))
        else:
            marked.append(block)
    return marked


def _prefixed(prefix: str, text: str) -> str:
    return "\n".join(f"{prefix}{line}" for line in text.split("\n"))


def _joined(label: str, title: str | None) -> str | None:
    names = dict.fromkeys([label, *(title or "").split(", ")])
    return ", ".join(filter(None, names)) or None


def _first_and_rest(names: Sequence[str]) -> tuple[str | None, tuple[str, ...]]:
    return (names[0], tuple(names[1:])) if names else (None, ())


def _row(cells: Sequence[str], width: int) -> str:
    return "| " + " | ".join([*cells, *[""] * (width - len(cells))]) + " |"
