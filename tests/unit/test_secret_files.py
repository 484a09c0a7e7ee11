"""Files with secrets, as the command line reads them."""

import io
from pathlib import Path

import pytest

from core.errors import InvalidInput
from crawler.credentials import credentials_from_json
from server.cli.site_options import read_certificates, read_secrets

SECRET = "pa55-w0rd"


@pytest.mark.parametrize(
    "text",
    [
        "user: me\npassword: 0123\n",
        '{"user": "me", "password": "0123"}',
        "# ours\nuser: 'me'\npassword: '0123'\n",
    ],
)
def test_a_secret_file_is_yaml_or_json_and_every_value_a_text(text: str, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text(text)
    given = read_secrets(tmp_path / "secret")
    assert given == {"user": "me", "password": "0123"}
    credentials_from_json(given or {})


def test_secrets_can_come_by_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("headers:\n  X-Key: a: b\n".replace("a: b", "'a: b'")))
    assert read_secrets(Path("-")) == {"headers": {"X-Key": "a: b"}}
    assert read_secrets(None) is None


@pytest.mark.parametrize("text", [f"password: '{SECRET}", f"a: {SECRET}: b", SECRET, f"- {SECRET}", "", "\0"])
def test_a_secret_file_that_cannot_be_read_is_not_repeated(text: str, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text(text)
    with pytest.raises(InvalidInput, match="secret file") as raised:
        read_secrets(tmp_path / "secret")
    assert SECRET not in str(raised.value)


def test_files_that_are_missing_or_too_large_are_refused(tmp_path: Path) -> None:
    (tmp_path / "large").write_text("x" * 300_000)
    with pytest.raises(InvalidInput, match="larger than 256 KiB"):
        read_secrets(tmp_path / "large")
    with pytest.raises(InvalidInput, match="cannot be read"):
        read_certificates(tmp_path / "missing")
