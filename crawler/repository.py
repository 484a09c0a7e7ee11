"""What to read of a repository: what its owners say in `lectern.json` or `context7.json`, and what is left out anyway.

Of these files only what selects documents and names the project is used. Rules for assistants, which some hold, are
text of strangers and are never read.

Source: https://context7.com/schema/context7.json, 2026-08, for the second.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import cast

import orjson

from crawler.file_types import DOCUMENT_SUFFIXES
from crawler.globs import first_match

SETTINGS_FILES = ("lectern.json", "context7.json")
"""The first that is there counts."""

MAX_SETTINGS_BYTES = 2**16
_MAX_ENTRIES = 100
_MAX_CHARS = 300
_MAX_TITLE_CHARS, _MAX_DESCRIPTION_CHARS = 100, 500
_PLAIN = re.compile(r"^[^\x00-\x1f\\]{1,300}$")

_FRONT_SUFFIXES = (".md", ".mdx", ".markdown")
_SPECIFICATIONS = tuple(f"*{name}*.{suffix}" for name in ("openapi", "swagger") for suffix in ("json", "yaml", "yml"))

DEFAULT_EXCLUDES = (
    *(f"**/{name}/**" for name in ("node_modules", "vendor", "third_party", "site-packages", "testdata")),
    *(f"**/{name}/**" for name in ("__fixtures__", "__snapshots__", "__tests__", "test/fixtures", "tests/fixtures")),
    # Not below `docs`: the documentation of a testing framework is about tests.
    *(f"{name}/**" for name in ("test", "tests", "packages/*/test", "packages/*/tests", "crates/*/tests")),
    *(f"**/{name}" for name in ("CHANGELOG*", "CHANGES*", "HISTORY*", "changelog.*", "changes.*", "history.*")),
    *(f"**/{name}" for name in ("LICENSE*", "LICENCE*", "COPYING*", "NOTICE*", "license.*", "AUTHORS*")),
    *(f"**/{name}" for name in ("CODE_OF_CONDUCT*", "code_of_conduct*", "SECURITY.md", "MAINTAINERS*")),
    # Addressed to assistants that work on the repository, not to those who use what it makes.
    *(f"**/{name}" for name in ("AGENTS.md", "CLAUDE.md", "GEMINI.md", "SKILL.md", "llms*.txt")),
)
"""Left out of repositories unless an include names it: files nobody asks a library about."""

_NEVER_FETCHED = ("node_modules/", "third_party/")


@dataclass(frozen=True)
class RepositorySettings:
    """What the owners of a repository ask for; the patterns are globs relative to its root."""

    file: str = ""
    """The name of the file it stands in."""
    title: str = ""
    description: str = ""
    branch: str | None = None
    folders: tuple[str, ...] = ()
    """The only folders to read; root Markdown files are always read."""
    excludes: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    """Earlier versions worth reading."""


def read_repository_settings(name: str, body: bytes) -> RepositorySettings | None:
    """Gives what a settings file says; None if it is no JSON object. Entries that make no sense are passed over."""
    try:
        value = orjson.loads(body[:MAX_SETTINGS_BYTES])
    except orjson.JSONDecodeError:
        return None
    if not isinstance(value, dict):
        return None
    values = cast("dict[str, object]", value)
    excluded = [_folder_glob(folder) for folder in _texts(values.get("excludeFolders"))]
    excluded += [f"**/{file.removeprefix('./')}" for file in _texts(values.get("excludeFiles"))]
    versions = [mapping.get("tag") for mapping in _mappings(values.get("previousVersions"))]
    return RepositorySettings(
        name,
        _text(values.get("title") or values.get("projectTitle"))[:_MAX_TITLE_CHARS],
        _text(values.get("description"))[:_MAX_DESCRIPTION_CHARS],
        _text(values.get("branch")) or None,
        tuple(filter(None, (folder.removeprefix("./").strip("/") for folder in _texts(values.get("folders"))))),
        tuple(excluded),
        tuple(tag for tag in map(_text, versions) if tag),
    )


@dataclass(frozen=True)
class Selection:
    """Decides about the files of a repository by their path from its root."""

    settings: RepositorySettings
    has_includes: bool = False
    """Whether the operator has named what to keep: then only that decides, besides what the owners leave out."""

    def exclusion(self, path: str) -> str | None:
        """Gives the reason a file is left out, None if it stays."""
        file = self.settings.file
        if glob := first_match(self.settings.excludes, path):
            return f"excluded by the rule {glob} of {file}"
        if self.has_includes:
            return None
        if not self._is_in_folders(path):
            return f"outside the folders that {file} names"
        glob = first_match(DEFAULT_EXCLUDES, path)
        return f"left out of repositories by default: {glob}" if glob else None

    def _is_in_folders(self, path: str) -> bool:
        folders = self.settings.folders
        is_front = "/" not in path and path.lower().endswith(_FRONT_SUFFIXES)
        return not folders or is_front or any(path.startswith(f"{folder}/") or path == folder for folder in folders)

    def sparse_patterns(self, folder: str | None) -> list[str]:
        """Gives the patterns by which git fetches documents alone, those of `folder` if it is given."""
        names = [_in_any_case(name) for name in (*_ended(DOCUMENT_SUFFIXES), *_SPECIFICATIONS)]
        folders = [folder] if folder else list(self.settings.folders)
        wanted = [f"/{below}/**/{name}" for below in folders for name in names] if folders else names
        front = [] if folder or not folders else [f"/{_in_any_case(name)}" for name in _ended(_FRONT_SUFFIXES)]
        return [*front, *wanted, *([] if self.has_includes else (f"!{name}" for name in _NEVER_FETCHED))]


def _ended(suffixes: Iterable[str]) -> list[str]:
    return [f"*{suffix}" for suffix in suffixes]


def never_fetched(path: str) -> str | None:
    """Gives the folder for which a file was not even fetched, None if it was."""
    return next((name for name in _NEVER_FETCHED if f"/{name}" in f"/{path}"), None)


def _folder_glob(folder: str) -> str:
    """Gives the glob of a folder pattern: a bare name is meant anywhere, `./name` at the root, a path from the root."""
    if folder.startswith(("./", "/")):
        return f"{folder.removeprefix('.').strip('/')}/**"
    folder = folder.strip("/").removesuffix("/**")
    return f"{folder}/**" if "/" in folder else f"**/{folder}/**"


def _in_any_case(pattern: str) -> str:
    return "".join(f"[{letter}{letter.upper()}]" if letter.isalpha() else letter for letter in pattern)


def _texts(value: object) -> list[str]:
    entries: Iterable[object] = cast("list[object]", value)[:_MAX_ENTRIES] if isinstance(value, list) else ()
    return [text for entry in entries if (text := _text(entry)) and ".." not in text.split("/")]


def _mappings(value: object) -> list[Mapping[str, object]]:
    entries: Iterable[object] = cast("list[object]", value)[:_MAX_ENTRIES] if isinstance(value, list) else ()
    return [cast("Mapping[str, object]", entry) for entry in entries if isinstance(entry, dict)]


def _text(value: object) -> str:
    text = " ".join(value.split()) if isinstance(value, str) else ""
    return text if _PLAIN.match(text) and len(text) <= _MAX_CHARS * 2 else ""
