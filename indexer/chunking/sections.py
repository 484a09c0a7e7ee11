"""Blocks to the tree of sections they form."""

from dataclasses import dataclass, field

from indexer.extract.blocks import Block, ExtractedPage

_MAX_TITLE_CHARS = 300
"""Each chunk of a section bears its title; of 40 000 sections of real pages ten have longer ones, up to 96 000."""

_MAX_PATH = 12
"""Sections within each other; on real pages up to six."""

_EXPLAINING = frozenset(["paragraph", "list", "code", "admonition", "table"])


@dataclass(slots=True)
class Section:
    """A heading, signature, definition or captioned table with what belongs to it.

    `opener` is None for the page itself. `body` holds the section's own blocks, `children` the sections inside it.
    `anchor` is the section's own id. `path` names the sections around it, itself last.
    """

    opener: Block | None
    title: str
    path: tuple[str, ...]
    parent: "Section | None" = None
    body: list[Block] = field(default_factory=list[Block])
    children: list["Section"] = field(default_factory=list["Section"])

    @property
    def anchor(self) -> str | None:
        """The section's own id."""
        return self.opener.anchor if self.opener else None

    @property
    def nearest_anchor(self) -> str | None:
        """The section's id, or that of the closest section around it that has one."""
        section: Section | None = self
        while section is not None and section.anchor is None:
            section = section.parent
        return section.anchor if section else None

    @property
    def is_signature(self) -> bool:
        """Whether this describes a symbol."""
        return self.opener is not None and self.opener.kind == "signature"


def build_sections(page: ExtractedPage) -> Section:
    """Gives the page as a section; headings inside a description stay in its body, they rarely stand alone."""
    root = Section(None, page.title, ())
    current = root
    for block in page.blocks:
        while _ends(current, block) and not _explains(block, current):
            current = current.parent or root
        if _is_leaf(block):
            _open(current, block)
        elif block.opens_scope or (block.kind == "heading" and block.depth == 0):
            current = _open(current, block)
        else:
            current.body.append(block)
    return root


def _open(parent: Section, block: Block) -> Section:
    whole = (block.title or block.text).replace("`", "")
    title = _shortened(whole)
    path = parent.path if parent.path[-1:] == (title,) else (*parent.path[: _MAX_PATH - 1], title)
    section = Section(block, title, path, parent)
    if title != whole and block.kind == "heading":  # the text of all others stands in their chunks
        section.body.append(Block("paragraph", block.text))
    parent.children.append(section)
    return section


def _shortened(title: str) -> str:
    """Gives a title, or its beginning up to the end of a name or a word, with an ellipsis for what follows."""
    if len(title) <= _MAX_TITLE_CHARS:
        return title
    start = title[: _MAX_TITLE_CHARS - 2]
    ends = (start.rfind(border) + len(border) for border in (", ", " "))
    return f"{start[: next((end for end in ends if end > len(start) // 2), len(start))].rstrip()} \u2026"


def _is_leaf(block: Block) -> bool:
    """Whether a block is a section by itself: a table with a caption is cited by its own id."""
    return block.kind == "table" and block.anchor is not None and block.title is not None


def _explains(block: Block, section: Section) -> bool:
    """Whether a block beside a signature that has nothing in it is its description: code goes with its explanation.

    Not that after several such signatures, which is about all of them.
    """
    opener = section.opener
    if opener is None or not section.is_signature or section.children or block.depth != opener.depth:
        return False
    if block.opens_scope or _is_leaf(block) or block.kind not in _EXPLAINING:
        return False
    if section.body:
        return section.body[0].depth == opener.depth
    is_sentence = block.kind == "paragraph" and block.text.endswith((".", ":", ")", "!", "?"))
    siblings = section.parent.children[:-1] if section.parent else []
    return is_sentence and not (siblings and siblings[-1].is_signature and not siblings[-1].body)


def _ends(section: Section, block: Block) -> bool:
    opener = section.opener
    if opener is None:
        return False
    if opener.kind != "heading":
        return block.depth <= opener.depth
    return block.kind == "heading" and block.depth == 0 and block.level <= opener.level
