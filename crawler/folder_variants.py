"""Which documents of a folder are translations of others, or of another version."""

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from crawler.languages import translations_among
from crawler.locales import language_tag, written_language
from crawler.rules import ANY_LANGUAGE

_SNIFFED_BYTES = 16_384
_MARKUP_LANGUAGE = re.compile(rb"""<html\b[^>]{0,500}?\slang\s*=\s*["']?([\w-]{2,35})""", re.IGNORECASE)
_TAG = re.compile(r"<(?:script|style)\b.*?</(?:script|style)>|<[^>]*>", re.IGNORECASE | re.DOTALL)

# Where Docusaurus keeps the documentation of releases, beside that of the state of the repository.
# Source: https://docusaurus.io/docs/versioning, 2026-11.
_VERSIONED = re.compile(r"(?:^|/)versioned_docs/version-([^/]+)/")


@dataclass(frozen=True)
class FolderVariants:
    """The language of a folder's documents, and what is left out for it, by path."""

    language: str | None
    reasons: Mapping[str, str]


def variants_in(files: Mapping[str, Path], language: str | None, *, all_versions: bool) -> FolderVariants:
    """Looks through a folder's documents, given by their paths in it.

    `language` is what the operator named: a tag, `any`, or None for that of most documents.
    """
    versions = {} if all_versions else other_versions_among(list(files))
    if language == ANY_LANGUAGE:
        return FolderVariants(None, versions)
    paths = [path for path in files if path not in versions]
    own, translations = translations_among(paths, lambda path: _language_of(files[path]), language)
    return FolderVariants(own, {**versions, **translations})


def other_versions_among(paths: Sequence[str]) -> dict[str, str]:
    """Gives the documents of releases that lie beside those of the state of the repository, with the reason."""
    versioned = {path: match[1] for path in paths if (match := _VERSIONED.search(path))}
    if len(versioned) == len(paths):
        return {}
    return {path: f"another version of the documentation ({version})" for path, version in versioned.items()}


def _language_of(file: Path) -> str | None:
    """Gives the language a document declares, or is evidently written in."""
    try:
        with os.fdopen(os.open(file, os.O_RDONLY | os.O_NONBLOCK), "rb") as handle:
            start = handle.read(_SNIFFED_BYTES)
    except OSError:
        return None
    declared = _MARKUP_LANGUAGE.search(start)
    if declared is not None:
        return language_tag(declared[1].decode("ascii", errors="replace"))
    return written_language(_TAG.sub(" ", start.decode("utf-8", errors="replace")))
