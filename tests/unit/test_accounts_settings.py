"""Where the pepper of the keys comes from."""

from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError

from accounts.settings import AccountsSettings, key_pepper
from core.data_folder import DataFolder
from core.errors import Misconfigured

PEPPER = "a pepper of more than thirty-two characters"


@pytest.fixture
def folder(data_dir: Path) -> DataFolder:
    made = DataFolder(data_dir)
    made.prepare()
    return made


def test_a_pepper_made_on_the_first_start_stays_the_same(folder: DataFolder) -> None:
    first = key_pepper(AccountsSettings(), folder)

    assert len(first.get_secret_value()) >= 32
    assert key_pepper(AccountsSettings(), folder) == first


def test_a_pepper_may_be_set_or_come_from_a_file(folder: DataFolder, tmp_path: Path) -> None:
    file = tmp_path / "pepper"
    file.write_text(PEPPER + "\n")

    assert key_pepper(AccountsSettings(key_pepper=SecretStr(PEPPER)), folder).get_secret_value() == PEPPER
    assert key_pepper(AccountsSettings(key_pepper_file=file), folder).get_secret_value() == PEPPER


def test_a_pepper_that_is_no_secret_is_refused(folder: DataFolder, tmp_path: Path) -> None:
    file = tmp_path / "pepper"
    file.write_text("salt")

    with pytest.raises(ValidationError):
        AccountsSettings(key_pepper=SecretStr("salt"))
    with pytest.raises(Misconfigured, match="32 characters"):
        key_pepper(AccountsSettings(key_pepper_file=file), folder)
    with pytest.raises(Misconfigured, match="cannot be read"):
        key_pepper(AccountsSettings(key_pepper_file=tmp_path / "missing"), folder)
