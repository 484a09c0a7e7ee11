"""One version in one language: what a crawl of a site leaves out because it has it, or wants it, in another form."""

import threading
from collections.abc import Callable, Collection, Iterable, Mapping

from crawler.addresses import path_of
from crawler.languages import Languages
from crawler.rules import ANY_LANGUAGE, CrawlRules
from crawler.signs import PageSigns
from crawler.switchers import VersionTree
from crawler.versions import Versions, detected_version

_FOLDER = "version_folder"
"""The fact of a crawl by which another run of it finds the version that was chosen."""


class Variants:
    """What a crawl knows about the languages and versions of its site so far.

    A thread may look through many addresses while others are asked about.
    """

    def __init__(self, rules: CrawlRules | None = None) -> None:
        """The rules may name a language, and may want all languages or all versions."""
        rules = rules or CrawlRules()
        self._languages = None if rules.language == ANY_LANGUAGE else Languages(rules.language)
        self._versions = None if rules.all_versions else Versions()
        self._signs = PageSigns()
        self._address: str | None = None
        self._lock = threading.Lock()

    @property
    def has_begun(self) -> bool:
        """Whether the start page is known."""
        return self._address is not None

    @property
    def is_of_one_version(self) -> bool:
        """Whether other versions are left out, so that it matters which there are."""
        return self._versions is not None

    def begin(self, address: str, signs: PageSigns, text: str = "") -> None:
        """Takes up the start page, at the address it was found at; `text` tells the language of one that does not."""
        with self._lock:
            self._address, self._signs = address, signs
            if self._languages is not None:
                self._languages.begin(address, signs, text)
            if self._versions is not None:
                self._versions.begin(address, signs)

    def facts(self, inventory_version: str | None = None) -> dict[str, str]:
        """Gives what is to be noted about the crawl: its language, and the version the documentation says it is of."""
        label = self._versions.own_label if self._versions else None
        switcher = self._versions.switcher_version if self._versions else None
        found = {
            "language": self._languages.own if self._languages else None,
            "declared_version": self._signs.version,
            _FOLDER: self._versions.chosen_folder if self._versions else None,
            "docs_version": detected_version(
                inventory=inventory_version,
                declared=self._signs.version,
                switcher=switcher,
                label=label,
                title=self._signs.title_version,
            ),
        }
        return {name: value for name, value in found.items() if value}

    def resume(self, address: str, facts: Mapping[str, str]) -> None:
        """Takes up what an earlier run of the crawl found out about its start page."""
        self.begin(address, PageSigns(language=facts.get("language"), version=facts.get("declared_version")))
        if self._versions is not None and _FOLDER in facts:
            self._versions.resume(facts[_FOLDER])

    def learn(self, address: str, signs: PageSigns) -> None:
        """Takes note of what a page tells about the folders of the site."""
        with self._lock:
            for known in (self._languages, self._versions):
                if known is not None:
                    known.learn(address, signs)

    def learn_trees(self, trees: Iterable[VersionTree], match: str | None) -> None:
        """Takes note of the folders in which the site says its versions are; the start page is known by then."""
        with self._lock:
            if self._versions is not None and self._address is not None:
                self._versions.learn_trees(self._address, trees, match)

    def choose_version(self, addresses: Iterable[str]) -> None:
        """Takes up the version of a source that has no start page, from the pages it lists."""
        with self._lock:
            if self._versions is not None:
                self._versions.choose(addresses)

    def choose_linked_version(self, directory: str, addresses: Iterable[str]) -> str | None:
        """Takes up one of the versions a start page above them links to, and gives its folder."""
        with self._lock:
            if self._versions is None:
                return None
            self._versions.choose_linked(directory, addresses)
            return self._versions.chosen_folder

    def move_version(self, address: str) -> None:
        """Takes up the version that the chosen one leads to."""
        with self._lock:
            if self._versions is not None:
                self._versions.move(path_of(address))

    def learn_addresses(self, addresses: Collection[str]) -> None:
        """Takes note of which pages there are."""
        with self._lock:
            for known in (self._languages, self._versions):
                if known is not None:
                    known.learn_addresses(addresses)

    def exclusion(self, address: str) -> str | None:
        """Gives the reason an address is left out before it is asked for, None if it is not."""
        with self._lock:
            reasons = (known.exclusion(address) for known in (self._languages, self._versions) if known is not None)
            return next(filter(None, reasons), None)

    def verdict(self, address: str, signs: PageSigns, text: Callable[[], str]) -> str | None:
        """Gives the reason a page that came is left out, None if it is not."""
        with self._lock:
            reason = self._languages.verdict(address, signs, text) if self._languages else None
            return reason or (self._versions.verdict(address, signs) if self._versions else None)

    def translations(self, signs: PageSigns) -> list[str]:
        """Gives where a page says it is to be had in the crawl's own language."""
        own = self._languages
        return [url for tag, url in signs.alternates if own is not None and own.is_own(tag)]
