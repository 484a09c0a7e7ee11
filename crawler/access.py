"""How one source is let in to: what it is asked with, and whose certificates are trusted for it."""

import ssl
from dataclasses import dataclass

from crawler.credentials import Credentials
from crawler.settings import CrawlerSettings
from crawler.trust import bundle_of, trusting


@dataclass(frozen=True)
class Access:
    """The way in to one source."""

    credentials: Credentials | None = None
    certificates: str | None = None
    """Authorities trusted for this source beside those trusted for all, as PEM text."""

    def headers_for(self, address: str) -> dict[str, str]:
        """Gives the secret headers to ask an address with; decided anew for every hop of a redirect."""
        return self.credentials.headers_for(address) if self.credentials else {}

    def git_headers_for(self, address: str) -> dict[str, str]:
        """Gives those to ask a git repository with."""
        return self.credentials.git_headers_for(address) if self.credentials else {}

    def tls(self, settings: CrawlerSettings) -> ssl.SSLContext:
        """Gives the TLS rules to ask it under."""
        return trusting(settings.ca_file, self.certificates)

    def bundle(self, settings: CrawlerSettings) -> str | None:
        """Gives the trusted certificates as PEM text; None if the public authorities are all."""
        return bundle_of(settings.ca_file, self.certificates)


PUBLIC = Access()
"""Of a source that needs nothing."""
