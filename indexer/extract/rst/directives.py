"""Directives of docutils and Sphinx to blocks. One that is not known gives what is in it."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from indexer.extract.blocks import Block
from indexer.extract.code import canonical_language, guess_language
from indexer.extract.composing import admonition_blocks, labelled_blocks
from indexer.extract.cursor import dedented, trimmed
from indexer.extract.rst.reading import BlockReader
from indexer.extract.rst.signatures import is_signature, read_signature
from indexer.extract.rst.tables import csv_table, list_table

_OPTION = re.compile(r"^:([\w-]{1,40}):(?:\s+(.*)|)$")
_DROPPED_WORDS = (
    "toctree contents include image meta raw index testsetup testcleanup automodule autosummary literalinclude "
    "sectionauthor codeauthor sectnum header footer tags tabularcolumns default-role role acks centered hlist "
    "default-domain bibliography replace unicode date"
)
_CODE_WORDS = (
    "code code-block sourcecode parsed-literal prompt ipython jupyter-execute testcode doctest plot console code-cell"
)
_CODE_LANGUAGES = dict.fromkeys(["ipython", "jupyter-execute", "testcode", "doctest"], "python")
_NOTE_WORDS = "note tip hint warning caution important danger error attention seealso todo admonition topic sidebar"
_CHANGES = {
    "versionadded": "Added in version",
    "versionchanged": "Changed in version",
    "versionremoved": "Removed in version",
    "deprecated": "Deprecated since version",
    "deprecated-removed": "Deprecated since version",
}
_TITLED_WORDS = "rubric dropdown details grid-item-card card figure"
_EMBEDDING_WORDS = "tabs tab-set grid grid-item only container div epigraph compound glossary margin aside"
_EMBEDDING = frozenset(_EMBEDDING_WORDS.split())
_TAB_WORDS = "tab tab-item group-tab"
_OTHER_BUILDERS_WORDS = "latex latexpdf pdf man text texinfo epub gettext xml pseudoxml linkcheck"
_OTHER_BUILDERS = frozenset(_OTHER_BUILDERS_WORDS.split())
"""What Sphinx makes beside websites."""


@dataclass(frozen=True, slots=True)
class Directive:
    """A directive's name, its argument, which may have several lines, its options, and the lines in it."""

    name: str
    argument: str
    options: dict[str, str]
    lines: Sequence[str]

    @classmethod
    def parse(cls, name: str, argument: str, body: Sequence[str]) -> "Directive":
        """Takes the rest of the argument and the options from the lines that follow the first."""
        lines = list(body)
        more: list[str] = []
        while lines and lines[0].strip() and not _OPTION.match(lines[0]) and argument:
            more.append(lines.pop(0).strip())
        options: dict[str, str] = {}
        while lines and (option := _OPTION.match(lines[0])) is not None:
            options[option[1]] = option[2] or ""
            lines.pop(0)
        return cls(name, "\n".join([argument.strip(), *more]), options, trimmed(lines))


def is_directive(name: str) -> bool:
    """Whether a name is that of a directive that is read as more than its content, or of one that embeds others."""
    return name == "eval-rst" or name.rpartition(":")[2] in _READERS or name in _EMBEDDING or is_signature(name)


def read_directive(reader: BlockReader, directive: Directive) -> Iterator[Block]:
    """Yields the blocks of a directive."""
    if is_signature(directive.name):
        module = directive.options.get("module", "")
        yield from read_signature(reader, directive.name, directive.argument, directive.lines, module)
        return
    # A domain may stand before any name.
    bare = replace(directive, name=directive.name.rpartition(":")[2])
    yield from _READERS.get(bare.name, _read_content)(reader, bare)


def _drop(_reader: BlockReader, _directive: Directive) -> Iterator[Block]:
    yield from ()


def _read_content(reader: BlockReader, directive: Directive) -> Iterator[Block]:
    yield from reader.read(dedented(directive.lines))


def _read_code(reader: BlockReader, directive: Directive) -> Iterator[Block]:
    code = "\n".join(dedented(directive.lines)).rstrip()
    named = directive.argument or directive.options.get("language") or _CODE_LANGUAGES.get(directive.name, "")
    language = canonical_language(named.split()[0]) if named.strip() else reader.language or guess_language(code)
    title = directive.options.get("caption") or directive.options.get("name")
    if code:
        yield reader.emit(Block("code", code, language=language, title=title))


def _read_note(reader: BlockReader, directive: Directive) -> Iterator[Block]:
    is_titled = directive.name in {"admonition", "topic", "sidebar"}
    label = reader.inline(directive.argument) if is_titled else directive.name.capitalize()
    label = "See also" if label == "Seealso" else label or "Note"
    first = "" if is_titled else directive.argument
    blocks = admonition_blocks(label, list(reader.read(_joined(first, directive.lines))))
    yield from (block for block in blocks if block.text)


def _read_change(reader: BlockReader, directive: Directive) -> Iterator[Block]:
    number, _, words = directive.argument.replace("\n", " ").partition(" ")
    label = f"{_CHANGES[directive.name]} {number}".strip()
    yield from admonition_blocks(label, list(reader.read(_joined(words, directive.lines))))


def _read_titled(reader: BlockReader, directive: Directive) -> Iterator[Block]:
    title = "" if directive.name == "figure" else reader.inline(directive.argument)
    if title:
        yield reader.emit(Block("paragraph", f"**{title}**"))
    yield from _read_content(reader, directive)


def _read_tab(reader: BlockReader, directive: Directive) -> Iterator[Block]:
    yield from labelled_blocks(reader.inline(directive.argument), list(_read_content(reader, directive)))


def _read_code_tab(reader: BlockReader, directive: Directive) -> Iterator[Block]:
    language, _, label = directive.argument.partition(" ")
    blocks = list(_read_code(reader, replace(directive, argument=language)))
    yield from labelled_blocks(reader.inline(label) or language, blocks)


def _read_only(reader: BlockReader, directive: Directive) -> Iterator[Block]:
    builders = set(directive.argument.split()) - {"or", "and"}
    if not builders or not builders <= _OTHER_BUILDERS:
        yield from _read_content(reader, directive)


def _read_list_table(reader: BlockReader, directive: Directive) -> Iterator[Block]:
    has_header = directive.options.get("header-rows", "0") not in {"", "0"}
    table = list_table(dedented(directive.lines), reader.inline, has_header=has_header)
    if table:
        yield reader.emit(Block("table", table, title=reader.inline(directive.argument) or None))


def _read_csv_table(reader: BlockReader, directive: Directive) -> Iterator[Block]:
    try:
        table = csv_table(dedented(directive.lines), directive.options.get("header", ""), reader.inline)
    except ValueError:
        table = ""
    if table:
        yield reader.emit(Block("table", table, title=reader.inline(directive.argument) or None))


def _read_math(reader: BlockReader, directive: Directive) -> Iterator[Block]:
    text = "\n".join(filter(None, [directive.argument, *dedented(directive.lines)]))
    if text:
        yield reader.emit(Block("code", text, language="latex"))


def _set_language(reader: BlockReader, directive: Directive) -> Iterator[Block]:
    reader.language = canonical_language(directive.argument.strip())
    yield from ()


def _set_module(reader: BlockReader, directive: Directive) -> Iterator[Block]:
    reader.module = directive.argument.strip()
    if directive.name.endswith("currentmodule"):
        return
    reader.targets.append(f"module-{reader.module}")
    yield from reader.read(dedented(directive.lines))


def _joined(first: str, lines: Sequence[str]) -> list[str]:
    return trimmed([*first.split("\n"), "", *dedented(lines)])


_READERS: dict[str, Callable[[BlockReader, Directive], Iterator[Block]]] = {
    **dict.fromkeys(_DROPPED_WORDS.split(), _drop),
    **dict.fromkeys(_CODE_WORDS.split(), _read_code),
    **dict.fromkeys(_NOTE_WORDS.split(), _read_note),
    **dict.fromkeys(_CHANGES, _read_change),
    **dict.fromkeys(_TITLED_WORDS.split(), _read_titled),
    **dict.fromkeys(["module", "currentmodule"], _set_module),
    **dict.fromkeys(_TAB_WORDS.split(), _read_tab),
    "code-tab": _read_code_tab,
    "only": _read_only,
    "highlight": _set_language,
    "list-table": _read_list_table,
    "csv-table": _read_csv_table,
    "math": _read_math,
}
