"""Settings of the shared parts: secrets that stand in files."""

from pathlib import Path

import pytest

from core.errors import Misconfigured
from core.settings import CoreSettings

SECRETS = ("DATABASE_URL", "ACCOUNTS_DATABASE_URL", "REDIS_URL", "QDRANT_API_KEY")


@pytest.fixture(autouse=True)
def empty_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in SECRETS:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(f"{name}_FILE", raising=False)


def secret(name: str) -> str | None:
    value = getattr(CoreSettings(), name.lower())
    return value.get_secret_value() if value is not None else None


@pytest.mark.parametrize("name", SECRETS)
def test_a_secret_is_read_from_the_file_its_twin_names(
    name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "secret").write_text("  redis://:s3cret@cache/0\n")
    assert secret(name) is None
    monkeypatch.setenv(f"{name}_FILE", str(tmp_path / "secret"))
    assert secret(name) == "redis://:s3cret@cache/0"
    assert "s3cret" not in repr(CoreSettings())


def test_a_secret_that_is_set_goes_before_its_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDIS_URL", "redis://here")
    monkeypatch.setenv("REDIS_URL_FILE", "/nowhere/at/all")
    assert secret("REDIS_URL") == "redis://here"


def test_a_secret_that_is_set_to_nothing_counts_as_not_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DATABASE_URL", "")
    assert secret("DATABASE_URL") is None
    (tmp_path / "secret").write_text("postgresql://db")
    monkeypatch.setenv("DATABASE_URL_FILE", str(tmp_path / "secret"))
    assert secret("DATABASE_URL") == "postgresql://db"


@pytest.mark.parametrize(("content", "reason"), [(None, "cannot be read"), (b"\n", "is empty"), (b"\xff", "cannot be")])
def test_a_secret_file_that_holds_none_is_named(
    content: bytes | None, reason: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    if content is not None:
        (tmp_path / "secret").write_bytes(content)
    monkeypatch.setenv("DATABASE_URL_FILE", str(tmp_path / "secret"))
    with pytest.raises(Misconfigured, match=rf"DATABASE_URL_FILE .*secret {reason}"):
        CoreSettings()
