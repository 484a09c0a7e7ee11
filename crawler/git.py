"""A git repository as a folder: one commit of one branch or tag, fetched by the git program under bounds.

The program is given no configuration but ours: no hooks, no submodules, no large-file storage, no prompts, no
redirects, only the protocols named here, and the address the guard has checked.

Source: https://git-scm.com/docs/git, git 2.39.
"""

import asyncio
import contextlib
import ipaddress
import os
import re
import signal
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

from core.errors import InvalidInput, SourceFailed
from crawler.addresses import normalise_address
from crawler.folder import folder_base
from crawler.guard import HostUnknown, Resolver, is_refused_ip, refusal_of_address, resolve_host
from crawler.settings import CrawlerSettings

MAX_REPOSITORY_BYTES = 2 * 2**30
MAX_GIT_SECONDS = 900.0
_LOOK_SECONDS = 0.2
_PORTS = {"https": 443, "http": 80, "ssh": 22}

_SCP_LIKE = re.compile(r"^(?:[\w.-]+@)(?P<host>[\w.-]+):(?P<path>[^:]+)$")
_WITHOUT_SCHEME = re.compile(r"^(?P<host>[\w-]+(?:\.[\w-]+)+)/(?P<path>.+\.git)$")
_SSH_USER = re.compile(r"^[A-Za-z0-9_][\w.-]{0,63}$")
_SAFE_FOLDER = re.compile(r"^(?!-)[^\x00-\x1f*?\[\]!#\\]{1,500}$")
_SAFE_REF = re.compile(r"^(?!-)(?!.*\.\.)(?!.*//)[\w][\w./+@-]{0,250}$")

# Where a host shows a file of a branch or tag.
_WEB_PATHS = {
    "github.com": "/blob/",
    "gitlab.com": "/-/blob/",
    "bitbucket.org": "/src/",
    "codeberg.org": "/src/branch/",
}


@dataclass(frozen=True)
class Checkout:
    """A commit on the disk."""

    folder: Path
    base: str
    """The address its documents are below."""


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


async def check_out(
    address: str,
    scratch: Path,
    settings: CrawlerSettings,
    *,
    ref: str | None = None,
    folder: str | None = None,
    resolve: Resolver = resolve_host,
    max_bytes: int = MAX_REPOSITORY_BYTES,
    max_seconds: float = MAX_GIT_SECONDS,
) -> Checkout:
    """Fetches one commit into `scratch`, an empty folder.

    Args:
        address: From `find_git_address`.
        scratch: Where to put it; the caller removes it.
        settings: Of the source; `allow_private` opens private hosts and http.
        ref: A branch or a tag; None takes the repository's default branch.
        folder: The only folder to fetch, as a path in the repository.
        resolve: Gives the addresses of a host.
        max_bytes: The most that may lie in `scratch`.
        max_seconds: The longest it may take.

    Raises:
        SourceFailed: The repository cannot be had, is too large, or has no such branch, tag or folder.
    """
    git = _Git(scratch, await _connection_options(address, settings, resolve), max_bytes)
    tree = scratch / "tree"
    sparse = ("--sparse", "--filter=blob:none") if folder else ()
    branch = ("--branch", ref) if ref else ()
    try:
        async with asyncio.timeout(max_seconds):
            await git.run(
                "clone", "--quiet", "--depth=1", "--single-branch", "--no-tags", "--no-recurse-submodules",
                "--template=", f"--separate-git-dir={scratch / 'git'}", *sparse, *branch, "--", address, str(tree),
            )  # fmt: skip
            if folder:
                await git.run("-C", str(tree), "sparse-checkout", "set", "--no-cone", f"/{folder}/")
            name = ref or await git.run("-C", str(tree), "symbolic-ref", "--short", "HEAD")
    except TimeoutError as error:
        raise SourceFailed(f"The repository did not come within {max_seconds:g} seconds.") from error
    place = (tree / (folder or "")).resolve()
    if not place.is_relative_to(tree.resolve()) or not place.is_dir():
        raise SourceFailed(f"The repository has no folder {folder}.")
    below = f"{quote(folder)}/" if folder else ""
    return Checkout(place, web_base(address, name) + below)


def web_base(address: str, ref: str) -> str:
    """Gives the address below which a person sees the files of a branch or tag, as far as the host is known."""
    parts = urlsplit(address)
    if parts.scheme == "file":
        # The path would tell where on the machine it is.
        return folder_base(unquote(parts.path).rpartition("/")[2])
    host = parts.hostname or ""
    if host not in _WEB_PATHS:
        port = f":{parts.port}" if parts.port else ""
        return f"{parts.scheme}://{host}{port}{parts.path}/"
    return f"https://{host}{parts.path.removesuffix('.git')}{_WEB_PATHS[host]}{quote(ref)}/"


async def _connection_options(address: str, settings: CrawlerSettings, resolve: Resolver) -> dict[str, str]:
    """Checks where a repository is and gives the configuration that pins git to the checked address."""
    parts = urlsplit(address)
    scheme = parts.scheme
    allowed = {f"protocol.{scheme}.allow": "always"}
    if scheme == "file":
        return allowed
    if scheme == "http" and not settings.allow_private:
        raise SourceFailed(f"{address}: repositories are fetched by https or ssh; --allow-private allows http.")
    host, port = parts.hostname or "", parts.port or _PORTS[scheme]
    if scheme != "ssh" and (refusal := refusal_of_address(address, allow_private=settings.allow_private)):
        raise SourceFailed(f"{refusal}.")
    try:
        async with asyncio.timeout(settings.connect_timeout_seconds):
            answers = await resolve(host, port)
    except (HostUnknown, TimeoutError) as error:
        raise SourceFailed(f"The host name {host} does not resolve; check the address.") from error
    for answer in answers:
        if is_refused_ip(ipaddress.ip_address(answer.partition("%")[0]), allow_private=settings.allow_private):
            hint = "" if settings.allow_private else "; --allow-private allows private addresses"
            raise SourceFailed(f"{host} is not on the public internet{hint}.")
    if scheme == "ssh":
        return allowed | {"core.sshCommand": _ssh_command(host, answers[0])}
    bracketed = [f"[{answer}]" if ":" in answer else answer for answer in answers[:4]]
    certificates = {"http.sslCAInfo": str(settings.ca_file)} if settings.ca_file else {}
    return allowed | certificates | {"http.curloptResolve": f"{host}:{port}:{','.join(bracketed)}"}


def _ssh_command(host: str, answer: str) -> str:
    """Host keys are those the operator has accepted; the host's name stays the one they are known by."""
    options = ("BatchMode=yes", "ProxyCommand=none", f"HostName={answer}", f"HostKeyAlias={host}")
    return " ".join(("ssh", "-F", "none", *(f"-o{option}" for option in options)))


class _Git:
    """Runs git under the bounds."""

    def __init__(self, scratch: Path, options: dict[str, str], max_bytes: int) -> None:
        self._scratch = scratch
        self._max_bytes = max_bytes
        fixed = {
            "protocol.allow": "never",
            "core.hooksPath": os.devnull,
            "core.fsmonitor": "false",
            "core.protectHFS": "true",
            "core.protectNTFS": "true",
            "credential.helper": "",
            "http.followRedirects": "false",
            "http.lowSpeedLimit": "1000",
            "http.lowSpeedTime": "30",
            "submodule.recurse": "false",
            "advice.detachedHead": "false",
        }
        self._options = [part for name, value in (fixed | options).items() for part in ("-c", f"{name}={value}")]

    async def run(self, *arguments: str) -> str:
        """Runs one command and gives what it printed.

        Raises:
            SourceFailed: git is missing, failed, or has filled the folder beyond its bound.
        """
        try:
            process = await asyncio.create_subprocess_exec(
                "git", *self._options, *arguments,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                env=self._environment(),
                start_new_session=True,
            )  # fmt: skip
        except FileNotFoundError as error:
            raise SourceFailed("The program git is not installed where Lectern works. Install it.") from error
        output = asyncio.ensure_future(process.communicate())
        try:
            while not (await asyncio.wait([output], timeout=_LOOK_SECONDS))[0]:
                await self._check_size()
            printed, complaints = await output
            await self._check_size()
        finally:
            if process.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
            await output
        if process.returncode != 0:
            raise SourceFailed(f"git could not fetch the repository: {_cause(complaints)}")
        return printed.decode(errors="replace").strip()

    def _environment(self) -> dict[str, str]:
        """Nothing of ours but what ssh needs to find its keys: no proxy, no configuration, no credentials."""
        # The child's environment is made here, the one place that knows which of ours it may see.
        kept = {name: value for name in ("PATH", "HOME", "SSH_AUTH_SOCK", "TMPDIR") if (value := os.environ.get(name))}
        return kept | {
            "LC_ALL": "C",
            "GIT_TERMINAL_PROMPT": "0",
            "GIT_ASKPASS": "true",
            "GIT_LFS_SKIP_SMUDGE": "1",
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_ATTR_NOSYSTEM": "1",
        }

    async def _check_size(self) -> None:
        if await asyncio.to_thread(_size_of, self._scratch) > self._max_bytes:
            raise SourceFailed(f"The repository is larger than {self._max_bytes / 2**20:g} MiB.")


def _size_of(folder: Path) -> int:
    total = 0
    for parent, _, names in os.walk(folder):
        for name in names:
            with contextlib.suppress(OSError):
                total += os.lstat(os.path.join(parent, name)).st_size  # noqa: PTH118 - many files, often
    return total


def _cause(complaints: bytes) -> str:
    """Gives the line that says what was wrong, without paths of this machine."""
    lines = [line.strip() for line in complaints[-4000:].decode(errors="replace").splitlines() if line.strip()]
    told = [line for line in lines if line.startswith(("fatal:", "ERROR:", "ssh:"))]
    return (told or lines or ["it said nothing"])[0][:300]
