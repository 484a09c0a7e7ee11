"""The data folder: one process at a time, clear words when it cannot be used."""

import subprocess
import sys
from pathlib import Path

import pytest

from core.data_folder import DataFolder, RunningServer
from core.errors import Conflict, Misconfigured


def test_a_second_process_is_told_who_holds_the_folder(data_dir: Path) -> None:
    folder = DataFolder(data_dir)
    folder.prepare()
    with folder.held():
        folder.announce(RunningServer(1, "http://127.0.0.1:8123", "token"))
        script = (
            "import sys; from pathlib import Path; from core.data_folder import DataFolder\n"
            "with DataFolder(Path(sys.argv[1])).held(): pass"
        )
        second = subprocess.run(
            [sys.executable, "-c", script, str(data_dir)], capture_output=True, text=True, check=False
        )
    assert second.returncode != 0
    assert "already uses the data folder" in second.stderr
    assert "http://127.0.0.1:8123" in second.stderr


def test_an_announcement_without_a_holder_counts_for_nothing(data_dir: Path) -> None:
    folder = DataFolder(data_dir)
    folder.prepare()
    folder.announce(RunningServer(1, "http://127.0.0.1:8123", "token"))
    assert folder.running_server() is None
    with folder.held():
        assert folder.running_server() == RunningServer(1, "http://127.0.0.1:8123", "token")


def test_only_the_owner_can_read_the_announcement_and_the_secrets(data_dir: Path) -> None:
    folder = DataFolder(data_dir)
    folder.prepare()
    folder.announce(RunningServer(1, "http://127.0.0.1:8123", "token"))
    folder.secret("pepper", "x" * 32)
    assert (data_dir / "server.json").stat().st_mode & 0o077 == 0
    assert (folder.secrets / "pepper").stat().st_mode & 0o077 == 0


def test_a_secret_is_made_once(data_dir: Path) -> None:
    folder = DataFolder(data_dir)
    folder.prepare()
    assert folder.secret("pepper", "first") == "first"
    assert folder.secret("pepper", "second") == "first"


def test_a_folder_of_a_newer_release_is_refused(data_dir: Path) -> None:
    data_dir.mkdir()
    (data_dir / "layout-version").write_text("99\n")
    with pytest.raises(Misconfigured, match="newer release"):
        DataFolder(data_dir).prepare()


def test_a_folder_that_cannot_be_written_is_refused_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(Misconfigured, match="LECTERN_DATA_DIR"):
        DataFolder(tmp_path / "file" / "data").prepare()


def test_waiting_for_the_lock_again_in_the_same_process_is_a_conflict(data_dir: Path) -> None:
    folder = DataFolder(data_dir)
    folder.prepare()
    with folder.held(), pytest.raises(Conflict), folder.held():
        pass
