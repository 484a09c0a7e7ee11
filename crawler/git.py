"""A git repository as a folder: the documents of one commit of one branch or tag."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import quote

from core.errors import SourceFailed
from crawler.access import PUBLIC, Access
from crawler.file_types import is_document_name
from crawler.git_addresses import check_ref, web_base
from crawler.git_program import Git, open_git
from crawler.guard import Resolver, resolve_host
from crawler.repository import (
    MAX_SETTINGS_BYTES,
    SETTINGS_FILES,
    RepositorySettings,
    Selection,
    never_fetched,
    read_repository_settings,
)
from crawler.settings import CrawlerSettings

_LINK_MODE = "120000"


@dataclass(frozen=True)
class Checkout:
    """The documents of a commit on the disk."""

    folder: Path
    base: str
    """The address its documents are below."""
    selection: Selection
    below: str = ""
    """The path of the folder in the repository, with a slash at its end."""
    hashes: Mapping[str, str] = field(default_factory=dict[str, str])
    """What git calls the content of each file, by its path in the folder."""
    refused: Mapping[str, str] = field(default_factory=dict[str, str])
    """Documents that were not even fetched, by their path in the folder, with the reason."""
    facts: Mapping[str, str] = field(default_factory=dict[str, str])

    def exclusion(self, path: str) -> str | None:
        """Gives the reason a file of the folder is left out, None if it stays."""
        return self.selection.exclusion(self.below + path)


async def check_out(
    address: str,
    scratch: Path,
    settings: CrawlerSettings,
    *,
    ref: str | None = None,
    folder: str | None = None,
    has_includes: bool = False,
    access: Access = PUBLIC,
    resolve: Resolver = resolve_host,
) -> Checkout:
    """Fetches the documents of one commit into `scratch`, an empty folder.

    Args:
        address: From `find_git_address`.
        scratch: Where to put it; the caller removes it.
        settings: Of the source; `allow_private` opens private hosts and http.
        ref: A branch or a tag; None takes the one the owners name, else the default branch.
        folder: The only folder to fetch, as a path in the repository; None takes those the owners name, else all.
        has_includes: Whether the operator's own patterns say what is kept.
        access: What the repository is asked with.
        resolve: Gives the addresses of a host.

    Raises:
        SourceFailed: The repository cannot be had, is too large, or has no such branch, tag or folder.
    """
    max_bytes, max_seconds = settings.max_repository_bytes, settings.max_repository_seconds
    try:
        async with (
            asyncio.timeout(max_seconds),
            open_git(address, scratch, settings, access, resolve, max_bytes) as git,
        ):
            clone = _Clone(git, address, scratch)
            await clone.fetch(ref)
            asked = await asyncio.to_thread(_asked_of, clone.tree)
            if ref is None and asked.branch:
                await clone.switch(asked)
            # The operator's folder is not the owners' business.
            selection = Selection(replace(asked, folders=()) if folder else asked, has_includes=has_includes)
            await clone.take(selection.sparse_patterns(folder))
            return await _checked_out(clone, selection, folder)
    except TimeoutError as error:
        raise SourceFailed(f"The repository did not come within {max_seconds:g} seconds.") from error


class _Clone:
    """A clone without history and, before it is told what to take, without files but those at its root."""

    def __init__(self, git: Git, address: str, scratch: Path) -> None:
        self.tree = scratch / "tree"
        self.address = address
        self._git = git
        self._git_folder = scratch / "git"

    async def run(self, *arguments: str) -> str:
        """Runs a command in the tree."""
        return await self._git.run("-C", str(self.tree), *arguments)

    async def fetch(self, ref: str | None) -> None:
        """Fetches the commit of a branch or tag."""
        branch = ("--branch", ref) if ref else ()
        await self._git.run(
            "clone", "--quiet", "--depth=1", "--single-branch", "--no-tags", "--no-recurse-submodules", "--template=",
            "--filter=blob:none", "--sparse", f"--separate-git-dir={self._git_folder}", *branch, "--", self.address,
            str(self.tree),
        )  # fmt: skip

    async def switch(self, asked: RepositorySettings) -> None:
        """Takes the branch the owners name in place of the default one.

        Raises:
            SourceFailed: There is no such branch.
        """
        branch = asked.branch or ""
        try:
            check_ref(branch)
            await self.run("fetch", "--quiet", "--depth=1", "--filter=blob:none", "--no-tags", "origin", branch)
            await self.run("checkout", "--quiet", "-B", branch, "FETCH_HEAD")
        except SourceFailed as error:
            raise SourceFailed(f"{asked.file} names the branch {branch}: {error.message}") from error

    async def take(self, patterns: list[str]) -> None:
        """Fetches the files that match."""
        await self.run("sparse-checkout", "set", "--no-cone", *patterns)


async def _checked_out(clone: _Clone, selection: Selection, folder: str | None) -> Checkout:
    place = (clone.tree / (folder or "")).resolve()
    if not place.is_relative_to(clone.tree.resolve()) or not place.is_dir():
        raise SourceFailed(f"The repository has no folder {folder}.")
    below = f"{folder}/" if folder else ""
    listed = _listed(await clone.run("ls-tree", "-r", "-z", "HEAD", *(["--", below] if below else [])), below)
    facts = await _facts_of(clone, selection.settings)
    return Checkout(
        place,
        web_base(clone.address, facts["ref"], is_tag=facts["is_tag"] == "true") + quote(below),
        selection,
        below,
        hashes={path: blob for path, (mode, blob) in listed.items() if mode != _LINK_MODE},
        refused={} if selection.has_includes else _refused(listed),
        facts=facts,
    )


def _listed(printed: str, below: str) -> dict[str, tuple[str, str]]:
    """Gives mode and hash of each file, by its path in the folder."""
    entries = (entry.partition("\t") for entry in printed.split("\0") if entry)
    found = ((name.removeprefix(below), facts.split(" ")) for facts, _, name in entries)
    return {name: (facts[0], facts[2]) for name, facts in found if len(facts) == len(("mode", "type", "hash"))}


def _refused(paths: Mapping[str, object]) -> dict[str, str]:
    found = ((path, never_fetched(path)) for path in paths if is_document_name(path))
    return {path: f"left out of repositories by default: {name}" for path, name in found if name}


async def _facts_of(clone: _Clone, asked: RepositorySettings) -> dict[str, str]:
    """Gives which state was read, and what the owners call it."""
    commit, date = (await clone.run("log", "-1", "--format=%H%n%cI")).split("\n")
    name = await clone.run("rev-parse", "--abbrev-ref", "HEAD")
    is_tag = name == "HEAD"
    if is_tag:
        name = (await clone.run("config", "remote.origin.fetch")).rpartition("refs/tags/")[2].partition(":")[0]
    facts = {"commit": commit, "committed_at": date, "ref": name, "is_tag": "true" if is_tag else "false"}
    told = {
        "settings": asked.file,
        "title": asked.title,
        "description": asked.description,
        "tags": ", ".join(asked.tags),
    }
    return facts | {key: value for key, value in told.items() if value}


def _asked_of(tree: Path) -> RepositorySettings:
    """Reads what the owners ask for, from a regular file at the root."""
    for name in SETTINGS_FILES:
        path = tree / name
        if path.is_symlink() or not path.is_file() or path.stat().st_size > MAX_SETTINGS_BYTES:
            continue
        if (asked := read_repository_settings(name, path.read_bytes())) is not None:
            return asked
    return RepositorySettings()
