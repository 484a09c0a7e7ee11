"""Languages as sites write them: tags, the parts of an address that name one, and what a text itself is written in."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_TAG = re.compile(r"^[a-z]{2,3}(?:-(?:[a-z]{2}|[a-z]{4}|\d{3})){0,2}$")
_FILE_SUFFIX = re.compile(
    r"^(?P<stem>.+?)(?P<first>\.[\w-]{2,10})?(?P<type>\.(?:x?html?|md|mdx|rst|adoc|txt))(?P<last>\.[\w-]{2,10})?$"
)
_MAX_MARKED_SEGMENTS = 5
_MAX_TAG_CHARS = 12
_APART = frozenset({"zh", "pt", "sr"})
"""Languages whose regions or scripts are translations of their own."""

_COMMON = """
    ar bg bn ca cs da de el en es et fa fi fr he hi hr hu id is it ja ko lt lv ms nb nl no pl pt ro ru sk sl sr sv th tr
    uk vi zh
"""
COMMON = frozenset(_COMMON.split())
"""Languages documentation is often translated into; not, for instance, `go`, `js` or `py`."""

# The most frequent short words, none of which is frequent in another of these languages.
_STOP_WORDS = {
    "en": "the and that with this from which have will when",
    "de": "der und das nicht ist wird werden eine einen auf",
    "fr": "les des est une dans pour vous avec cette sont",
    "es": "los las una por con del para como puede este",
    "pt": "uma não são para você como pode dos das isso",
    "it": "che della sono questo gli con nel alla essere delle",
    "nl": "het een van voor niet wordt zijn deze worden met",
    "pl": "jest nie się oraz przez który dla może tego jako",
    "tr": "bir ve için bu ile olarak olan daha gibi değil",
    "da": "ikke det som til kan eller af også skal hvis",
}
_SCRIPTS = {
    "ja": re.compile(r"[\u3040-\u30ff]"),
    "ko": re.compile(r"[\uac00-\ud7af]"),
    "zh": re.compile(r"[\u4e00-\u9fff]"),
    "ru": re.compile(r"[\u0400-\u04ff]"),
    "el": re.compile(r"[\u0370-\u03ff]"),
    "ar": re.compile(r"[\u0600-\u06ff]"),
    "he": re.compile(r"[\u0590-\u05ff]"),
    "th": re.compile(r"[\u0e00-\u0e7f]"),
}
_WORD = re.compile(r"[^\W\d_]{2,}")
_MIN_STOP_WORDS = 8
_MIN_SCRIPT_SHARE = 0.15


@dataclass(frozen=True)
class Marker:
    """A part of an address that may name a language."""

    tag: str
    form: str
    """Where it stands, with `{}` in its place: `/docs/{}/` for a folder, `*.html.{}` for the end of a file's name."""
    twin: str
    """The whole path with `{}` in its place."""
    plain: str
    """The path without it."""


def language_tag(text: str | None) -> str | None:
    """Gives a tag in lower case with hyphens, such as `pt-br`; None if the text is none."""
    if not text or len(text) > _MAX_TAG_CHARS:
        return None
    tag = text.strip().lower().replace("_", "-")
    return tag if _TAG.match(tag) else None


def is_same_language(one: str, other: str) -> bool:
    """Tells whether a reader of one reads the other; of Chinese and Portuguese there are several."""
    first, second = one.split("-"), other.split("-")
    if first[0] != second[0]:
        return False
    return len(first) == 1 or len(second) == 1 or first[0] not in _APART or first[1:] == second[1:]


def markers_of(path: str) -> Iterator[Marker]:
    """Yields the parts of a path that look like a language: of its first folders, then of the file's name."""
    *folders, name = path.split("/")
    if folders and language_tag(name):
        folders, name = [*folders, name], ""
    for at, segment in enumerate(folders[:_MAX_MARKED_SEGMENTS]):
        if tag := language_tag(segment):
            before, after = folders[:at], [*folders[at + 1 :], name]
            form = "/".join([*before, "{}", ""])
            yield Marker(tag, form, form + "/".join(after), "/".join([*before, *after]))
    if "." in name[name.find(".") + 1 :]:
        yield from _file_markers("/".join([*folders, ""]), name)


def _file_markers(folder: str, name: str) -> Iterator[Marker]:
    match = _FILE_SUFFIX.match(name)
    if match is None:
        return
    stem, kind = match["stem"], match["type"]
    for found, ending in ((match["first"], f".{{}}{kind}"), (match["last"], f"{kind}.{{}}")):
        if tag := language_tag((found or "").removeprefix(".")):
            yield Marker(tag, f"*{ending}", f"{folder}{stem}{ending}", f"{folder}{stem}{kind}")


def written_language(text: str) -> str | None:
    """Gives the language a text is evidently written in, None if that is not evident."""
    words = [word.lower() for word in _WORD.findall(text[:20_000])]
    letters = sum(map(len, words))
    if not letters:
        return None
    for tag, script in _SCRIPTS.items():
        if len(script.findall(text[:20_000])) > _MIN_SCRIPT_SHARE * letters:
            return tag
    counts = {tag: sum(word in stops for word in words) for tag, stops in _STOP_SETS.items()}
    first, second = sorted(counts, key=lambda tag: -counts[tag])[:2]
    is_evident = counts[first] >= _MIN_STOP_WORDS and counts[first] > 2 * counts[second]
    return first if is_evident else None


_STOP_SETS = {tag: frozenset(words.split()) for tag, words in _STOP_WORDS.items()}
