"""The sets of pages that are measured: what they are, how they are obtained, which of their pages are looked at."""

import hashlib
import re
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from bench.extraction.settings import ExtractionSettings

Obtain = Callable[[Path], Path]
"""Cache folder -> folder of the set, made if need be. Raises LookupError with the reason if it cannot be had."""


@dataclass(frozen=True)
class Corpus:
    """A set of pages of one generator.

    `folder` is the root of the pages inside what `obtain` gives, `origin` says in words where they are from.
    Pages whose path below the folder matches `excluded` are indexes, search pages and redirects. `is_held_out` says
    that nobody looked at what we make of these pages while the extraction was mended.
    """

    name: str
    generator: str
    origin: str
    obtain: Obtain
    folder: str = "."
    pattern: str = "**/*.html"
    excluded: str = r"(^|/)(genindex(-.*)?|search|py-modindex|404)\.html$"
    is_held_out: bool = False

    def paths(self, cache: Path) -> list[Path]:
        """Gives the files of all pages, sorted.

        Raises:
            LookupError: The set cannot be had.
        """
        root = self.root(cache)
        excluded = re.compile(self.excluded)
        found = (path for path in root.glob(self.pattern) if path.is_file() and not path.is_symlink())
        return sorted(path for path in found if not excluded.search(path.relative_to(root).as_posix()))

    def root(self, cache: Path) -> Path:
        """Gives the folder under which the pages lie."""
        return (self.obtain(cache) / self.folder).resolve()

    def sample(self, cache: Path, count: int) -> Iterator[tuple[str, bytes]]:
        """Yields path below the root and bytes of `count` pages, spread by a hash of the path; no redirects."""
        root = self.root(cache)
        taken = 0
        for path in sorted(self.paths(cache), key=lambda path: _spread(path.relative_to(root).as_posix())):
            if taken == count:
                return
            body = path.read_bytes()
            if not _is_redirect(body):
                taken += 1
                yield path.relative_to(root).as_posix(), body


def cache_folder() -> Path:
    """Gives where sets are kept between runs."""
    return ExtractionSettings().cache or Path(tempfile.gettempdir()) / "lectern-bench" / "extraction"


def _spread(path: str) -> bytes:
    return hashlib.sha256(path.encode()).digest()


def _is_redirect(body: bytes) -> bool:
    return re.search(rb"<meta[^>]{0,20}http-equiv=[\"']?refresh", body[:4000], re.IGNORECASE) is not None
