"""The data folder: who holds it, whether it can be written, and how a command finds the server that runs on it."""

import fcntl
import os
import stat
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from secrets import token_hex

import orjson

from core.disk import FULL
from core.errors import Conflict, Misconfigured

LAYOUT_VERSION = 1
"""Rises when files inside the folder change their meaning."""


@dataclass(frozen=True)
class RunningServer:
    """Where the server that holds a data folder can be reached by a command on the same machine."""

    pid: int
    url: str
    local_token: str


class DataFolder:
    """One folder with everything an embedded installation keeps."""

    def __init__(self, path: Path) -> None:
        self.path = path.expanduser().absolute()

    @property
    def postgres(self) -> Path:
        """The embedded PostgreSQL's own folder."""
        return self.path / "postgres"

    @property
    def vectors(self) -> Path:
        """The embedded vector engine's own folder."""
        return self.path / "vectors"

    @property
    def snapshots(self) -> Path:
        """The object store used when no URL names another."""
        return self.path / "snapshots"

    @property
    def secrets(self) -> Path:
        """Secrets made on the first start; readable by the owner only."""
        return self.path / "secrets"

    def prepare(self) -> None:
        """Creates the folder and checks that this release can use it.

        Raises:
            Misconfigured: It cannot be created or written, or a newer release wrote it.
        """
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            self.snapshots.mkdir(exist_ok=True)
            self.secrets.mkdir(mode=0o700, exist_ok=True)
            probe = self.path / ".write-test"
            probe.write_bytes(b"x")
            probe.unlink()
        except OSError as error:
            cure = "Free some space" if error.errno in FULL else "Give this user the right to write there"
            raise Misconfigured(
                f"The data folder {self.path} cannot be written ({error.strerror}). "
                f"{cure}, or set LECTERN_DATA_DIR to another folder."
            ) from error
        self._check_layout()

    def _check_layout(self) -> None:
        marker = self.path / "layout-version"
        if not marker.exists():
            marker.write_text(f"{LAYOUT_VERSION}\n")
            return
        found = marker.read_text().strip()
        if not found.isdigit() or int(found) > LAYOUT_VERSION:
            raise Misconfigured(
                f"The data folder {self.path} was written by a newer release (layout {found}, this one knows "
                f"{LAYOUT_VERSION}). Upgrade Lectern, or use another folder."
            )

    @contextmanager
    def held(self) -> Generator[None]:
        """Holds the folder for this process; the kernel lets go of it however the process ends.

        Raises:
            Conflict: Another process holds it.
        """
        with (self.path / "lock").open("a") as handle:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                server = self.running_server()
                where = f" It answers at {server.url}." if server else ""
                raise Conflict(
                    f"Another Lectern already uses the data folder {self.path}.{where} "
                    "Stop it first, or set LECTERN_DATA_DIR to another folder."
                ) from error
            yield

    def is_held(self) -> bool:
        """Tells whether some process holds the folder now."""
        try:
            with (self.path / "lock").open("a") as handle:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        except OSError:
            return False
        return False

    def announce(self, server: RunningServer) -> None:
        """Writes where the server can be reached; the file is the owner's only, as it holds a local token."""
        descriptor = os.open(self._announcement, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, stat.S_IRUSR | stat.S_IWUSR)
        with os.fdopen(descriptor, "wb") as handle:
            handle.write(orjson.dumps(asdict(server)))

    def retract(self) -> None:
        """Removes the announcement."""
        self._announcement.unlink(missing_ok=True)

    def running_server(self) -> RunningServer | None:
        """Gives the announced server, if the folder is held; a stale announcement counts as none."""
        try:
            content = self._announcement.read_bytes()
        except OSError:
            return None
        if not self.is_held():
            return None
        return RunningServer(**orjson.loads(content))

    @property
    def _announcement(self) -> Path:
        return self.path / "server.json"

    def secret(self, name: str, make: str) -> str:
        """Gives the secret of that name, keeping `make` as its value if there is none yet."""
        path = self.secrets / name
        try:
            _write_own(path, make)
        except FileExistsError:
            return self.read_secret(name)
        return make

    def read_secret(self, name: str) -> str:
        """Gives a secret that there is."""
        return (self.secrets / name).read_text().strip()

    def replace_secret(self, name: str, value: str) -> None:
        """Gives a secret another value; whoever reads it meanwhile sees the old one or the new one."""
        fresh = self.secrets / f".{name}.{token_hex(8)}"
        _write_own(fresh, value)
        fresh.replace(self.secrets / name)


def _write_own(path: Path, text: str) -> None:
    """Writes a new file that is the owner's only."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, stat.S_IRUSR | stat.S_IWUSR)
    with os.fdopen(descriptor, "w") as handle:
        handle.write(text)
        handle.flush()
        os.fsync(handle.fileno())
