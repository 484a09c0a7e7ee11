"""A folder of documents on this machine, as pages.

The address of a page is `folder://<name of the folder>/<path below it>`: it tells a reader which file is meant, stays
the same when the folder is moved, and says nothing about where on the machine the folder is.
"""

import os
import re
import stat
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path
from urllib.parse import quote

from core.errors import SourceFailed
from core.markup import is_parsable
from crawler.addresses import MAX_ADDRESS_CHARS
from crawler.document_types import SNIFFED_BYTES, is_specification_start
from crawler.file_types import DOCUMENT_SUFFIXES, FILE_TYPES, SPECIFICATION_SUFFIXES, OtherFiles, is_document_name
from crawler.folder_references import FolderReferences
from crawler.folder_variants import variants_in
from crawler.outcomes import Failed, Fetched, Headers
from crawler.scope import PathFilter
from crawler.specification import UNFOLDED, TooMuch

# Source: git-lfs, docs/spec.md, "The pointer".
_POINTER = b"version https://git-lfs.github.com/spec/"

_BUILD_FILES = re.compile(
    r"(^|/)(requirements[^/]*|constraints[^/]*|CMakeLists|robots|SOURCES|top_level|entry_points|dependency_links)\.txt$"
)


Select = Callable[[str], str | None]


class Folder:
    """The documents below one folder, or a single one in it."""

    def __init__(
        self,
        path: Path,
        paths: PathFilter,
        *,
        max_files: int,
        max_bytes: int,
        base: str | None = None,
        hashes: Mapping[str, str] | None = None,
        select: Select | None = None,
        language: str | None = None,
        all_versions: bool = False,
    ) -> None:
        """Reads only what `paths` and `select` leave, and of that one version in one language; of a file that alone.

        `base` is the address documents are below, for a folder unpacked only now; those have no dates. `hashes` are
        what is known of the content of files, by their path; `select` gives the reason a path is left out.
        """
        self._base = base
        self._hashes = hashes or {}
        self._select = select
        path = path.resolve()
        self._root, self._only = (path.parent, path.name) if path.is_file() else (path, None)
        self._references = FolderReferences(self._root, max_bytes)
        self._paths = paths
        self._max_files = max_files
        self._max_bytes = max_bytes
        self._files: dict[str, Path] = {}
        self._etags: dict[str, str] = {}
        self._all_versions = all_versions
        self.language = language
        """What the operator named; after `scan` the language of the documents, None if it is not known."""

    def scan(self) -> tuple[list[str], dict[str, str]]:
        """Gives the addresses of all documents, and of those left out with the reason.

        Raises:
            SourceFailed: The folder is missing, cannot be read, or holds no document.
        """
        if not self._root.is_dir():
            raise SourceFailed("The folder does not exist or cannot be read.")
        wanted: list[str] = []
        excluded: dict[str, str] = {}
        others = OtherFiles()
        for path in self._documents(others):
            relative = path.relative_to(self._root).as_posix()
            address = self._address(relative)
            if reason := self._exclusion(path, relative, address):
                excluded[address[:MAX_ADDRESS_CHARS]] = reason
            else:
                wanted.append(address)
            self._files[address] = path
            if etag := self._hashes.get(relative):
                self._etags[address] = etag
        if not wanted:
            which, names = "file" if self._only else "folder", ", ".join(DOCUMENT_SUFFIXES)
            raise SourceFailed(f"The {which} holds no document to read ({names} or an OpenAPI file).")
        variants = self._variants_among(wanted)
        told = {self._address("") + pattern: reason for pattern, reason in others.reasons().items()}
        return [address for address in wanted if address not in variants], {**excluded, **variants, **told}

    def _variants_among(self, addresses: Iterable[str]) -> dict[str, str]:
        paths = {self._files[address].relative_to(self._root).as_posix(): address for address in addresses}
        files = {path: self._files[address] for path, address in paths.items()}
        found = variants_in(files, self.language, all_versions=self._all_versions)
        self.language = found.language
        return {paths[path]: reason for path, reason in found.reasons.items()}

    def read(self, address: str) -> Fetched | Failed:
        """Gives one document of those `scan` found."""
        path = self._files.get(address)
        if path is None:
            return Failed(address, "the file is gone")
        try:
            return self._read(address, path)
        except OSError as error:
            return Failed(address, f"the file cannot be read ({error.strerror})")

    def etag_of(self, address: str) -> str | None:
        """Gives the hash of a document's content, None if it is not known."""
        return self._etags.get(address)

    def _read(self, address: str, path: Path) -> Fetched | Failed:
        # Not following a link in the last step, and not waiting for a writer if it is a pipe.
        descriptor = os.open(path.resolve(), os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        with os.fdopen(descriptor, "rb") as handle:
            facts = os.fstat(descriptor)
            if not stat.S_ISREG(facts.st_mode):
                return Failed(address, "not a regular file")
            body = handle.read(self._max_bytes + 1)
        if len(body) > self._max_bytes:
            return Failed(address, f"too large (more than {self._max_bytes / 2**20:g} MiB)")
        if body.startswith(_POINTER):
            return Failed(address, "its content is kept by Git LFS and was not fetched")
        kind = FILE_TYPES[path.suffix.lower()]
        if kind == "text/html" and not is_parsable(body.decode("latin-1")):
            return Failed(address, "its markup is nested too deeply or has too many elements to be read")
        if path.suffix.lower() in SPECIFICATION_SUFFIXES:
            try:
                whole = self._references.complete(path, body)
            except TooMuch:
                return Failed(address, UNFOLDED)
            if whole is not None:
                # No hash or date: files it refers to may change when it does not.
                return Fetched(address, 200, _headers(FILE_TYPES[".json"], whole), whole, FILE_TYPES[".json"])
        headers = _headers(kind, body)
        if self._base is not None:
            return Fetched(address, 200, headers, body, kind, etag=self.etag_of(address))
        modified = format_datetime(datetime.fromtimestamp(facts.st_mtime, UTC), usegmt=True)
        return Fetched(address, 200, (*headers, ("last-modified", modified)), body, kind, last_modified=modified)

    def _documents(self, others: OtherFiles) -> Iterator[Path]:
        """Walks without following linked folders; hidden ones hold no documentation."""
        if self._only is not None:
            yield from filter(_is_document, (self._root / self._only,))
            return
        count = 0
        for parent, folders, names in os.walk(self._root, followlinks=False):
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            for name in sorted(names):
                path = Path(parent, name)
                if is_document_name(name) and _is_document(path):
                    count += 1
                    if count > self._max_files:
                        return
                    yield path
                else:
                    others.add(name)

    def _exclusion(self, path: Path, relative: str, address: str) -> str | None:
        if len(address) > MAX_ADDRESS_CHARS:
            return "its path is too long"
        if not path.resolve().is_relative_to(self._root):
            return "a link that leads out of the folder"
        if not self._paths.includes and _BUILD_FILES.search(relative):
            return "a file of the build"
        reason = self._paths.exclusion(relative, may_be_data=True)
        return reason or (self._select(relative) if self._select else None)

    def _address(self, relative: str) -> str:
        base = self._base or folder_base(self._root.name or "root")
        return base + quote(os.fsencode(relative))


def _headers(kind: str, body: bytes) -> Headers:
    return (("content-type", kind), ("content-length", str(len(body))))


def folder_base(name: str) -> str:
    """Gives the address the documents of a folder or an archive are below."""
    return f"folder://{quote(os.fsencode(name))}/"


def _is_document(path: Path) -> bool:
    """Tells whether a file is one; JSON and YAML only count if they begin like an OpenAPI specification."""
    if path.suffix.lower() not in SPECIFICATION_SUFFIXES:
        return True
    try:
        with os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK), "rb") as handle:
            is_file = stat.S_ISREG(os.fstat(handle.fileno()).st_mode)
            return is_file and is_specification_start(handle.read(SNIFFED_BYTES))
    except OSError:
        return False
