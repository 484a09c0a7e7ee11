"""The type a page is about, whose name goes before those of its members."""

import re
from collections.abc import Iterable, Iterator

from indexer.chunking.sections import Section

_TYPES = r"(?:class|struct|interface|trait|enum|union|record|mixin|qml\stype)"
_TITLE = re.compile(
    rf"""
      (?P<kind>(?:(?:abstract|sealed|final|annotation|primitive\stype|module|{_TYPES}):?\s)*)
      (?P<name>[A-Za-z_]\w*(?:(?:\.|::)\w+)*)
      (?:\s?<.*>)?                                      # its type parameters
      (?P<after>\s{_TYPES})?
      (?:\s(?:template\s)?reference)?                   # Doxygen
    """,
    re.VERBOSE | re.IGNORECASE,
)
_SEPARATORS = {"rust": ("::",), "cpp": ("::",), "php": ("::",), "ruby": ("#", ".")}
"""By the language of a signature; in all others it is a dot, or what separates the parts of the type's name."""
_PART = re.compile(r"\.|::")
_QUALIFIED = re.compile(r"(?:\w+::)*(?P<type>\w+)::(?P<member>\w+)")
_MAX_TITLE_CHARS = 400


def member_names(section: Section, names: Iterable[str]) -> Iterator[str]:
    """Yields the names of a signature as members of the type that its page is about.

    Javadoc and rustdoc describe `format` and `retain` on pages titled `Class String` and `Struct std::vec::Vec`, and
    people ask for `String.format` and `Vec::retain`. What bears the type's own name is the type. What Doxygen repeats
    from a base (`std::istream::peek` on the page of `std::fstream`) is a member of both.
    """
    owner = _owner(section)
    if owner is None or section.opener is None:
        return
    usual = "::" if "::" in owner else "."
    separators = _SEPARATORS.get(section.opener.language or "", (usual,))
    for name in names:
        if name == _PART.split(owner)[-1]:
            yield owner
        elif name.isidentifier():
            yield from (f"{owner}{separator}{name}" for separator in separators)
        elif (inherited := _QUALIFIED.fullmatch(name)) and inherited["type"] != _PART.split(owner)[-1]:
            yield f"{owner}::{inherited['member']}"


def _owner(section: Section) -> str | None:
    """Gives the name of the type that the page's title names; none where another signature is around this one.

    The title is the outermost heading, or stands outside of what is read as content.
    """
    around = section.parent
    if around is None or (around.is_signature and around.title.isidentifier()):
        return None
    while around.parent is not None:
        around = around.parent
    matches = (_TITLE.fullmatch(title[:_MAX_TITLE_CHARS]) for title in (section.path[0], around.title))
    return next((match["name"] for match in matches if match and _is_type(match)), None)


def _is_type(match: re.Match[str]) -> bool:
    """Whether a title is that of a type; `Class methods` and `Module Objects` are in words."""
    kind, name = match["kind"].lower(), match["name"]
    if kind.startswith("primitive"):
        return True
    if kind.startswith("module"):
        return _PART.search(name) is not None
    return bool(kind or match["after"]) and not (name.isalpha() and name == name.lower())
