"""Which files of a folder are read, and which are refused."""

import os
from pathlib import Path

import pytest

from core.errors import SourceFailed
from crawler.folder import Folder
from crawler.outcomes import Failed, Fetched
from crawler.scope import PathFilter


def a_folder(path: Path, **limits: int) -> Folder:
    bounds = {"max_files": 100, "max_bytes": 1000} | limits
    return Folder(path, PathFilter(), max_files=bounds["max_files"], max_bytes=bounds["max_bytes"])


def test_links_out_of_a_folder_pipes_and_large_files_are_refused(tmp_path: Path) -> None:
    docs = tmp_path / "docs"
    (docs / ".git").mkdir(parents=True)
    (docs / ".git" / "x.md").write_text("hidden")
    (tmp_path / "secret.md").write_text("secret")
    (docs / "leak.md").symlink_to(tmp_path / "secret.md")
    (docs / "a.md").write_text("a")
    (docs / "same.md").symlink_to(docs / "a.md")
    (docs / "big.html").write_bytes(b"x" * 1001)
    os.mkfifo(docs / "pipe.md")
    folder = a_folder(docs)

    wanted, excluded = folder.scan()

    assert wanted == [f"folder://docs/{name}" for name in ("a.md", "big.html", "pipe.md", "same.md")]
    assert excluded == {"folder://docs/leak.md": "a link that leads out of the folder"}
    outcomes = {url: folder.read(url) for url in wanted}
    assert isinstance(outcomes["folder://docs/same.md"], Fetched)
    for name, reason in (("big.html", "too large"), ("pipe.md", "not a regular file")):
        outcome = outcomes[f"folder://docs/{name}"]
        assert isinstance(outcome, Failed)
        assert reason in outcome.reason
    assert isinstance(folder.read("folder://docs/../secret.md"), Failed)


def test_a_folder_without_documents_is_no_source(tmp_path: Path) -> None:
    with pytest.raises(SourceFailed, match="no document"):
        a_folder(tmp_path).scan()
    with pytest.raises(SourceFailed, match="does not exist"):
        a_folder(tmp_path / "nowhere").scan()
