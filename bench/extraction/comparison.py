"""What the product made of a page against its truth: counts that can be added up."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields

from bench.extraction.languages import language_name
from bench.extraction.reading import trimmed, words_of
from bench.extraction.truth import Truth
from indexer.chunking import Chunk
from indexer.extract import Block, ExtractedPage

SHINGLE_WORDS = 4
_HALF = 0.5
_NUMBER = re.compile(r"^((?:[ >]|[-*] )*)\d+\. ", re.MULTILINE)
_CELL_MARKS = re.compile(r"[\s`;\\^]")
_CELL_BORDER = re.compile(r"(?<!\\)\|")
_FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,})(.*)$")


WrongLanguage = tuple[str, str | None, str]
"""The page's language, ours, and the code."""


@dataclass(frozen=True)
class Tally:
    """Counts over pages; those called `..._found` are of the truth's things that the product has as they are.

    `leading` counts the headings to which an id of the page leads, `anchors` the ids that the product gives.
    `recall` and `precision` are sums over pages of the shares of 4-word shingles.
    """

    pages: int = 0
    code: int = 0
    code_found: int = 0
    code_extra: int = 0
    named: int = 0
    named_found: int = 0
    headings: int = 0
    headings_found: int = 0
    headings_extra: int = 0
    tables: int = 0
    tables_found: int = 0
    tables_extra: int = 0
    anchors: int = 0
    anchors_found: int = 0
    leading: int = 0
    leading_found: int = 0
    chunks: int = 0
    chunks_balanced: int = 0
    recall: float = 0
    precision: float = 0
    below_half: int = 0

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(*(getattr(self, field.name) + getattr(other, field.name) for field in fields(self)))


@dataclass(frozen=True)
class Differences:
    """What of one page is not as the truth has it, for people to look at."""

    code: tuple[str, ...]
    languages: tuple[WrongLanguage, ...]
    headings: tuple[str, ...]
    tables: tuple[tuple[tuple[str, ...], ...], ...]
    anchors: tuple[str, ...]
    lost_anchors: tuple[str, ...]
    missing: tuple[str, ...]
    extra: tuple[str, ...]


def compare(truth: Truth, page: ExtractedPage, chunks: Sequence[Chunk]) -> tuple[Tally, Differences]:
    """Gives the counts of one page and what differs."""
    missing_code, languages, named = _code(truth, page.blocks)
    missing_headings, lost_anchors, extra_headings = _headings(truth, page)
    leading = sum(bool(heading.ids) for heading in truth.headings)
    tables = Counter(map(_plain_rows, truth.tables))
    our_tables = Counter(_pipe_rows(block.text) for block in page.blocks if block.kind == "table")
    anchors = {name for block in page.blocks for name in block.names} | {
        name for chunk in chunks for name in (chunk.anchor, *chunk.anchor_aliases) if name
    }
    unbalanced = sum(not is_balanced(chunk.content) for chunk in chunks)
    expected, ours = _shingles(truth.words), _shingles(page_words(page))
    common = (expected & ours).total()
    recall = common / expected.total() if expected else 1.0
    tally = Tally(
        pages=1,
        code=len(truth.code),
        code_found=len(truth.code) - len(missing_code),
        code_extra=max(sum(block.kind == "code" for block in page.blocks) - len(truth.code) + len(missing_code), 0),
        named=named,
        named_found=named - len(languages),
        headings=len(truth.headings),
        headings_found=len(truth.headings) - len(missing_headings),
        headings_extra=extra_headings,
        tables=tables.total(),
        tables_found=(tables & our_tables).total(),
        tables_extra=(our_tables - tables).total(),
        anchors=len(anchors),
        anchors_found=len(anchors & truth.ids),
        leading=leading,
        leading_found=leading - len(lost_anchors),
        chunks=len(chunks),
        chunks_balanced=len(chunks) - unbalanced,
        recall=recall,
        precision=common / ours.total() if ours else 1.0,
        below_half=recall < _HALF,
    )
    differences = Differences(
        missing_code,
        languages,
        missing_headings,
        tuple((tables - our_tables).elements()),
        tuple(anchors - truth.ids),
        lost_anchors,
        tuple(" ".join(words) for words in (expected - ours).elements()),
        tuple(" ".join(words) for words in (ours - expected).elements()),
    )
    return tally, differences


def _code(truth: Truth, blocks: Iterable[Block]) -> tuple[tuple[str, ...], tuple[WrongLanguage, ...], int]:
    """Gives the texts that are missing, the wrong languages, and how many of those found have one."""
    ours: dict[str, list[str | None]] = {}
    for block in blocks:
        if block.kind in {"code", "signature"}:
            ours.setdefault(trimmed(block.text), []).append(language_name(block.language))
    missing: list[str] = []
    wrong: list[WrongLanguage] = []
    named = 0
    for code in truth.code:
        language = language_name(code.language)
        found = ours.get(code.text)
        if not found:
            missing.append(code.text)
            continue
        named += language is not None
        if language in found:
            found.remove(language)
            continue
        given = found.pop(0)
        if language is not None:
            wrong.append((language, given, code.text))
    return tuple(missing), tuple(wrong), named


def _headings(truth: Truth, page: ExtractedPage) -> tuple[tuple[str, ...], tuple[str, ...], int]:
    """Gives the headings that are missing, those without any id that leads to them, and how many are too many.

    A page's title is a heading of level 1, which the page's address leads to; the heading of a member is found if a
    signature bears its name.
    """
    ours: dict[tuple[int, str], list[Block]] = {}
    for block in page.blocks:
        if block.kind == "heading":
            ours.setdefault((block.level, _plain_line(block.text)), []).append(block)
    members = [block for block in page.blocks if block.kind == "signature"]
    title = _plain_line(page.title)
    missing: list[str] = []
    lost: list[str] = []
    for heading in truth.headings:
        text = _plain_line(heading.text)
        names: Iterable[str] = ()
        if same := ours.get((heading.level, text)):
            names = same.pop(0).names
        elif heading.level == 1 and text == title:
            title, names = "", heading.ids
        elif bearing := [member for member in members if _bears(_plain_line(member.title or ""), text)]:
            member = next((one for one in bearing if not heading.ids.isdisjoint(one.names)), bearing[0])
            members.remove(member)
            names = member.names
        else:
            missing.append(f"{heading.level} {heading.text}")
        if heading.ids and heading.ids.isdisjoint(names):
            lost.append(f"{heading.level} {heading.text} {sorted(heading.ids)}")
    return tuple(missing), tuple(lost), sum(map(len, ours.values()))


def _bears(name: str, heading: str) -> bool:
    """Whether a signature's name is that of a heading: itself, or with the class in front."""
    return name == heading or name.endswith(tuple(f"{border}{heading}" for border in ("::", ".", "#", "$")))


def page_words(page: ExtractedPage) -> list[str]:
    """Gives the words of a page as its chunks show them: its title and its blocks with theirs."""
    headings = {_plain_line(block.text) for block in page.blocks if block.kind == "heading"}
    texts = [] if _plain_line(page.title) in headings else [page.title]
    for block in page.blocks:
        if block.title and block.kind in {"admonition", "code", "table"}:
            texts.append(block.title)
        is_exact = block.kind in {"code", "signature"}
        texts.append(block.text if is_exact else _NUMBER.sub(r"\1", block.text).replace("`", ""))
    return words_of("\n".join(texts))


def is_balanced(markdown: str) -> bool:
    """Whether every fence that is opened is closed. Source: CommonMark 0.31, 4.5."""
    opened = ""
    for match in filter(None, map(_FENCE.match, markdown.split("\n"))):
        run, rest = match[1], match[2]
        if not opened:
            opened = "" if "`" in rest and run[0] == "`" else run
        elif run[0] == opened[0] and len(run) >= len(opened) and not rest.strip():
            opened = ""
    return not opened


def _shingles(words: Sequence[str]) -> Counter[tuple[str, ...]]:
    ends = range(SHINGLE_WORDS, len(words) + 1)
    return Counter(tuple(words[end - SHINGLE_WORDS : end]) for end in ends)


def _plain_line(text: str) -> str:
    return "".join(_CELL_MARKS.sub("", text).split())


def _plain_rows(rows: Iterable[Iterable[str]]) -> tuple[tuple[str, ...], ...]:
    """Gives rows of cells without Markdown's marks, blank cells at their ends and blank rows."""
    plain = ([_plain_line(cell) for cell in row] for row in rows)
    kept = (tuple(row[: max((at for at, cell in enumerate(row, 1) if cell), default=0)]) for row in plain)
    return tuple(row for row in kept if row)


def _pipe_rows(markdown: str) -> tuple[tuple[str, ...], ...]:
    lines = (line.strip().removeprefix("|").removesuffix("|") for line in markdown.split("\n"))
    header, _, *rows = map(_CELL_BORDER.split, lines)
    return _plain_rows([header, *rows])
