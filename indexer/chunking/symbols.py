"""The names a section defines."""

import re

from indexer.chunking.sections import Section

# What generators write before the symbol in an id. Source: Sphinx domains, rustdoc; schemas are ours.
_PREFIX = re.compile(
    r"^(?:(?:c|cpp|js|py|rb)\.(?=\w)|(?:module|cmdoption|envvar|opcode|term|option|schema)-(?:arg-)?"
    r"|(?:method|tymethod|structfield|variant|associatedconstant|associatedtype|fn|function|macro|property|field)\.)"
)
_SYMBOL = re.compile(r"^[\w{}$~@./:+*=<>!?&|%^-]{1,200}$")
_SUFFIX = re.compile(r"-(?:instance|class)_method$")
_MAX_SYMBOLS = 20


def defined_symbols(section: Section) -> tuple[str, ...]:
    """Gives the names of a signature as the page writes them and as its ids do; for a module's section the module."""
    opener = section.opener
    if opener is None:
        return ()
    ids = [name for name in (opener.anchor, *opener.aliases) if name]
    if section.is_signature:
        names = section.title.split(", ")
        # The path of an HTTP operation is asked for as often as its name.
        names += [opener.text.rpartition(" ")[2]] if opener.language == "http" else []
        names += [_symbol_of(name) for name in ids if any(word.strip("_") in name for word in names)]
    else:
        names = [_symbol_of(name) for name in ids if name.startswith("module-")]
        names += [section.title] if opener.kind == "definition" else []
    known = (name for name in names if _SYMBOL.match(name))
    return tuple(dict.fromkeys(known))[:_MAX_SYMBOLS]


def _symbol_of(name: str) -> str:
    return _SUFFIX.sub("", _PREFIX.sub("", name))
