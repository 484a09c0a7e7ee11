"""What git and ssh need to be let in, in files that only this user can read and that are gone afterwards.

Nothing of it stands in an argument, in an environment or in the clone's own configuration.
"""

import os
import stat
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from crawler.access import Access
from crawler.addresses import origin_of
from crawler.credentials import Credentials
from crawler.settings import CrawlerSettings


@dataclass(frozen=True)
class GitFiles:
    """Where the files are; None for what is not needed."""

    configuration: Path | None = None
    """For git, with the headers of the one origin they go to."""
    ssh_key: Path | None = None
    known_hosts: Path | None = None
    certificates: Path | None = None


@contextmanager
def git_files(address: str, access: Access, settings: CrawlerSettings) -> Generator[GitFiles]:
    """Writes the files for one repository; they are removed at the end of the block."""
    with TemporaryDirectory(prefix="lectern-access-", ignore_cleanup_errors=True) as folder:
        place = Path(folder)
        headers = access.git_headers_for(address)
        ssh = _ssh_credentials(address, access)
        key = ssh.ssh_key.get_secret_value().strip() + "\n" if ssh and ssh.ssh_key else None
        yield GitFiles(
            _write(place / "config", _configuration(origin_of(address), headers) if headers else None),
            _write(place / "key", key),
            _write(place / "known_hosts", ssh.known_hosts if ssh else None),
            _write(place / "certificates.pem", access.bundle(settings)),
        )


def ssh_origin_of(address: str) -> str:
    """Gives `ssh://host[:port]` of an ssh address."""
    return f"ssh://{origin_of(address).rpartition('@')[2]}"


def _ssh_credentials(address: str, access: Access) -> Credentials | None:
    credentials = access.credentials
    is_for_it = credentials and address.startswith("ssh://") and credentials.origin == ssh_origin_of(address)
    return credentials if is_for_it else None


def _configuration(origin: str, headers: Mapping[str, str]) -> str:
    """Source: https://git-scm.com/docs/git-config, "http.<url>.*" and the quoting of values."""
    pairs = (f"{name}: {value}" for name, value in headers.items())
    quoted = (pair.replace("\\", "\\\\").replace('"', '\\"') for pair in pairs)
    return "\n".join([f'[http "{origin}/"]', *(f'\textraHeader = "{pair}"' for pair in quoted), ""])


def _write(path: Path, text: str | None) -> Path | None:
    if not text:
        return None
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, stat.S_IRUSR | stat.S_IWUSR)
    with os.fdopen(descriptor, "w") as handle:
        handle.write(text)
    return path
