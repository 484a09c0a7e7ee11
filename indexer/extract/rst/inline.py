"""Inline reStructuredText to inline Markdown: links and emphasis reduced to their text, code in backticks."""

import re
from collections.abc import Iterable

from indexer.extract.substitutions import Substitutions

_INLINE = re.compile(
    r"""
      ``(?P<literal>[^\n]{1,500}?)``(?!`)
    | :(?P<role>[a-zA-Z][\w:.+-]{0,60}):`(?P<content>[^`]{1,500})`
    | _?`(?P<phrase>[^`]{1,500})`(?::[\w:]{1,60}:|_{0,2})
    | \|(?P<name>\w[\w .-]{0,60})\|_{0,2}
    | \*\*(?P<strong>[^\s*][^*]{0,2000})\*\*
    | \*(?P<emphasis>[^\s*][^*]{0,2000})\*(?!\w)
    | (?<![\w.`])(?P<word>[a-zA-Z0-9][\w.-]{0,80}?)__?(?![\w`])
    | \\(?P<escaped>.)
    """,
    re.VERBOSE | re.DOTALL,
)
_TITLED = re.compile(r"^(.+?)\s*<([^<>]*)>$", re.DOTALL)
# Roles whose content is words; that of all others is code or a name in code.
_WORD_ROLES_TEXT = (
    "ref doc term abbr dfn emphasis strong title title-reference t guilabel menuselection sup sub subscript "
    "superscript numref any download index eq math cite issue pr user gh ghuser"
)
_WORD_ROLES = frozenset(_WORD_ROLES_TEXT.split())
# Source: Sphinx, roles of its domains.
_CODE_ROLES_TEXT = (
    "func function class meth method attr attribute mod module data exc exception obj object const member type struct "
    "enum enumerator macro var option envvar confval setting token keyword command program file samp kbd code literal "
    "mimetype makevar manpage regexp math eval"
)
_CODE_ROLES = frozenset(_CODE_ROLES_TEXT.split())
_DOCUMENT_ROLES = {"pep": "PEP ", "rfc": "RFC "}


def inline_rst(lines: str | Iterable[str], names: Substitutions) -> str:
    """Gives one line of Markdown."""
    text = lines if isinstance(lines, str) else " ".join(lines)
    return " ".join(_INLINE.sub(lambda match: _reduced(match, names), text).split())


def _reduced(match: re.Match[str], names: Substitutions) -> str:
    kind = match.lastgroup
    text = match[kind] if kind else ""
    if kind == "literal":
        return f"`` {text} ``" if "`" in text else f"`{text}`"
    if kind == "content":
        return role_text(match["role"], text)
    if kind == "phrase":
        return _titled(text)
    if kind == "name":
        found = names.find(text)
        return match[0] if found is None else found
    return text.strip() if kind == "escaped" else text


def is_role(name: str) -> bool:
    """Whether this is the name of a role of docutils or Sphinx, the domain before it included."""
    return name.rpartition(":")[2].lower() in _WORD_ROLES | _CODE_ROLES | _DOCUMENT_ROLES.keys()


def role_text(role: str, content: str) -> str:
    """Gives what a reader sees of a role."""
    name = role.rpartition(":")[2].lower()
    text = _titled(content)
    if name in _DOCUMENT_ROLES:
        return text if _TITLED.match(content) else f"{_DOCUMENT_ROLES[name]}{text}"
    if name in _WORD_ROLES:
        return text
    # Sphinx shows the last part of a name after ~ and links nothing after !
    text = text.lstrip("!")
    return f"`{text.rpartition('.')[2] if text.startswith('~') else text}`"


def _titled(text: str) -> str:
    titled = _TITLED.match(text.strip())
    return titled[1] if titled else text.strip()
