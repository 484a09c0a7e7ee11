"""API keys as text: made, recognised without a database, digested for storage.

`lk_live_`, 32 random base62 characters (190 bits), then the CRC-32 of all that in 6 base62 characters: a mistyped key
is told from a real one without asking anybody, and secret scanners can match the form.
Source: GitHub, "Behind GitHub's new authentication token formats", 2021-04-05.
"""

import hmac
import re
import secrets
import zlib

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_PREFIX = "lk_live_"
_RANDOM_CHARS = 32
_CHECKSUM_CHARS = 6
_FORM = re.compile(rf"{_PREFIX}[0-9A-Za-z]{{{_RANDOM_CHARS + _CHECKSUM_CHARS}}}")

DISPLAY_PREFIX_CHARS = 10
"""The width of `api_keys.key_prefix`."""


def mint_key() -> str:
    """Gives a new key."""
    head = _PREFIX + "".join(secrets.choice(_ALPHABET) for _ in range(_RANDOM_CHARS))
    return head + _checksum(head)


def has_valid_checksum(text: str) -> bool:
    """Tells whether the text has a key's form and its checksum fits; whether the key exists is another question."""
    if _FORM.fullmatch(text) is None:
        return False
    return text[-_CHECKSUM_CHARS:] == _checksum(text[:-_CHECKSUM_CHARS])


def digest(key: str, pepper: str) -> str:
    """Gives what is stored of a key: HMAC-SHA256 in hex.

    The key is too random to be guessed, so that a slow hash would add only delay; the pepper, which is not in the
    database, keeps a leaked table from confirming a key.
    """
    return hmac.digest(pepper.encode(), key.encode(), "sha256").hex()


def display_prefix(key: str) -> str:
    """Gives the start of the key, which may be shown."""
    return key[:DISPLAY_PREFIX_CHARS]


def last_four(key: str) -> str:
    """Gives the end of the key, which may be shown."""
    return key[-4:]


def _checksum(head: str) -> str:
    number = zlib.crc32(head.encode("ascii"))
    digits: list[str] = []
    for _ in range(_CHECKSUM_CHARS):
        number, digit = divmod(number, len(_ALPHABET))
        digits.append(_ALPHABET[digit])
    return "".join(reversed(digits))
