"""MyST Markdown: the directives and roles of Sphinx, written as fences and before code in backticks."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from indexer.extract.blocks import Block
from indexer.extract.inline import meaningful_ids
from indexer.extract.rst.directives import Directive, is_directive, read_directive
from indexer.extract.rst.inline import is_role, role_text
from indexer.extract.rst.reader import Reader

_INFO = re.compile(r"^\{([a-zA-Z][\w:.+-]{0,60})\}[ \t]*(.*)$")
_FENCE = re.compile(r"^ {0,3}(?:`{3,}|:{3,}|~{3,})\{([a-zA-Z][\w:.+-]{0,60})\}", re.MULTILINE)
_TARGET = re.compile(r"^\(([\w:. /-]{1,200})\)=[ \t]*$", re.MULTILINE)
_ROLE = re.compile(r"\{([a-zA-Z][\w:+.-]{0,60})\}$")
_NO_SLUG = re.compile(r"[^a-z0-9]+")
_HIDDEN_TAGS = frozenset(["remove-cell", "remove_cell", "remove-input", "remove_input"])


def looks_like_myst(text: str) -> bool:
    """Whether Markdown has a directive or a target of MyST."""
    return _TARGET.search(text) is not None or any(map(is_directive, _FENCE.findall(text)))


def directive_of(info: str) -> tuple[str, str] | None:
    """Gives name and argument of the directive that a fence holds, None if it holds code."""
    found = _INFO.match(info)
    return (found[1], found[2]) if found and is_directive(found[1]) else None


def target_of(line: str) -> str | None:
    """Gives the id that a line sets for what follows it."""
    found = _TARGET.match(line) if line.startswith("(") else None
    return _NO_SLUG.sub("-", found[1].lower()).strip("-") if found else None


def role_before_code(text: str, code: str) -> tuple[str, str] | None:
    """Gives the text without the role it ends with, and what that role makes of the code after it."""
    found = _ROLE.search(text) if text.endswith("}") else None
    return (text[: found.start()], role_text(found[1], code)) if found and is_role(found[1]) else None


class MystReader:
    """Lets the directives of reStructuredText read what is in them as Markdown; it is their `BlockReader`."""

    def __init__(self, read: Callable[[str], Sequence[Block]], inline: Callable[[str], str]) -> None:
        self.language: str | None = None
        self.module = ""
        self.scopes: list[str] = []
        self.targets: list[str] = []
        self.depth = 0
        self._read = read
        self._inline = inline

    def read_fence(self, name: str, argument: str, content: str) -> Iterator[Block]:
        """Yields the blocks of a directive."""
        directive = replace(Directive.parse(name, "", _plain_options(content.split("\n"))), argument=argument.strip())
        if name == "eval-rst":
            yield from Reader().read(directive.lines)
        elif _HIDDEN_TAGS.isdisjoint(re.split(r"[\[\], \"']+", directive.options.get("tags", ""))):
            yield from read_directive(self, directive)

    def read(self, lines: Sequence[str]) -> Iterator[Block]:
        """Yields the blocks of lines of Markdown."""
        for block in self._read("\n".join(lines)):
            yield replace(block, depth=max(block.depth, self.depth))

    def inline(self, text: str | Sequence[str]) -> str:
        """Gives inline Markdown with links reduced to their text."""
        return self._inline(text if isinstance(text, str) else " ".join(text))

    def emit(self, block: Block, ids: Sequence[str] = ()) -> Block:
        """Gives a block with its depth and ids, and those of the targets before it."""
        names = meaningful_ids([*ids, *self.targets])
        self.targets.clear()
        return replace(block, anchor=names[0] if names else None, aliases=tuple(names[1:]), depth=self.depth)


def _plain_options(lines: list[str]) -> list[str]:
    """Gives the lines with options that are written as YAML between dashes as they are written else."""
    if lines[0].strip() != "---" or "---" not in lines[1:]:
        return lines
    end = lines.index("---", 1)
    return [f":{line.strip()}" if ":" in line else line for line in lines[1:end]] + lines[end + 1 :]
