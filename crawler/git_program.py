"""The git program under bounds: no configuration but ours, the checked address, so much disk, memory and time.

It runs without hooks, submodules, large-file storage, prompts and redirects, and speaks only the one protocol.

Source: https://git-scm.com/docs/git, git 2.39.
"""

import asyncio
import contextlib
import ipaddress
import os
import re
import resource
import shlex
import signal
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

from core.errors import SourceFailed
from crawler.access import Access
from crawler.git_access import GitFiles, git_files
from crawler.guard import HostUnknown, Resolver, is_refused_ip, refusal_of_address
from crawler.settings import CrawlerSettings

_LOOK_SECONDS = 0.2
_MAX_PRINTED_BYTES = 64 * 2**20
_MAX_MEMORY_BYTES = 3 * 2**30
_PORTS = {"https": 443, "http": 80, "ssh": 22}
_REFUSAL = re.compile(r"Host key verification failed|Permission denied")


@asynccontextmanager
async def open_git(
    address: str, scratch: Path, settings: CrawlerSettings, access: Access, resolve: Resolver, max_bytes: int
) -> AsyncGenerator["Git"]:
    """Gives the program, ready to speak to one repository and to nothing else; it may fill `scratch` up to a bound.

    Raises:
        SourceFailed: The repository is somewhere the crawler may not go, or nowhere.
    """
    answers = await _checked_answers(address, settings, resolve)
    with git_files(address, access, settings) as files:
        yield Git(scratch, _connection_options(address, answers, files), max_bytes, files.configuration)


async def _checked_answers(address: str, settings: CrawlerSettings, resolve: Resolver) -> list[str]:
    """Gives the IP addresses of the machine a repository is on, none for a repository of this machine.

    Raises:
        SourceFailed: It is somewhere the crawler may not go, or nowhere.
    """
    parts = urlsplit(address)
    scheme = parts.scheme
    if scheme == "file":
        return []
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
    return answers


def _connection_options(address: str, answers: list[str], files: GitFiles) -> dict[str, str]:
    """Gives the configuration that pins git to the checked addresses."""
    parts = urlsplit(address)
    allowed = {f"protocol.{parts.scheme}.allow": "always"}
    host, port = parts.hostname or "", parts.port or _PORTS.get(parts.scheme)
    if not answers:
        return allowed
    if parts.scheme == "ssh":
        return allowed | {"core.sshCommand": _ssh_command(host, port, answers[0], files)}
    bracketed = [f"[{answer}]" if ":" in answer else answer for answer in answers[:4]]
    certificates = {"http.sslCAInfo": str(files.certificates)} if files.certificates else {}
    return allowed | certificates | {"http.curloptResolve": f"{host}:{port}:{','.join(bracketed)}"}


def _ssh_command(host: str, port: int | None, answer: str, files: GitFiles) -> str:
    """Host keys are those the operator has accepted; the host's name stays the one they are known by."""
    alias = host if port == _PORTS["ssh"] else f"[{host}]:{port}"
    options = ["BatchMode=yes", "ProxyCommand=none", "StrictHostKeyChecking=yes", "UpdateHostKeys=no"]
    options += [f"HostName={answer}", f"HostKeyAlias={alias}"]
    if files.known_hosts:
        options += [f"UserKnownHostsFile={files.known_hosts}", f"GlobalKnownHostsFile={os.devnull}"]
    if files.ssh_key:
        options += [f"IdentityFile={files.ssh_key}", "IdentitiesOnly=yes", "IdentityAgent=none"]
    return shlex.join(["ssh", "-F", "none", *(f"-o{option}" for option in options)])


class Git:
    """Runs git under the bounds."""

    def __init__(self, scratch: Path, options: dict[str, str], max_bytes: int, configuration: Path | None) -> None:
        self._scratch = scratch
        self._configuration = configuration
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
        printed = self._scratch / "printed"
        try:
            with printed.open("wb") as stdout:
                process = await asyncio.create_subprocess_exec(
                    "git", *self._options, *arguments,
                    stdin=asyncio.subprocess.DEVNULL,
                    stdout=stdout,
                    stderr=asyncio.subprocess.PIPE,
                    env=self._environment(),
                    start_new_session=True,
                )  # fmt: skip
        except FileNotFoundError as error:
            raise SourceFailed("The program git is not installed where Lectern works. Install it.") from error
        _limit_memory(process.pid)
        output = asyncio.ensure_future(process.communicate())
        try:
            while not (await asyncio.wait([output], timeout=_LOOK_SECONDS))[0]:
                await self._check_size()
            _, complaints = await output
            await self._check_size()
        finally:
            if process.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
            await output
        if process.returncode != 0:
            raise SourceFailed(f"git could not fetch the repository: {_cause(complaints)}")
        return await asyncio.to_thread(_read_printed, printed)

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
            "GIT_CONFIG_GLOBAL": str(self._configuration or os.devnull),
            "GIT_ATTR_NOSYSTEM": "1",
        }

    async def _check_size(self) -> None:
        if await asyncio.to_thread(_size_of, self._scratch) > self._max_bytes:
            raise SourceFailed(f"The repository is larger than {self._max_bytes / 2**20:g} MiB.")


def _limit_memory(process: int) -> None:
    """A small repository can describe endless trees, which git unfolds in memory."""
    with contextlib.suppress(OSError):
        resource.prlimit(process, resource.RLIMIT_DATA, (_MAX_MEMORY_BYTES, _MAX_MEMORY_BYTES))


def _read_printed(path: Path) -> str:
    if path.stat().st_size > _MAX_PRINTED_BYTES:
        raise SourceFailed("The repository has too many files.")
    return os.fsdecode(path.read_bytes()).strip()


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
    told = [line for line in lines if line.startswith(("fatal:", "ERROR:", "ssh:")) or _REFUSAL.search(line)]
    return (told or lines or ["it said nothing"])[0][:300]
