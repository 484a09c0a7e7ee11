"""Secrets at rest: what opens them, what does not, and how keys change."""

import stat
import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
)
from pydantic import SecretStr

from core.data_folder import DataFolder
from core.errors import InvalidInput, Misconfigured
from core.sealing import KEY_FILE, SecretKeys, check_private_key, secret_keys

OLD, NEW = "o" * 32, "n" * 40


def keys(text: str) -> SecretKeys:
    return SecretKeys(lambda: text)


def private_key(form: PrivateFormat, encryption: KeySerializationEncryption) -> str:
    return Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, form, encryption).decode()


def test_a_secret_opens_with_its_key_and_its_binding_only() -> None:
    sealed = keys(NEW).seal("hunter2", "source a")

    assert keys(NEW).open(sealed, "source a") == "hunter2"
    assert b"hunter2" not in sealed
    assert keys(NEW).seal("hunter2", "source a") != sealed
    with pytest.raises(Misconfigured, match="LECTERN_SECRETS_KEY"):
        keys(OLD).open(sealed, "source a")
    with pytest.raises(Misconfigured, match="damaged"):
        keys(NEW).open(sealed, "source b")
    with pytest.raises(Misconfigured, match="damaged"):
        keys(NEW).open(sealed[:-1] + bytes([sealed[-1] ^ 1]), "source a")
    with pytest.raises(Misconfigured, match="newer release"):
        keys(NEW).open(b"\x02" + sealed[1:], "source a")


def test_the_first_key_seals_and_all_of_them_open() -> None:
    old = keys(OLD).seal("hunter2", "a")
    both = keys(f"{NEW},\n{OLD}")

    assert both.open(old, "a") == "hunter2"
    assert not both.is_sealed_with_first(old)
    fresh = both.seal("hunter2", "a")
    assert both.is_sealed_with_first(fresh)
    assert keys(NEW).open(fresh, "a") == "hunter2"


@pytest.mark.parametrize("text", ["", "short", f"{NEW},short", ",".join([NEW] * 21)])
def test_keys_that_are_no_secrets_are_refused_at_the_start(text: str) -> None:
    with pytest.raises(Misconfigured, match="at least 32 characters"):
        keys(text)


def test_without_a_setting_the_data_folder_has_a_key_of_its_own(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path / "data")
    folder.prepare()
    sealed = secret_keys(None, folder).seal("hunter2", "a")

    assert stat.S_IMODE((folder.secrets / KEY_FILE).stat().st_mode) == 0o600
    assert secret_keys(None, folder).open(sealed, "a") == "hunter2"
    with pytest.raises(Misconfigured):
        secret_keys(SecretStr(NEW), folder).open(sealed, "a")


def test_a_key_that_was_replaced_is_known_to_who_has_read_the_old_one(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path / "data")
    folder.prepare()
    known = secret_keys(None, folder)
    folder.replace_secret(KEY_FILE, NEW)

    assert known.open(keys(NEW).seal("hunter2", "a"), "a") == "hunter2"
    assert [path.name for path in folder.secrets.iterdir()] == [KEY_FILE]


def test_a_private_key_with_a_passphrase_is_refused(tmp_path: Path) -> None:
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "word", "-f", tmp_path / "key"], check=True, timeout=30)
    for text in ((tmp_path / "key").read_text(), private_key(PrivateFormat.PKCS8, BestAvailableEncryption(b"x"))):
        with pytest.raises(InvalidInput, match="passphrase"):
            check_private_key(text)


@pytest.mark.parametrize("form", [PrivateFormat.OpenSSH, PrivateFormat.PKCS8])
def test_a_private_key_is_taken_as_ssh_or_pem_text(form: PrivateFormat) -> None:
    check_private_key(private_key(form, NoEncryption()))
    with pytest.raises(InvalidInput, match="cannot be read") as raised:
        check_private_key(private_key(form, NoEncryption()).replace("A", "!"))
    assert "PRIVATE KEY" not in str(raised.value)
