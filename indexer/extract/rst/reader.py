"""The block grammar of reStructuredText. Source: docutils, reStructuredText Markup Specification."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import takewhile

from indexer.extract.blocks import Block
from indexer.extract.code import guess_language
from indexer.extract.composing import definition_blocks, list_blocks, quoted
from indexer.extract.cursor import Cursor, dedented, indentation, trimmed
from indexer.extract.inline import meaningful_ids
from indexer.extract.rst.directives import Directive, read_directive
from indexer.extract.rst.fields import field_list, is_field
from indexer.extract.rst.inline import inline_rst
from indexer.extract.rst.tables import begins_table, read_drawn_table
from indexer.extract.substitutions import Substitutions

_MAX_NESTING = 25
_ADORNMENT = re.compile(r"^([!-/:-@\[-`{-~])\1{2,}$")
_BULLET = re.compile(r"^[-*+\u2022](?: +|$)(?=\S|$)")
_NUMBERED = re.compile(r"^\(?(?:\d{1,4}|#)[.)] +(?=\S)")
_LETTERED = re.compile(r"^\(?(?:[a-zA-Z]|[ivxIVX]{1,5})[.)] +(?=\S)")
_TARGET = re.compile(r"^\.\. _`?([^`:\n]{1,200}?)`?:\s*(\S.*)?$")
_FOOTNOTE = re.compile(r"^\.\. \[([#*\w.-]{1,60})\]\s*")
_SUBSTITUTION = re.compile(r"^ *\.\. \|([^|\n]{1,60})\|\s*(replace|image)::\s*(.*)$")
_DIRECTIVE = re.compile(r"^\.\. (?:\|[^|\n]{1,60}\|\s*)?([a-zA-Z][\w:.+-]{0,60})::(?:\s+(.*))?$")
_NO_SLUG = re.compile(r"[^a-z0-9]+")
_MIN_LONG_ADORNMENT = 4
_MAX_MORE = 10


class Reader:
    """Reads lines to blocks; it is the `BlockReader` of its directives."""

    def __init__(self) -> None:
        self.names = Substitutions()
        self.targets: list[str] = []
        self.language: str | None = None
        self.module = ""
        self.scopes: list[str] = []
        self.depth = 0
        self._styles: list[str] = []
        self._nesting = 0

    def read(self, lines: Sequence[str]) -> Iterator[Block]:
        """Yields the blocks of lines that share no indentation."""
        if self._nesting >= _MAX_NESTING:
            yield from self._paragraph_blocks(trimmed(lines))
            return
        self._nesting += 1
        cursor = Cursor(lines)
        cursor.skip_blank()
        while cursor:
            yield from self._read_next(cursor)
            cursor.skip_blank()
        self._nesting -= 1

    def define_names(self, lines: Sequence[str]) -> None:
        """Remembers the texts that substitutions stand for, which may be defined behind where they are used."""
        for at, line in enumerate(lines):
            if ".. |" in line and (named := _SUBSTITUTION.match(line)) is not None:
                more = takewhile(lambda text: text.startswith(" ") and text.strip(), lines[at + 1 : at + _MAX_MORE])
                self.names.define(named[1], self.inline([named[3], *more]) if named[2] == "replace" else "")

    def inline(self, text: str | Sequence[str]) -> str:
        """Gives the Markdown of inline text."""
        return inline_rst(text, self.names)

    def emit(self, block: Block, ids: Sequence[str] = ()) -> Block:
        """Gives a block with its depth, its ids, the best first, and those of the targets before it."""
        names = meaningful_ids([*ids, *self.targets])
        self.targets.clear()
        return replace(block, anchor=names[0] if names else None, aliases=tuple(names[1:]), depth=self.depth)

    def _read_next(self, cursor: Cursor) -> Iterator[Block]:
        line = cursor.peek()
        if line.startswith(" "):
            yield from quoted(list(self.read(cursor.take_indented())))
        elif line.startswith((".. ", "__ ")) or line.rstrip() in {"..", "__"}:
            yield from self._explicit(cursor)
        elif begins_table(line):
            yield self.emit(read_drawn_table(cursor, self.inline))
        elif self._is_heading(cursor):
            yield self._heading(cursor)
        elif _ADORNMENT.match(line.rstrip()):
            cursor.take()
        elif self._marker(cursor) is not None:
            yield from self._list(cursor)
        elif is_field(line):
            yield from field_list(self, cursor)
        elif line.startswith(">>> "):
            code = "\n".join(cursor.take_while(lambda following: bool(following.strip())))
            yield self.emit(Block("code", code, language="python"))
        else:
            yield from self._text(cursor)

    def _is_heading(self, cursor: Cursor) -> bool:
        first, second, third = (cursor.peek(ahead).rstrip() for ahead in range(3))
        if _ADORNMENT.match(first):
            return self._nesting == 1 and bool(second.strip()) and third == first and not _ADORNMENT.match(second)
        is_long = len(second) >= min(len(first), _MIN_LONG_ADORNMENT)
        return self._nesting == 1 and bool(_ADORNMENT.match(second)) and is_long and not first.startswith(" ")

    def _heading(self, cursor: Cursor) -> Block:
        has_overline = _ADORNMENT.match(cursor.peek().rstrip()) is not None
        lines = cursor.take(3 if has_overline else 2)
        style = lines[-1][0] * (2 if has_overline else 1)
        if style not in self._styles:
            self._styles.append(style)
        text = self.inline(lines[1 if has_overline else 0])
        slug = _NO_SLUG.sub("-", text.lower()).strip("-")
        level = min(self._styles.index(style) + 1, 6)
        targets, self.targets = self.targets, []
        return self.emit(Block("heading", text, level=level), [*targets, slug])

    def _explicit(self, cursor: Cursor) -> Iterator[Block]:
        line = cursor.take()[0]
        # A blank line parts the argument and options of a directive from what is in it.
        gap = [] if cursor.peek().strip() else [""]
        body = [*gap, *cursor.take_indented()]
        if (target := _TARGET.match(line)) is not None:
            self.targets += [] if target[2] else [_NO_SLUG.sub("-", target[1].lower()).strip("-")]
        elif (footnote := _FOOTNOTE.match(line)) is not None:
            text = self.inline([line[footnote.end() :], *body])
            yield self.emit(Block("paragraph", f"[{footnote[1]}] {text}"))
        elif (directive := _DIRECTIVE.match(line)) is not None:
            yield from read_directive(self, Directive.parse(directive[1], directive[2] or "", body))

    def _marker(self, cursor: Cursor) -> re.Match[str] | None:
        line = cursor.peek()
        found = _BULLET.match(line) or _NUMBERED.match(line)
        if found is None and (found := _LETTERED.match(line)) is not None:
            following = cursor.peek(1)
            is_item = not following.strip() or following.startswith(" ") or _LETTERED.match(following)
            return found if is_item else None
        return found

    def _list(self, cursor: Cursor) -> Iterator[Block]:
        items: list[tuple[str, list[Block]]] = []
        kind = cursor.peek()[0]
        while cursor and (marker := self._marker(cursor)) is not None and _is_same_list(kind, marker[0][0]):
            first = cursor.take()[0][marker.end() :]
            body = cursor.take_while(lambda line: not line.strip() or indentation(line) > 1)
            sign = "-" if marker[0][0] in "-*+\u2022" else f"{len(items) + 1}."
            items.append((sign, list(self.read([first, *_item_lines(body, marker.end())]))))
        yield from list_blocks(items)

    def _text(self, cursor: Cursor) -> Iterator[Block]:
        """Yields a paragraph with the literal block it announces, or a term with its definition."""
        following = cursor.peek(1)
        if following.startswith(" ") and following.strip() and not cursor.peek().rstrip().endswith("::"):
            term = self.inline(cursor.take()[0].split(" : ")[0])
            yield from definition_blocks(term, list(self.read(cursor.take_indented())))
            return
        lines = cursor.take(1)
        lines += cursor.take_while(lambda line: bool(line.strip()) and not line.startswith((" ", ".. ")))
        yield from self._paragraph_blocks(lines)
        if lines[-1].rstrip().endswith("::"):
            yield from self._literal(cursor)

    def _paragraph_blocks(self, lines: Sequence[str]) -> Iterator[Block]:
        text = " ".join(line.removeprefix("| ") for line in lines).rstrip()
        if text.endswith("::"):
            text = text[:-2].rstrip() if text[-3:-2].isspace() or text == "::" else text[:-1]
        text = self.inline(text)
        if text:
            yield self.emit(Block("paragraph", text))

    def _literal(self, cursor: Cursor) -> Iterator[Block]:
        cursor.skip_blank()
        mark = cursor.peek()[:1]
        if mark == " ":
            lines = cursor.take_indented()
        else:
            lines = cursor.take_while(lambda line: line[:1] == mark) if re.match(r"[>|#$]", mark) else []
        code = "\n".join(dedented(lines))
        if code:
            yield self.emit(Block("code", code, language=self.language or guess_language(code)))


def _is_same_list(kind: str, other: str) -> bool:
    bullets = "-*+\u2022"
    return kind == other or (kind not in bullets and other not in bullets)


def _item_lines(lines: Sequence[str], width: int) -> list[str]:
    """Gives the further lines of an item without the indentation that its marker asks for."""
    least = min((indentation(line) for line in lines if line.strip()), default=width)
    return [line[min(width, least) :] for line in lines]
