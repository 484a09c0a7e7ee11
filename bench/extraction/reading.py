"""The pieces truth functions are made of: BeautifulSoup with html5lib, and rules as CSS selectors."""

import re
import warnings
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import count

from bs4 import BeautifulSoup, Tag, XMLParsedAsHTMLWarning
from bs4.element import CData, Comment, Doctype, NavigableString

from bench.extraction.places import heading_ids, ids_of
from bench.extraction.truth import Code, Heading, Truth

_WORD = re.compile(r"\w+")
_UNSEEN = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f\xad\u200b-\u200f\u2060\ufeff]")
_NEVER = "script,style,template,noscript,svg,nav,button,input,select,textarea,meta,link,head"
_NEARLY_ALL = 0.9
_HEADINGS = "h1,h2,h3,h4,h5,h6"
_INLINE_WORDS = (
    "a abbr acronym b bdi bdo big cite code data del dfn em font i img ins kbd label mark math nobr q rp rt ruby s "
    "samp small span strike strong sub time tt u var wbr"
)
_INLINE = frozenset(_INLINE_WORDS.split())

LanguageOf = Callable[[Tag], str | None]
TextOf = Callable[[Tag], str]


def no_language(code: Tag) -> str | None:
    """Says that pages of this kind name no language."""
    del code
    return None


def language_by_class(pattern: str, levels: int = 3) -> LanguageOf:
    """Gives a function that finds the first group of a pattern in the classes of the code, in it or around it."""
    regex = re.compile(pattern)

    def find(code: Tag) -> str | None:
        around = [code, *code.find_all("code", limit=1), *list(code.parents)[:levels]]
        found = (regex.search(" ".join(classes_of(tag))) for tag in around if tag.attrs)
        return next((match[1] for match in found if match), None)

    return find


def classes_of(tag: Tag) -> list[str]:
    """Gives the classes of an element."""
    return [str(name) for name in tag.get_attribute_list("class") if name]


def code_text(code: Tag) -> str:
    """Gives the text of code as it is shown, <br> as a line break."""
    for line_break in code.find_all("br"):
        line_break.replace_with("\n")
    return _UNSEEN.sub("", code.get_text()).replace("\xa0", " ")


@dataclass(frozen=True)
class Rules:
    """What a generator's pages are made of, as CSS selectors.

    `main` are the parts of the main content in reading order; for each selector its first match counts, and none that
    overlaps with an earlier one. `noise` is no content, although it stands in the main part. `code` are code blocks
    (of nested ones the outermost), `tables` data tables, `headings` headings. `repeated` are headings whose words the
    signature right below repeats, and which are counted as headings but not twice as words. `lists` are lists of
    subpages: no content, but on a page that is hardly anything else they are what it is about.
    """

    main: tuple[str, ...]
    noise: str = ""
    lists: str = ""
    code: str = "pre"
    code_noise: str = ""
    tables: str = "table"
    headings: str = _HEADINGS
    repeated: str = ""
    language: LanguageOf = no_language
    text: TextOf = code_text


def parse(body: bytes) -> BeautifulSoup:
    """Gives the tree of a page; its encoding is what the page declares, else UTF-8."""
    with warnings.catch_warnings():
        # Pages of XHTML are read as browsers read them.
        warnings.simplefilter("ignore", XMLParsedAsHTMLWarning)
        return BeautifulSoup(body, "html5lib")


def read_truth(body: bytes, rules: Rules) -> Truth:
    """Gives the truth of a page by rules."""
    return truth_of(parse(body), rules)


def truth_of(page: BeautifulSoup, rules: Rules) -> Truth:
    """Gives the truth of a parsed page, which is changed on the way."""
    ids = page_ids(page)
    parts = find_parts(page, rules.main)
    leading = heading_ids(parts)
    drop(parts, f"{_NEVER},{rules.noise}".rstrip(","))
    if rules.lists and _letters(select(parts, rules.lists)) <= _NEARLY_ALL * _letters(parts):
        drop(parts, rules.lists)
    codes = outermost(parts, rules.code)
    if rules.code_noise:
        drop(codes, rules.code_noise)
    code = tuple(Code(text, rules.language(tag)) for tag in codes if (text := trimmed(rules.text(tag))))
    tables = tuple(rows for tag in select(parts, rules.tables) if (rows := table_rows(tag)))
    headings = tuple(
        Heading(heading_level(tag), text, leading.get(id(tag), frozenset()))
        for tag in select(parts, rules.headings)
        if (text := line(tag))
    )
    if rules.repeated:
        drop(parts, rules.repeated)
    words = tuple(word for part in parts for word in words_of(shown_text(part)))
    return Truth(words, code, headings, tables, ids)


def _letters(tags: Iterable[Tag]) -> int:
    return sum(len("".join(tag.get_text().split())) for tag in tags)


def page_ids(page: BeautifulSoup) -> frozenset[str]:
    """Gives every id and every `a[name]`."""
    return frozenset(name for tag in page.find_all(name=True) for name in ids_of(tag))


def find_parts(page: BeautifulSoup, selectors: Iterable[str]) -> list[Tag]:
    """Gives the first match of each selector, without those that lie in or around an earlier one."""
    parts: list[Tag] = []
    for selector in selectors:
        found = page.select_one(selector)
        if found is not None and not any(_overlap(found, part) for part in parts):
            parts.append(found)
    return parts


def _overlap(one: Tag, other: Tag) -> bool:
    return one is other or any(tag is one for tag in other.parents) or any(tag is other for tag in one.parents)


def select(parts: Iterable[Tag], selector: str) -> list[Tag]:
    """Gives what matches, in reading order; a part itself can match."""
    if not selector:
        return []
    return [tag for part in parts for tag in ([part] if part.css.match(selector) else []) + part.select(selector)]


def outermost(parts: Iterable[Tag], selector: str) -> list[Tag]:
    """Gives what matches without matches inside of other matches."""
    found = select(parts, selector)
    known = {id(tag) for tag in found}
    return [tag for tag in found if not any(id(parent) in known for parent in tag.parents)]


def drop(parts: Iterable[Tag], selector: str) -> None:
    """Removes what matches inside the parts."""
    for part in parts:
        for tag in part.select(selector):
            tag.decompose()


def trimmed(code: str) -> str:
    """Gives code without blank lines at its ends and spaces at the ends of its lines."""
    lines = [row.rstrip() for row in code.replace("\r\n", "\n").split("\n")]
    filled = [number for number, row in enumerate(lines) if row]
    return "\n".join(lines[filled[0] : filled[-1] + 1]) if filled else ""


def heading_level(tag: Tag) -> int:
    """Gives the level of <h1> to <h6>, or the `aria-level`."""
    return int(tag.name[1]) if re.match(r"h[1-6]$", tag.name) else int(str(tag.get("aria-level") or 2))


def line(tag: Tag) -> str:
    """Gives the text of an element on one line."""
    return " ".join(shown_text(tag).split())


def table_rows(table: Tag) -> tuple[tuple[str, ...], ...]:
    """Gives the rows of a table that say something, not those of tables in it, as a reader sees them.

    A cell that spans rows is read in each of them; blanks follow one that spans columns.
    """
    rows = [row for row in table.find_all("tr") if row.find_parent("table") is table]
    places: list[dict[int, str]] = [{} for _ in rows]
    filled = [texts for at, (row, texts) in enumerate(zip(rows, places, strict=True)) if _place_cells(row, places[at:])]
    return tuple(tuple(texts.get(column, "") for column in range(max(texts) + 1)) for texts in filled)


def _place_cells(row: Tag, places: list[dict[int, str]]) -> bool:
    """Puts the texts of cells into their row and those below it in its group; false if none says anything."""
    is_filled = False
    rows_left = 1 + len(row.find_next_siblings("tr"))
    for cell in row.find_all(["td", "th"], recursive=False):
        text, start = line(cell), next(column for column in count() if column not in places[0])
        covered = {start: text, **dict.fromkeys(range(start + 1, start + _span(cell, "colspan")), "")}
        for texts in places[: min(rows_left, _span(cell, "rowspan"))]:
            texts.update(covered)
        is_filled = is_filled or bool(text)
    return is_filled


def _span(cell: Tag, attribute: str) -> int:
    span = str(cell.get(attribute) or "1")
    return min(int(span), 100) if span.isdigit() and int(span) else 1


def shown_text(tag: Tag) -> str:
    """Gives the text of an element; blocks and cells are apart from each other, inline elements are not."""
    return _UNSEEN.sub("", "".join(_pieces(tag)))


def _pieces(tag: Tag) -> Iterator[str]:
    for child in tag.children:
        if isinstance(child, Tag):
            border = "" if child.name in _INLINE else "\n"
            yield border
            yield str(child.get("alt") or "") if child.name == "img" else ""
            yield from _pieces(child)
            yield border
        elif isinstance(child, NavigableString) and not isinstance(child, Comment | Doctype | CData):
            yield str(child)


def words_of(text: str) -> list[str]:
    """Gives the words of a text in lower case."""
    return _WORD.findall(text.lower())
