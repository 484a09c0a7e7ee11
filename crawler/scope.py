"""Which pages belong to a source: same origin, under the start directory, kept by the operator's globs."""

import re
from dataclasses import dataclass
from typing import Self

from crawler.addresses import origin_of, path_of
from crawler.globs import first_match
from crawler.rules import CrawlRules

_DOCUMENT_FILE = re.compile(r"\.(x?html?|php|aspx?|jsp|md|markdown|txt|xml)$", re.IGNORECASE)

# Pages that documentation generators write for browsers and that answer no question: indexes, lists of uses and of
# members, and the source itself with line numbers, which would be more than half of what a site says.
_NOISE_PLACES = {
    "any": r"search(\.html|/)?$|print\.html$",
    "Sphinx": r"genindex(-[^/]*)?(\.html|/)?$|(py-)?modindex(\.html|/)?$"
    r"|_modules/|_sources/|_static/|_images/|_downloads/",
    "javadoc": r"(allclasses|overview|package)-frame\.html$|package-(tree|use)\.html$|src-html/"
    r"|class-use/[A-Z][^/]*\.html$|index-all\.html$|index-files/index-\d+\.html$",
    "Doxygen": r"([^/]+_8\w{1,12}|a\d{5})_source\.html$|search/[a-z]+_[0-9a-f]{1,2}\.html$|dir_[0-9a-f]{32}\.html$"
    r"|((class|struct|union|interface|protocol|exception)[^/-]+(-p)?|a\d{5})-members\.html$"
    r"|(functions|globals|namespacemembers)_((defs|dup|enum|eval|evnt|func|prop|rela|type|vars)(_\w{1,6})?|[a-z~]|0x7e)\.html$",
    "rustdoc": r"src/[^/]+/(.*/)?[^/]+\.rs\.html$",
    "nimdoc": r"theindex\.html$",
    "Haddock": r"doc-index(-[^/]*)?\.html$",
    "YARD": r"(class|file|method)_list\.html$",
}
_NOISE = re.compile(rf"(^|/)({'|'.join(_NOISE_PLACES.values())})")
NOISE_RELEASE = 3
"""Raised when more or less is left out by default, so that what is left out now is not taken for lost."""

_NOT_DOCUMENTS = re.compile(
    r"\.(7z|avif|bmp|bz2|css|csv|deb|dmg|docx?|eot|epub|exe|gif|gz|ico|inv|iso|jar|jpe?g|js|json|map|mjs|mp[34]|msi|odt"
    r"|ogg|otf|pdf|png|pptx?|ps|rar|rpm|rss|svg|tar|tgz|tiff?|ttf|wasm|wav|webm|webp|whl|woff2?|xlsx?|xml|xz|ya?ml|zip|zst)$",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class PathFilter:
    """Decides about paths relative to the start directory, for websites and folders alike."""

    includes: tuple[str, ...] = ()
    excludes: tuple[str, ...] = ()

    @classmethod
    def of(cls, rules: CrawlRules) -> Self:
        """Gives the filter the rules describe."""
        return cls(rules.includes, rules.excludes)

    def exclusion(self, path: str, *, may_be_data: bool = False) -> str | None:
        """Gives the reason a path is left out, or None if it stays.

        `may_be_data` says that the caller knows which data files are documents.
        """
        if exclude := first_match(self.excludes, path):
            return f"excluded by the rule {exclude}"
        if self.includes:
            return None if first_match(self.includes, path) else "matches no include rule"
        if not may_be_data and (match := _NOT_DOCUMENTS.search(path)):
            return f"not a document (.{match[1].lower()})"
        if _NOISE.search(path):
            return "an index, search or source listing page"
        return None


@dataclass(frozen=True)
class Scope:
    """The part of the web a source covers."""

    origin: str
    directory: str
    """A path that starts and ends with a slash."""
    paths: PathFilter

    @classmethod
    def of(cls, start: str, paths: PathFilter) -> Self:
        """Gives the scope of a start address: its directory, or itself if it names no file."""
        return cls(origin_of(start), start_directory(start), paths)

    @classmethod
    def of_site(cls, address: str, paths: PathFilter) -> Self:
        """Gives the scope of the whole site an address is on."""
        return cls(origin_of(address), "/", paths)

    def adopting(self, landing: str) -> Self:
        """Gives the scope after the start address led to `landing`.

        A new origin is adopted. The directory stays if the landing page lies in it, else it becomes the landing page's.
        """
        directory = self.directory if path_of(landing).startswith(self.directory) else start_directory(landing)
        return type(self)(origin_of(landing), directory, self.paths)

    def aligned(self, address: str) -> str:
        """Gives the address with this scope's scheme, if it names the same host: sites link to their http:// past."""
        scheme, _, rest = self.origin.partition("://")
        other = "http" if scheme == "https" else "https"
        has_port = rest.rpartition(":")[2].isdigit()
        if not has_port and origin_of(address) == f"{other}://{rest}":
            return scheme + address.removeprefix(other)
        return address

    def is_same_origin(self, address: str) -> bool:
        """Tells whether the address is on the source's own server."""
        return origin_of(address) == self.origin

    def exclusion(self, address: str, *, may_be_data: bool = False) -> str | None:
        """Gives the reason an address is left out, or None if it belongs to the source."""
        if not self.is_same_origin(address):
            return f"on another site than {self.origin}"
        path = path_of(address)
        if path + "/" == self.directory:
            return None
        if not path.startswith(self.directory):
            return f"outside {self.directory}"
        return self.paths.exclusion(path.removeprefix(self.directory), may_be_data=may_be_data)


def start_directory(address: str) -> str:
    """Gives the directory a start address stands for: that of a file, else the path itself."""
    path = path_of(address)
    if path.endswith("/"):
        return path
    return path.rpartition("/")[0] + "/" if _DOCUMENT_FILE.search(path) else path + "/"
