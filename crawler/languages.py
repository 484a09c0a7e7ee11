"""Which addresses of a source are translations of its pages.

A part of an address that looks like a language is no evidence: `/go/`, `/is/` and `/it/` may be topics. It counts once
a page says so (`hreflang`, or the language of a page below it), where it stands in the place of the start's own, or
where several languages have the same page.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

from crawler.addresses import path_of
from crawler.locales import COMMON, Marker, is_same_language, markers_of, written_language
from crawler.signs import PageSigns

_MIN_SIBLINGS = 3
_MAX_NOTED = 10_000
_SAMPLE = 50


class Languages:
    """What a crawl of a site knows about its languages so far."""

    def __init__(self, wanted: str | None = None) -> None:
        """`wanted` is the language the operator named; without one it is that of the start page."""
        self.own = wanted
        """None: nothing is known, and nothing left out."""
        self._is_wanted = wanted is not None
        self._fallback: str | None = None
        self._own_form: tuple[str, str] | None = None
        self._start = ""
        self._foreign: set[tuple[str, str]] = set()
        self._translated: dict[str, str] = {}

    def begin(self, address: str, signs: PageSigns, text: str = "") -> None:
        """Takes up the start page: its language is that of the crawl, unless the operator named one."""
        self._start = path_of(address)
        spoken = signs.language or written_language(text)
        self.own = self.own or spoken
        if self._is_wanted and spoken and self.own and not is_same_language(spoken, self.own):
            # What is not translated into the language wanted is there in this one.
            self._fallback = spoken
        candidates = [self._start, *(path_of(url) for tag, url in signs.alternates if self.is_own(tag))]
        markers = (marker for path in candidates for marker in markers_of(path) if self.is_own(marker.tag))
        own = next(markers, None)
        self._own_form = (own.form, own.tag) if own else None
        self.learn(address, signs)

    def learn(self, address: str, signs: PageSigns) -> None:
        """Takes note of where a page says its translations are, and of the language of the folder it is in."""
        own = {url for tag, url in signs.alternates if self.is_own(tag)} | {address}
        for tag, url in signs.alternates:
            if self._is_foreign(tag) and url not in own:
                self._note(path_of(url), tag)
        if signs.language and self._is_foreign(signs.language):
            self._note_trees(markers_of(path_of(address)), signs.language)

    def learn_addresses(self, addresses: Collection[str]) -> None:
        """Looks for pages that are there in several languages; without a start page those tell the language too."""
        paths = {path_of(address) for address in addresses}
        if self._start:
            paths.add(self._start)
        siblings: defaultdict[str, dict[str, Marker]] = defaultdict(dict)
        for path in paths:
            for marker in markers_of(path):
                if marker.tag.partition("-")[0] in COMMON:
                    siblings[marker.twin][marker.tag] = marker
        for found in siblings.values():
            plain = next(iter(found.values())).plain
            self._learn_siblings(found, has_plain=plain in paths or f"{plain}/" in paths)

    def _learn_siblings(self, found: Mapping[str, Marker], *, has_plain: bool) -> None:
        if len(found) < _MIN_SIBLINGS or not (has_plain or any(map(self._is_own_or_english, found))):
            return
        self.own = self.own or "en"
        for tag, marker in found.items():
            if self._is_foreign(tag):
                self._note_trees([marker], tag)

    def exclusion(self, address: str) -> str | None:
        """Gives the reason an address is left out before it is asked for, None if it is not."""
        if self.own is None:
            return None
        path = path_of(address)
        markers = list(markers_of(path))
        if not self._is_below_own(markers):
            foreign = (marker.tag for marker in markers if self._is_known(marker) or self._is_sibling(marker))
            if tag := next(foreign, None) or self._translated.get(path):
                return _translation(tag)
        return None

    def verdict(self, address: str, signs: PageSigns, text: Callable[[], str]) -> str | None:
        """Gives the reason a page that came is left out, None if it is not.

        A page in another language stays if it is below the crawl's own folder, or if it has no translation: then it is
        the original. `text` gives what it says, which is asked where only the declared language speaks against it.
        """
        spoken = signs.language
        if spoken is None or not self._differs(spoken) or self._is_below_own(markers_of(path_of(address))):
            return None
        if any(self.is_own(tag) and url != address for tag, url in signs.alternates):
            return _translation(spoken)
        if not self._is_foreign(spoken):
            return None
        if any(is_same_language(marker.tag, spoken) for marker in markers_of(path_of(address))):
            return _translation(spoken)
        written = written_language(text())
        return f"in another language ({spoken})" if written and is_same_language(written, spoken) else None

    def _note(self, path: str, tag: str) -> None:
        if not self._note_trees(markers_of(path), tag) and len(self._translated) < _MAX_NOTED and path != self._start:
            self._translated[path] = tag

    def _note_trees(self, markers: Iterable[Marker], tag: str) -> bool:
        for marker in markers:
            covers_start = any((own.form, own.tag) == (marker.form, marker.tag) for own in markers_of(self._start))
            if is_same_language(marker.tag, tag) and not covers_start and len(self._foreign) < _MAX_NOTED:
                self._foreign.add((marker.form, marker.tag))
                return True
        return False

    def _is_known(self, marker: Marker) -> bool:
        return (marker.form, marker.tag) in self._foreign

    def _is_sibling(self, marker: Marker) -> bool:
        """Whether a language stands where the start's own stands."""
        if self._own_form is None or marker.form != self._own_form[0]:
            return False
        is_language = marker.tag.partition("-")[0] in COMMON
        return is_language and marker.tag != self._own_form[1] and marker.tag != self._fallback

    def _is_below_own(self, markers: Iterable[Marker]) -> bool:
        return self._own_form is not None and any((found.form, found.tag) == self._own_form for found in markers)

    def is_own(self, tag: str) -> bool:
        """Tells whether a language is that of the crawl."""
        return self.own is not None and is_same_language(tag, self.own)

    def _is_own_or_english(self, tag: str) -> bool:
        return self.is_own(tag) if self.own else is_same_language(tag, "en")

    def _differs(self, tag: str) -> bool:
        return self.own is not None and not self.is_own(tag)

    def _is_foreign(self, tag: str) -> bool:
        """Whether pages in a language are left out also where they are the original."""
        return self._differs(tag) and not (self._fallback and is_same_language(tag, self._fallback))


def translations_among(
    paths: Sequence[str], language_of: Callable[[str], str | None], wanted: str | None = None
) -> tuple[str | None, dict[str, str]]:
    """Gives the language of a folder's documents, and those that are translations, with the reason.

    `language_of` looks into a document; it is asked about those whose paths look like a language, and some others.
    """
    marked = {path: found for path in paths if (found := _likely_markers(path))}
    if not marked:
        return wanted, {}
    unmarked = [path for path in paths if path not in marked]
    spoken = {path: language_of(path) for path in (*marked, *sorted(unmarked, key=len)[:_SAMPLE])}
    counts = Counter(tag.partition("-")[0] for tag in spoken.values() if tag)
    most = max(counts, key=lambda tag: (counts[tag], tag == "en", tag), default=None)
    own = wanted or most
    if own is None:
        return None, {}
    told = {
        (marker.form, marker.tag)
        for path, markers in marked.items()
        for marker in markers
        if is_same_language(marker.tag, spoken[path] or "-")
    }
    translated = _present_in(own, marked)
    reasons: dict[str, str] = {}
    for path in paths:
        foreign = [marker for marker in marked.get(path, ()) if (marker.form, marker.tag) in told]
        foreign = [marker for marker in foreign if not is_same_language(marker.tag, own)]
        is_original = not foreign or (most is not None and is_same_language(foreign[0].tag, most))
        if foreign and (not is_original or translated & {foreign[0].twin, foreign[0].plain}):
            reasons[path] = _translation(foreign[0].tag)
        elif path not in marked and path in translated and most and not is_same_language(most, own):
            reasons[path] = _translation(most)
    return own, reasons


def _likely_markers(path: str) -> list[Marker]:
    return [marker for marker in markers_of(path) if marker.tag.partition("-")[0] in COMMON]


def _present_in(own: str, marked: Mapping[str, list[Marker]]) -> set[str]:
    """Gives the paths, with `{}` for the language and without it, of what is there in a language."""
    found = (marker for markers in marked.values() for marker in markers if is_same_language(marker.tag, own))
    return {name for marker in found for name in (marker.twin, marker.plain)}


def _translation(tag: str) -> str:
    return f"a translation ({tag})"
