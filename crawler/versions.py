"""Which addresses of a source belong to another version of the documentation, and which version a source is of.

A part of an address that looks like a version is no evidence: `/api/v2/` may be a topic. It counts where it stands in
the place of the start's own, where the site's version switcher names its folder, where a page below it declares another
version, or where the same pages are there without it.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from crawler.addresses import path_of
from crawler.signs import PageSigns
from crawler.switchers import VersionTree
from crawler.version_trees import VersionTrees

_NUMBER = re.compile(
    r"^v?\d{1,4}(?:\.(?:\d{1,4}|x)){0,3}(?:[-.]?(?:a|b|rc|alpha|beta|dev|post|pre|lts)[-.]?\d*)?$", re.I
)
_NAMES = "canary current dev devel develop edge latest lts main master next nightly stable trunk unstable"
_NAME = re.compile(f"^(?:{_NAMES.replace(' ', '|')})$", re.IGNORECASE)
_MAX_LABEL_CHARS = 24
_MAX_SEGMENTS = 5
_MIN_MIRRORED = 3
_MIN_VERSIONED = 0.8
_MIN_LINKED = 0.5
_MAX_REMEMBERED = 50_000
_MAX_PER_TREE = 200
_MAX_TREES = 1000
_BELOW_START = re.compile(r"^(?:[a-z]{2}(?:[-_][a-z]{2,4})?/)?\{\}/$", re.IGNORECASE)
"""Where versions are, seen from a start page above them: right below it, or below a folder for the language."""


@dataclass(frozen=True)
class VersionMarker:
    """A folder of an address that may be a version."""

    label: str
    form: str
    """The path up to it, with `{}` in its place."""
    plain: str
    """The whole path without it."""

    @property
    def folder(self) -> str:
        """The path up to it, with it."""
        return self.form.replace("{}", self.label)


class Versions:
    """What a crawl of a site knows about its versions so far."""

    def __init__(self) -> None:
        self._declared: str | None = None
        self._own: VersionMarker | None = None
        self._chosen: VersionMarker | None = None
        self._trees: VersionTrees | None = None
        self._start: frozenset[tuple[str, str]] = frozenset()
        self._others: set[tuple[str, str]] = set()
        self._seen: set[str] = set()
        self._mirrors: defaultdict[tuple[str, str], set[str]] = defaultdict(set)

    @property
    def own_label(self) -> str | None:
        """The version in the start's own address."""
        return self._own.label if self._own else None

    @property
    def chosen_folder(self) -> str | None:
        """The folder of the version that was chosen among those a list or a start page names."""
        return self._chosen.folder if self._chosen else None

    @property
    def switcher_version(self) -> str | None:
        """The version that the site's switcher says the start is of."""
        return self._trees.version if self._trees else None

    def begin(self, address: str, signs: PageSigns) -> None:
        """Takes up the start page: the first of its folders that looks like a version is that of the crawl."""
        self._declared = signs.version
        markers = list(version_markers(path_of(address)))
        self._own = next((marker for marker in markers if self._is_trusted(marker.label)), None)
        self._start = frozenset((marker.form, marker.label) for marker in markers)

    def choose(self, addresses: Iterable[str]) -> None:
        """Takes up the version of a source that is a list of pages: of several with the same pages, the one in use.

        The list has to be one of versions throughout; those of an interface are among other pages.
        """
        if self._own is None:
            self._own = self._chosen = main_version(path_of(address) for address in addresses)

    def choose_linked(self, directory: str, addresses: Iterable[str]) -> None:
        """Takes up one of the versions that a start page above them links to; `directory` is that of the start.

        Nothing is chosen where the start page says, by itself or by its version switcher, which version it is of.
        """
        if self._own is None and not self.switcher_version:
            paths = [path for path in map(path_of, addresses) if path.startswith(directory) and path != directory]
            self._own = self._chosen = linked_version(directory, paths, self._declared)

    def move(self, path: str) -> None:
        """Takes up the version that the chosen one, which may only be a name for it, turned out to lead to."""
        chosen = self._chosen
        found = (marker for marker in version_markers(path) if chosen is not None and marker.form == chosen.form)
        self._own = self._chosen = next(found, chosen)

    def resume(self, folder: str) -> None:
        """Takes up the version that an earlier run has chosen, by its folder."""
        found = (marker for marker in version_markers(folder) if marker.folder == folder)
        self._own = self._chosen = next(found, None)

    def learn(self, address: str, signs: PageSigns) -> None:
        """Takes note of a page that declares another version than the start page does."""
        if self._declares_another(signs):
            self._others.update(self._candidates(path_of(address)))

    def learn_trees(self, start: str, trees: Iterable[VersionTree], match: str | None) -> None:
        """Takes up what the site's version switcher lists; `match` is what the start page says it is of."""
        self._trees = VersionTrees(start, trees, match)

    def learn_addresses(self, addresses: Collection[str]) -> None:
        """Looks for folders in which the same pages are as beside them."""
        if self._own is not None:
            return
        paths = [path_of(address) for address in addresses]
        self._seen.update(paths[: _MAX_REMEMBERED - len(self._seen)])
        met = {marker for path in paths for marker in version_markers(path)}
        for marker in met:
            tree = marker.form, marker.label
            if (tree in self._mirrors or len(self._mirrors) < _MAX_TREES) and len(self._mirrors[tree]) < _MAX_PER_TREE:
                self._mirrors[tree].add(marker.plain)
        for tree in {(marker.form, marker.label) for marker in met}.difference(self._others) & self._mirrors.keys():
            if len(self._mirrors[tree] & self._seen) >= _MIN_MIRRORED:
                self._others.add(tree)

    def exclusion(self, address: str) -> str | None:
        """Gives the reason an address is left out before it is asked for, None if it is not."""
        if self._trees is not None and (reason := self._trees.exclusion(address)):
            return reason
        own = self._own
        for marker in version_markers(path_of(address)):
            if own is not None and marker.form == own.form:
                return _another(marker.label) if marker.label != own.label else None
            if (marker.form, marker.label) in self._others:
                return _another(marker.label)
        return None

    def verdict(self, address: str, signs: PageSigns) -> str | None:
        """Gives the reason a page that came is left out, None if it is not."""
        is_marked = bool(self._candidates(path_of(address)))
        return _another(signs.version or "") if is_marked and self._declares_another(signs) else None

    def _is_trusted(self, label: str) -> bool:
        """Whether a folder is a version without further evidence; `/2/` may as well be a chapter."""
        return not label.isdigit() or (self._declared is not None and is_same_version(label, self._declared))

    def _declares_another(self, signs: PageSigns) -> bool:
        return bool(signs.version and self._declared) and not is_same_version(signs.version or "", self._declared or "")

    def _candidates(self, path: str) -> list[tuple[str, str]]:
        """Gives the first folder that looks like a version and is not one of the start's."""
        found = ((marker.form, marker.label) for marker in version_markers(path))
        return [tree for tree in found if tree not in self._start][:1]


def version_markers(path: str) -> Iterator[VersionMarker]:
    """Yields the first folders of a path that look like versions."""
    *folders, name = path.split("/")
    if folders and name and _is_label(name):
        folders, name = [*folders, name], ""
    for at, segment in enumerate(folders[:_MAX_SEGMENTS]):
        if _is_label(segment):
            before = folders[:at]
            yield VersionMarker(segment, "/".join([*before, "{}", ""]), "/".join([*before, *folders[at + 1 :], name]))


def main_version(paths: Iterable[str]) -> VersionMarker | None:
    """Gives the stable or newest of the versions nearly all paths are in, None if they are not in several."""
    for form, labels in _trees_throughout(list(paths), _MIN_VERSIONED).items():
        mirrored = _mirrored(labels, _MIN_MIRRORED)
        if len(mirrored) > 1:
            return _marker(form, max(mirrored, key=_rank))
    return None


def linked_version(directory: str, paths: Collection[str], declared: str | None = None) -> VersionMarker | None:
    """Gives the version to read of those right below a directory, None if the paths are not in several.

    A page links to few pages of each, often to one: folders that share it are versions only if one of them is called so
    (`stable`, `v1.2`), since `/1.1/` may be a chapter. Of a page that declares its version it is that one, else that
    which most links lead to, else the stable or newest.
    """
    for form, labels in _trees_throughout(paths, _MIN_LINKED).items():
        is_named = any(_NAME.match(label) or re.match(r"v\d+\.", label, re.IGNORECASE) for label in labels)
        versions = _mirrored(labels, 1 if is_named else _MIN_MIRRORED)
        if len(versions) < 2 or not _BELOW_START.match(form.removeprefix(directory)):  # noqa: PLR2004 - one is no choice
            continue
        fitting = [label for label in versions if declared is None or is_same_version(label, declared)]
        half = sum(map(len, labels.values())) / 2
        chosen = max(fitting, key=lambda label: (len(labels[label]) > half, _rank(label)), default=None)
        return _marker(form, chosen) if chosen is not None else None
    return None


def _trees_throughout(paths: Collection[str], share: float) -> dict[str, dict[str, set[str]]]:
    """Gives the pages in each version, by the form of its folders and its label, where that share of the paths is."""
    trees: defaultdict[str, defaultdict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for path in paths:
        if marker := next(version_markers(path), None):
            trees[marker.form][marker.label].add(marker.plain)
    least = share * len(paths)
    return {form: dict(labels) for form, labels in trees.items() if sum(map(len, labels.values())) >= least}


def _mirrored(labels: Mapping[str, Collection[str]], least: int) -> list[str]:
    """Gives the versions of which at least so many pages are in another one as well."""
    shared = Counter(plain for pages in labels.values() for plain in pages)
    return [label for label, pages in labels.items() if sum(shared[page] > 1 for page in pages) >= least]


def _marker(form: str, label: str) -> VersionMarker:
    return VersionMarker(label, form, form.replace("{}/", ""))


def _rank(label: str) -> tuple[int, list[int], str]:
    """Orders labels: what is called stable, then releases by number, then what may be the state of development."""
    is_release = bool(re.fullmatch(r"v?\d+(?:\.(?:\d+|x))*(?:[-.]?(?:lts|post)[-.]?\d*)?", label, re.IGNORECASE))
    order = 3 if label.lower() in {"stable", "current"} else 2 if is_release else 1 if label.lower() == "latest" else 0
    return order, [int(number) for number in re.findall(r"\d+", label)], label


def detected_version(
    *,
    inventory: str | None = None,
    declared: str | None = None,
    switcher: str | None = None,
    label: str | None = None,
    title: str | None = None,
) -> str | None:
    """Gives the version documentation says it is of: the first number there is, else the first name.

    The order is that of how far each can be trusted: the inventory Sphinx writes, the head of the start page, the
    site's version switcher, its address, its title.
    """
    found = [given.removeprefix("v") for given in (inventory, declared, switcher, label, title) if given]
    return next((given for given in found if given[0].isdigit()), found[0] if found else None)


def is_same_version(one: str, other: str) -> bool:
    """Tells whether two labels can mean one version: `5.2` and `v5.2.1` can, `5.1` and `5.2` cannot."""
    first, second = one.lower().removeprefix("v"), other.lower().removeprefix("v")
    if first == second:
        return True
    if not (first[:1].isdigit() and second[:1].isdigit()):
        return False
    parts, others = first.removesuffix(".x").split("."), second.removesuffix(".x").split(".")
    return all(part == another for part, another in zip(parts, others, strict=False))


def mismatch(label: str, found: str | None) -> str | None:
    """Gives what to say where documentation was added as one version and says that it is of another."""
    if (
        not found
        or is_same_version(label, found)
        or not all(name.removeprefix("v")[:1].isdigit() for name in (label, found))
    ):
        return None
    return f"It was added as version {label}, and the documentation says that it is of {found}."


def _is_label(segment: str) -> bool:
    is_short = 0 < len(segment) <= _MAX_LABEL_CHARS
    return is_short and bool(_NAME.match(segment) or _NUMBER.match(segment))


def _another(label: str) -> str:
    return f"another version of the documentation ({label})"
