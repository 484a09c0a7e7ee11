"""Whose certificates are trusted: the public authorities, the operator's, and those of one source."""

import re
import ssl
from pathlib import Path

import certifi

MAX_CERTIFICATES = 20
_CERTIFICATE = re.compile(r"-----BEGIN CERTIFICATE-----\s[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----")


def certificates_in(text: str) -> str:
    """Gives the certificates in a PEM text, without what stands around them.

    Raises:
        ValueError: There is none, there are too many, one cannot be read, or a private key is among them.
    """
    if "PRIVATE KEY" in text:
        raise ValueError("there is a private key in it; give certificates only")
    found = _CERTIFICATE.findall(text)
    if not 1 <= len(found) <= MAX_CERTIFICATES:
        raise ValueError(f"give 1 to {MAX_CERTIFICATES} certificates as PEM text")
    for certificate in found:
        try:
            ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cadata=certificate)
        except ssl.SSLError as error:
            raise ValueError("a certificate in it cannot be read") from error
    return "".join(f"{certificate}\n" for certificate in found)


def trusting(ca_file: Path | None, certificates: str | None) -> ssl.SSLContext:
    """Gives the TLS rules of a client: certificates and names are always checked."""
    context = ssl.create_default_context(cafile=certifi.where())
    if ca_file is not None:
        context.load_verify_locations(ca_file)
    if certificates is not None:
        context.load_verify_locations(cadata=certificates)
    return context


def bundle_of(ca_file: Path | None, certificates: str | None) -> str | None:
    """Gives the same as a PEM text for programs that take one file; None if the public authorities are all."""
    if ca_file is None and certificates is None:
        return None
    own = ca_file.read_text() if ca_file else ""
    with open(certifi.where()) as public:  # noqa: PTH123 - the vendor gives a string
        return "\n".join((public.read(), own, certificates or ""))
