"""Tags of a repository as versions: which there are, in which order, and what each is called."""

import asyncio
import re
from pathlib import Path
from tempfile import TemporaryDirectory

from core.errors import InvalidInput, SourceFailed
from crawler.access import PUBLIC, Access
from crawler.git_program import open_git
from crawler.guard import Resolver, resolve_host
from crawler.settings import CrawlerSettings

_MAX_LIST_BYTES = 64 * 2**20
_SAFE_PATTERN = re.compile(r"^(?!-)[\w./+@*?-]{1,250}$")
_TAG = re.compile(r"refs/tags/([\w./+@-]{1,250})$")
_VERSION = re.compile(r"(?:^|[^\d.])(\d[\w.+-]{0,50})$")
_AFTER = frozenset({"post", "final", "release", "ga", "p", "r", "x"})
"""Words behind a number that make it no pre-release."""
_PART = re.compile(r"\d+|[A-Za-z]+")


def check_tags(pattern: str) -> None:
    """Refuses what is no pattern of tags.

    Raises:
        InvalidInput: It is none.
    """
    if not _SAFE_PATTERN.match(pattern) or ".." in pattern:
        raise InvalidInput(f"{pattern[:80]!r} is no pattern of tags, such as v5.* or release-*.")


async def find_tags(
    address: str,
    pattern: str,
    newest: int,
    settings: CrawlerSettings,
    *,
    access: Access = PUBLIC,
    resolve: Resolver = resolve_host,
) -> list[str]:
    """Gives the tags of a repository that match, the newest version first, at most `newest`.

    Tags that bear no number are no versions; pre-releases only count if no release matches.

    Raises:
        SourceFailed: The repository cannot be had, or no tag matches.
    """
    seconds = settings.max_repository_seconds
    try:
        with TemporaryDirectory(prefix="lectern-", ignore_cleanup_errors=True) as scratch:
            async with (
                asyncio.timeout(seconds),
                open_git(address, Path(scratch), settings, access, resolve, _MAX_LIST_BYTES) as git,
            ):
                printed = await git.run("ls-remote", "--quiet", "--refs", "--", address, f"refs/tags/{pattern}")
    except TimeoutError as error:
        raise SourceFailed(f"The repository did not answer within {seconds:g} seconds.") from error
    tags = [match[1] for line in printed.splitlines() if (match := _TAG.search(line))]
    ordered = newest_versions(tags)
    if not ordered:
        raise SourceFailed(f"The repository has no tag with a version number that matches {pattern}.")
    return ordered[:newest]


def newest_versions(tags: list[str]) -> list[str]:
    """Gives the tags that bear a version, the newest first; releases if there are any."""
    numbered = [tag for tag in tags if version_of_tag(tag) is not None]
    releases = [tag for tag in numbered if not _is_pre_release(tag)]
    return sorted(releases or numbered, key=_order, reverse=True)


def version_of_tag(tag: str) -> str | None:
    """Gives what the version of a tag is called: `v5.1.0` and `package@5.1.0` are `5.1.0`; None if it has no number."""
    match = _VERSION.search(tag.removeprefix("v"))
    return match[1] if match else None


def _is_pre_release(tag: str) -> bool:
    words = re.findall(r"[a-z]+", (version_of_tag(tag) or "").partition("+")[0].lower())
    return any(word not in _AFTER for word in words)


def _order(tag: str) -> tuple[tuple[tuple[int, int, str], ...], str]:
    """Orders numbers as numbers; what is spelt out comes before the number alone: 2.0rc1 before 2.0."""
    parts = _PART.findall(version_of_tag(tag) or "")
    return (*map(_place_of, parts[:12]), (0, 0, "")), tag


def _place_of(part: str) -> tuple[int, int, str]:
    if part.isdecimal():
        return (1, int(part), "")
    return (1, 0, "") if part.lower() in _AFTER else (-1, 0, part.lower())
