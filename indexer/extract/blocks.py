"""What a page is made of: blocks in reading order."""

from dataclasses import dataclass
from typing import Literal

BlockKind = Literal["heading", "paragraph", "code", "table", "list", "admonition", "signature", "definition"]
Problem = Literal["empty", "needs_javascript", "unreadable"]


@dataclass(frozen=True, slots=True)
class Block:
    """One piece of a page.

    `text` is Markdown with links reduced to their text, except for code and signatures, which are exact.
    `anchor` and `aliases` are ids the page itself gives to this place; a block without any belongs to the one before.
    `level` is 1 to 6 for a heading, else 0. `depth` is the number of signatures and anchored definitions around a
    block, so a block at depth 1 describes the last signature at depth 0.
    `title` is a file name, caption or tab label of code and tables, the kind of an admonition, the name a signature
    defines, the term of a definition.
    `leads` says that a heading is nothing but a link to another page, which describes what it names.
    """

    kind: BlockKind
    text: str
    anchor: str | None = None
    aliases: tuple[str, ...] = ()
    level: int = 0
    depth: int = 0
    language: str | None = None
    title: str | None = None
    leads: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """The ids of this place, the best first."""
        return (self.anchor, *self.aliases) if self.anchor else self.aliases

    @property
    def opens_scope(self) -> bool:
        """Whether deeper blocks that follow describe this one."""
        return self.kind == "signature" or (self.kind == "definition" and self.anchor is not None)


@dataclass(frozen=True, slots=True)
class ExtractedPage:
    """What was read from one page; `language` is a tag such as `en`, `problem` says why there are no blocks.

    `is_main_missing` says that the operator's selector of the main content found nothing. `links` are the addresses of
    other pages, with their fragments, that the main content links to; `mentions` are such addresses, each with a
    sentence that links there.
    """

    url: str
    title: str
    language: str | None
    generator: str | None
    version: str | None
    blocks: tuple[Block, ...]
    problem: Problem | None = None
    is_main_missing: bool = False
    links: tuple[str, ...] = ()
    mentions: tuple[tuple[str, str], ...] = ()
