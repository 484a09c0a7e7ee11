"""Tags of template languages in Markdown: of GitBook and Jekyll in `{% %}`, of Hugo in `{{< >}}` and `{{% %}}`."""

import re

from indexer.extract.markdown.boxes import closing, is_note, note_label, opening

_CODE_SPAN = re.compile(r"(`+[^`]*`+)")
_TAG = re.compile(
    r"""
      \{%-?\s{0,5}(?P<end>end|/)?(?P<name>[a-z][\w-]{0,40})(?P<rest>(?:[^%\n]|%(?!\})){0,500})%\}
    | \{\{[<%]\s{0,5}(?P<slash>/?)\s{0,5}(?P<called>[a-zA-Z][\w./-]{0,60})(?P<given>[^{}\n]{0,500})[%>]\}\}
    """,
    re.VERBOSE,
)
_ARGUMENT = re.compile(
    r"""([\w-]{1,40})=(?:"([^"]{0,300})"|'([^']{0,300})'|(\S{1,300}))|"([^"]{1,300})"|([\w.+#-]{1,100})"""
)
_TABS = frozenset(["tab", "codetab", "group-tab"])
_LISTINGS = frozenset(["highlight", "prism"])
_GENERIC = frozenset(["hint", "alert", "callout", "notice", "admonition"])
_FOLDS = frozenset(["step", "details", "expand"])
_TITLE_NAMES = ("title", "header", "name", "label", "tabname")
_KIND_NAMES = ("style", "type", "color", "context", "level", "variant", "kind", "icon")
_BOOTSTRAP = {"primary": "note", "secondary": "note"}
# Names that are tags wherever they stand; others may be words of a page about templates.
_KNOWN_WORDS = (
    "hint tabs tab code content-ref embed stepper step include columns column file swagger openapi raw highlight link "
    "post_url comment if elsif else unless for assign capture note tip warning"
)
_KNOWN = frozenset(_KNOWN_WORDS.split())


def without_tags(line: str) -> str:
    """Gives a line, or several, with the boxes that tags open and close, and without all other tags.

    Code in backticks stays as it is, and so does a tag in the midst of text whose name is not known.
    """
    indent = line[: len(line) - len(line.lstrip(" "))]
    is_block = not _TAG.sub("", line).strip()
    parts = _CODE_SPAN.split(line)
    kept = (
        part if part.startswith("`") else _TAG.sub(lambda tag: _read(tag, indent, is_block), part) for part in parts
    )
    return "".join(kept)


def listing_of(line: str) -> tuple[str, str] | None:
    """Gives name and language if a line is a tag that opens code, None else."""
    tag = _TAG.fullmatch(line.strip())
    name = (tag["name"] or tag["called"]) if tag else ""
    if tag is None or name not in _LISTINGS or tag["end"] or tag["slash"]:
        return None
    words, named = _arguments(tag["rest"] or tag["given"])
    return name, named.get("lang") or next(iter(words), "")


def closes_listing(line: str, name: str) -> bool:
    """Whether a line closes the code that a tag opened."""
    tag = _TAG.fullmatch(line.strip())
    return tag is not None and bool(tag["end"] or tag["slash"]) and (tag["name"] or tag["called"]) == name


def _read(tag: re.Match[str], indent: str, is_block: bool) -> str:
    name = tag["name"] or tag["called"]
    if tag["name"] and not is_block and name not in _KNOWN:
        return tag[0]
    if tag["end"] or tag["slash"]:
        return closing(name, indent) if name in _TABS or name == "code" or is_note(name) else ""
    words, named = _arguments(tag["rest"] or tag["given"] or "")
    title = next((named[key] for key in _TITLE_NAMES if named.get(key)), "")
    if name in _TABS or (name == "code" and title):
        return opening("tab", name, title or " ".join(words), indent)
    if is_note(name):
        kind = _kind(words, named) if name in _GENERIC else name
        rest = words[1:] if kind and words[:1] == [kind] else words
        return opening("admonition", name, note_label(kind or name, title or " ".join(rest)), indent)
    said = named.get("text") or named.get("content") or ""
    return said or (f"\n\n{title}\n\n" if is_block and name in _FOLDS else "")


def _kind(words: list[str], named: dict[str, str]) -> str:
    candidates = [named.get(key, "") for key in _KIND_NAMES] + words[:1]
    return next((_BOOTSTRAP.get(word, word) for word in candidates if is_note(word) or word in _BOOTSTRAP), "")


def _arguments(text: str) -> tuple[list[str], dict[str, str]]:
    """Gives the arguments without and with a name."""
    words: list[str] = []
    named: dict[str, str] = {}
    for found in _ARGUMENT.finditer(text.rstrip("/ ")):
        value = next(filter(None, found.groups()[1:]), "")
        if found[1]:
            named[found[1].lower()] = value
        else:
            words.append(value)
    return words, named
