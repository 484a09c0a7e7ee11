"""The block grammar of AsciiDoc. Source: AsciiDoc Language Documentation, blocks and sections."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from indexer.extract.asciidoc.callouts import without_callouts
from indexer.extract.asciidoc.inline import inline_anchors, inline_asciidoc
from indexer.extract.asciidoc.tables import table_markdown
from indexer.extract.blocks import Block
from indexer.extract.code import canonical_language, guess_language
from indexer.extract.composing import admonition_blocks, definition_blocks, labelled_blocks, list_blocks, quoted
from indexer.extract.cursor import Cursor, dedented
from indexer.extract.inline import meaningful_ids
from indexer.extract.substitutions import Substitutions

_MAX_NESTING = 20
_HEADING = re.compile(r"^(={1,6}|#{1,6})\s+(\S.{0,400}?)(?:\s+\1)?\s*$")
_ATTRIBUTE = re.compile(r"^:!?(\w[\w-]{0,60})!?:(?:\s+(.*)|)$")
_ANCHOR = re.compile(r"^\[\[([\w:.-]{1,200})(?:,[^\]]*)?\]\]\s*$|^\[#([\w:.-]{1,200})[^\]]*\]\s*$")
_BLOCK_STYLE = re.compile(r"^\[([^\[\]].{0,500}|)\]\s*$")
_BLOCK_TITLE = re.compile(r"^\.([^\s.].{0,300})$")
_DELIMITER = re.compile(r"^(?:(-{4,}|\.{4,}|={4,}|\*{4,}|_{4,}|\+{4,}|/{4,})|--|[|,!]={3,}|```+\w*.*)\s*$")
_MACRO = re.compile(r"^(?:image|video|audio|toc|xref)::\S{0,1000}(?:\[.*\])?\s*$|^'''$|^<<<$")
_LABEL = re.compile(r"^(NOTE|TIP|IMPORTANT|WARNING|CAUTION):\s+(?=\S)")
_LABELS = frozenset(["note", "tip", "important", "warning", "caution"])
_ITEM = re.compile(r"^\s*([*\-]{1,6}|\.{1,6}|\d{1,4}\.|<(?:\d{1,3}|\.)>)\s+(?=\S)")
_TERM = re.compile(r"^\s*(\S.{0,300}?)(?::{2,4}|;;)(?:\s+(\S.*)|\s*)$")
_NO_SLUG = re.compile(r"[^\w\s.-]")
_SLUG_GAP = re.compile(r"[\s.\-_]+")
_CODE_STYLES = frozenset(["source", "listing", "literal"])
_TAB_STYLES = frozenset(["tabs", "{tabs}"])
_SECTION_FREE = frozenset(["discrete", "float"])
"""Styles of headings that stand outside of the sections of a document, and so anywhere."""


@dataclass(slots=True)
class Style:
    """What the lines before a block say about it: its style, its language, its title, all of its attributes."""

    name: str = ""
    language: str = ""
    title: str = ""
    text: str = ""
    ids: list[str] = field(default_factory=list[str])


class Reader:
    """Reads lines to blocks; `attributes` are those the document defines."""

    def __init__(self) -> None:
        self.attributes = Substitutions()
        self._nesting = 0
        self._style = Style()
        self._has_title = False
        self._is_tab_set = False

    def read(self, lines: Sequence[str]) -> Iterator[Block]:
        """Yields the blocks of lines."""
        if self._nesting >= _MAX_NESTING:
            yield from self._paragraph("\n".join(lines), Style())
            return
        self._nesting += 1
        cursor = Cursor(lines)
        while cursor:
            if not cursor.peek().strip():
                cursor.take()
            elif not self._read_setting(cursor):
                style, self._style = self._style, Style()
                blocks = list(self._read_block(cursor, style))
                yield from blocks if style.name != "comment" else ()
        self._nesting -= 1

    def _inline(self, text: str) -> str:
        return inline_asciidoc(text, self.attributes)

    def _read_setting(self, cursor: Cursor) -> bool:
        """Takes a line that is no text but says something about the document or the next block."""
        line = cursor.peek()
        attribute = _ATTRIBUTE.match(line)
        anchor = _ANCHOR.match(line)
        title = _BLOCK_TITLE.match(line)
        if attribute:
            self.attributes.define(attribute[1], self._inline(_whole_value(cursor, attribute[2] or "")))
        elif anchor:
            self._style.ids.append(anchor[1] or anchor[2])
        elif title and not _DELIMITER.match(line):
            self._style.title = self._inline(title[1])
        elif (style := _BLOCK_STYLE.match(line)) is not None:
            self._set_style(style[1])
        elif not (_MACRO.match(line) or _is_comment(line)):
            return False
        cursor.take()
        return True

    def _set_style(self, text: str) -> None:
        words = [word.strip().strip('"') for word in text.split(",")]
        name, _, anchor = words[0].partition("#")
        self._style.ids += [anchor.partition("%")[0].partition(".")[0]] if anchor else []
        self._style.name = re.split(r"[%.]", name, maxsplit=1)[0].lower() or self._style.name
        self._style.text += f"{text} "
        if self._style.name in {"source", ""} and len(words) > 1 and "=" not in words[1]:
            self._style.name, self._style.language = "source", words[1]

    def _read_block(self, cursor: Cursor, style: Style) -> Iterator[Block]:
        line = cursor.peek()
        heading = _HEADING.match(line)
        if heading and (self._nesting == 1 or style.name in _SECTION_FREE):
            yield self._heading(cursor, heading, style)
        elif _DELIMITER.match(line):
            yield from self._delimited(cursor, style)
        elif line.startswith(" ") and not _ITEM.match(line) and not _TERM.match(line):
            code = "\n".join(dedented(cursor.take_while(lambda following: bool(following.strip()))))
            yield from self._code(code, style)
        elif _ITEM.match(line):
            yield from self._list(cursor, style)
        elif (term := _TERM.match(line)) is not None:
            yield from self._definition(cursor, term)
        else:
            lines = cursor.take(1)
            lines += cursor.take_while(lambda following: not _ends_paragraph(following))
            yield from self._paragraph(_text(lines), style)

    def _heading(self, cursor: Cursor, heading: re.Match[str], style: Style) -> Block:
        cursor.take()
        text = self._inline(heading[2])
        level = len(heading[1])
        if level == 1 and not self._has_title:
            # The lines below the title name the author and the revision.
            cursor.take_while(
                lambda line: bool(line.strip()) and not _ATTRIBUTE.match(line) and not line.startswith("//")
            )
        self._has_title = True
        slug = "_" + _SLUG_GAP.sub("_", _NO_SLUG.sub("", text.lower().replace("`", ""))).strip("_")
        return _placed(Block("heading", text, level=level), [*style.ids, *inline_anchors(heading[2]), slug])

    def _delimited(self, cursor: Cursor, style: Style) -> Iterator[Block]:
        border = cursor.take()[0].rstrip()
        is_fence = border.startswith("```")
        lines = cursor.take_until(re.split(r"[^`]", border, maxsplit=1)[0] if is_fence else border)
        if is_fence:
            style.language = border.strip("`").strip()
            yield from self._code("\n".join(lines), style)
        elif border[0] in "|,!":
            table = table_markdown(border, lines, style.text, self._inline)
            yield from [_placed(Block("table", table, title=style.title or None), style.ids)] if table else []
        elif border[0] in "-." and border != "--":
            yield from self._code("\n".join(lines), style)
        elif border[0] not in "+/":
            yield from self._compound(border, lines, style)

    def _compound(self, border: str, lines: Sequence[str], style: Style) -> Iterator[Block]:
        if border == "--" and style.name in _CODE_STYLES:
            yield from self._code("\n".join(lines), style)
            return
        outer, self._is_tab_set = self._is_tab_set, style.name in _TAB_STYLES
        blocks = list(self.read(lines))
        self._is_tab_set = outer
        if style.name in _LABELS:
            yield from admonition_blocks(style.title or style.name.capitalize(), blocks)
            return
        if style.title:
            yield _placed(Block("paragraph", f"**{style.title}**"), style.ids)
        yield from quoted(blocks) if border[0] == "_" else blocks

    def _list(self, cursor: Cursor, style: Style) -> Iterator[Block]:
        """Yields a list with its nested ones; blocks joined to an item by `+` follow it."""
        if style.title:
            yield Block("paragraph", f"**{style.title}**")
        levels: dict[str, int] = {}
        items: list[tuple[str, list[Block]]] = []
        while cursor and (item := _ITEM.match(cursor.peek())) is not None:
            marker = _marker(item[1], levels)
            first = cursor.take()[0][item.end() :]
            lines = [first, *cursor.take_while(lambda line: not _ends_item(line))]
            blocks = list(self._paragraph(_text(lines), Style()))
            items.append((marker, [*blocks, *self._joined(cursor)]))
            if not cursor.peek().strip() and _ITEM.match(cursor.peek(1)):
                cursor.take()
        yield from list_blocks(items)

    def _joined(self, cursor: Cursor) -> Iterator[Block]:
        while cursor.peek().strip() == "+":
            cursor.take()
            while cursor and self._read_setting(cursor):
                pass
            if cursor and cursor.peek().strip():
                style, self._style = self._style, Style()
                self._nesting += 1
                yield from self._read_block(cursor, style) if self._nesting < _MAX_NESTING else ()
                self._nesting -= 1

    def _definition(self, cursor: Cursor, term: re.Match[str]) -> Iterator[Block]:
        cursor.take()
        if not term[2]:
            cursor.skip_blank()
        lines = [term[2]] if term[2] else []
        lines += cursor.take_while(lambda line: not _ends_item(line))
        blocks = [*self._paragraph(_text(line.strip() for line in lines), Style()), *self._joined(cursor)]
        compose = labelled_blocks if self._is_tab_set else definition_blocks
        yield from compose(self._inline(term[1]), blocks)

    def _paragraph(self, text: str, style: Style) -> Iterator[Block]:
        if style.name in _CODE_STYLES:
            yield from self._code(text, style)
            return
        label = _LABEL.match(text)
        ids = [*style.ids, *inline_anchors(text)]
        words = self._inline(text[label.end() :] if label else text)
        title = label[1] if label else style.name if style.name in _LABELS else ""
        if title:
            yield _placed(Block("admonition", words, title=style.title or title.capitalize()), ids)
        elif words:
            yield _placed(Block("paragraph", f"**{style.title}** {words}" if style.title else words), ids)

    def _code(self, text: str, style: Style) -> Iterator[Block]:
        code = without_callouts(text).strip("\n").rstrip()
        named = style.language or (self.attributes.find("source-language") if style.name == "source" else "")
        language = canonical_language(named.strip()) if named else guess_language(code)
        if code:
            yield _placed(Block("code", code, language=language, title=style.title or None), style.ids)


def _marker(sign: str, levels: dict[str, int]) -> str:
    """Gives the marker of an item, and counts it; a sign not seen in the lists around begins one inside of them."""
    kind = "1." if sign[0].isdigit() else "<1>" if sign[0] == "<" else sign
    names = list(levels)
    for deeper in names[names.index(kind) + 1 :] if kind in levels else []:
        del levels[deeper]
    levels[kind] = levels.get(kind, 0) + 1
    indent = "   " * (len(levels) - 1)
    return indent + (f"{levels[kind]}." if kind[0] in ".1<" else "-")


def _whole_value(cursor: Cursor, value: str) -> str:
    """Gives the value of an attribute with the lines it goes on in; the last of them is left to be taken."""
    while value.endswith(" \\") and cursor.peek(1).strip():
        cursor.take()
        value = f"{value[:-2]} {cursor.peek().strip()}"
    return value


def _is_comment(line: str) -> bool:
    return line.startswith("//") and not line.startswith("///")


def _text(lines: Iterable[str]) -> str:
    return "\n".join(line for line in lines if not _is_comment(line))


def _placed(block: Block, ids: Sequence[str]) -> Block:
    names = meaningful_ids(ids)
    return replace(block, anchor=names[0] if names else None, aliases=tuple(names[1:]))


def _ends_paragraph(line: str) -> bool:
    return not line.strip() or bool(_DELIMITER.match(line) or _BLOCK_STYLE.match(line) or _HEADING.match(line))


def _ends_item(line: str) -> bool:
    return line.strip() == "+" or _ends_paragraph(line) or bool(_ITEM.match(line) or _TERM.match(line))
