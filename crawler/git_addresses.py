"""Addresses of git repositories, of branches, tags and folders in them, and of the pages that show their files."""

import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

from core.errors import InvalidInput
from crawler.addresses import normalise_address
from crawler.folder import folder_base

_SCP_LIKE = re.compile(r"^(?:[\w.-]+@)(?P<host>[\w.-]+):(?P<path>[^:]+)$")
_WITHOUT_SCHEME = re.compile(r"^(?P<host>[\w-]+(?:\.[\w-]+)+)/(?P<path>.+\.git)$")
_SSH_USER = re.compile(r"^[A-Za-z0-9_][\w.-]{0,63}$")
_SAFE_FOLDER = re.compile(r"^(?!-)[^\x00-\x1f*?\[\]!#\\]{1,500}$")
_SAFE_REF = re.compile(r"^(?!-)(?!.*\.\.)(?!.*//)[\w][\w./+@-]{0,250}$")

# Where a host shows a file of a branch, and of a tag.
_WEB_PATHS = {
    "github.com": ("/blob/", "/blob/"),
    "gitlab.com": ("/-/blob/", "/-/blob/"),
    "bitbucket.org": ("/src/", "/src/"),
    "codeberg.org": ("/src/branch/", "/src/tag/"),
    "gitea.com": ("/src/branch/", "/src/tag/"),
}
# Hosts of one's own are often called after the program they run.
_PROGRAMS = {"gitlab": "gitlab.com", "gitea": "gitea.com", "forgejo": "codeberg.org"}

_REPOSITORY_PAGE = re.compile(
    r"^https?://(?P<host>[^/]+)(?P<path>/[\w.-]+/[\w.-]+)(?:/(?:-/)?(?:tree|src)/(?P<rest>.+))?/?$"
)
# Pages of these hosts that are no repositories, by the first part of their path.
_NO_OWNERS = frozenset(
    ["about", "apps", "collections", "explore", "features", "marketplace", "orgs", "settings", "sponsors", "topics"]
)


@dataclass(frozen=True)
class RepositoryPage:
    """A repository, and what of it a page shows."""

    address: str
    ref: str | None = None
    folder: str | None = None


def find_git_address(text: str) -> str | None:
    """Gives the address of the git repository a text names, in one spelling; None if it names none.

    That is an https, http, ssh or file address or `host/org/repo` that ends in `.git`, or `git@host:org/repo`.

    Raises:
        InvalidInput: It names a repository in a way that is not accepted.
    """
    text = text.strip().rstrip("/")
    if match := _SCP_LIKE.match(text):
        return _ssh_address(f"ssh://{text.partition(':')[0]}/{match['path'].lstrip('/')}")
    scheme = text.partition("://")[0].lower() if "://" in text else ""
    if scheme == "ssh":
        return _ssh_address(text)
    if not text.partition("?")[0].endswith(".git"):
        return None
    if scheme in ("http", "https"):
        return normalise_address(text)
    if scheme == "file":
        return _file_address(text)
    match = _WITHOUT_SCHEME.match(text)
    return normalise_address(f"https://{text}") if match and not Path(text).exists() else None


def _ssh_address(text: str) -> str:
    try:
        parts = urlsplit(text)
        user, host, port = parts.username or "git", parts.hostname or "", parts.port
    except ValueError as error:
        raise InvalidInput(f"{text[:80]!r} is not an address: {error}.") from error
    if parts.password or not _SSH_USER.match(user) or not parts.path.strip("/"):
        raise InvalidInput("ssh addresses look like ssh://git@host/org/repo.git and hold no password.")
    # The rules for hosts and paths are those of web addresses.
    plain = normalise_address(f"https://{host}{f':{port}' if port not in (None, 22) else ''}{parts.path}")
    return f"ssh://{user}@{plain.removeprefix('https://')}"


def _file_address(text: str) -> str:
    parts = urlsplit(text)
    if parts.netloc not in ("", "localhost"):
        raise InvalidInput("file addresses name a repository of this machine: file:///path/repo.git")
    return Path(unquote(parts.path)).as_uri()


def check_ref(ref: str) -> None:
    """Refuses what is no name of a branch or tag.

    Raises:
        InvalidInput: It is none.
    """
    if not _SAFE_REF.match(ref):
        raise InvalidInput(f"{ref[:80]!r} is not the name of a branch or tag.")


def check_folder(folder: str) -> None:
    """Refuses what is no plain path of a folder in a repository.

    Raises:
        InvalidInput: It is none.
    """
    if not _SAFE_FOLDER.match(folder) or any(part in ("", ".", "..", ".git") for part in folder.split("/")):
        raise InvalidInput(f"{folder[:80]!r} is not the path of a folder in the repository, such as docs/en.")


def web_base(address: str, ref: str, *, is_tag: bool = False) -> str:
    """Gives the address below which a person sees the files of a branch or tag, as far as the host is known."""
    parts = urlsplit(address)
    if parts.scheme == "file":
        # The path would tell where on the machine it is.
        return folder_base(unquote(parts.path).removesuffix("/.git").rpartition("/")[2])
    host = parts.hostname or ""
    port = f":{parts.port}" if parts.port else ""
    known = _WEB_PATHS.get(_PROGRAMS.get(host.partition(".")[0], host))
    if known is None:
        return f"{parts.scheme}://{host}{port}{parts.path}/"
    # The port of ssh is not that of the pages.
    port = "" if parts.scheme == "ssh" else port
    return f"https://{host}{port}{parts.path.removesuffix('.git')}{known[is_tag]}{quote(ref)}/"


def find_repository_page(address: str) -> RepositoryPage | None:
    """Gives the repository whose page an address is, None if it is another page or another host.

    `https://github.com/org/repo/tree/main/docs` names a branch and a folder as well; a branch with a slash in its name
    is not told from a folder, so it is taken up to the first one.
    """
    match = _REPOSITORY_PAGE.match(address)
    if match is None or match["host"] not in _WEB_PATHS:
        return None
    owner = match["path"].split("/")[1]
    if owner in _NO_OWNERS or match["path"].endswith((".git", ".html", ".xml", ".txt")):
        return None
    rest = match["rest"] or ""
    if match["host"] in ("codeberg.org", "gitea.com"):
        rest = re.sub(r"^(?:branch|tag)/", "", rest)
    ref, _, folder = rest.strip("/").partition("/")
    return RepositoryPage(f"https://{match['host']}{match['path']}.git", unquote(ref) or None, unquote(folder) or None)
