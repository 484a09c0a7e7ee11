"""API keys as text."""

import re

from hypothesis import given
from hypothesis import strategies as st

from accounts.key_format import digest, display_prefix, has_valid_checksum, last_four, mint_key

BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def test_a_minted_key_has_the_published_form_and_checksum() -> None:
    key = mint_key()

    assert re.fullmatch(r"lk_live_[0-9A-Za-z]{38}", key)
    assert has_valid_checksum(key)


def test_the_checksum_is_the_crc32_of_what_precedes_it() -> None:
    assert has_valid_checksum("lk_live_" + "0" * 32 + "4cjNQE")


def test_no_two_keys_are_alike() -> None:
    assert len({mint_key() for _ in range(1_000)}) == 1_000


@given(position=st.integers(0, 45), character=st.sampled_from(BASE62 + "_-. "))
def test_a_key_with_one_character_changed_is_refused(position: int, character: str) -> None:
    key = mint_key()
    changed = key[:position] + character + key[position + 1 :]

    assert has_valid_checksum(changed) == (changed == key)


@given(st.text(st.characters(codec=None)) | st.from_regex(r"lk_live_.*", fullmatch=False))
def test_garbage_is_refused_and_never_raises(text: str) -> None:
    assert not has_valid_checksum(text)


def test_a_key_with_a_line_end_or_a_foreign_digit_is_refused() -> None:
    key = mint_key()

    assert not has_valid_checksum(key + "\n")
    assert not has_valid_checksum(key[:10] + "\N{ARABIC-INDIC DIGIT ONE}" + key[11:])


def test_a_digest_needs_key_and_pepper() -> None:
    key = mint_key()

    assert re.fullmatch(r"[0-9a-f]{64}", digest(key, "pepper"))
    assert digest(key, "pepper") == digest(key, "pepper")
    assert digest(key, "pepper") != digest(key, "another pepper")
    assert digest(key, "pepper") != digest(mint_key(), "pepper")


def test_what_is_shown_of_a_key_fits_its_columns_and_tells_little() -> None:
    key = mint_key()

    assert len(display_prefix(key)) == 10
    assert key.startswith(display_prefix(key))
    assert len(last_four(key)) == 4
    assert key.endswith(last_four(key))
