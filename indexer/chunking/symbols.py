"""The names a passage defines."""

import re
from collections.abc import Container, Iterable, Iterator

from indexer.chunking.owners import member_names
from indexer.chunking.sections import Section
from indexer.extract.blocks import Block

# What generators write before the symbol in an id. Source: Sphinx domains, rustdoc; schemas are ours.
_PREFIX = re.compile(
    r"^(?:(?:c|cpp|js|py|rb)\.(?=\w)|(?:module|cmdoption|envvar|opcode|term|option|schema)-(?:arg-)?"
    r"|(?:method|tymethod|structfield|variant|associatedconstant|associatedtype|fn|function|macro|property|field)\.)"
)
_SYMBOL = re.compile(r"^[\w{}$~@./:#+*=<>!?&|%^-]{1,200}$")
_SUFFIX = re.compile(r"-(?:instance|class)_method$")
_MAX_SYMBOLS = 20
_MAX_DECLARED_CHARS = 1000

_MAX_HEADING_CHARS = 400
_KINDS = (
    r"(?:class|struct|interface|trait|enum|union|record|annotation|type|exception|object|module|namespace|package"
    r"|enumeration|function|method|constructor|property|attribute|field|constant|variable|macro|event|directive|static"
    r"|async|new)"
)
_HEADING = re.compile(
    rf"""
      (?:[\dA-Z.]+\.\s)?                                # its number
      (?P<kind>(?:(?:the|{_KINDS}):?\s)*)
      (?P<quote>[`'"“<]*) (?:new\s|[a-z]+\s(?=/))?      # of a path the HTTP method
      (?P<name>--?[a-z][\w-]*|[@$/]?[a-z_][\w{{}}$-]+(?:(?:[./\#]|::)[\w{{}}$-]+)*!?)
      (?P<arguments>\s?\((?:[^()]|\([^()]*\))*\)(?:\s?->.*)?|[=\s]?<.*>|\s".*"|\[.*\])?
      [`'"”>]* (?P<after>\s{_KINDS}s?)? (?:\s(?:template\s)?reference)?
    """,
    re.VERBOSE | re.IGNORECASE,
)
_PLURAL = ("(s)", "(es)")
_SPELT_AS_NAME = re.compile(r"^[-@$/_]|[.:#_]|^[a-z]+[A-Z]|[A-Z]\d\d")
_MIXED_CASE = re.compile(r"[a-z\d][A-Z]|[A-Z]{2}[a-z]{2}")
_TERM = re.compile(r"\*\*(.{2,400}?)\*\*")
_OPTION = re.compile(r"--?[A-Za-z][\w-]*")
_LAST_PART = re.compile(r"\w+\W*$")
_DECLARED = re.compile(r"[^()]*?(?:\(\s*\*\s*(\w+)\s*\)|(\w+)\s*\((?!\s*\*))")
_CONSTRUCTOR = re.compile(r"(?:^|\W)(\w+)(?:\.|::)\1$")


def defined_symbols(section: Section, blocks: Iterable[Block], described: Container[str]) -> tuple[str, ...]:
    """Gives the names that a section's opener defines, those that headings are, and the options that are explained.

    Of what stands before all headings of a page the title is the heading.

    Args:
        section: The section.
        blocks: What a passage of it is made of, headings of the sections joined to it included.
        described: The last parts of names that signatures of the page describe: a heading of the same name only leads
            to one of them.
    """
    of_headings = [*heading_names(section.title)] if section.parent is None else []
    of_headings += [name for block in blocks for name in _block_names(block)]
    names = [*_opener_names(section), *(name for name in of_headings if last_part(name) not in described)]
    return tuple(dict.fromkeys(name for name in names if _SYMBOL.match(name)))[:_MAX_SYMBOLS]


def described_names(blocks: Iterable[Block]) -> frozenset[str]:
    """Gives the last parts of the names that signatures describe; that of a constructor is the name of its type."""
    titles = (block.title or "" for block in blocks if block.kind == "signature")
    names = (name for title in titles for name in title.split(", ") if not _CONSTRUCTOR.search(name))
    return frozenset(map(last_part, names))


def heading_names(text: str) -> list[str]:
    """Gives what a heading names that is wholly a name, or names each in code; nothing for a title in words.

    Around a name may stand its arguments and what kind of thing it is. A name is told by how it is spelt, by its
    parentheses, or by code and quotes around it if it has a capital: `close` is too often a word, and PostgreSQL or
    JavaScript outside of code are no names. On questions about Node.js's documentation, whose names are all headings,
    nDCG@10 rises from .80 to .87, on Django's from .86 to .87.
    """
    said = text[:_MAX_HEADING_CHARS]
    for separator in ("`, `", ", "):  # the second is in arguments as well
        matches = [_HEADING.fullmatch(part) for part in said.split(separator)]
        if all(matches):
            return [match["name"] for match in matches if match and _is_name(match)]
    return []


def option_names(text: str) -> list[str]:
    """Gives the options that are the term of a definition; other terms are none: they may be words, or lead elsewhere.

    Of options of git asked by name the passage that explains it is first for 78 in a hundred, and for 21 without.
    """
    term = _TERM.match(text)
    parts = term[1].replace("`", "").replace("[no-]", "").split(", ") if term else []
    return [match[0] for part in parts if (match := _OPTION.match(part))]


def last_part(name: str) -> str:
    """Gives the name without what qualifies it."""
    return match[0] if (match := _LAST_PART.search(name)) else name


def _is_name(match: re.Match[str]) -> bool:
    name, arguments = match["name"], match["arguments"] or ""
    if _SPELT_AS_NAME.search(name) or (arguments.startswith("(") and arguments not in _PLURAL):
        return True
    if match["quote"]:
        return name != name.lower()
    return bool((match["kind"] or match["after"]) and _MIXED_CASE.search(name))


def _block_names(block: Block) -> list[str]:
    if block.kind == "heading":
        return [] if block.leads else heading_names(block.text)
    return option_names(block.text) if block.kind == "definition" else []


def _opener_names(section: Section) -> Iterator[str]:
    """Yields the names of a signature as the page writes them and as its ids do; for a module's section the module."""
    opener = section.opener
    if opener is None:
        return
    if section.is_signature:
        names = section.title.split(", ")
        # The path of an HTTP operation is asked for as often as its name.
        names += [opener.text.rpartition(" ")[2]] if opener.language == "http" else []
        yield from names
        yield from member_names(section, names)
        yield from (_symbol_of(name) for name in opener.names if any(word.strip("_") in name for word in names))
        return
    yield from (_symbol_of(name) for name in opener.names if name.startswith("module-"))
    if section.title == "Declaration" and section.body and section.body[0].kind == "code":
        yield from _declared_names(section.body[0].text)
    if opener.kind == "definition":
        yield section.title


def _declared_names(code: str) -> Iterator[str]:
    """Yields the function, or type of functions, that the one listing of a page declares, as in gi-docgen and DocC."""
    if (match := _DECLARED.match(code[:_MAX_DECLARED_CHARS])) is not None:
        yield match[1] or match[2]


def _symbol_of(name: str) -> str:
    return _SUFFIX.sub("", _PREFIX.sub("", name))
