"""The forms a library is known by, the forms a question may mean, and how well two of them fit.

Exact names come before cut ones ("python pandas", "expressjs"), cut ones before misspelt ones.
"""

import re
import unicodedata
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from indexer.catalogue.typos import is_misspelt_within, similarity

DERIVATION = 2
"""Rises when the forms of a library, or the keys of its misspellings, are derived otherwise."""
THRESHOLD = 0.5
"""Below this a library is not offered at all: a wrong library costs the caller more than an honest no."""
CONFIDENT = 0.73
"""From here on the answer is meant; below, it is a suggestion (a far misspelling, what else its organisation has)."""
_MISSPELT = 0.9
_CUT = 0.93
_CUT_NAME = 0.7
"""A language that belongs to a name tells another library (`redis-py`): without it the name is only a suggestion."""
_MIN_MISSPELT_CORE = 7

MAX_NAME_CHARS = 100
_MOST_WORDS = 8
_MOST_FORMS = 200

_SEPARATORS = re.compile(r"[^\w+#]+|_+")
_BEFORE_HOST = re.compile(r"^(?:(?:git\+)?(?:https?|ssh|git)://)?(?:git@)?(?:www\.)?")
_ADDRESSES = (
    re.compile(r"(?:pkg\.go\.dev/)?(?:github|gitlab|bitbucket|codeberg)\.(?:com|org)[/:]([^/?#]+(?:/[^/?#@]+)?)"),
    re.compile(
        r"(?:npmjs\.com/package|pypi\.org/project|crates\.io/crates|docs\.rs|rubygems\.org/gems)/((?:@[^/]+/)?[^/?#]+)"
    ),
    re.compile(r"(?:pkg\.go\.dev|packagist\.org/packages)/([^?#@]+)"),
)
"""Where code and packages are found; what is behind the name there does not matter."""
_VERSION = re.compile(r"v?\d+x?")
_GLUED = re.compile(r"(?<=..)(?:js|py|lang)$|(?<=...)\d$")
_GLUED_FAMILY = re.compile(r"(?<=.....)(?:css|db|ql)$|(?<=....)db$")


def _set_of(words: str) -> frozenset[str]:
    return frozenset(words.split())


_BEFORE = _set_of("""
    the official latest docs documentation for of npm pip install add import package library
""")
_AFTER = _set_of("""
    docs doc documentation library lib framework package module api sdk guide reference tutorial manual for in
    orm testing dev com org
""")
_LANGUAGES = _set_of("""
    python py node nodejs js javascript ts typescript go golang rust rs ruby php java lang
""")
_OF_NAMES = _set_of("py js ts rs")
"""Nobody speaks of the languages so; these are parts of names even where they stand apart."""
_OWNER_ENDS = ("dev", "org", "labs", "hq", "io", "project", "team", "community", "inc", "foundation", "developers")
_GENERIC = _set_of("""
    docs doc documentation website www site web core main monorepo framework client server api sdk cli app home
    book handbook repo src source project library platform examples
""")


class Source(StrEnum):
    """Where a form of a library comes from; `core` is a name without what merely describes it."""

    ID = "id"
    NAME = "name"
    ALIAS = "alias"
    CORE = "core"
    OWNER = "owner"


class MatchKind(StrEnum):
    """How a library was found; the last is a guess."""

    NAME = "name"
    SPELLING = "spelling"
    OWNER = "owner"
    TOPIC = "topic"


_SURENESS = {Source.ID: 1.0, Source.NAME: 1.0, Source.ALIAS: 1.0, Source.CORE: 0.92, Source.OWNER: 0.6}


@dataclass(frozen=True, slots=True)
class AskedForm:
    """One reading of a question; `is_cut` when the language was taken off ("python redis": "redis")."""

    form: str
    weight: float
    is_cut: bool = False
    words: tuple[str, ...] = ()


def plain(name: str) -> str:
    """Gives a name without case and punctuation: `Next.js`, `next js` and `nextjs` are one."""
    return "".join(_words(name))


def asked_forms(wanted: str) -> tuple[AskedForm, ...]:
    """Gives the readings of what was asked, most literal first."""
    text = _named_at(wanted[: 2 * MAX_NAME_CHARS].strip().lower())
    words = _words(text)
    if len(words) > _MOST_WORDS:
        return ()
    told = _trimmed(words, _BEFORE, _AFTER)
    cut = _trimmed(_without_languages(told), _BEFORE, _AFTER)
    weight = _CUT if _languages_apart(text).issuperset(_LANGUAGES.intersection(told).difference(cut)) else _CUT_NAME
    joined = "".join(cut)
    readings = [
        AskedForm("".join(words), 1.0, words=tuple(words)),
        AskedForm("".join(told), 0.98, words=tuple(told)),
        AskedForm(joined, weight, is_cut=True, words=tuple(cut)),
        AskedForm(_GLUED.sub("", joined), _CUT_NAME if joined.endswith(("js", "py")) else weight, is_cut=True),
    ]
    first: dict[str, AskedForm] = {}
    for reading in readings:
        first.setdefault(reading.form, reading)
    return tuple(reading for form, reading in first.items() if form and len(form) <= MAX_NAME_CHARS)


def library_forms(library_id: str, name: str, aliases: Sequence[str]) -> dict[str, Source]:
    """Gives every form a library is known by, with the surest source of each."""
    _, organisation, project = library_id.split("/", 2)
    names = [name] if project.lower() in _GENERIC else [name, project]
    forms = dict.fromkeys(map(plain, names), Source.NAME)
    _add(forms, map(plain, aliases), Source.ALIAS)
    _add(forms, [plain(library_id)], Source.ID)
    cores = {core for each in names for core in _cores(each)}
    _add(forms, sorted(cores), Source.CORE)
    owner = plain(organisation)
    is_namesake = _owner_core(organisation) in {*map(plain, names), *cores}
    _add(forms, [owner], Source.CORE if is_namesake else Source.OWNER)
    known = ((form, source) for form, source in forms.items() if form and len(form) <= 2 * MAX_NAME_CHARS)
    return dict(list(known)[:_MOST_FORMS])


def form_score(asked: Iterable[AskedForm], form: str, source: Source) -> float:
    """Gives 0..1 for how well a form of a library answers what was asked."""
    return max((_fit(reading, form, source) for reading in asked), default=0.0)


def match_kind(asked: Iterable[AskedForm], form: str, source: Source) -> MatchKind:
    """Gives how a form of a library answers what was asked."""
    if source is Source.OWNER:
        return MatchKind.OWNER
    is_named = any(reading.form == form and reading.weight >= CONFIDENT for reading in asked)
    return MatchKind.NAME if is_named else MatchKind.SPELLING


def can_be_misspelt(form: str, source: Source) -> bool:
    """Tells whether a form is also met by a misspelling; what is left of a name has to be long enough to tell."""
    return source in {Source.NAME, Source.ALIAS} or (source is Source.CORE and len(form) >= _MIN_MISSPELT_CORE)


def _fit(asked: AskedForm, form: str, source: Source) -> float:
    # Cut on both sides, `discord.js` would be `discord.py`.
    if asked.is_cut and source in {Source.CORE, Source.OWNER}:
        return 0.0
    if asked.form == form:
        return asked.weight * _SURENESS[source]
    if not can_be_misspelt(form, source) or not is_misspelt_within(asked.words, form):
        return 0.0
    return asked.weight * _MISSPELT * _SURENESS[source] * similarity(asked.form, form)


def _named_at(text: str) -> str:
    """Gives what an address of a repository or a package names, and any other text as it is."""
    address = _BEFORE_HOST.sub("", text)
    named = next((match[1] for known in _ADDRESSES if (match := known.match(address))), None)
    return text if named is None else named.removesuffix(".git")


def _words(name: str) -> list[str]:
    """Splits at punctuation, without case and accents."""
    decomposed = unicodedata.normalize("NFKD", name[: 2 * MAX_NAME_CHARS].casefold())
    letters = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    return [word for word in _SEPARATORS.split(letters) if word]


def _trimmed(words: Sequence[str], before: Collection[str], after: Collection[str]) -> list[str]:
    """Takes describing words and version numbers off both ends, never all of them."""
    left = list(words)
    while len(left) > 1 and left[0] in before:
        left.pop(0)
    while len(left) > 1 and (left[-1] in after or _VERSION.fullmatch(left[-1])):
        left.pop()
    return left


def _without_languages(words: Sequence[str]) -> list[str]:
    """Takes languages off both ends, unless one is what is named."""
    left = _trimmed(words, _LANGUAGES, _LANGUAGES)
    return list(words) if _LANGUAGES.issuperset(left) else left


def _languages_apart(text: str) -> frozenset[str]:
    """Gives the languages that stand between spaces, such as `python` or `node.js`."""
    apart = (_words(word) for word in text.split() if word not in _OF_NAMES)
    return frozenset(language for words in apart if _LANGUAGES.issuperset(words) for language in words)


def _cores(name: str) -> set[str]:
    words = _trimmed(_without_languages(_words(name)), (), _AFTER)
    core = "".join(words)
    return {core, _GLUED.sub("", core), _GLUED_FAMILY.sub("", core)} - _GENERIC


def _owner_core(organisation: str) -> str:
    words = _words(organisation)
    while len(words) > 1 and words[-1] in {*_OWNER_ENDS, *_LANGUAGES}:
        words.pop()
    return _GLUED.sub("", "".join(_trimmed(words, _LANGUAGES, ())))


def _add(forms: dict[str, Source], more: Iterable[str], source: Source) -> None:
    for form in more:
        forms.setdefault(form, source)
