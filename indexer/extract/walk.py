"""The walk over the main part of a page, from nodes to blocks in reading order."""

from collections.abc import Callable, Mapping

from selectolax.lexbor import LexborNode

from indexer.extract.blocks import Block, BlockKind
from indexer.extract.inline import first_id, ids_in, inline_markdown, meaningful_ids

MAX_BLOCKS = 50_000
MAX_DEPTH = 120
"""Levels of nodes that are told apart; what lies deeper becomes one paragraph."""

BLOCK_TAGS = "p,div,pre,table,ul,ol,dl,h1,h2,h3,h4,h5,h6,section,article,blockquote,details,figure"
"""The selector of elements that are blocks of their own."""

_INLINE_WORDS = (
    "a abbr acronym b bdi bdo big br cite code data del dfn em font i img ins kbd label mark math nobr q rp rt ruby "
    "s samp small span strike strong sub sup time tt u var wbr"
)
_INLINE = frozenset(_INLINE_WORDS.split())
_IGNORED = frozenset(["-comment", "-doctype", "head", "title", "script", "style", "template", "hr"])


class Walk:
    """Reads nodes with one reader per tag and collects the blocks.

    `targets` are ids of sections and empty anchors that the next block takes, `wrappers` those of mere layout boxes,
    `spare` is the running number of a section or an empty anchor, for a heading next that has no better id,
    `depth` counts the signatures around, `prefix` is the marker of a list item not yet written, `caption` and `tab`
    wait for the code they belong to. `page_language` is that of code that names none.
    """

    def __init__(self, readers: Mapping[str, "Reader"], default_reader: "Reader", page_language: str | None) -> None:
        self._readers = readers
        self._default_reader = default_reader
        self._nesting = 0
        self.page_language = page_language
        self.blocks: list[Block] = []
        self.targets: list[str] = []
        self.wrappers: list[str] = []
        self.spare: str | None = None
        self.depth = 0
        self.prefix = ""
        self.caption: str | None = None
        self.tab: str | None = None

    def read_children(self, node: LexborNode) -> None:
        """Reads what is in a node; text that stands between blocks becomes paragraphs."""
        if self._nesting >= MAX_DEPTH:
            self.paragraph(node.inner_html or "")
            return
        self._nesting += 1
        run: list[LexborNode] = []
        for child in node.iter(include_text=True):
            if len(self.blocks) >= MAX_BLOCKS:
                break
            if is_inline(child):
                run.append(child)
            else:
                self._inline_run(run)
                self.read(child)
        self._inline_run(run)
        self._nesting -= 1

    def read(self, node: LexborNode) -> None:
        """Reads one node with the reader of its tag."""
        tag = node.tag or ""
        if tag not in _IGNORED:
            self._readers.get(tag, self._default_reader)(self, node)

    def describe(self, *nodes: LexborNode) -> None:
        """Reads what describes the signature or definition just emitted."""
        self.depth += 1
        for node in nodes:
            self.read_children(node)
        self.depth -= 1

    def paragraph(self, html: str, own_id: str | None = None) -> None:
        """Emits a paragraph; without text its ids become targets."""
        ids = meaningful_ids([own_id, *ids_in(html)])
        text = inline_markdown(html)
        if text:
            self.emit("paragraph", self.prefix + text, ids)
            self.prefix = ""
        else:
            self.targets += ids
            self.spare = self.spare if ids else first_id(html) or self.spare

    def emit(
        self,
        kind: BlockKind,
        text: str,
        ids: list[str],
        *,
        level: int = 0,
        language: str | None = None,
        title: str | None = None,
        leads: bool = False,
    ) -> None:
        """Adds a block that has these ids, the best first, and those of the targets right before it."""
        names = list(dict.fromkeys([*ids, *self.targets, *self.wrappers]))
        self.targets.clear()
        self.wrappers.clear()
        self.spare = None
        anchor, aliases = (names[0], tuple(names[1:])) if names else (None, ())
        self.blocks.append(Block(kind, text, anchor, aliases, level, self.depth, language, title, leads))

    def take_caption(self) -> str | None:
        """Gives the caption that waits for its code or table, and forgets it."""
        caption, self.caption = self.caption, None
        return caption

    def insert_label(self, position: int, text: str) -> None:
        """Adds a paragraph before blocks that are already there."""
        self.blocks.insert(position, Block("paragraph", text, depth=self.depth))

    def _inline_run(self, run: list[LexborNode]) -> None:
        if not run:
            return
        html = "".join([node.html or "" for node in run])
        run.clear()
        if not html.isspace():
            self.paragraph(html)


Reader = Callable[[Walk, LexborNode], None]


def is_inline(node: LexborNode) -> bool:
    """Whether a node is text or stands in a line of it."""
    tag = node.tag
    if tag == "-text" or tag not in _INLINE:
        return tag == "-text"
    # Some generators set whole listings as <code> with <br> between the lines.
    selector = f"br,{BLOCK_TAGS}" if tag == "code" else BLOCK_TAGS
    return node.first_child is None or node.css_first(selector) is None
