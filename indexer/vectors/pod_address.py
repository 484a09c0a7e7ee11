"""Where a data pod is: a user's own Qdrant, at an address that anybody may have written."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from pydantic import SecretStr

from core.errors import InvalidInput

MAX_POD_URL_CHARS = 500
POD_PORTS = frozenset({443, 6333})
"""Ports a pod may be at, where private addresses are not allowed: HTTPS, and Qdrant's own."""


@dataclass(frozen=True)
class PodAddress:
    """An address, and what it is asked with."""

    url: str
    api_key: SecretStr | None


def check_pod_url(text: str, *, allow_private: bool) -> str:
    """Gives the address in one spelling; without a port it means 6333, as Qdrant's clients take it.

    Raises:
        InvalidInput: It is no address of a Qdrant, or one a key must not be sent to.
    """
    url = text.strip().rstrip("/")
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port, parts = None, None, urlsplit("")
    if len(url) > MAX_POD_URL_CHARS or not url.isprintable() or " " in url:
        raise InvalidInput(f"The address of a data pod has at most {MAX_POD_URL_CHARS} characters, and no space.")
    if not host or parts.scheme not in ("https", "http") or parts.query or parts.fragment or "@" in parts.netloc:
        raise InvalidInput("Give the address of your Qdrant as https://host or https://host:6333, without a password.")
    if parts.scheme == "http" and not allow_private:
        raise InvalidInput("A data pod is asked over https only: its key would be readable on the way.")
    if port not in (None, *POD_PORTS) and not allow_private:
        raise InvalidInput(f"A data pod is at port 443 or 6333, not {port}.")
    return url
