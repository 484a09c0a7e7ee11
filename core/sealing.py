"""Secrets sealed at rest, and the door to `cryptography`.

A sealed text is `version | key id | nonce | AES-256-GCM ciphertext`. What it is bound to is authenticated with it, so
that a row moved to another source, or given another origin, cannot be opened.

Source: NIST SP 800-38D (nonces of 96 bits, drawn anew for every sealing); RFC 5869 for the keys.
"""

import hashlib
import re
import secrets
from collections.abc import Callable

from cryptography.exceptions import InvalidTag, UnsupportedAlgorithm
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_ssh_private_key
from pydantic import SecretStr

from core.data_folder import DataFolder
from core.errors import InvalidInput, Misconfigured

MIN_KEY_CHARS = 32
MAX_KEYS = 20
KEY_FILE = "secrets-key"
"""The name of the data folder's own keys."""

_VERSION = b"\x01"
_ID_BYTES, _NONCE_BYTES = 8, 12
_SEPARATOR = re.compile(r"[\s,]+")


class SecretKeys:
    """The keys that secrets are sealed with; the first seals, all of them open.

    They are read at each use, which is rare: a key that another process has just made is known at once.
    """

    def __init__(self, read: Callable[[], str], *, is_own: bool = False) -> None:
        """`is_own` says that they are the data folder's, made by Lectern.

        Raises:
            Misconfigured: There is none, or one is too short to be a secret.
        """
        self._read = read
        self.is_own = is_own
        self._ciphers()

    def seal(self, text: str, bound_to: str) -> bytes:
        """Gives the sealed text; only together with the same `bound_to` can it be opened."""
        key_id, cipher = next(iter(self._ciphers().items()))
        head, nonce = _VERSION + key_id, secrets.token_bytes(_NONCE_BYTES)
        return head + nonce + cipher.encrypt(nonce, text.encode(), head + bound_to.encode())

    def open(self, sealed: bytes, bound_to: str) -> str:
        """Gives the text that was sealed.

        Raises:
            Misconfigured: No key here is the one it was sealed with, or it is damaged.
        """
        key_id, nonce, body = _parts(sealed)
        cipher = self._ciphers().get(key_id)
        if cipher is None:
            raise Misconfigured(
                "No key here opens this secret. Set LECTERN_SECRETS_KEY to the one it was given under, on every "
                "machine that crawls, or give the secret again."
            )
        try:
            return cipher.decrypt(nonce, body, sealed[: 1 + _ID_BYTES] + bound_to.encode()).decode()
        except InvalidTag as error:
            raise Misconfigured("This secret is damaged. Give it again.") from error

    def is_sealed_with_first(self, sealed: bytes) -> bool:
        """Tells whether sealing again would use the same key."""
        return _parts(sealed)[0] == next(iter(self._ciphers()))

    def _ciphers(self) -> dict[bytes, AESGCM]:
        texts = [text for text in _SEPARATOR.split(self._read()) if text]
        if not 1 <= len(texts) <= MAX_KEYS or any(len(text) < MIN_KEY_CHARS for text in texts):
            raise Misconfigured(
                f"LECTERN_SECRETS_KEY has to hold 1 to {MAX_KEYS} keys of at least {MIN_KEY_CHARS} characters, "
                "with commas between them, the newest first."
            )
        keys = [_derived(text) for text in texts]
        return {hashlib.sha256(key).digest()[:_ID_BYTES]: AESGCM(key) for key in keys}


def secret_keys(given: SecretStr | None, folder: DataFolder) -> SecretKeys:
    """Gives the keys that are set, else the data folder's own, made on first use.

    Raises:
        Misconfigured: A key is too short to be a secret.
    """
    if given is not None:
        return SecretKeys(given.get_secret_value)
    folder.secret(KEY_FILE, new_key())
    return SecretKeys(lambda: folder.read_secret(KEY_FILE), is_own=True)


def new_key() -> str:
    """Gives a fresh key."""
    return secrets.token_urlsafe(32)


def check_private_key(text: str) -> None:
    """Refuses what ssh could not use as a private key without asking.

    Raises:
        InvalidInput: It is no private key, or a passphrase protects it; the message holds nothing of it.
    """
    load = load_ssh_private_key if "BEGIN OPENSSH PRIVATE KEY" in text else load_pem_private_key
    try:
        load(text.encode(), password=None)
    except TypeError:
        raise InvalidInput("The private key is protected by a passphrase, which nobody could enter.") from None
    except (ValueError, UnsupportedAlgorithm):
        raise InvalidInput("The private key cannot be read: give it as OpenSSH or PEM text.") from None


def _derived(text: str) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=b"lectern source secrets").derive(text.encode())


def _parts(sealed: bytes) -> tuple[bytes, bytes, bytes]:
    start = 1 + _ID_BYTES
    if sealed[:1] != _VERSION or len(sealed) < start + _NONCE_BYTES:
        raise Misconfigured("This secret was sealed by a newer release, or is damaged. Give it again.")
    return sealed[1:start], sealed[start : start + _NONCE_BYTES], sealed[start + _NONCE_BYTES :]
