"""Which addresses lie in the folder of another version, where the site itself lists the folders of its versions."""

from collections.abc import Iterable

from crawler.addresses import origin_of, path_of
from crawler.switchers import VersionTree


class VersionTrees:
    """The folders of a site's versions, seen from the start page of a crawl.

    A start page that lies in none of them, and does not say which version it is of, may be above them all: then nothing
    is left out.
    """

    def __init__(self, start: str, trees: Iterable[VersionTree], match: str | None = None) -> None:
        """`match` is the version the start page says it is of; folders on other sites are none of ours."""
        origin = origin_of(start)
        self._trees: dict[str, VersionTree] = {}
        for tree in trees:
            if origin_of(tree.address) == origin:
                self._trees.setdefault(path_of(tree.address), tree)
        self._deepest = max((folder.count("/") for folder in self._trees), default=0)
        self._home = self._folder_of(path_of(start)) or ""
        own = self._trees.get(self._home)
        said = (own.version, own.label, match) if own else (match,)
        self._own = {_plain(name) for name in said if name}
        self.version = own.version if own else match
        """The version the start page is of, None if that is not known."""

    def exclusion(self, address: str) -> str | None:
        """Gives the reason an address is left out, None if it is not."""
        folder = self._folder_of(path_of(address))
        if folder is None or not self._own or self._home.startswith(folder):
            return None
        tree = self._trees[folder]
        if not self._own & {_plain(tree.version), _plain(tree.label)}:
            return f"another version of the documentation ({tree.label})"
        # Above all versions, the folder of the one that the start page is of is where its pages are.
        return f"the same version of the documentation under another address ({tree.label})" if self._home else None

    def _folder_of(self, path: str) -> str | None:
        """Gives the innermost of the folders a path lies in."""
        segments = f"{path}/".split("/", self._deepest + 1)[: self._deepest + 1]
        folders = ("/".join([*segments[:count], ""]) for count in range(len(segments), 0, -1))
        return next((folder for folder in folders if folder in self._trees), None)


def _plain(label: str) -> str:
    return label.lower().removeprefix("v")
